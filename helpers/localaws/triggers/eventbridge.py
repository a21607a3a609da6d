"""Amazon EventBridge: a rule whose target is a function.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from helpers.localaws.triggers.delivery import deliver

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def matches(rule: Any, event: dict[str, Any]) -> bool:
    """Whether the (moto) rule is on, has a pattern, and the event fits it."""
    pattern = rule.event_pattern
    has_pattern = bool(pattern.get_pattern())  # a schedule has none, and matches no event
    return rule.state == "ENABLED" and has_pattern and bool(pattern.matches_event(event))


def send(lambdas: LambdaService, rule: Any, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Deliver a matching event to a function; ``target`` is an entry of PutTargets."""
    account = rule.arn.split(":")[4]
    whole = {"account": account, **event}
    payload = _input(target, whole)
    deliver(lambdas, target["Arn"], payload, "events.amazonaws.com", rule.arn, account)


def _input(target: dict[str, Any], event: dict[str, Any]) -> Any:
    """What the target receives: a constant, a part, a template filled in, or the event."""
    if target.get("Input"):
        return json.loads(target["Input"])
    if path := target.get("InputPath"):
        for name in path.removeprefix("$").strip(".").split("."):
            event = event[name] if name else event
        return event
    if transformer := target.get("InputTransformer"):
        from moto.events.utils import EventTemplateParser

        return EventTemplateParser.parse(
            input_template=transformer.get("InputTemplate"),
            input_paths_map=transformer.get("InputPathsMap", {}),
            event=event,  # type: ignore[arg-type]
        )
    return event
