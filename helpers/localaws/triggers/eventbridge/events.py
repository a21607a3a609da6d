"""Events on their way from a producer to the rules of a bus.

Sources: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.gateway.call import current_trace
from helpers.localaws.triggers.eventbridge.delivery import Delivery, attempt, count, timestamp
from helpers.localaws.triggers.eventbridge.patterns import compile_pattern

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Bytes of all entries of one call.
MAX_BYTES = 1_048_576
#: Event buses that an event may come past, so that two which feed each other come to an end.
MAX_HOPS = 16


def put(
    lambdas: LambdaService, backend: Any, entries: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """PutEvents: one answer for each entry, in order. ``backend`` is moto's for the region.

    Raises ValidationException for too many entries. Nothing is delivered inside the call.
    """
    _check_amount(entries)
    return [_put_one(lambdas, backend, entry) for entry in entries]


def emit(
    lambdas: LambdaService,
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: list[str],
    seconds: float | None = None,
) -> None:
    """An event of an AWS service itself, to the default bus of its account and region."""
    from moto.events.models import events_backends

    event = build(account, region, source, detail_type, detail, resources, seconds)
    match(lambdas, events_backends[account][region].event_buses["default"], event, time.time())


def build(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: list[str],
    seconds: float | None = None,
) -> dict[str, Any]:
    """An event as rules and targets see it; ``seconds`` is its time, now if it is not given."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": timestamp(time.time() if seconds is None else seconds),
        "region": region,
        "resources": resources,
        "detail": detail,
    }


def match(
    lambdas: LambdaService, bus: Any, event: dict[str, Any], ingested: float, hops: int = 0
) -> None:
    """Put a delivery on the timetable for each target of each rule that the event fits."""
    for rule in list(bus.rules.values()):
        if rule.managed_by:  # an archive of moto's own, which copies the event and returns
            rule.send_to_targets({**event, "ingestion-time": ingested})
        else:
            offer(lambdas, rule, event, ingested, hops)


def offer(
    lambdas: LambdaService, rule: Any, event: dict[str, Any], ingested: float, hops: int = 0
) -> None:
    """Put a delivery on the timetable for each target of the (moto) rule, if the event fits it."""
    if not fits(rule, event):
        return
    count(lambdas, rule, "MatchedEvents", "TriggeredRules")
    for target in list(rule.targets):
        delivery = Delivery(rule, target, event, ingested, current_trace(), hops)
        lambdas.timetable.soon(partial(attempt, lambdas, delivery))


def fits(rule: Any, event: dict[str, Any]) -> bool:
    """Whether the (moto) rule is on, has a pattern, and the event fits it.

    A schedule has no pattern, and matches no event.
    """
    source = rule.event_pattern.dump()
    return rule.state != "DISABLED" and bool(source) and compile_pattern(source).matches(event)


# -- one entry of PutEvents --------------------------------------------------------------------


def _put_one(lambdas: LambdaService, backend: Any, entry: dict[str, Any]) -> dict[str, str]:
    problem = _problem(entry)
    if problem is not None:
        return {"ErrorCode": problem[0], "ErrorMessage": problem[1]}
    name = (entry.get("EventBusName") or "default").rpartition("/")[2]
    event = build(
        backend.account_id,
        backend.region_name,
        entry["Source"],
        entry["DetailType"],
        json.loads(entry["Detail"]),
        entry.get("Resources") or [],
        _seconds(entry.get("Time")),
    )
    bus = backend.event_buses.get(name)
    if bus is not None:  # an event for a bus that is not there is accepted and lost, as on AWS
        match(lambdas, bus, event, time.time())
    return {"EventId": event["id"]}


def _problem(entry: dict[str, Any]) -> tuple[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return (
                "InvalidArgument",
                f"Parameter {name} is not valid. Reason: {name} is a required argument.",
            )
    if entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        return "MalformedDetail", "Detail is malformed."
    return None


def _check_amount(entries: list[dict[str, Any]]) -> None:
    """Raise for too many bytes; the number of entries is a matter of the service's model."""
    from moto.events.exceptions import ValidationException

    if sum(_size(entry) for entry in entries) > MAX_BYTES:
        raise ValidationException("Total size of the entries in the request is over the limit.")


def _size(entry: dict[str, Any]) -> int:
    """Bytes of an entry.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
    """
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail")]
    texts += entry.get("Resources") or []
    return sum(len(text.encode()) for text in texts if text) + (14 if entry.get("Time") else 0)


def _seconds(given: Any) -> float | None:
    """The entry's time: seconds since the epoch, as boto3 sends it."""
    return float(given) if given not in (None, "") else None
