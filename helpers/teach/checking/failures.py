"""AWS's error types, told to someone who has just met them for the first time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from helpers.teach.checking.model import Slip
from helpers.teach.checking.words import short

AGAIN = "Then run the %%writefile cell and this one again."


def explain(file: str, error: Any, log: Sequence[str] = ()) -> Slip:
    """The Slip for a failed invocation. `error` is the payload that came with FunctionError."""
    payload = error if isinstance(error, dict) else {}
    kind = str(payload.get("errorType", ""))
    message = " ".join(str(payload.get("errorMessage", "")).split())
    where = _line(file, payload.get("stackTrace"))
    if "Task timed out" in message:
        return Slip(
            "timeout",
            f"{file} did not answer within its timeout: {_without_request_id(message)}.",
            "Look for a loop that never ends, or something it waits for in vain. " + AGAIN,
            final=True,
        )
    if kind == "Runtime.UserCodeSyntaxError":
        return Slip(
            "syntax",
            f"Python cannot read {file}: {message}.",
            "Look at that line (%%writefile does not count) and the one above it: a bracket, a "
            "quote or a colon is often missing. " + AGAIN,
            final=True,
        )
    if kind == "Runtime.HandlerNotFound":
        return Slip(
            "no handler",
            f"Lambda found no entry point in {file}: {message}.",
            "The function has to be called exactly `handler`, at the left margin. " + AGAIN,
            final=True,
        )
    if kind == "Runtime.ImportModuleError":
        return Slip(
            "import",
            f"Lambda could not import {file}: {message}.",
            "Use what comes with Python and boto3, and look at the spelling of the import. "
            + AGAIN,
            final=True,
        )
    if kind == "Runtime.MarshalError":
        return Slip(
            "not JSON",
            f"the handler returned something that is not JSON: {message}.",
            "Return a dictionary of text, numbers, lists, True, False and None. Sets, dates and "
            "bytes have to be turned into one of those first.",
        )
    if kind == "Runtime.ExitError":
        return Slip(
            "exit",
            f"the process of {file} ended before it answered: {_without_request_id(message)}.",
            "A handler must not end Python (sys.exit, exit, quit). It returns a result, or raises "
            "an exception.",
            final=True,
        )
    if kind == "TypeError" and "positional argument" in message:
        return Slip(
            "signature",
            f"Lambda could not call the handler: {message}.",
            "It is always called with two things, so it begins: def handler(event, context):",
            final=True,
        )
    if "ellipsis" in message:
        return Slip(
            "dots",
            f"the dots (...) of the starter are still in {file}{where}: {message}.",
            "Put your own value in their place. " + AGAIN,
        )
    seen = f"{file} raised {kind}{where}: {short(message)}" if kind else f"{file} failed: {error}"
    return Slip(
        f"raised {kind}",
        seen,
        "That line met something it did not expect. Which value was it? A print of the event "
        "just before it will show up in the log.",
    )


def _line(file: str, trace: Any) -> str:
    """ " in line 7": the last place in the learner's own file."""
    frames = [str(frame) for frame in trace] if isinstance(trace, list) else []
    for frame in reversed(frames):
        found = re.search(rf'{re.escape(file)}", line (\d+)', frame)
        if found:
            return f" in line {found[1]} (%%writefile does not count)"
    return ""


def _without_request_id(message: str) -> str:
    return re.sub(r"^RequestId: \S+ (Error: )?", "", message)
