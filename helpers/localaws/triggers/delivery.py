"""Hands a service's event to the asynchronous queue, where the function's policy allows it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.compute.events import QueuedEvent
from helpers.localaws.compute.invocation import Invocation
from helpers.localaws.gateway.call import current_trace
from helpers.localaws.triggers.permission import may_invoke

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def deliver(
    lambdas: LambdaService, target: str, event: Any, service: str, source_arn: str, account: str
) -> bool:
    """Queue ``event`` for the function ``target`` (an ARN); False where it may not or is not there.

    Nothing is raised: the producer's own call succeeds on AWS as well, whatever its consumers do.
    """
    named = arn.parse(target)
    owner, region = named.account or account, named.region or ""
    try:
        function = lambdas.functions(owner, region).get(named.name)
        function.version(named.qualifier)
    except LambdaError:
        return False
    if not may_invoke(function, named.qualifier, service, source_arn, account):
        print(f"{service} may not invoke {target} for {source_arn}", file=sys.stderr)
        return False
    payload = json.dumps(event, separators=(",", ":")).encode()
    invocation = Invocation(payload, target, trace_id=current_trace())
    lambdas.events.put(QueuedEvent(owner, region, named.name, named.qualifier, invocation))
    return True
