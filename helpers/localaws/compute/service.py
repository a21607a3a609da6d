"""The Lambda service: holds the functions of every account and region, and runs them."""

from __future__ import annotations

import itertools
import secrets
import threading
from functools import partial
from pathlib import Path

from helpers.localaws.compute import encryption, role_clients
from helpers.localaws.compute.api import LambdaApi
from helpers.localaws.compute.assignment import Assignment
from helpers.localaws.compute.code import Package
from helpers.localaws.compute.concurrency import Concurrency
from helpers.localaws.compute.environment import ExecutionEnvironment
from helpers.localaws.compute.errors import TooManyRequests
from helpers.localaws.compute.events import EventQueue
from helpers.localaws.compute.function import Function, Functions, Version
from helpers.localaws.compute.invocation import Invocation, Outcome
from helpers.localaws.compute.layers import Layers, merge
from helpers.localaws.compute.provisioned import ProvisionedPool
from helpers.localaws.compute.runtime_api import RuntimeApi
from helpers.localaws.lifetime import Keeper
from helpers.localaws.network.attachment import Interfaces
from helpers.localaws.settings import CONTROL_PREFIX
from helpers.localaws.telemetry.log_access import may_write
from helpers.localaws.telemetry.logs import LogWriter
from helpers.localaws.telemetry.metrics import LambdaMetrics
from helpers.localaws.triggers.mappings import Mappings
from helpers.localaws.triggers.stepfunctions.service import StepFunctions
from helpers.localaws.triggers.timetable import Timetable


class LambdaService:
    """What the gateway and the triggers talk to."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._lock = threading.Lock()
        self._functions: dict[tuple[str, str], Functions] = {}
        self._layers: dict[tuple[str, str], Layers] = {}
        self._numbers = itertools.count(1)
        self._downloads: dict[str, bytes] = {}
        self.endpoint = ""  #: the URL that handlers and Lambda itself use for AWS
        self.code_store: Path = keeper.folder / "code"
        self.code_store.mkdir()
        self.logs = LogWriter(partial(may_write, self))
        self.metrics = LambdaMetrics()
        self.runtime_api = RuntimeApi()
        self.concurrency = Concurrency()
        self.assignment = Assignment(self._new_environment)
        self.provisioned = ProvisionedPool(self._new_provisioned)
        self.interfaces = Interfaces()
        self.events = EventQueue(self)
        self.mappings = Mappings(self)
        self.step_functions = StepFunctions(self)
        self.timetable = Timetable()
        self.api = LambdaApi(self)

    def open(self, endpoint: str) -> None:
        """Learn the URL under which this cloud answers."""
        self.endpoint = endpoint

    def functions(self, account: str, region: str) -> Functions:
        """The functions of one account in one region."""
        with self._lock:
            key = account, region
            if key not in self._functions:
                self._functions[key] = Functions(account, region)
            return self._functions[key]

    def all_functions(self) -> list[Functions]:
        """The functions of every account and region."""
        with self._lock:
            return list(self._functions.values())

    def layers(self, account: str, region: str) -> Layers:
        """The layers of one account in one region."""
        with self._lock:
            key = account, region
            if key not in self._layers:
                self._layers[key] = Layers(account, region)
            return self._layers[key]

    def invoke(self, function: Function, version: Version, invocation: Invocation) -> Outcome:
        """Run one invocation now and wait for its outcome.

        Raises TooManyRequests where the function or the account is at its limit.
        """
        environment = self.provisioned.take(function, version)
        if environment is not None:
            outcome = None
            try:
                outcome = environment.serve(invocation)
            finally:
                self.provisioned.give_back(environment, outcome is not None and outcome.reusable)
            self.metrics.invoked(function, invocation, outcome, self.concurrency.running(function))
            return outcome
        functions = self.functions(version.account, version.region)
        try:
            with self.concurrency.slot(functions, function) as in_flight:
                outcome = self._on_demand(version, invocation)
        except TooManyRequests:
            self.metrics.throttled(function, invocation)
            raise
        self.metrics.invoked(function, invocation, outcome, in_flight)
        return outcome

    def _on_demand(self, version: Version, invocation: Invocation) -> Outcome:
        environment = self.assignment.acquire(version)
        outcome = None
        try:
            outcome = environment.serve(invocation)
        finally:
            self.assignment.release(environment, outcome is not None and outcome.reusable)
        return outcome

    def forget(self, function: Function, version: Version | None = None) -> None:
        """End the environments of a version, or of a whole function, that was deleted."""
        for one in [version] if version else function.everything():
            self.assignment.retire(one)
        if version is None:
            self.provisioned.remove(function)

    def download_url(self, package: Package) -> str:
        """A URL from which the archive can be downloaded, without credentials."""
        ticket = secrets.token_urlsafe(24)
        self._downloads[ticket] = package.content
        return f"{self.endpoint}{CONTROL_PREFIX}code/{ticket}"

    def download(self, ticket: str) -> bytes | None:
        """The archive that ``download_url`` promised; None for any other ticket."""
        return self._downloads.get(ticket)

    def reset(self) -> None:
        """Forget every function and queued event, and end every environment."""
        self.step_functions.end_all()
        with self._lock:
            self._functions.clear()
            self._layers.clear()
        self._downloads.clear()
        self.mappings.end_all()
        self.timetable.clear()
        role_clients.forget()
        self.events.clear()
        self.provisioned.end_all()
        self.assignment.end_all()
        self.logs.flush()
        self.metrics.clear()
        self.interfaces.clear()

    def close(self) -> None:
        """End every environment."""
        self.step_functions.end_all()
        self.mappings.end_all()
        self.timetable.close()
        self.events.close()
        self.provisioned.end_all()
        self.assignment.end_all()

    def warm_up(self) -> None:
        """Load botocore's model of Lambda, which the first request would wait for."""
        self.api.warm_up()

    def _new_environment(self, version: Version) -> ExecutionEnvironment:
        return self._environment(version, provisioned=False)

    def _new_provisioned(self, version: Version) -> ExecutionEnvironment:
        return self._environment(version, provisioned=True)

    def _environment(self, version: Version, provisioned: bool) -> ExecutionEnvironment:
        return ExecutionEnvironment(
            version,
            folder=self._keeper.folder / "environments" / str(next(self._numbers)),
            layers=merge(version.layers, self.code_store),
            endpoint=self.endpoint,
            api=self.runtime_api,
            logs=self.logs,
            keeper=self._keeper,
            own_variables=encryption.as_role(self, version),
            provisioned=provisioned,
        )
