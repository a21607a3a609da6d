"""Every kind of resource that the course makes on an account, in the order of their deletion.

What starts functions goes first, so that nothing is started any more; what others stand on goes
after them; log groups go last, because whatever still runs writes into them.
"""

from __future__ import annotations

from helpers.cloud.account.kinds.apis import HTTP_API, REST_API
from helpers.cloud.account.kinds.events import BUS, RULE, SCHEDULE
from helpers.cloud.account.kinds.functions import FUNCTION, LAYER_VERSION, MAPPING
from helpers.cloud.account.kinds.identity import POLICY, ROLE
from helpers.cloud.account.kinds.kind import Kind, Look, Parameters, Place, is_gone
from helpers.cloud.account.kinds.messages import QUEUE, TOPIC
from helpers.cloud.account.kinds.storage import BUCKET, PARAMETER, SECRET, TABLE
from helpers.cloud.account.kinds.streams import KEY, STREAM
from helpers.cloud.account.kinds.telemetry import ALARM, LOG_GROUP
from helpers.cloud.account.kinds.trails import TRAIL
from helpers.cloud.account.kinds.workflows import MACHINE

__all__ = ["BY_NAME", "KINDS", "Kind", "Look", "Parameters", "Place", "is_gone", "kind_made_by"]

KINDS: tuple[Kind, ...] = (
    MAPPING, SCHEDULE, RULE, BUS, MACHINE, HTTP_API, REST_API, FUNCTION, LAYER_VERSION, ALARM,
    TRAIL, TOPIC, QUEUE, STREAM, TABLE, BUCKET, PARAMETER, SECRET, ROLE, POLICY, KEY, LOG_GROUP,
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
_MADE_BY = {(kind.service, operation): kind for kind in KINDS for operation in kind.made_by}


def kind_made_by(service: str, operation: str) -> Kind | None:
    """The kind that this operation makes, if it makes one."""
    return _MADE_BY.get((service, operation))
