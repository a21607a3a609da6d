"""What is paid by the time it exists: keys, secrets, alarms, shards, provisioned concurrency.

A request that makes or ends such a thing is noted with the cloud's time; ``used(now)`` says how
much has come together. On a local cloud that time is the course clock's: a secret that is kept for
seven simulated days costs what it would have cost in seven days.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from helpers.cloud.prices import HOURS_IN_A_MONTH

Asked = Mapping[str, Any]
Now = Callable[[], datetime]
_HOUR, _FIVE_MINUTES = timedelta(hours=1), timedelta(minutes=5)


@dataclass
class _Kept:
    """``rate`` units of ``key`` for each hour, from ``since`` on."""

    key: str
    rate: Decimal
    since: datetime
    step: timedelta  #: a started one counts as a whole one


class Lifetimes:
    """Everything of this run that costs money by existing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._ended: dict[str, Decimal] = {}

    def used(self, now: datetime) -> dict[str, Decimal]:
        """Quantities by price, until ``now``."""
        with self._lock:
            sums = dict(self._ended)
            for one in self._kept.values():
                sums[one.key] = sums.get(one.key, Decimal(0)) + _amount(one, now)
        return sums

    def first_step(self, service: str, operation: str, asked: Asked) -> dict[str, Decimal]:
        """What a request will cost at once, before it is sent: the first hour of what it makes."""
        made = _made(service, operation, asked)
        if service == "kinesis" and operation == "SplitShard":
            return {"kinesis.shards": Decimal(2)}  # in the place of the one that is split
        return {made[1]: made[2] * _hours(made[3])} if made else {}

    def note(self, service: str, operation: str, asked: Asked, reply: Asked, now: Now) -> None:
        """A request succeeded: perhaps something began or ended with it."""
        made = _made(service, operation, asked)
        if made is not None:
            kind, key, rate, step = made
            name = _name(kind, asked, reply)
            self._begin((kind, name), _Kept(key, rate, now(), step))
        if (service, operation) == ("cloudwatch", "PutMetricData"):
            for name in _metrics(asked):
                self._begin(("metric", name), _Kept("cloudwatch.metrics", _MONTHLY, now(), _HOUR))
        if service == "kinesis" and operation in _SHARDS:
            self._reshard(_stream(asked), operation, now())
        for kind, name in _ended(service, operation, asked, reply):
            self._end((kind, name), now())
            for which in [one for one in self._kept if one[0] == f"{kind}: {name}"]:
                self._end(which, now())

    def note_provisioned(
        self, operation: str, asked: Asked, memory_mb: int, architecture: str, now: Now
    ) -> None:
        """Provisioned concurrency began or ended; it is billed in steps of five minutes."""
        function = str(asked.get("FunctionName"))
        which = ("provisioned", f"{function}:{asked.get('Qualifier')}")
        if operation == "PutProvisionedConcurrencyConfig":
            environments = Decimal(asked.get("ProvisionedConcurrentExecutions", 1))
            rate = environments * memory_mb / 1024 * 3600  # GB-seconds an hour
            key = f"lambda.provisioned.{architecture}"
            self._begin(which, _Kept(key, rate, now(), _FIVE_MINUTES))
        elif operation == "DeleteProvisionedConcurrencyConfig":
            self._end(which, now())
        elif operation == "DeleteFunction":
            for kind, name in list(self._kept):
                if kind == "provisioned" and name.partition(":")[0] == function:
                    self._end((kind, name), now())

    def _reshard(self, stream: str, operation: str, now: datetime) -> None:
        """One open shard more (or less), and one that begins in an hour that is billed already.

        Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
        """
        with self._lock:
            numbers = [name for kind, name in self._kept if kind == f"stream: {stream}"]
            begun = self._kept.get(("stream", stream))
            self._ended["kinesis.shards"] = self._ended.get("kinesis.shards", Decimal(0)) + 1
        if operation == "SplitShard":
            more = (f"stream: {stream}", f"{len(numbers):04}")
            self._begin(more, _Kept("kinesis.shards", Decimal(1), now, _HOUR))
        elif numbers:
            self._end((f"stream: {stream}", max(numbers)), now)
        elif begun is not None and begun.rate > 1:
            self._begin(("stream", stream), _Kept(begun.key, begun.rate - 1, now, _HOUR))

    def _begin(self, which: tuple[str, str], kept: _Kept) -> None:
        with self._lock:
            before = self._kept.get(which)
            if before is not None:
                if (before.key, before.rate) == (kept.key, kept.rate):
                    return  # put again, as it was
                self._add(before, kept.since)
            self._kept[which] = kept

    def _end(self, which: tuple[str, str], now: datetime) -> None:
        with self._lock:
            one = self._kept.pop(which, None)
            if one is not None:
                self._add(one, now)

    def _add(self, one: _Kept, now: datetime) -> None:
        self._ended[one.key] = self._ended.get(one.key, Decimal(0)) + _amount(one, now)


_SHARDS = ("SplitShard", "MergeShards")
_MONTHLY = Decimal(1) / HOURS_IN_A_MONTH


def _amount(one: _Kept, now: datetime) -> Decimal:
    steps = max(1, math.ceil((now - one.since) / one.step))
    return one.rate * _hours(one.step) * steps


def _hours(span: timedelta) -> Decimal:
    return Decimal(str(span.total_seconds())) / 3600


Made = tuple[str, str, Decimal, timedelta]


def _made(service: str, operation: str, asked: Asked) -> Made | None:
    """Kind, price, units an hour and the smallest step that is billed."""
    which = f"{service}.{operation}"
    if which in ("kms.CreateKey", "kms.CancelKeyDeletion", "kms.ReplicateKey"):
        return "key", "kms.keys", _MONTHLY, _HOUR
    if which in ("secretsmanager.CreateSecret", "secretsmanager.RestoreSecret"):
        return "secret", "secretsmanager.secrets", _MONTHLY, _HOUR
    if which == "cloudwatch.PutMetricAlarm":
        high = asked.get("Period", 60) < 60
        key = "cloudwatch.alarms.high" if high else "cloudwatch.alarms"
        metrics = sum(1 for one in asked.get("Metrics", ()) if "MetricStat" in one) or 1
        return "alarm", key, _MONTHLY * metrics, _HOUR
    if which == "cloudwatch.PutCompositeAlarm":
        return "alarm", "cloudwatch.alarms.composite", _MONTHLY, _HOUR
    if which == "cloudwatch.PutDashboard":
        return "dashboard", "cloudwatch.dashboards", _MONTHLY, _HOUR
    if which == "ssm.PutParameter" and asked.get("Tier") == "Advanced":
        return "parameter", "ssm.advanced", _MONTHLY, _HOUR
    if which == "kinesis.CreateStream":
        if asked.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND":
            return "stream", "kinesis.streams", Decimal(1), _HOUR
        return "stream", "kinesis.shards", Decimal(asked.get("ShardCount", 1)), _HOUR
    return None


def _name(kind: str, asked: Asked, reply: Asked) -> str:
    if kind == "key":
        made = reply.get("KeyMetadata", reply.get("ReplicaKeyMetadata", reply))
        return _last(made.get("KeyId", asked.get("KeyId", "")))
    if kind == "secret":
        return str(reply.get("Name") or asked.get("Name") or asked.get("SecretId"))
    names = {"alarm": "AlarmName", "dashboard": "DashboardName", "parameter": "Name"}
    return str(asked.get(names.get(kind, "StreamName"), ""))


def _ended(service: str, operation: str, asked: Asked, reply: Asked) -> list[tuple[str, str]]:
    which = f"{service}.{operation}"
    if which == "kms.ScheduleKeyDeletion":
        return [("key", _last(reply.get("KeyId", asked.get("KeyId", ""))))]
    if which == "secretsmanager.DeleteSecret":
        return [("secret", str(reply.get("Name", asked.get("SecretId"))))]
    if which == "cloudwatch.DeleteAlarms":
        return [("alarm", name) for name in asked.get("AlarmNames", ())]
    if which == "cloudwatch.DeleteDashboards":
        return [("dashboard", name) for name in asked.get("DashboardNames", ())]
    if which == "ssm.DeleteParameter":
        return [("parameter", str(asked.get("Name")))]
    if which == "ssm.DeleteParameters":
        return [("parameter", name) for name in asked.get("Names", ())]
    if which == "kinesis.DeleteStream":
        return [("stream", _stream(asked))]
    return []


def _stream(asked: Asked) -> str:
    return str(asked.get("StreamName") or _last(str(asked.get("StreamARN", ""))))


def _metrics(asked: Asked) -> list[str]:
    """Each combination of name and dimensions is a metric of its own."""
    found = []
    for datum in asked.get("MetricData", ()):
        pairs = sorted((one["Name"], one["Value"]) for one in datum.get("Dimensions", ()))
        found.append(f"{asked.get('Namespace')}/{datum.get('MetricName')}{pairs}")
    return found


def _last(name: str) -> str:
    return name.rpartition("/")[2]
