"""The question with fields to fill in, and the decision under it.

    DecisionBoard("shop-label", "s3:GetObject", "arn:aws:s3:::shop-uploads/A-17.jpg")

Every field takes what is typed; who and what is offered beside it is only a help.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helpers import cloud
from helpers.teach.buttons import Status, button, show_widget
from helpers.teach.decision import as_html, decide
from helpers.teach.decision.telling import Decision
from helpers.teach.errors import TeachError

#: What is offered for a field, next to what the caller gives. Anything else can be typed.
ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "dynamodb:PutItem",
    "lambda:InvokeFunction",
    "sts:AssumeRole",
)


class DecisionBoard:
    """A board for one question after the other. As the last line of a cell it shows itself.

    ``principals``, ``actions`` and ``resources`` are offered for choice; without ``principals`` the
    account's own roles are.
    """

    def __init__(
        self,
        principal: str = "",
        action: str = "",
        resource: str = "",
        context: Mapping[str, Any] | None = None,
        *,
        principals: Sequence[str] = (),
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
    ) -> None:
        self.asked = (str(principal), action, resource, dict(context or {}))
        self._offered = (principals, tuple(actions) or ACTIONS, resources)

    def as_text(self) -> str:
        """What stands in for the board where it cannot be drawn."""
        principal, action, resource, context = self.asked
        given = [f'"{one}"' for one in (principal or "…", action or "…", resource or "…")]
        given += [f"context={context}"] if context else []
        return (
            "Who? · Which action? · On which resource? · In which circumstances?\n"
            "Run this cell, go from field to field with Tab, write or choose, and press Decide.\n"
            f"Or type: show.decision({', '.join(given)})"
        )

    def show(self) -> None:
        """Show the board, or the text that says what to type instead."""
        show_widget(self.as_text(), self.drawn)

    def drawn(self) -> Drawn:
        """The fields and the button as a widget."""
        principals, actions, resources = self._offered
        return Drawn(self.asked, principals or _roles(), actions, resources)

    def _ipython_display_(self) -> None:
        self.show()


class Drawn:
    """Fields, a button, a line that says the outcome, and the steps. `widget` is what is shown."""

    def __init__(
        self,
        asked: tuple[str, str, str, Mapping[str, Any]],
        principals: Sequence[str],
        actions: Sequence[str],
        resources: Sequence[str],
    ) -> None:
        import ipywidgets

        principal, action, resource, context = asked
        self.principal = _field("Who", principal, principals)
        self.action = _field("Action", action, actions)
        self.resource = _field("Resource", resource, resources)
        self.context = ipywidgets.Textarea(
            value="\n".join(f"{key} = {value}" for key, value in context.items()),
            description="Context",
            placeholder="a line for each key: aws:SourceIp = 203.0.113.7",
            layout=ipywidgets.Layout(width="46em", height="4em"),
        )
        self._status = Status("Nothing asked yet.")
        self._steps = ipywidgets.HTML()
        pressed = button("Decide", self.decide, self._status)
        fields = [self.principal, self.action, self.resource, self.context]
        self.widget = ipywidgets.VBox([*fields, pressed, self._status.widget, self._steps])

    def decide(self) -> None:
        """Ask with what stands in the fields. Raises TeachError."""
        self._steps.value = ""
        self._status.say("Asking AWS …")
        decision = decide(
            self.principal.value,
            self.action.value,
            self.resource.value or "*",
            context_of(self.context.value),
        )
        self._steps.value = _marked(decision)
        self._status.say(decision.outcome)


def context_of(text: str) -> dict[str, Any]:
    """`key = value` in each line; values with commas between them are a list. Raises TeachError."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or ":" not in key or not value:
            raise TeachError(
                f'"{line.strip()}" is no context key. Write one in each line, as '
                "aws:SourceIp = 203.0.113.7"
            )
        values = [one.strip() for one in value.split(",")]
        found[key] = values if len(values) > 1 else value
    return found


def _field(label: str, value: str, options: Sequence[str]) -> Any:
    import ipywidgets

    return ipywidgets.Combobox(
        value=value,
        options=list(options),
        description=label,
        ensure_option=False,
        continuous_update=True,
        layout=ipywidgets.Layout(width="46em"),
    )


def _roles() -> list[str]:
    """The account's own roles, without those that belong to AWS's services."""
    pages = cloud.current().client("iam").get_paginator("list_roles").paginate()
    found = [role for page in pages for role in page["Roles"]]
    return [one["RoleName"] for one in found if not one["Path"].startswith("/aws-service-role/")]


def _marked(decision: Decision) -> str:
    return f'<div class="course-decision">{as_html(decision)}</div>'
