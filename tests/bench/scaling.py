"""Many at once: parallel invocations, queued events, and what ten thousand invocations leave."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import psutil

from helpers import cloud
from helpers.deploy import deploy
from tests.bench.measure import Row, timed

PARALLEL, SLEEP = 20, 0.5
EVENTS = 1000
INVOKES = 10_000

SLEEPER = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n"
TRIVIAL = "def handler(event, context):\n    return event\n"


def measure() -> list[Row]:
    with cloud.open() as aws, tempfile.TemporaryDirectory() as folder:
        sleeper = deploy("bench-sleeper", write(folder, "sleeper.py", SLEEPER))
        cold = timed(lambda: sleeper.invoke_at_once([SLEEP] * PARALLEL))
        warm = timed(lambda: sleeper.invoke_at_once([SLEEP] * PARALLEL))
        trivial = deploy("bench-trivial", write(folder, "trivial.py", TRIVIAL))
        accepted, processed = asynchronous(aws)
        grown = memory_growth(aws)
        server = local_server()
        environments = server.children(recursive=True)
        idle = sum(one.memory_full_info().uss for one in environments) / count(environments)
        del trivial
        return [
            Row(f"{PARALLEL} invokes of a {SLEEP} s sleeper at once, cold", cold, None, 1.2),
            Row(f"{PARALLEL} invokes of a {SLEEP} s sleeper at once, warm", warm, None, 0.6),
            Row(f"{EVENTS} events accepted", accepted, None, 5.0),
            Row(f"{EVENTS} events accepted and processed", processed, None, float("inf")),
            Row(f"server memory grown by {INVOKES} invokes", grown, None, 10.0, "MB"),
            Row("memory of an idle environment's own", idle / 2**20, None, float("inf"), "MB"),
        ]


def write(folder: str, name: str, source: str) -> Path:
    path = Path(folder, name)
    path.write_text(source)
    return path


def asynchronous(aws: Any) -> tuple[float, float]:
    """Seconds until all events were accepted, and until all had run."""
    client, cloudwatch = aws.client("lambda"), aws.client("cloudwatch")

    def accept() -> None:
        for _ in range(EVENTS):
            client.invoke(FunctionName="bench-trivial", InvocationType="Event", Payload=b"1")

    def ran() -> bool:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": "bench-trivial"}],
            StartTime=0,
            EndTime=4e9,
            Period=86400 * 365,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points) >= EVENTS

    accepted = timed(accept)
    return accepted, accepted + timed(lambda: aws.wait_until(ran, seconds=120))


def memory_growth(aws: Any) -> float:
    """Megabytes that the server has more after many invocations than after the first of them.

    The first tenth fills what is bounded (the log keeps its last events) and is not counted.
    """
    client, server = aws.client("lambda"), local_server()

    def invoke(times: int) -> None:
        for _ in range(times):
            client.invoke(FunctionName="bench-trivial", Payload=b"1")["Payload"].read()

    invoke(INVOKES // 3)
    before = server.memory_info().rss
    invoke(INVOKES - INVOKES // 3)
    return (server.memory_info().rss - before) / 2**20


def local_server() -> psutil.Process:
    """The local AWS that this process has opened."""
    for child in psutil.Process(os.getpid()).children():
        if "helpers.localaws" in child.cmdline():
            return child
    raise RuntimeError("no local AWS is open")


def count(processes: list[psutil.Process]) -> int:
    """How many environments these processes make (behind walls each has three)."""
    return max(1, sum("python_bootstrap" in " ".join(one.cmdline()) for one in processes))
