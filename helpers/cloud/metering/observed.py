"""What handlers, triggers and callers from outside used, asked from AWS itself.

No request of theirs passes through the notebook's process. What AWS shows of them: the REPORT lines
in the functions' logs, the metrics that services publish for free, and the history of executions.
It shows it late (logs after seconds, metrics after a minute or more), and it does not show all of
it: what a handler reads from S3, for example, appears only on AWS's own bill.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.cloud.metering import reports
from helpers.cloud.metering.made import Made
from helpers.cloud.metering.sizes import GB

Used = dict[str, Decimal]
#: By namespace, metric, dimension and the resource's name.
Sums = dict[tuple[str, str, str, str], Decimal]

_ONE = Decimal(1)
#: Namespace, metric, its only dimension, kind of resource, price, units of the price in one count.
_METRICS: tuple[tuple[str, str, str, str, str, Decimal], ...] = (
    ("AWS/SNS", "NumberOfMessagesPublished", "TopicName", "topic", "sns.requests", _ONE),
    ("AWS/SQS", "NumberOfMessagesSent", "QueueName", "queue", "sqs", _ONE),
    ("AWS/SQS", "NumberOfMessagesReceived", "QueueName", "queue", "sqs", _ONE),
    ("AWS/SQS", "NumberOfMessagesDeleted", "QueueName", "queue", "sqs", _ONE),
    ("AWS/SQS", "NumberOfEmptyReceives", "QueueName", "queue", "sqs", _ONE),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "table", "dynamodb.reads", _ONE),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "table", "dynamodb.writes", _ONE),
    ("AWS/Scheduler", "InvocationAttemptCount", "ScheduleGroup", "group",
     "scheduler.invocations", _ONE),
    ("AWS/ApiGateway", "Count", "ApiName", "api", "apigateway.rest", _ONE),
    ("AWS/ApiGateway", "Count", "ApiId", "api", "apigateway.http", _ONE),
    ("AWS/Kinesis", "IncomingRecords", "StreamName", "stream", "kinesis.puts", _ONE),
    ("AWS/Logs", "IncomingBytes", "LogGroupName", "log", "logs.in", _ONE / GB),
)  # fmt: skip
#: GetMetricData takes so many at once.
_AT_ONCE = 500


class Observer:
    """Reads what AWS shows of the resources of one run; ``client`` makes boto3 clients."""

    def __init__(self, client: Callable[[str], Any], made: Made, since: datetime) -> None:
        self._make, self._made, self._since = client, made, since
        self._clients: dict[str, Any] = {}
        self._seen: dict[tuple[str, str], _Rising] = {}
        self.asked_metrics = 0  #: how many GetMetricData was asked for: they cost something too
        self.asked_requests = 0  #: other requests to CloudWatch

    def read(self, now: datetime) -> Used:
        """Quantities by price since the run began. What AWS refuses to show is left out."""
        metrics = _read(lambda: self._metrics(now), {})
        sums: Used = {}
        for part in (
            self._functions(metrics),
            self._services(metrics),
            _read(self._executions, {}),
        ):
            for key, quantity in part.items():
                sums[key] = sums.get(key, Decimal(0)) + quantity
        return sums

    # -- functions -------------------------------------------------------------------------------

    def _functions(self, metrics: Sums) -> Used:
        sums: Used = {}
        for name in self._names():
            for key, quantity in self._function(name, metrics).items():
                sums[key] = sums.get(key, Decimal(0)) + quantity
        return sums

    def _names(self) -> list[str]:
        if self._made.everything:
            for page in _read(lambda: list(self._pages("lambda", "list_functions")), []):
                for configuration in page["Functions"]:
                    self._made.learn(configuration["FunctionName"], configuration)
        return self._made.functions()

    def _function(self, name: str, metrics: Sums) -> Used:
        settings = self._made.settings(name)
        found = _read(lambda: reports.read(self._lines(name)), [])
        told = self._rising("reports", name, Decimal(len(found)))
        seconds = sum((Decimal(one.billed_ms) for one in found), Decimal(0)) / 1000
        seconds = self._rising("seconds", name, seconds)
        duration = sum((one.gb_seconds for one in found), Decimal(0))
        duration = self._rising("gb-seconds", name, duration)
        # Invocations whose line is missing (its log group is gone, or not readable): by metrics.
        counted = metrics.get(("AWS/Lambda", "Invocations", "FunctionName", name), Decimal(0))
        if counted > told:
            took = metrics.get(("AWS/Lambda", "Duration", "FunctionName", name), Decimal(0)) / 1000
            missing = max(Decimal(0), took - seconds) + (counted - told) / 1000  # rounded up
            seconds += missing
            duration += missing * settings.memory_mb / 1024
        sums = {
            "lambda.requests": max(counted, told),
            f"lambda.duration.{settings.architecture}": duration,
        }
        if settings.storage_mb > 512:
            sums["lambda.storage"] = seconds * (settings.storage_mb - 512) / 1024
        traced = self._rising("traces", name, Decimal(sum(one.traced for one in found)))
        return sums | ({"xray.recorded": traced} if traced else {})

    def _lines(self, name: str) -> Iterator[str]:
        for page in self._pages(
            "logs",
            "filter_log_events",
            logGroupName=f"/aws/lambda/{name}",
            startTime=_milliseconds(self._since),
            filterPattern=reports.PATTERN,
        ):
            yield from (event["message"] for event in page["events"])

    # -- metrics ---------------------------------------------------------------------------------

    def _metrics(self, now: datetime) -> Sums:
        wanted = list(self._wanted())
        sums: Sums = {}
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            self.asked_metrics += len(some)
            for which, total in zip(some, self._sums(some, now), strict=True):
                sums[which] = self._rising("/".join(which[:3]), which[3], total)
        return sums

    def _wanted(self) -> Iterator[tuple[str, str, str, str]]:
        """Namespace, metric, dimension and name of all metrics there are of this run."""
        sources: dict[tuple[str, str, str], list[str]] = {
            ("AWS/Lambda", "FunctionName", "function"): ["Invocations", "Duration"]
        }
        for namespace, metric, dimension, kind, *_ in _METRICS:
            sources.setdefault((namespace, dimension, kind), []).append(metric)
        listed: dict[str, list[Any]] = {}
        for (namespace, dimension, kind), names in sources.items():
            if not self._made.any_of(kind) and kind not in ("log", "function"):
                continue
            if namespace not in listed:
                pages = list(self._pages("cloudwatch", "list_metrics", Namespace=namespace))
                listed[namespace] = [one for page in pages for one in page["Metrics"]]
                self.asked_requests += len(pages)
            for one in listed[namespace]:
                named = one.get("Dimensions", [])
                if [pair["Name"] for pair in named] != [dimension]:
                    continue
                if one["MetricName"] in names and self._is_ours(kind, named[0]["Value"]):
                    yield namespace, one["MetricName"], dimension, named[0]["Value"]

    def _is_ours(self, kind: str, name: str) -> bool:
        if kind == "log" and name.startswith("/aws/lambda/"):
            kind, name = "function", name.removeprefix("/aws/lambda/")
        return self._made.has(kind, name) or (kind == "function" and name in self._made.functions())

    def _sums(self, some: list[tuple[str, str, str, str]], now: datetime) -> list[Decimal]:
        start = self._since - timedelta(minutes=1)
        queries = [
            {
                "Id": f"m{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": metric,
                        "Dimensions": [{"Name": dimension, "Value": name}],
                    },
                    "Period": _period(now - start),
                    "Stat": "Sum",
                },
            }
            for number, (namespace, metric, dimension, name) in enumerate(some)
        ]
        sums = [Decimal(0)] * len(some)
        for page in self._pages(
            "cloudwatch",
            "get_metric_data",
            MetricDataQueries=queries,
            StartTime=start,
            EndTime=now + timedelta(minutes=2),
        ):
            for result in page["MetricDataResults"]:
                values = (Decimal(str(value)) for value in result["Values"])
                sums[int(result["Id"][1:])] += sum(values, Decimal(0))
        return sums

    def _services(self, metrics: Sums) -> Used:
        sums: Used = {}
        keys = {row[:3]: (row[4], row[5]) for row in _METRICS}
        for (*which, name), total in metrics.items():
            key, units = keys.get((which[0], which[1], which[2]), ("", Decimal(0)))
            if not key or not total:
                continue
            if key == "sqs":
                key = "sqs.fifo" if name.endswith(".fifo") else "sqs.standard"
            sums[key] = sums.get(key, Decimal(0)) + total * units
        return sums

    # -- executions ------------------------------------------------------------------------------

    def _executions(self) -> Used:
        """State transitions of Standard workflows: each state entered, and each retry of a task."""
        if not self._made.any_of("machine"):
            return {}
        total = Decimal(0)
        for page in self._pages("stepfunctions", "list_state_machines"):
            for machine in page["stateMachines"]:
                if machine["type"] == "STANDARD" and self._made.has("machine", machine["name"]):
                    arn = machine["stateMachineArn"]
                    steps = _read(partial(self._transitions, arn), Decimal(0))
                    self._rising("transitions", machine["name"], steps)
        for (what, _), seen in self._seen.items():
            total += seen.total if what == "transitions" else 0
        return {"states.transitions": total} if total else {}

    def _transitions(self, machine: str) -> Decimal:
        steps = 0
        for page in self._pages("stepfunctions", "list_executions", stateMachineArn=machine):
            for execution in page["executions"]:
                if execution["startDate"] < self._since - timedelta(minutes=1):
                    continue
                arn = execution["executionArn"]
                for history in self._pages(
                    "stepfunctions", "get_execution_history", executionArn=arn
                ):
                    steps += count_transitions(event["type"] for event in history["events"])
        return Decimal(steps)

    # -- the ways of asking ----------------------------------------------------------------------

    def _pages(self, service: str, operation: str, **asked: Any) -> Iterator[Any]:
        if service not in self._clients:
            self._clients[service] = self._make(service)
        yield from self._clients[service].get_paginator(operation).paginate(**asked)

    def _rising(self, what: str, name: str, value: Decimal) -> Decimal:
        """A count that only grows, though what it is read from may be deleted and made again."""
        return self._seen.setdefault((what, name), _Rising()).now_at(value)


class _Rising:
    """Adds up a counter that may start again from zero."""

    def __init__(self) -> None:
        self._before, self._last = Decimal(0), Decimal(0)

    @property
    def total(self) -> Decimal:
        return self._before + self._last

    def now_at(self, value: Decimal) -> Decimal:
        if value < self._last:
            self._before += self._last
        self._last = value
        return self.total


def count_transitions(types: Iterable[str]) -> int:
    """The state transitions in an execution's history.

    Source: https://aws.amazon.com/step-functions/pricing/ (each time a step is executed, a retry
    once more)
    """
    steps = tasks = scheduled = 0
    for one in types:
        steps += one.endswith("StateEntered")
        tasks += one == "TaskStateEntered"
        scheduled += one in ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
    return steps + max(0, scheduled - tasks)


def _read(ask: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return ask()
    except (ClientError, BotoCoreError):
        return otherwise


def _period(span: timedelta) -> int:
    """Seconds: few data points, and one of the periods that CloudWatch keeps for so long.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
    """
    step = 60 if span < timedelta(days=1) else 3600
    return max(step, math.ceil(span.total_seconds() / 100 / step) * step)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) - 60_000
