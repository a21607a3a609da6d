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


class NotAllowed(Exception):
    """The function's policy does not let the service invoke it for this source."""


def deliver(
    lambdas: LambdaService, target: str, event: Any, service: str, source_arn: str, account: str
) -> bool:
    """Queue ``event`` for the function ``target`` (an ARN); False where it may not or is not there.

    Nothing is raised: the producer's own call succeeds on AWS as well, whatever its consumers do.
    """
    payload = json.dumps(event, separators=(",", ":")).encode()
    try:
        hand_over(lambdas, target, payload, service, source_arn, account)
    except LambdaError:
        return False
    except NotAllowed as problem:
        print(problem, file=sys.stderr)
        return False
    return True


def hand_over(
    lambdas: LambdaService, target: str, payload: bytes, service: str, source_arn: str, account: str
) -> None:
    """Queue ``payload`` for the function ``target``.

    Raises LambdaError where there is no such function, NotAllowed where its policy says nothing of
    ``service`` and ``source_arn``: for services that have a place to tell so.
    """
    named = arn.parse(target)
    owner, region = named.account or account, named.region or ""
    function = lambdas.functions(owner, region).get(named.name)
    function.version(named.qualifier)
    if not may_invoke(function, named.qualifier, service, source_arn, account):
        raise NotAllowed(f"{service} may not invoke {target} for {source_arn}")
    invocation = Invocation(payload, target, trace_id=current_trace())
    lambdas.events.put(QueuedEvent(owner, region, named.name, named.qualifier, invocation))
