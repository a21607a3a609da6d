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
from typing import Any

from helpers import cloud
from helpers.teach.decision.asking import question
from helpers.teach.decision.seen import look
from helpers.teach.decision.steps import steps
from helpers.teach.decision.telling import Decision, as_html, as_text
from helpers.teach.decision.verdict import verdict


def decide(
    principal: Any,
    action: str,
    resource: str = "*",
    context: Mapping[str, Any] | None = None,
    on: cloud.Cloud | None = None,
) -> Decision:
    """May this principal do this action on this resource? Raises TeachError for what is no name.

    ``principal`` is a role's name, the ARN of a role, user or session, a service
    (``s3.amazonaws.com``) or an account's number. ``on`` is the cloud that is asked, without it the
    open one.
    """
    aws = on or cloud.current()
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


__all__ = ["Decision", "as_html", "as_text", "decide"]
