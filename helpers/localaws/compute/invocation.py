"""One invocation: what goes in, and how it came out."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from uuid import uuid4

from helpers.localaws.compute.planned import Exit

_SIGNALS = {
    1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 6: "aborted",
    7: "bus error", 8: "floating point exception", 9: "killed", 11: "segmentation fault",
    13: "broken pipe", 14: "alarm clock", 15: "terminated",
}  # fmt: skip


@dataclass
class Invocation:
    """An event on its way to a handler."""

    payload: bytes
    function_arn: str  #: as the caller named it, alias or version included
    request_id: str = field(default_factory=lambda: str(uuid4()))
    trace_id: str = ""
    client_context: str | None = None  #: JSON, already decoded from base64
    tail: bytearray = field(default_factory=bytearray)  #: this invocation's log


@dataclass
class Outcome:
    """What came back. ``error`` is the ``FunctionError`` header's value, None on success."""

    payload: bytes
    error: str | None = None
    status: str = "success"  #: as platform.report says it: success, error, timeout
    error_type: str | None = None  #: for the REPORT line; a handler's own exception has none
    reusable: bool = True  #: whether the environment may serve another invocation
    executed_version: str = ""
    duration_ms: float = 0.0
    #: On the course clock, before the log told of the end.
    ended: float = field(default_factory=time.time)
    log: bytes = b""

    @classmethod
    def platform_error(
        cls, error_type: str, message: str, status: str, *, in_report: bool = True
    ) -> Outcome:
        """An error that Lambda reports in the handler's stead; the environment is lost."""
        payload = json.dumps(
            {"errorType": error_type, "errorMessage": message}, separators=(",", ":")
        )
        reported = error_type if in_report else None
        return cls(payload.encode(), "Unhandled", status, reported, reusable=False)


def timed_out(request_id: str, seconds: int) -> Outcome:
    """The function's Timeout has passed."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return Outcome.platform_error("Sandbox.Timedout", message, "timeout", in_report=False)


def cannot_start(request_id: str, error_type: str, text: str) -> Outcome:
    """There is nothing to run."""
    return Outcome.platform_error(error_type, f"RequestId: {request_id} Error: {text}", "error")


def exited(request_id: str, end: Exit) -> Outcome:
    """The runtime's process ended before it handed in a result, or never began."""
    if end.exec_problem:
        return cannot_start(request_id, "Runtime.InvalidEntrypoint", end.exec_problem)
    if end.signal is not None:
        how = f"with error: signal: {_SIGNALS.get(end.signal, f'signal {end.signal}')}"
    elif end.code:
        how = f"with error: exit status {end.code}"
    else:
        how = "without providing a reason"
    message = f"RequestId: {request_id} Error: Runtime exited {how}"
    outcome = Outcome.platform_error("Runtime.ExitError", message, "error")
    if end.out_of_memory:
        outcome.error_type = "Runtime.OutOfMemory"
    return outcome


def response_too_large(limit: int) -> Outcome:
    """The handler's result is larger than Lambda passes on; the environment stays."""
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    payload = json.dumps(
        {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"},
        separators=(",", ":"),
    )
    return Outcome(
        payload.encode(), "Unhandled", "error", "Function.ResponseSizeTooLarge", reusable=True
    )
