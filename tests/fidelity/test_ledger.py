"""Where the local AWS differs from AWS: one test for each row of helpers/fidelity.json.

Each test holds the *local* side of its row. When one fails, the row is no longer true: correct the
local AWS, or the row.
"""

from __future__ import annotations

import json
import platform
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import helpers
from helpers import cloud
from tests.fidelity import sources

pytestmark = pytest.mark.aws_source(sources.GUIDE)

LEDGER = json.loads(Path(helpers.__file__).with_name("fidelity.json").read_text(encoding="utf-8"))


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    here = {name for name in globals() if name.startswith("test_")}
    here.remove("test_every_row_has_a_test_and_every_test_a_row")
    named = [row["test"].partition("::")[2] for row in LEDGER]
    assert sorted(named) == sorted(here)
    assert len({row["id"] for row in LEDGER}) == len(LEDGER)
    for row in LEDGER:
        assert set(row) == {"id", "area", "aws", "local", "source", "test"}
        assert row["test"].startswith("tests/fidelity/test_ledger.py::")
        assert all(value.strip() == value and value for value in row.values())
        assert row["source"].startswith("https://")


def test_clock_can_be_moved(aws: Any) -> None:
    before = aws.clock.now()
    after = aws.clock.advance(hours=1)
    assert (after - before).total_seconds() >= 3600


def test_interpreter_is_this_machines(make: Any) -> None:
    function = make(
        "import sys\ndef handler(event, context): return list(sys.version_info[:3])",
        Runtime="python3.12",
    )
    assert function.invoke({}).payload == list(sys.version_info[:3])


def test_architecture_is_this_machines(make: Any) -> None:
    function = make(
        "import platform\ndef handler(event, context): return platform.machine()",
        Architectures=["arm64"],
    )
    assert function.invoke({}).payload == platform.machine()


def test_everybody_is_an_administrator(make: Any, aws: Any) -> None:
    role = aws.client("iam").create_role(
        RoleName="may-nothing",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ]
            }
        ),
    )["Role"]["Arn"]
    function = make(
        """
        import boto3
        s3 = boto3.client("s3")
        def handler(event, context):
            return len(s3.list_buckets()["Buckets"])
        """,
        Role=role,
    )
    assert function.invoke({}).payload >= 0


def test_idle_environments_end_after_ten_minutes(make: Any, aws: Any) -> None:
    function = make("import os\nme = os.urandom(8).hex()\ndef handler(event, context): return me")
    first = function.invoke({}).payload
    aws.clock.advance(minutes=9)
    assert function.invoke({}).payload == first
    aws.clock.advance(minutes=11)
    assert function.invoke({}).payload != first


def test_a_crash_always_brings_a_new_environment(make: Any) -> None:
    function = make(
        """
        import os
        def handler(event, context):
            if event == "crash":
                open("/tmp/kept", "w").close()
                os._exit(1)
            return [os.path.exists("/tmp/kept"), context.log_stream_name]
        """
    )
    _, stream = function.invoke("look").payload
    function.invoke("crash")
    kept, new_stream = function.invoke("look").payload
    assert kept is False
    assert new_stream != stream


def test_two_variables_more(make: Any) -> None:
    function = make("import os\ndef handler(event, context): return dict(os.environ)")
    seen = function.invoke({}).payload
    assert seen["AWS_ENDPOINT_URL"] == cloud.current().url
    assert "real-AWS-is-refused" in seen["AWS_CA_BUNDLE"]


def test_the_network_is_this_machines(make: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: listener.accept()[0].sendall(b"host"), daemon=True).start()
    function = make(
        """
        import socket
        def handler(event, context):
            with socket.create_connection(("127.0.0.1", event), timeout=2) as connection:
                return connection.recv(4).decode()
        """
    )
    assert function.invoke(listener.getsockname()[1]).payload == "host"
    listener.close()


def test_runtime_version_arn_is_made_up(make: Any) -> None:
    function = make("def handler(event, context): return 1")
    function.invoke({})
    assert function.wait_for_log("REPORT")[0].endswith(f"::runtime:{'0' * 64}\n")


def test_no_warning_line_before_init_errors(make: Any) -> None:
    function = make("import nothing_like_it")
    function.invoke({})
    assert "LAMBDA_WARNING" not in "".join(function.wait_for_log("REPORT"))


def test_new_functions_are_active_at_once(make: Any, aws: Any) -> None:
    before = aws.clock.now()
    make("def handler(event, context): return 1")
    assert (aws.clock.now() - before).total_seconds() < 20


def test_no_traces_yet(make: Any, aws: Any) -> None:
    function = make("def handler(event, context): return 1", TracingConfig={"Mode": "Active"})
    trace = function.invoke({}).headers["x-amzn-trace-id"].split(";")[0].removeprefix("Root=")
    assert aws.client("xray").batch_get_traces(TraceIds=[trace])["Traces"] == []


def test_memory_is_what_this_machines_python_uses(make: Any) -> None:
    function = make("def handler(event, context): return 1", MemorySize=128)
    log = function.invoke({}).log
    used = int(log.partition("Max Memory Used: ")[2].partition(" MB")[0])
    assert used < 30  # AWS's own Python runtime starts at 30 to 40 MB


def test_events_of_triggers_are_short(make: Any, aws: Any) -> None:
    function = make("def handler(event, context): print(sorted(event['Records'][0]['Sns']))")
    sns = aws.client("sns")
    topic = sns.create_topic(Name="short")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    sns.publish(TopicArn=topic, Message="hello")
    events = function.wait_for_log("REPORT")
    assert "['Message', 'Subject', 'Type']\n" in events
