"""EventBridge: buses, rules and schedules."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)
from helpers.cloud.account.tags import mark_of


def _bus(parameters: Parameters) -> str:
    return str(parameters.get("EventBusName") or "default").rpartition("/")[2]


def _tags(place: Place, arn: str) -> Tags:
    found = place.client("events").list_tags_for_resource(ResourceARN=arn)
    return pairs(found.get("Tags", []))


def _buses(_: Place, parameters: Parameters) -> Iterator[str]:
    """Who puts a rule or an event on a bus of somebody else's changes what happens there."""
    for given in [parameters, *parameters.get("Entries", [])]:
        bus = _bus(given)
        if bus != "default":  # everybody's
            yield bus
    if not {"Rule", "EventBusName", "Entries", "EventPattern", "ScheduleExpression"} & {
        *parameters
    }:
        yield from values(parameters, "Name")  # DeleteEventBus


def _look_at_bus(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        return _tags(place, place.client("events").describe_event_bus(Name=name)["Arn"])

    return looked(find)


def _bus_names(place: Place) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:  # boto3 has no paginator for it
        page = place.client("events").list_event_buses(**token)
        yield from (one["Name"] for one in page["EventBuses"] if one["Name"] != "default")
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


BUS = Kind(
    name="event bus",
    service="events",
    made_by={"CreateEventBus": lambda _, sent, __: str(sent["Name"])},
    named=_buses,
    look=_look_at_bus,
    delete=lambda place, name: place.client("events").delete_event_bus(Name=name),
    listing=_bus_names,
    by_hand="aws events delete-event-bus --name {id}",
    tag_in="Tags",
    only_in=("DeleteEventBus", "PutEvents", "PutPermission", "RemovePermission", "PutRule"),
)


def _rules(_: Place, parameters: Parameters) -> Iterator[str]:
    for rule in values(parameters, "Rule", "Name"):
        yield f"{_bus(parameters)}/{rule}"


def _look_at_rule(place: Place, rule: str) -> Look | None:
    bus, _, name = rule.partition("/")

    def find() -> Tags:
        told = place.client("events").describe_rule(Name=name, EventBusName=bus)
        return _tags(place, told["Arn"])

    return looked(find)


def _delete_rule(place: Place, rule: str) -> None:
    bus, _, name = rule.partition("/")
    events = place.client("events")
    found = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if found:
        ids = [one["Id"] for one in found]
        events.remove_targets(Rule=name, EventBusName=bus, Ids=ids)
    events.delete_rule(Name=name, EventBusName=bus)


def _rule_names(place: Place) -> Iterator[str]:
    for bus in ["default", *_bus_names(place)]:
        for rule in pages(place.client("events"), "list_rules", "Rules", EventBusName=bus):
            if "ManagedBy" not in rule:
                yield f"{bus}/{rule['Name']}"


RULE = Kind(
    name="rule",
    service="events",
    made_by={"PutRule": lambda _, sent, __: f"{_bus(sent)}/{sent['Name']}"},
    named=_rules,
    look=_look_at_rule,
    delete=_delete_rule,
    listing=_rule_names,
    by_hand="aws events delete-rule --name NAME --event-bus-name BUS   (of BUS/NAME: {id}; "
    "remove its targets first)",
    tag_in="Tags",
    upserts=True,  # PutRule changes a rule that is there
    only_in=("DeleteRule", "DisableRule", "EnableRule", "PutTargets", "RemoveTargets"),
)


def _group(parameters: Parameters) -> str:
    return str(parameters.get("GroupName") or "default")


def _schedules(_: Place, parameters: Parameters) -> Iterator[str]:
    for name in values(parameters, "Name"):
        yield f"{_group(parameters)}/{name}"


def _look_at_schedule(place: Place, schedule: str) -> Look | None:
    group, _, name = schedule.partition("/")

    def find() -> Tags:
        told = place.client("scheduler").get_schedule(Name=name, GroupName=group)
        return mark_of(told.get("Description"))

    return looked(find)


def _delete_schedule(place: Place, schedule: str) -> None:
    group, _, name = schedule.partition("/")
    place.client("scheduler").delete_schedule(Name=name, GroupName=group)


SCHEDULE = Kind(
    name="schedule",
    service="scheduler",
    made_by={"CreateSchedule": lambda _, sent, __: f"{_group(sent)}/{sent['Name']}"},
    named=_schedules,
    look=_look_at_schedule,
    delete=_delete_schedule,
    listing=lambda place: (
        f"{one['GroupName']}/{one['Name']}"
        for one in pages(place.client("scheduler"), "list_schedules", "Schedules")
    ),
    by_hand="aws scheduler delete-schedule --name NAME --group-name GROUP   (of GROUP/NAME: {id})",
    mark_in=("Description", 512),  # it carries no tags
    marked_again=("UpdateSchedule",),  # which writes the whole schedule anew
)
