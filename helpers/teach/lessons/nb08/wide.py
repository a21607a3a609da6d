"""What makes a policy wider than its task, seen in its text: each with what the learner reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpers.teach.checking import Slip


def check_width(document: Mapping[str, Any]) -> None:
    """Raise Slip for the widest thing in it; nothing where it names actions and resources."""
    statements = list(allowing(document))
    for one in statements:
        for element in ("NotAction", "NotResource"):
            if element in one:
                raise turned_round(element)
    for one in statements:
        for action in listed(one.get("Action")):
            if action == "*":
                raise every_action()
            service, _, name = action.partition(":")
            if name == "*":
                raise whole_service(service)
            if "*" in name or "?" in name:
                raise many_actions(action)
    for one in statements:
        for resource in listed(one.get("Resource")):
            if resource == "*" or _names_nothing(resource):
                raise every_resource(resource, listed(one.get("Action")))


def _names_nothing(resource: str) -> bool:
    """`arn:aws:sqs:us-east-1:123456789012:*`: the part that names something is a star."""
    parts = resource.split(":", 5)
    return len(parts) == 6 and parts[5] == "*"


def allowing(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements with Effect Allow."""
    statements = document.get("Statement", [])
    for one in [statements] if isinstance(statements, Mapping) else statements:
        if isinstance(one, Mapping) and one.get("Effect") == "Allow":
            yield one


def listed(value: Any) -> Sequence[str]:
    """IAM's "a text or a list of texts" as a list."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value]


def turned_round(element: str) -> Slip:
    return Slip(
        "turned round",
        f"a statement allows with {element}.",
        f"{element} with Allow means: everything else, also what AWS invents next year. Name what "
        "the function needs, with Action and Resource.",
    )


def every_action() -> Slip:
    return Slip(
        "every action",
        'a statement allows Action "*".',
        "That works, and so does everything else: deleting, reading the invoices, making users. A "
        "denial named the one action that was missing. Allow that one.",
    )


def whole_service(service: str) -> Slip:
    return Slip(
        "whole service",
        f'a statement allows "{service}:*".',
        f"The desk does one thing with {service}, and this allows all of them, deletion included. "
        "Take the action that the denial named.",
    )


def many_actions(action: str) -> Slip:
    return Slip(
        "pattern of actions",
        f'a statement allows "{action}".',
        "A star in an action takes in more than you see today. Write the action out.",
    )


def every_resource(resource: str, actions: Sequence[str]) -> Slip:
    return Slip(
        "every resource",
        f'a statement allows {", ".join(actions)} on "{resource}".',
        "Every bucket, every queue, every table of the account is in that star. The denial named "
        "the one resource. Allow it there.",
    )
