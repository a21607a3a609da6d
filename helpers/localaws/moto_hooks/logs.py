"""CloudWatch Logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_logs(service: LambdaService) -> None:
    """Reasons: moto knows plain terms of filter patterns only, and not in subscription filters; it
    asks for no permission, cannot change a filter where there are two, counts events from 0 in each
    server, and cannot test a pattern.
    """
    from moto.logs import models
    from moto.logs.models import LogEvent, LogsBackend
    from moto.logs.responses import LogsResponse

    from helpers.localaws.triggers import logs

    make: Any = LogEvent.__init__
    put = LogsBackend.put_subscription_filter
    put_metric_filter, filter_events = LogsBackend.put_metric_filter, LogsBackend.filter_log_events

    def __init__(self: Any, ingestion_time: int, log_event: dict[str, Any]) -> None:
        make(self, ingestion_time, log_event)
        self.event_id = logs.event_id(self.timestamp, self.event_id)

    def put_checked(
        self: Any, group_name: str, name: str, pattern: str, destination: str, role: str
    ) -> None:
        group = self.groups.get(group_name)
        if group is not None:
            logs.check_filter(service, group, pattern, destination)
        if group is not None and name in group.subscription_filters:
            group.subscription_filters[name].update(pattern, destination, role)
        else:
            put(self, group_name, name, pattern, destination, role)

    def put_metric_checked(self: Any, name: str, pattern: str, *more: Any) -> None:
        logs.check_pattern(pattern)
        put_metric_filter(self, name, pattern, *more)

    def filter_by_time(self: Any, *given: Any) -> Any:
        logs.check_pattern(given[-2])
        return filter_events(self, *given[:-1], interleaved=True)

    def test_metric_filter(self: Any) -> str:
        pattern, messages = self._get_param("filterPattern"), self._get_param("logEventMessages")
        return json.dumps({"matches": logs.test_filter(pattern, messages)})

    models.EventMessageFilter = logs.EventFilter  # type: ignore[misc, assignment]
    LogEvent.__init__ = __init__  # type: ignore[method-assign]
    backend: Any = LogsBackend
    backend.put_subscription_filter = put_checked
    backend.put_metric_filter = put_metric_checked
    backend.filter_log_events = filter_by_time
    api: Any = LogsResponse
    api.test_metric_filter = test_metric_filter


def keep_events_for_their_retention() -> None:
    """Reasons: moto notes a retention of any length, and deletes no event when it is over."""
    from moto.logs.exceptions import InvalidParameterException
    from moto.logs.models import LogsBackend

    from helpers.localaws.telemetry import retention

    put = LogsBackend.put_retention_policy

    def put_checked(self: Any, group_name: str, days: Any) -> None:
        if problem := retention.problem(days):
            raise InvalidParameterException(msg=problem)
        put(self, group_name, days)

    def after_expiry(read: Any) -> Any:
        def call(self: Any, *given: Any, **more: Any) -> Any:
            for group in list(self.groups.values()):
                retention.expire(group)
            return read(self, *given, **more)

        return call

    backend: Any = LogsBackend
    backend.put_retention_policy = put_checked
    for name in (
        "get_log_events",
        "filter_log_events",
        "describe_log_groups",
        "describe_log_streams",
        "start_query",
    ):
        setattr(backend, name, after_expiry(getattr(backend, name)))
