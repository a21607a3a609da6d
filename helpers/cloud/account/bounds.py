"""What goes with a resource when it is made: a function's log group, late tags, a moment's pause.

Lambda makes a function's log group itself, without tags and for ever. Here it is made before the
function, tagged, and with a retention. (Reserved concurrency: see metering/limits.py.)
"""

from __future__ import annotations

import contextlib
import time

from botocore.exceptions import ClientError

from helpers.cloud.account.kinds import Kind, Place
from helpers.cloud.account.kinds.telemetry import LOG_GROUP

__all__ = ["LOG_GROUP", "after", "log_group", "make_log_group"]

#: Days that a log is kept when teardown never comes. Notebook 06 looks back over five.
RETENTION_DAYS = 14
#: Until a new role works in every service; AWS says "seconds", its tutorials wait ten.
#: Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html
ROLE_SECONDS = 10.0


def log_group(function: str) -> str:
    return f"/aws/lambda/{function}"


def make_log_group(place: Place, name: str, tags: dict[str, str]) -> None:
    """Make a log group that forgets. Raises ClientError."""
    logs = place.client("logs")
    logs.create_log_group(logGroupName=name, tags=tags)
    logs.put_retention_policy(logGroupName=name, retentionInDays=RETENTION_DAYS)


def after(place: Place, kind: Kind, name: str, tags: dict[str, str]) -> None:
    """What is done to a resource right after it was made. Its creation stands either way."""
    if kind.tag_after is not None:
        with contextlib.suppress(ClientError):
            kind.tag_after(place, name, tags)
    elif kind.name == "role" and getattr(place, "endpoint", None) is None:
        time.sleep(ROLE_SECONDS)
