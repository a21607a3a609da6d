"""A cloud in which submissions are judged is emptied only when nothing works in it any more."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from helpers.cloud.clock import control
from helpers.cloud.errors import CloudError
from helpers.localaws import quiet
from helpers.localaws.quiet import Quiet
from helpers.localaws.settings import LEARNER_ACCESS_KEY, LEARNER_SECRET_KEY

pytestmark = [pytest.mark.linux, pytest.mark.timeout(120)]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Quiet:
    monkeypatch.setattr(quiet, "SECONDS", 0.3)
    one = Quiet([], lambda: False)
    one.begin()
    return one


def test_it_waits_for_who_ends_and_ends_what_can_be_ended(watched: Quiet) -> None:
    ended = threading.Event()
    threading.Thread(target=ended.wait).start()
    calls = []

    def end() -> None:
        calls.append(1)
        if len(calls) == 3:
            ended.set()

    assert watched.wait(end)
    assert len(calls) >= 4  # and once more after the last one has stopped


def test_it_tells_who_does_not_end(watched: Quiet) -> None:
    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(ended.wait)
        assert not watched.wait(lambda: None)
        ended.set()
        working.result()
        assert watched.wait(lambda: None)  # a pool's thread without a task


def test_the_timetable_is_asked(watched: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "_is_busy", lambda: True)
    assert not watched.wait(lambda: None)


def test_nothing_goes_on_in_the_emptied_cloud(tmp_path: Path) -> None:
    """A stack that is being created, and a caller that is there still."""
    command = [sys.executable, "-m", "helpers.localaws", "--door", str(tmp_path / "door")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        about = json.loads(server.stdout.readline())
        url, token = about["url"], about["control"]["token"]

        def client(service: str) -> Any:
            return boto3.client(
                service, region_name="us-east-1", endpoint_url=url,
                aws_access_key_id=LEARNER_ACCESS_KEY, aws_secret_access_key=LEARNER_SECRET_KEY,
                config=Config(retries={"max_attempts": 0}),
            )  # fmt: skip

        stacks, queues, waiting = client("cloudformation"), client("sqs"), client("sqs")
        resources = {
            f"Q{number}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"%s-{number}"}}
            for number in range(300)
        }
        template = json.dumps({"Resources": resources})

        def create(name: str) -> None:
            with contextlib.suppress(ClientError):
                stacks.create_stack(StackName=name, TemplateBody=template.replace("%s", name))

        def receive(asked: dict[str, Any]) -> None:
            with contextlib.suppress(HTTPClientError):
                waiting.receive_message(**asked)

        creating = [threading.Thread(target=create, args=(name,)) for name in ("a", "b", "c")]
        for one in creating:
            one.start()
        while not queues.list_queues().get("QueueUrls"):
            time.sleep(0.01)
        control(url, token, "POST", "reset")
        for one in creating:
            one.join()
        assert "QueueUrls" not in queues.list_queues()

        empty = queues.create_queue(QueueName="empty")["QueueUrl"]
        long = {"QueueUrl": empty, "WaitTimeSeconds": 20}
        threading.Thread(target=lambda: receive(long)).start()
        time.sleep(0.5)
        with pytest.raises(CloudError, match="something still works"):
            control(url, token, "POST", "reset")
        server.kill()
