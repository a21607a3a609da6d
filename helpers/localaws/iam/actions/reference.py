"""The actions of each service and the resource types that each can be limited to.

``reference.json`` is made from AWS's Service Authorization Reference by tests/iam_reference.py.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from helpers.localaws.iam.patterns import compiled, expression, pieces_of

_FILE = Path(__file__).with_name("reference.json")


class Service:
    """One service's part of the reference."""

    def __init__(self, types: dict[str, str], actions: dict[str, list[str]]) -> None:
        self.types = types  #: the ARN of each resource type, with ${Placeholders}
        #: The resource types of each action; one that it cannot do without ends in ``!``.
        self.actions = actions


@cache
def services() -> dict[str, Service]:
    """Every service of the reference, by its prefix in policies."""
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: Service(one["types"], one["actions"]) for name, one in content.items()}


def types_of(service: str, action: str) -> list[str] | None:
    """The resource types of an action, without their marks; None: there is no such action."""
    found = services()[service].actions.get(action)
    return None if found is None else [one.removesuffix("!") for one in found]


@cache
def actions_like(service: str, pattern: str) -> list[list[str]]:
    """The resource types of each action that ``s3:Get*`` means."""
    wanted = compiled([expression(pieces_of(pattern))], ignore_case=True)
    return [
        types_of(service, name) or []
        for name in services()[service].actions
        if wanted.fullmatch(f"{service}:{name}")
    ]
