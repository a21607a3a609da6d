"""What stands in a state of the Amazon States Language, in a few words.

Both of its query languages are read: JSONPath ("Variable": "$.total") and JSONata ("Condition").
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import json
import re
from typing import Any

_SIGNS = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "≤",
    "GreaterThan": ">",
    "GreaterThanEquals": "≥",
    "Matches": "like",
}
_COMPARISON = re.compile(r"(?:String|Numeric|Boolean|Timestamp)(?P<sign>[A-Z]\w*?)(?P<path>Path)?")
#: AWS's own defaults of a retrier.
_ATTEMPTS, _INTERVAL, _BACKOFF = 3, 1, 2.0


def condition(rule: dict[str, Any]) -> str:
    """When a Choice takes this rule: "total > 100"."""
    if "Condition" in rule:
        return str(rule["Condition"]).strip().removeprefix("{%").removesuffix("%}").strip()
    if "Not" in rule:
        return f"not ({condition(rule['Not'])})"
    for word in ("And", "Or"):
        if word in rule:
            return f" {word.lower()} ".join(condition(part) for part in rule[word])
    variable = _path(rule.get("Variable", "?"))
    for name, value in rule.items():
        known = _COMPARISON.fullmatch(name)
        if known and known["sign"] in _SIGNS:
            right = _path(value) if known["path"] else json.dumps(value, ensure_ascii=False)
            return f"{variable} {_SIGNS[known['sign']]} {right}"
        if name.startswith("Is"):
            return f"{variable} is{'' if value else ' not'} {name[2:].lower()}"
    return json.dumps(rule, ensure_ascii=False)


def retry(retrier: dict[str, Any]) -> str:
    """What an entry of Retry does: "on Busy tries again up to 3 times, after 2 s, 4 s, 8 s"."""
    times = int(retrier.get("MaxAttempts", _ATTEMPTS))
    if not times:
        return f"on {errors(retrier)} does not try again"
    pause, factor = retrier.get("IntervalSeconds", _INTERVAL), retrier.get("BackoffRate", _BACKOFF)
    most = retrier.get("MaxDelaySeconds", float("inf"))
    pauses = [min(pause * factor**number, most) for number in range(min(times, 3))]
    after = ", ".join(f"{seconds:g} s" for seconds in pauses) + (", …" if times > 3 else "")
    again = "once" if times == 1 else f"up to {times} times"
    return f"on {errors(retrier)} tries again {again}, after {after}"


def errors(handler: dict[str, Any]) -> str:
    """The error names of an entry of Retry or Catch."""
    return " or ".join(
        "any error" if name == "States.ALL" else str(name) for name in handler["ErrorEquals"]
    )


def wait(state: dict[str, Any]) -> str:
    """How long a Wait waits: "7 days"."""
    if "Seconds" in state and isinstance(state["Seconds"], int):
        return duration(state["Seconds"])
    for name in ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"):
        if name in state:
            return f"until {_path(state[name])}" if "Time" in name else f"{_path(state[name])} s"
    return "?"


def duration(seconds: int) -> str:
    """The largest unit that fits: 604800 is "7 days"."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0 and seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} seconds"


def doing(state: dict[str, Any]) -> str:
    """What a Task calls: "shop-pay" for a function, "events:putEvents" for another service."""
    resource = str(state.get("Resource", ""))
    service = resource.partition(":::")[2]
    given = state.get("Parameters") or state.get("Arguments") or {}
    if service.startswith("lambda:invoke"):
        name = given.get("FunctionName", "a function")
        return _function(str(name))
    if service:
        return service.replace("aws-sdk:", "").split(".")[0]
    return _function(resource)


def _function(name: str) -> str:
    return name.partition(":function:")[2] or name


def _path(value: Any) -> str:
    """A path without its beginning: "$.order.total" is "order.total"."""
    return str(value).removeprefix("$.")
