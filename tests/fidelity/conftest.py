"""Fixtures of the fidelity tests: one local cloud, and functions made from a few lines."""

from __future__ import annotations

import base64
import io
import itertools
import json
import textwrap
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from helpers import RUNTIME
from helpers.deploy import ensure_role
from tests import clouds

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """The local cloud of one file of tests: others open and close their own."""
    with clouds.opened() as opened:
        yield opened


@dataclass
class Reply:
    """One answer of Invoke, taken apart."""

    payload: Any
    raw: bytes
    error: str | None
    log: str
    headers: dict[str, str]
    status: int
    version: str | None


@dataclass
class Made:
    """A function under test."""

    name: str
    arn: str
    client: Any
    aws: Any

    def invoke(self, event: Any = None, **options: Any) -> Reply:
        payload = options.pop("payload", None) or json.dumps(event)
        reply = self.client.invoke(
            FunctionName=options.pop("name", self.name),
            Payload=payload,
            **{"LogType": "Tail", **options},
        )
        raw = reply["Payload"].read()
        metadata = reply["ResponseMetadata"]
        return Reply(
            json.loads(raw) if raw else None,
            raw,
            reply.get("FunctionError"),
            base64.b64decode(reply.get("LogResult", "")).decode(),
            metadata["HTTPHeaders"],
            metadata["HTTPStatusCode"],
            reply.get("ExecutedVersion"),
        )

    def log_events(self) -> list[str]:
        """Every event of the function's log group so far, oldest first."""
        logs = self.aws.client("logs")
        events = []
        streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{self.name}")["logStreams"]
        for stream in sorted(streams, key=lambda one: one["creationTime"]):
            events += logs.get_log_events(
                logGroupName=f"/aws/lambda/{self.name}",
                logStreamName=stream["logStreamName"],
                startFromHead=True,
            )["events"]
        return [event["message"] for event in events]

    def wait_for_log(self, part: str, times: int = 1) -> list[str]:
        """The log events, once ``part`` is in at least ``times`` of them."""

        def found() -> list[str]:
            try:
                events = self.log_events()
            except self.aws.client("logs").exceptions.ResourceNotFoundException:
                return []
            return events if sum(part in one for one in events) >= times else []

        events: list[str] = self.aws.wait_until(found, what=f"'{part}' is in the log")
        return events

    def settle(self) -> None:
        """Wait until the function is active and its last update is through."""

        def settled() -> bool:
            config = self.client.get_function_configuration(FunctionName=self.name)
            return config["State"] == "Active" and config["LastUpdateStatus"] == "Successful"

        self.aws.wait_until(settled)


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def make(aws: Any) -> Any:
    """``make('''def handler(event, context): …''', Timeout=1)`` deploys and waits."""
    client = aws.client("lambda")
    role = ensure_role(aws)
    # What a handler may do is the subject of some tests alone: those make roles of their own.
    aws.client("iam").attach_role_policy(
        RoleName=role.rpartition("/")[2], PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )

    def made(source: str | dict[str, str | bytes], **config: Any) -> Made:
        files: dict[str, str | bytes] = (
            source if isinstance(source, dict) else {"app.py": textwrap.dedent(source)}
        )
        name = config.pop("FunctionName", f"f{next(_numbers)}")
        given = {
            "FunctionName": name,
            "Runtime": RUNTIME,
            "Handler": "app.handler",
            "Role": role,
            "Code": {"ZipFile": zipped(files)},
            "MemorySize": 1769,
            **config,
        }
        answer = client.create_function(**{k: v for k, v in given.items() if v is not None})
        function = Made(name, answer["FunctionArn"], client, aws)
        function.settle()
        return function

    return made


@pytest.fixture(scope="module")
def refused(aws: Any) -> Any:
    """Call something that AWS refuses; return the error's code, message and HTTP status."""
    from botocore.exceptions import ClientError

    def call(operation: Any, **parameters: Any) -> tuple[str, str, int]:
        with pytest.raises(ClientError) as caught:
            operation(**parameters)
        answer = caught.value.response
        return (
            answer["Error"]["Code"],
            answer["Error"]["Message"],
            answer["ResponseMetadata"]["HTTPStatusCode"],
        )

    return call


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every fidelity test names its source: a belief about AWS without one is worth nothing."""
    for item in items:
        if "tests/fidelity" in item.path.as_posix() and not any(
            url.startswith("https://")
            for mark in item.iter_markers("aws_source")
            for url in mark.args
        ):
            raise pytest.UsageError(f"{item.nodeid} names no source: add @pytest.mark.aws_source")


@pytest.fixture(scope="module")
def walls(make: Any) -> bool:
    """Whether this system lets environments have walls (see the ledger's row of that name)."""
    function = make("def handler(event, context): return __file__")
    return bool(function.invoke({}).payload == "/var/task/app.py")
