"""How AWS decides whether somebody may do something, step by step.

It asks AWS alone: the policies are read with GetRolePolicy and its like, and the IAM policy
simulator judges them. So it works on every cloud, and it differs from a real request where the
simulator does:

- it knows only the context that it is given (a real request brings its own);
- session policies, resource control policies and endpoint policies are not looked at;
- nothing is done, so an object that is not there is no obstacle.

What a resource's own policy says is found in two steps: its Principal is compared here, as text,
and the rest of each statement is judged by the simulator.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from helpers import cloud
from helpers.teach.decision.asking import question
from helpers.teach.decision.seen import look
from helpers.teach.decision.steps import steps
from helpers.teach.decision.telling import Decision, as_html, as_text
from helpers.teach.decision.verdict import verdict


class Asked(Protocol):
    """What is asked of a cloud."""

    @property
    def account_id(self) -> str: ...

    def client(self, service: str) -> Any: ...


class Remembering:
    """A cloud that makes each client once: for whoever asks several questions."""

    def __init__(self, opened: cloud.Cloud) -> None:
        self.account_id = opened.account_id
        self._make = opened.client
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A boto3 client."""
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]


def decide(
    principal: Any,
    action: str,
    resource: str = "*",
    context: Mapping[str, Any] | None = None,
    on: Asked | None = None,
) -> Decision:
    """May this principal do this action on this resource? Raises TeachError for what is no name.

    ``principal`` is a role's name, the ARN of a role, user or session, a service
    (``s3.amazonaws.com``) or an account's number. ``on`` is the cloud that is asked, without it the
    open one.
    """
    aws = on or Remembering(cloud.current())
    asked = question(principal, action, resource, context, aws.account_id)
    seen = look(asked, aws.client)
    notes = []
    if seen.unset:
        keys = ", ".join(sorted(seen.unset))
        notes.append(
            f"the policies also look at {keys}, which the context that you gave does not have. "
            "A real request brings its own."
        )
    return Decision(seen.asked, steps(seen), verdict(aws.client("iam"), seen), notes)


__all__ = ["Decision", "Remembering", "as_html", "as_text", "decide"]
