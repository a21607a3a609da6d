"""Counts what Lambda counts, into CloudWatch's namespace ``AWS/Lambda``; and for its triggers what
they count, into theirs.

One datum for each metric, function and minute is kept up to date in place, so that a million
invocations take no more memory than one.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.function import Function
    from helpers.localaws.compute.invocation import Invocation, Outcome

NAMESPACE = "AWS/Lambda"
_UNITS = dict.fromkeys(
    ("Duration", "AsyncEventAge", "ExecutionTime", "IteratorAge"), "Milliseconds"
)


class LambdaMetrics:
    """Takes what happened, and writes it in the background."""

    def __init__(self) -> None:
        self._data: dict[tuple[Any, ...], Any] = {}
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="metrics", daemon=True).start()

    def invoked(
        self, function: Function, invocation: Invocation, outcome: Outcome, in_flight: int
    ) -> None:
        """An invocation has run, well or not."""
        values = {
            "Invocations": 1.0,
            "Errors": 1.0 if outcome.error else 0.0,
            "Duration": outcome.duration_ms,
            "Throttles": 0.0,
            "ConcurrentExecutions": float(in_flight),
        }
        self._later(function, values)

    def throttled(self, function: Function, invocation: Invocation) -> None:
        """An invocation was refused: neither an invocation nor an error."""
        self._later(function, {"Throttles": 1.0})

    def count(self, function: Function, name: str, value: float = 1.0) -> None:
        """Any other metric of a function, for example ``DestinationDeliveryFailures``."""
        self._later(function, {name: value})

    def of_service(
        self,
        account: str,
        region: str,
        namespace: str,
        dimensions: dict[str, str],
        values: dict[str, float],
    ) -> None:
        """Metrics of another service: ``"AWS/SNS", {"TopicName": "t"}, {"Published": 1}``."""
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        minute = _minute()

        def write() -> None:
            for metric, value in values.items():
                self._add(account, region, namespace, metric, named, minute, value)

        self._queue.put(write)

    def clear(self) -> None:
        """Forget everything (the cloud is being emptied)."""
        self._queue.put(self._data.clear)

    def _later(self, function: Function, values: dict[str, float]) -> None:
        minute = _minute()
        latest = function.latest
        self._queue.put(
            lambda: self._write(latest.account, latest.region, function.name, minute, values)
        )

    def _write(
        self, account: str, region: str, name: str, minute: int, values: dict[str, float]
    ) -> None:
        for metric, value in values.items():
            for dimensions in ([{"Name": "FunctionName", "Value": name}], []):
                self._add(account, region, NAMESPACE, metric, dimensions, minute, value)

    def _add(
        self,
        account: str,
        region: str,
        namespace: str,
        metric: str,
        dimensions: list[dict[str, str]],
        minute: int,
        value: float,
    ) -> None:
        key = (account, region, namespace, metric, str(dimensions), minute)
        datum = self._data.get(key)
        if datum is None:
            from moto.cloudwatch.models import MetricAggregatedDatum, cloudwatch_backends

            datum = MetricAggregatedDatum(
                namespace,
                metric,
                min_stat=value,
                max_stat=value,
                sample_count=0.0,
                sum_stat=0.0,
                dimensions=dimensions,
                timestamp=datetime.fromtimestamp(minute, UTC).replace(tzinfo=None),  # as moto
                unit=_UNITS.get(metric, "Count"),
            )
            self._data[key] = datum
            cloudwatch_backends[account][region].metric_data.append(datum)
        datum.sample_count += 1
        datum.sum += value
        datum.min = min(datum.min, value)
        datum.max = max(datum.max, value)

    def _work(self) -> None:
        while True:
            self._queue.get()()


def _minute() -> int:
    """The beginning of this minute, in seconds since the epoch."""
    return int(time.time() // 60) * 60
