"""`01.track`: a log line that says which order was handled by which invocation."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.functions import Deployed, Reply, deployed
from helpers.teach.checking.words import short

FILE = "track.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
OWN = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START", "XRAY TraceId")


@contextlib.contextmanager
def _tracker(context: Context) -> Iterator[Deployed]:
    with deployed(context, FILE, STARTER) as function:
        yield function


def _accepts(function: Deployed, case: Case) -> None:
    reply = function.ask(case.given)
    if reply != {"status": "accepted"}:
        raise Slip(
            "reply",
            f"the reply has become {short(reply)}.",
            'The caller still expects {"status": "accepted"}: leave the return as it was. What is '
            "meant for the log is printed.",
        )


def _tells(function: Deployed, case: Case) -> None:
    """One line of the log holds, as JSON, the order's number and the request id."""
    reply = function.invoke(case.given)
    if reply.failed:
        raise function.explain(reply)
    order, request = case.given["order"], _request_id(reply)
    lines = _written(function, request)
    objects = [found for line in lines if (found := _json_in(line)) is not None]
    if any(order in _values(found) and request in _values(found) for found in objects):
        return
    raise _why(order, request, lines, objects)


def _why(order: str, request: str, lines: list[str], objects: list[dict[str, Any]]) -> Slip:
    again = f'the log of order "{order}" has no line with both'
    if not lines:
        return Slip(
            "no line",
            f'the handler wrote nothing into the log of order "{order}".',
            "Put the line inside the handler and print it: print(json.dumps(entry)). Outside the "
            "handler it is written once for each new environment, and a returned value is not "
            "logged at all.",
        )
    with_both = [line for line in lines if order in line and request in line]
    if with_both:
        return Slip(
            "not JSON",
            f"the line is there, but it is not JSON: {short(with_both[0])}",
            "Python's own way to print a dictionary has single quotes. json.dumps(entry) makes "
            "JSON of it.",
        )
    has_order = any(order in line for line in lines)
    has_request = any(request in line for line in lines)
    if has_order and has_request:
        return Slip(
            "two lines",
            "order and request id stand in two different lines.",
            "Lines of different invocations lie mixed in a log. Put both into one.",
        )
    if has_request:
        return Slip(
            "no order", f"{again}: the order is missing.", 'It comes in the event: event["order"].'
        )
    if any(str(value) not in (order, "") for found in objects for value in _values(found)):
        return Slip(
            "other id",
            f"{again}: the request id in it is not the one of this invocation.",
            "It cannot be made up or looked up: Lambda hands it over as context.aws_request_id.",
        )
    return Slip(
        "no request",
        f"{again}: {short(lines[0])}",
        'Write the order\'s number, event["order"], and the request id, context.aws_request_id.',
    )


def _written(function: Deployed, request: str) -> list[str]:
    """The lines that the handler itself wrote during one invocation, from CloudWatch Logs."""
    logs = function.logs
    group = f"/aws/lambda/{function.name}"

    def arrived() -> list[str]:
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        messages = [event["message"].rstrip() for event in events]
        ends = any(message.startswith(f"REPORT RequestId: {request}") for message in messages)
        return messages if ends else []

    messages = function.cloud.wait_until(arrived, seconds=30, what="the log lines arrive")
    starts = [m.startswith(f"START RequestId: {request}") for m in messages].index(True)
    ends = [m.startswith(f"END RequestId: {request}") for m in messages].index(True)
    return [m for m in messages[starts:ends] if m and not m.startswith(OWN)]


def _request_id(reply: Reply) -> str:
    for line in reply.log:
        if line.startswith("START RequestId: "):
            return line.split()[2]
    return reply.request_id


def _json_in(line: str) -> dict[str, Any] | None:
    """The JSON object in a line, which may stand behind a logger's prefix."""
    try:
        found = json.loads(line[line.index("{") :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _values(found: dict[str, Any]) -> list[Any]:
    return [value for value in found.values() if isinstance(value, str)]


TRACK = Check(
    key="01.track",
    prepare=_tracker,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("still accepts", _accepts, (Case({"order": "A-17"}),)),
        Requirement("tells", _tells, (Case({"order": "A-21"}), Case({"order": "A-22"}))),
    ),
    hints=(
        "The order's number comes with the event, the request id with the context.",
        "Whatever the handler prints becomes a line of the log.",
        'print(json.dumps(entry)), with entry made of event["order"] and context.aws_request_id.',
    ),
    praise="Whoever searches the log for an order now finds the invocation too.",
)
