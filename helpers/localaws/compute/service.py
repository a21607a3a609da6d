"""The Lambda service: holds the functions of every account and region, and runs them."""

from __future__ import annotations

import itertools
import secrets
import threading
from pathlib import Path

from helpers.localaws.compute.api import LambdaApi
from helpers.localaws.compute.assignment import Assignment
from helpers.localaws.compute.environment import ExecutionEnvironment
from helpers.localaws.compute.events import EventQueue
from helpers.localaws.compute.function import Functions, Version
from helpers.localaws.compute.invocation import Invocation, Outcome
from helpers.localaws.compute.runtime_api import RuntimeApi
from helpers.localaws.lifetime import Keeper
from helpers.localaws.settings import CONTROL_PREFIX
from helpers.localaws.telemetry.logs import LogWriter


class LambdaService:
    """What the gateway and the triggers talk to."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._lock = threading.Lock()
        self._functions: dict[tuple[str, str], Functions] = {}
        self._numbers = itertools.count(1)
        self._endpoint = ""
        self._downloads: dict[str, bytes] = {}
        self.code_store: Path = keeper.folder / "code"
        self.code_store.mkdir()
        self.logs = LogWriter()
        self.runtime_api = RuntimeApi()
        self.assignment = Assignment(self._new_environment)
        self.events = EventQueue(self)
        self.api = LambdaApi(self)

    def open(self, endpoint: str) -> None:
        """Learn the URL that handlers shall use for AWS."""
        self._endpoint = endpoint

    def functions(self, account: str, region: str) -> Functions:
        """The functions of one account in one region."""
        with self._lock:
            key = account, region
            if key not in self._functions:
                self._functions[key] = Functions(account, region)
            return self._functions[key]

    def invoke(self, version: Version, invocation: Invocation) -> Outcome:
        """Run one invocation now and wait for its outcome."""
        environment = self.assignment.acquire(version)
        reusable = False
        try:
            outcome = environment.serve(invocation)
            reusable = outcome.reusable
        finally:
            self.assignment.release(environment, reusable)
        return outcome

    def code_location(self, version: Version) -> str:
        """A URL from which the version's archive can be downloaded, without credentials."""
        ticket = secrets.token_urlsafe(24)
        self._downloads[ticket] = version.package.content
        return f"{self._endpoint}{CONTROL_PREFIX}code/{ticket}"

    def download(self, ticket: str) -> bytes | None:
        """The archive that ``code_location`` promised; None for any other ticket."""
        return self._downloads.get(ticket)

    def reset(self) -> None:
        """Forget every function and queued event, and end every environment."""
        with self._lock:
            self._functions.clear()
        self._downloads.clear()
        self.events.clear()
        self.assignment.end_all()
        self.logs.flush()

    def close(self) -> None:
        """End every environment."""
        self.events.close()
        self.assignment.end_all()

    def warm_up(self) -> None:
        """Load botocore's model of Lambda, which the first request would wait for."""
        self.api.warm_up()

    def _new_environment(self, version: Version) -> ExecutionEnvironment:
        return ExecutionEnvironment(
            version,
            folder=self._keeper.folder / "environments" / str(next(self._numbers)),
            endpoint=self._endpoint,
            api=self.runtime_api,
            logs=self.logs,
            keeper=self._keeper,
        )
