"""The Runtime API: spoken with by AWS's own client, and misused by raw HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from helpers.localaws.compute.invocation import Outcome
from helpers.localaws.compute.output import Output
from helpers.localaws.compute.planned import Exit
from helpers.localaws.compute.runtime_api import MAX_RESPONSE_BYTES, RuntimeApi
from helpers.localaws.compute.session import RuntimeSession

PREFIX = "/2018-06-01/runtime/"
PATIENCE = 30


@pytest.fixture(scope="module")
def api() -> RuntimeApi:
    return RuntimeApi()


class Standing:
    """A session with an address: an execution environment without a process."""

    def __init__(self, api: RuntimeApi) -> None:
        self.session = RuntimeSession()
        self.api = api
        self.listener = api.open(self.session)
        self.address = "{}:{}".format(*self.listener.getsockname()[:2])

    def deliver(self, event: Any, request_id: str = "r1", **more: str) -> None:
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 30_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:f:f",
            **more,
        }
        self.session.deliver((headers, json.dumps(event).encode()), request_id)

    def outcome(self) -> Outcome:
        outcome = self.session.wait_outcome(PATIENCE)
        assert outcome is not None
        return outcome

    def connect(self) -> Wire:
        return Wire(self.listener.getsockname()[:2])

    def close(self) -> None:
        self.session.close()
        self.api.close(self.listener)


class Wire:
    """A connection on which anything can be said."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.stream = self.socket.makefile("rb")

    def say(self, content: bytes) -> None:
        self.socket.sendall(content)

    def hear(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer; status 0 where the connection has ended."""
        line = self.stream.readline()
        if not line:
            return 0, {}, b""
        headers: dict[str, str] = {}
        while text := self.stream.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = self.stream.read(int(headers.get("content-length", 0)))
        return int(line.split()[1]), headers, body

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
        self.say(f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        status, _, answer = self.hear()
        return status, json.loads(answer) if answer else None


@pytest.fixture
def standing(api: RuntimeApi) -> Iterator[Standing]:
    one = Standing(api)
    yield one
    one.close()


# -- AWS's own client ------------------------------------------------------------------------------

HANDLER = """
import logging, os, sys
logging.getLogger().setLevel("INFO")
print("loaded")
def handler(event, context):
    print("stdout", event.get("say", ""))
    logging.info("one record\\nof two lines")
    if event.get("fail"):
        raise ValueError(event["fail"])
    return {"echo": event, "id": context.aws_request_id, "size": len(event.get("data", ""))}
"""


class Aws:
    """awslambdaric in a process of its own."""

    def __init__(self, standing: Standing, folder: Path, source: str = HANDLER) -> None:
        (folder / "app.py").write_text(source)
        self.lines: list[str] = []
        self.standing = standing
        self.process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "app.handler"],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "AWS_LAMBDA_RUNTIME_API": standing.address,
                "AWS_LAMBDA_FUNCTION_NAME": "f",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                "AWS_REGION": "us-east-1",
                "LAMBDA_TASK_ROOT": str(folder),
                "_LAMBDA_TELEMETRY_LOG_FD": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
        pipe = cast(BinaryIO, self.process.stdout)
        self.output = Output(pipe, lambda stamp, text: self.lines.append(text))
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        code = self.process.wait()
        self.standing.session.ended(Exit(code, None, 0))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.output.finish(5)


@pytest.fixture
def aws_client(standing: Standing, tmp_path: Path) -> Iterator[Any]:
    pytest.importorskip("awslambdaric", reason="AWS's client is built for Linux only")
    started: list[Aws] = []

    def start(source: str = HANDLER) -> Aws:
        started.append(Aws(standing, tmp_path, source))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_awslambdaric_serves_events(standing: Standing, aws_client: Any) -> None:
    """Results, errors, unicode, large payloads, and framed log records, one after another."""
    client = aws_client()
    assert standing.session.wait_ready(PATIENCE)

    standing.deliver({"say": "grüße 📦"}, "first")
    outcome = standing.outcome()
    assert json.loads(outcome.payload) == {
        "echo": {"say": "grüße 📦"}, "id": "first", "size": 0,
    }  # fmt: skip
    assert (outcome.error, outcome.reusable) == (None, True)

    standing.deliver({"fail": "no such size: ä"}, "second")
    outcome = standing.outcome()
    document = json.loads(outcome.payload)
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "no such size: ä")
    assert document["requestId"] == "second"
    assert (outcome.error, outcome.error_type, outcome.reusable) == ("Unhandled", None, True)

    standing.deliver({"data": "x" * 2_900_000}, "third")
    assert json.loads(standing.outcome().payload)["size"] == 2_900_000

    client.output.drain()
    text = [line for line in client.lines if "loaded" not in line]
    assert text[0] == "stdout grüße 📦\n"
    assert text[1].startswith("[INFO]\t")
    assert text[1].endswith("\tfirst\tone record\nof two lines\n")  # one event, though two lines
    traces = [line for line in text if line.startswith("[ERROR] ValueError: no such size: ä\n")]
    assert len(traces) == 1
    assert "Traceback (most recent call last):" in traces[0]


@pytest.mark.parametrize(
    ("source", "error_type"),
    [
        ("import nothing_like_it", "Runtime.ImportModuleError"),
        ("x = 1", "Runtime.HandlerNotFound"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
    ],
)
def test_awslambdaric_cannot_load_the_handler(
    standing: Standing, aws_client: Any, source: str, error_type: str
) -> None:
    aws_client(source)
    assert not standing.session.wait_ready(PATIENCE)
    failure = standing.session.init_failure()
    assert failure is not None
    assert json.loads(failure.payload)["errorType"] == error_type
    assert (failure.error_type, failure.reusable) == (error_type, False)


def test_awslambdaric_ends_with_its_process(standing: Standing, aws_client: Any) -> None:
    aws_client("import os\ndef handler(event, context): os._exit(3)")
    assert standing.session.wait_ready(PATIENCE)
    standing.deliver({})
    assert standing.session.wait_outcome(PATIENCE) is None
    assert standing.session.exit == Exit(3, None, 0)


# -- raw HTTP --------------------------------------------------------------------------------------


def test_one_invocation_by_hand(standing: Standing) -> None:
    """Everything on one connection, which stays open."""
    standing.deliver({"order": 7}, "r7", **{"Lambda-Runtime-Trace-Id": "Root=1"})
    wire = standing.connect()
    wire.say(f"GET {PREFIX}invocation/next HTTP/1.1\r\n\r\n".encode())
    status, headers, body = wire.hear()
    assert (status, json.loads(body)) == (200, {"order": 7})
    assert headers["lambda-runtime-aws-request-id"] == "r7"
    assert headers["lambda-runtime-trace-id"] == "Root=1"
    assert wire.ask("POST", f"{PREFIX}invocation/r7/response", b'"done"') == (
        202, {"status": "OK"},
    )  # fmt: skip
    # A second answer to the same event is refused, and the first one stays.
    for what in ("response", "error"):
        status, answer = wire.ask("POST", f"{PREFIX}invocation/r7/{what}", b'"again"')
        assert (status, answer["errorType"]) == (400, "InvalidRequestID")
    wire.say(f"GET {PREFIX}invocation/next HTTP/1.1\r\n\r\n".encode())
    assert standing.outcome().payload == b'"done"'


@pytest.mark.parametrize("what", ["response", "error"])
def test_answers_to_what_was_not_asked(standing: Standing, what: str) -> None:
    status, answer = standing.connect().ask("POST", f"{PREFIX}invocation/nobody/{what}", b"{}")
    assert status == 400
    assert answer == {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/2018-06-01/ping"),
        ("POST", f"{PREFIX}invocation/next"),
        ("GET", f"{PREFIX}init/error"),
        ("POST", f"{PREFIX}invocation/"),
        ("POST", f"{PREFIX}invocation/r1/other"),
        ("DELETE", f"{PREFIX}invocation/r1/response"),
        ("GET", "/2020-01-01/extension/register"),
    ],
)
def test_unknown_requests(standing: Standing, method: str, path: str) -> None:
    """404, and the connection can be used again."""
    wire = standing.connect()
    for _ in range(2):
        assert wire.ask(method, path, b"{}" if method == "POST" else b"")[0] == 404


def test_a_chunked_body(standing: Standing) -> None:
    """As Go and Java send it, with an extension and a trailer."""
    standing.deliver({}, "r1")
    wire = standing.connect()
    wire.ask("GET", f"{PREFIX}invocation/next")
    wire.say(
        f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\n".encode()
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b'3\r\n"gr\r\n2;x=y\r\n\xc3\xbc\r\n1\r\n"\r\n0\r\nTrailer: yes\r\n\r\n'
    )
    assert wire.hear()[0] == 202
    wire.say(f"GET {PREFIX}invocation/next HTTP/1.1\r\n\r\n".encode())
    assert standing.outcome().payload == '"grü"'.encode()


def test_a_body_that_waits_to_be_asked_for(standing: Standing) -> None:
    """curl and .NET send ``Expect: 100-continue`` with larger bodies."""
    standing.deliver({}, "r1")
    wire = standing.connect()
    wire.ask("GET", f"{PREFIX}invocation/next")
    wire.say(
        f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\nExpect: 100-continue\r\n"
        "Content-Length: 4\r\n\r\n".encode()
    )
    assert wire.stream.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert wire.stream.readline() == b"\r\n"
    wire.say(b"null")
    assert wire.hear()[0] == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_a_response_that_is_too_large(standing: Standing, chunked: bool) -> None:
    """413 for the runtime, an error document for the caller, and little of it in memory."""
    standing.deliver({}, "r1")
    wire = standing.connect()
    wire.ask("GET", f"{PREFIX}invocation/next")
    size = MAX_RESPONSE_BYTES + 1
    head = f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\n"
    if chunked:
        wire.say(f"{head}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n".encode())
        wire.say(b"x" * size + b"\r\n0\r\n\r\n")
    else:
        wire.say(f"{head}Content-Length: {size}\r\n\r\n".encode() + b"x" * size)
    status, _, body = wire.hear()
    assert (status, json.loads(body)["errorType"]) == (413, "RequestEntityTooLarge")
    wire.say(f"GET {PREFIX}invocation/next HTTP/1.1\r\n\r\n".encode())
    outcome = standing.outcome()
    assert json.loads(outcome.payload)["errorType"] == "Function.ResponseSizeTooLarge"
    assert len(outcome.payload) < 1000


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\nContent-Length: x\r\n\r\n".encode(),
        f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\nContent-Length: -5\r\n\r\n".encode(),
        f"POST {PREFIX}x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        f"POST {PREFIX}x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n".encode(),
        b"GET / HTTP/1.1\r\n" + b"x" * 200_000,
    ],
)
def test_garbage_ends_only_its_own_connection(standing: Standing, garbage: bytes) -> None:
    wire = standing.connect()
    wire.say(garbage)
    wire.socket.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        assert wire.hear()[0] in (0, 400, 404)
    assert standing.connect().ask("GET", "/")[0] == 404


def test_a_connection_that_breaks_off(standing: Standing) -> None:
    """Half a response is no response."""
    standing.deliver({}, "r1")
    wire = standing.connect()
    wire.ask("GET", f"{PREFIX}invocation/next")
    wire.say(
        f"POST {PREFIX}invocation/r1/response HTTP/1.1\r\nContent-Length: 99\r\n\r\nhal".encode()
    )
    wire.stream.close()
    wire.socket.close()
    assert standing.session.wait_outcome(0.3) is None


def test_nobody_takes_anothers_events(api: RuntimeApi, standing: Standing) -> None:
    """Each environment has an address of its own."""
    other = Standing(api)
    standing.deliver({"for": "standing"}, "r1")
    status, answer = other.connect().ask("POST", f"{PREFIX}invocation/r1/response", b"1")
    assert (status, answer["errorType"]) == (400, "InvalidRequestID")
    address = other.listener.getsockname()[:2]
    other.close()
    with pytest.raises(ConnectionRefusedError):
        Wire(address)
    assert standing.connect().ask("GET", f"{PREFIX}invocation/next") == (200, {"for": "standing"})


def test_waiting_ends_with_the_environment(standing: Standing) -> None:
    """A runtime that waits for its next event is let go, without an answer."""
    wire = standing.connect()
    wire.say(f"GET {PREFIX}invocation/next HTTP/1.1\r\n\r\n".encode())
    assert standing.session.wait_ready(PATIENCE)
    standing.session.close()
    assert wire.hear()[0] == 0
