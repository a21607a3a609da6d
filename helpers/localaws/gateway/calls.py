"""For authors: which permissions each request needed, one line of JSON each.

Where the environment variable ``LOCALAWS_CALLS`` names a file, the gateway's last desk writes into
it what ``tests/class_policy.py`` makes a class's policies from. A learner's cloud never does.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from helpers.localaws.gateway import parameters, principals
from helpers.localaws.gateway.call import Call
from helpers.localaws.iam import actions
from helpers.localaws.iam.errors import UnmappedOperation

if TYPE_CHECKING:
    from helpers.localaws.gateway.principals import Identity

VARIABLE = "LOCALAWS_CALLS"


class Calls:
    """Writes to the file that the environment names; None names none."""

    def __init__(self) -> None:
        name = os.environ.get(VARIABLE)
        self._path = Path(name) if name else None
        self._lock = threading.Lock()

    def note(self, call: Call, response: Response) -> None:
        """Write down who asked for what, if anybody wants to know."""
        if self._path is None or call.front is not None or call.caller.access_key is None:
            return
        asked = None
        try:
            asked = parameters.parse(call)
            who: Identity | None = principals.of(call.caller.account_id, call.caller.access_key)
        except (parameters.UnreadableRequest, principals.UnknownKey, principals.ExpiredKey):
            who = None
        if asked is None or who is None:
            return
        arn = who.principal.arn
        try:
            needs = actions.needed(
                asked.service, asked.operation, asked.parameters, call.caller.account_id,
                call.region, caller=arn,
            )  # fmt: skip
        except UnmappedOperation:
            needs = [actions.by_name(asked.service, asked.operation)]
        row = {
            "who": arn,
            "service": asked.service,
            "operation": asked.operation,
            "region": call.region,
            "status": response.status_code,
            "needs": [
                {"action": one.action, "resource": one.resource, "context": dict(one.context)}
                for one in needs
            ],
        }
        line = json.dumps(row, default=_plain)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
