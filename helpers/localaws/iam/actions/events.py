"""Amazon EventBridge.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-manage-iam-access.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Spec, either, named, pass_role
from helpers.localaws.iam.actions.tags import if_tagged
from helpers.localaws.iam.context import Values


def _bus_name(given: str | None) -> str:
    return (given or "default").rpartition("event-bus/")[2]


def rule_arn(asked: Asked) -> list[str]:
    """A rule on a bus of one's own has the bus's name in its ARN, on the default bus it has not."""
    name = asked.first("Rule", "Name")
    if name is None:
        return []
    bus = _bus_name(asked.first("EventBusName"))
    return [asked.arn(f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")]


def bus_arn(asked: Asked) -> list[str]:
    """The bus that is named, or the default one."""
    return (
        [asked.arn(asked.first("EventBusName", "Name") or "default")]
        if _is_arn(asked)
        else [asked.arn(f"event-bus/{_bus_name(asked.first('EventBusName', 'Name'))}")]
    )


def _is_arn(asked: Asked) -> bool:
    return (asked.first("EventBusName", "Name") or "").startswith("arn:")


def _put_events(asked: Asked) -> Iterable[Needed]:
    """Each bus once, with the sources and types of what is put on it."""
    buses: dict[str, list[Any]] = {}
    for entry in asked.get("Entries") or []:
        if not isinstance(entry, dict):
            continue  # the service refuses it
        given = str(entry.get("EventBusName") or "default")
        arn = given if given.startswith("arn:") else asked.arn(f"event-bus/{given}")
        buses.setdefault(arn, []).append(entry)
    for arn, entries in buses.items():
        keys: dict[str, Values] = {
            "events:source": list({str(one["Source"]): 0 for one in entries if one.get("Source")}),
            "events:detail-type": list(
                {str(one["DetailType"]): 0 for one in entries if one.get("DetailType")}
            ),
            "events:eventBusInvocation": False,
        }
        yield Needed("events:PutEvents", arn, keys)


def _keys(asked: Asked) -> Mapping[str, Values]:
    if asked.operation == "PutTargets":
        return {"events:TargetArn": [one.get("Arn") for one in asked.get("Targets") or []]}
    if asked.operation != "PutRule" or not asked.get("EventPattern"):
        return {}
    try:
        pattern = json.loads(str(asked.get("EventPattern")))
    except ValueError:
        return {}
    if not isinstance(pattern, dict):
        return {}
    return {
        f"events:{name}": [one for one in pattern[name] if isinstance(one, str)]
        for name in ("source", "detail-type")
        if isinstance(pattern.get(name), list)
    }


_rule_role = pass_role("events", "RoleArn")
_tag_rule = if_tagged("events:TagResource", rule_arn)


def _put_rule(asked: Asked) -> Iterable[Needed]:
    """Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""
    yield from _rule_role(asked)
    yield from _tag_rule(asked)


SPEC = Spec(
    "events",
    types={
        "rule-on-default-event-bus": rule_arn,
        "event-bus": bus_arn,
        "archive": named("archive/{}", "ArchiveName"),
        "replay": named("replay/{}", "ReplayName"),
        "connection": either(named("{}", "ConnectionArn"), named("connection/{}/*", "Name")),
        "api-destination": named("api-destination/{}", "Name"),
        "endpoint": named("endpoint/{}", "Name"),
        "event-source": either(named("event-source/{}", "Name")),
    },
    special={"PutEvents": _put_events},
    also={
        "CreateEventBus": if_tagged("events:TagResource", bus_arn),
        "PutRule": _put_rule,
        "PutTargets": pass_role("events", "Targets.RoleArn"),
    },
    keys=_keys,
    arn_parameters=("ResourceARN",),
)
