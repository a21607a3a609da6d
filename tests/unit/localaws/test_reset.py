"""Emptying the cloud while it works."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from helpers import cloud
from helpers.cloud import opening
from helpers.deploy import deploy


def test_what_ran_does_not_come_back(aws: cloud.Cloud, tmp_path: Path) -> None:
    """Handlers in the middle of their work end with the old cloud: no log group of theirs

    appears in the new one, and their events are not tried again by a new function of that name.
    """
    source = tmp_path / "slow.py"
    source.write_text(
        "import time\ndef handler(event, context):\n"
        "    print('got', event, flush=True)\n    time.sleep(event)\n"
    )
    client, logs = aws.client("lambda"), aws.client("logs")
    function = deploy("slow", source, timeout=60)
    for _ in range(3):
        client.invoke(FunctionName="slow", InvocationType="Event", Payload=b"30")
    aws.wait_until(lambda: function.logs().count("got 30") == 3)
    aws.reset()
    time.sleep(0.3)
    assert logs.describe_log_groups()["logGroups"] == []
    function = deploy("slow", source, timeout=60)
    aws.clock.advance(minutes=2)
    function.invoke(0)
    aws.wait_until(lambda: "got 0" in function.logs())
    time.sleep(0.3)
    assert "got 30" not in function.logs()


def test_emptying_at_any_moment_of_a_first_invocation(aws: cloud.Cloud, tmp_path: Path) -> None:
    """An environment that is just being started is ended too."""
    source = tmp_path / "brief.py"
    source.write_text("import time\ndef handler(event, context): time.sleep(30)")
    client = aws.client("lambda")
    for pause in (0, 0.02, 0.05, 0.1):
        deploy("brief", source, timeout=60)
        for _ in range(3):
            client.invoke(FunctionName="brief", InvocationType="Event", Payload=b"{}")
        time.sleep(pause)
        aws.reset()
    assert client.list_functions()["Functions"] == []
    assert opening._server
    server = psutil.Process(opening._server.pid)
    # Its keeper stays. A Python process that ends is left over for a moment.
    aws.wait_until(lambda: len(server.children(recursive=True)) <= 1, what="all have ended")
