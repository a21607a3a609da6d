"""What several operations look up: state machines, executions, pages of a list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from helpers.localaws.triggers.stepfunctions import arns
from helpers.localaws.triggers.stepfunctions.api import Asked
from helpers.localaws.triggers.stepfunctions.errors import (
    StepFunctionsError,
    no_execution,
    no_machine,
)
from helpers.localaws.triggers.stepfunctions.execution import Execution
from helpers.localaws.triggers.stepfunctions.machines import Alias, StateMachine, Version

Item = TypeVar("Item")
#: How many items a page has when nobody says. Source: each List action, parameter ``maxResults``.
DEFAULT_PAGE = 100


def machine(asked: Asked, arn: str) -> StateMachine:
    """A state machine by its ARN without qualifier."""
    parts = arns.parse(arn, "stateMachine")
    found = asked.service.store(parts.account, parts.region).machines.get(parts.machine)
    if found is None or parts.qualifier:
        raise no_machine(arn)
    return found


def qualified(asked: Asked, arn: str) -> tuple[StateMachine, Version | None, Alias | None]:
    """A state machine by any ARN, with the version and the alias that it names."""
    parts = arns.parse(arn, "stateMachine")
    found = asked.service.store(parts.account, parts.region).machines.get(parts.machine)
    if found is None:
        raise no_machine(arn)
    if parts.qualifier is None:
        return found, None, None
    if parts.qualifier.isdigit():
        version = found.versions.get(int(parts.qualifier))
        if version is None:
            raise no_machine(arn)
        return found, version, None
    alias = found.aliases.get(parts.qualifier)
    if alias is None:
        raise no_machine(arn)
    version = found.versions[int(alias.choose().rpartition(":")[2])]
    return found, version, alias


def execution(asked: Asked, arn: str) -> Execution:
    """An execution of a standard workflow. Those of express workflows cannot be asked for."""
    parts = arns.parse(arn, "execution")
    found = asked.service.store(parts.account, parts.region).executions.get(arn)
    if found is None or not found.is_kept():
        raise no_execution(arn)
    return found


def page(asked: Asked, items: Sequence[Item], what: str) -> dict[str, Any]:
    """One page of ``items``: ``{what: […], "nextToken": …}``. Raises InvalidToken."""
    size = asked.get("maxResults") or DEFAULT_PAGE
    start = _start(asked.get("nextToken"))
    following = start + size
    token = base64.b64encode(f"next:{following}".encode()).decode()
    return {
        what: list(items[start:following]),
        "nextToken": token if following < len(items) else None,
    }


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode().partition(":")
        if word == "next":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise StepFunctionsError("InvalidToken", "Invalid Token: 'Invalid token'")
