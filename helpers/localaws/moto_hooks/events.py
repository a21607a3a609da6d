"""Amazon EventBridge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_eventbridge(service: LambdaService) -> None:
    """Reasons: moto delivers inside PutEvents, to few kinds of targets, and tries nothing again; a
    disabled rule and a schedule match every event, and nothing fires schedules; it takes patterns,
    targets and events that AWS refuses, and cannot test a pattern.
    """
    from moto.events.exceptions import ResourceNotFoundException
    from moto.events.models import EventPattern, EventPatternParser, EventsBackend, Rule
    from moto.events.responses import EventsHandler

    from helpers.localaws.triggers.eventbridge import events, rules, schedules

    put_rule, put_targets = EventsBackend.put_rule, EventsBackend.put_targets
    copy_to_archive = Rule.send_to_targets

    def put_rule_checked(self: Any, name: str, **given: Any) -> Any:
        rules.check_rule(name, given)
        rule = put_rule(self, name, **given)
        if rule.scheduled_expression:
            schedules.start(service, rule)
        return rule

    def put_targets_checked(
        self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> None:
        bus = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn))
        rules.check_targets(bus.rules.get(name), targets, name, event_bus_arn)
        put_targets(self, name, event_bus_arn, targets)

    def send(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if self.managed_by:  # the rule behind an archive
            copy_to_archive(self, original_event, transform_input)
            return
        event = dict(original_event)
        events.offer(service, self, event, event.pop("ingestion-time", None) or time.time())

    def only_with_a_rule(operation: Any) -> Any:
        def call(self: Any, name: str, event_bus_arn: str | None, **more: Any) -> Any:
            bus = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn))
            if name not in bus.rules:
                raise ResourceNotFoundException(
                    f"Rule {name} does not exist on EventBus {bus.name}."
                )
            return operation(self, name, event_bus_arn, **more)

        return call

    for name in ("describe_rule", "disable_rule", "enable_rule", "list_targets_by_rule"):
        setattr(EventsBackend, name, only_with_a_rule(getattr(EventsBackend, name)))
    backend: Any = EventsBackend
    backend.put_rule, backend.put_targets = put_rule_checked, put_targets_checked
    backend.put_events = lambda self, entries: events.put(service, self, entries)
    Rule.send_to_targets = send
    pattern: Any = EventPattern
    pattern.matches_event = lambda self, event: rules.matches(self, event)
    parser: Any = EventPatternParser
    parser.parse = lambda self: rules.parsed(self.pattern)
    api: Any = EventsHandler
    api.test_event_pattern = lambda self: self._create_response(
        {"Result": rules.fits(self._get_param("EventPattern"), self._get_param("Event"))}
    )
