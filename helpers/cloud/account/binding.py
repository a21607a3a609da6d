"""In a class's account every role that the course makes gets the class's permissions boundary.

An instructor puts the policy ``serverless-class-boundary`` into the account and allows roles only
with it (docs/instructors-accounts.md). Notebooks make roles without a word about boundaries; so it
is added to their calls, where the policy is there.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.cloud.account.kinds import Place

NAME = "serverless-class-boundary"


def boundary_of(place: Place) -> str | None:
    """The ARN of the class's boundary; None where the account has none, or does not show it."""
    arn = f"arn:aws:iam::{place.number}:policy/{NAME}"
    try:
        place.client("iam").get_policy(PolicyArn=arn)
    except (ClientError, BotoCoreError):
        return None
    return arn


def attach(events: Any, arn: str | None) -> None:
    """Add the boundary to every CreateRole of a session that names no other."""
    if arn is None:
        return

    def bind(params: dict[str, Any], **_: Any) -> None:
        params.setdefault("PermissionsBoundary", arn)

    # Behind "provide-client-params", where the tags come in.
    events.register_first("before-parameter-build.iam.CreateRole", bind, "course-class-boundary")
