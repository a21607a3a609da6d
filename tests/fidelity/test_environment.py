"""What a handler finds around itself: variables, context, files, credentials, life and log."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from helpers import RUNTIME
from tests.fidelity import sources

pytestmark = pytest.mark.aws_source(sources.LIFECYCLE)


@pytest.fixture(scope="module")
def looker(make: Any) -> Any:
    """A handler that tells what it sees."""
    return make(
        """
        import logging, os, sys
        import boto3

        sts = boto3.client("sts")
        calls = 0
        with open("/tmp/made-at-init", "w") as file:
            file.write("x")

        def handler(event, context):
            global calls
            calls += 1
            if event == "variables":
                return dict(os.environ)
            if event == "context":
                names = ("function_name", "function_version", "invoked_function_arn",
                         "memory_limit_in_mb", "aws_request_id", "log_group_name",
                         "log_stream_name")
                told = {name: getattr(context, name) for name in names}
                told["remaining"] = context.get_remaining_time_in_millis()
                told["identity"] = context.identity.cognito_identity_id
                told["client_context"] = context.client_context and context.client_context.custom
                return told
            if event == "who":
                return sts.get_caller_identity()["Arn"]
            if event == "places":
                return {"cwd": os.getcwd(), "file": __file__, "path": sys.path[:3],
                        "tmp": os.listdir("/tmp"), "home": os.path.exists("/home")}
            if event == "pandas":
                import pandas
            if event == "log":
                print("one\\ntwo")
                sys.stderr.write("three\\n")
                print("no end", end="")
                logging.getLogger().warning("four\\nfive")
                logging.getLogger().info("below the level")
            return calls
        """,
        Environment={"Variables": {"TABLE": "orders"}},
    )


@pytest.mark.aws_source(sources.VARIABLES, sources.RECORDED)
def test_variables(looker: Any, walls: bool) -> None:
    """AWS's variables, the function's own, and nothing of this machine's."""
    seen = looker.invoke("variables").payload
    expected = {
        "_HANDLER": "app.handler",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "AWS_LAMBDA_FUNCTION_NAME": looker.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{looker.name}",
        "LAMBDA_TASK_ROOT": "/var/task" if walls else seen["LAMBDA_TASK_ROOT"],
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TABLE": "orders",
    }
    assert expected.items() <= seen.items()
    assert re.fullmatch(
        r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", seen["AWS_LAMBDA_LOG_STREAM_NAME"]
    )
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "_X_AMZN_TRACE_ID"} <= set(seen)
    assert not {"HOME", "USER", "VIRTUAL_ENV", "_LAMBDA_TELEMETRY_LOG_FD"} & set(seen)


@pytest.mark.aws_source(sources.PYTHON_CONTEXT, sources.RIC)
def test_context(looker: Any) -> None:
    """Attributes and types; the memory limit is text."""
    reply = looker.invoke("context", ClientContext="eyJjdXN0b20iOiB7ImEiOiAxfX0=")
    told = reply.payload
    assert told["function_name"] == looker.name
    assert told["function_version"] == "$LATEST"
    assert told["invoked_function_arn"] == looker.arn
    assert told["memory_limit_in_mb"] == "1769"
    assert told["aws_request_id"] == reply.headers["x-amzn-requestid"]
    assert told["log_group_name"] == f"/aws/lambda/{looker.name}"
    assert 0 < told["remaining"] <= 3000
    assert told["identity"] is None
    assert told["client_context"] == {"a": 1}


@pytest.mark.aws_source(sources.ROLE)
def test_credentials_are_a_session_of_the_role(looker: Any, aws: Any) -> None:
    """Not the learner's: assumed-role/ROLE/FUNCTION."""
    assert looker.invoke("who").payload == (
        f"arn:aws:sts::{aws.account_id}:assumed-role/course-function-role/{looker.name}"
    )


@pytest.mark.aws_source(sources.LIFECYCLE, f"{sources.GUIDE}python-package.html")
def test_places(looker: Any, walls: bool) -> None:
    """Code at /var/task, a private /tmp that init may write, nothing of the host."""
    if not walls:
        pytest.skip("this system has no walls around handlers: see the ledger in notebook 00")
    seen = looker.invoke("places").payload
    assert seen["cwd"] == "/var/task"
    assert seen["file"] == "/var/task/app.py"
    assert seen["path"][0] == "/var/task"
    assert seen["path"][2] == "/opt/python"
    assert seen["tmp"] == ["made-at-init"]
    assert seen["home"] is False


@pytest.mark.aws_source(f"{sources.GUIDE}lambda-python.html")
def test_only_what_the_runtime_brings_can_be_imported(looker: Any) -> None:
    """boto3 is there, pandas is not, although this machine has it."""
    reply = looker.invoke("pandas")
    assert reply.payload["errorType"] == "ModuleNotFoundError"
    assert reply.payload["errorMessage"] == "No module named 'pandas'"


@pytest.mark.aws_source(sources.PYTHON_LOGGING, sources.RIC)
def test_log_events(looker: Any) -> None:
    """A printed line is an event; a logging record is one event however many lines it has."""
    reply = looker.invoke("log")
    request_id = reply.headers["x-amzn-requestid"]
    events = looker.wait_for_log(f"REPORT RequestId: {request_id}")
    begin = next(
        i for i, one in enumerate(events) if one.startswith(f"START RequestId: {request_id}")
    )
    mine = events[begin:]
    assert mine[0] == f"START RequestId: {request_id} Version: $LATEST\n"
    assert mine[1:4] == ["one\n", "two\n", "three\n"]
    assert mine[4] == "no end"
    assert re.fullmatch(
        rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request_id}\tfour\nfive\n",
        mine[5],
    )
    assert mine[6] == f"END RequestId: {request_id}\n"
    assert mine[7].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert "below the level" not in "".join(mine)


@pytest.mark.aws_source(sources.RECORDED, sources.LIFECYCLE)
def test_report_of_cold_and_warm_starts(make: Any) -> None:
    """Init Duration once, billed together with the first invocation; one INIT_START a stream."""
    function = make("def handler(event, context): return 1", MemorySize=128)
    report = re.compile(
        r"REPORT RequestId: \S+\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: (\d+) MB\t(?:Init Duration: ([\d.]+) ms\t)?\n$"
    )
    cold = report.search(function.invoke({}).log)
    warm = report.search(function.invoke({}).log)
    assert cold
    assert warm
    assert cold[4]
    assert not warm[4]
    assert float(cold[1]) + float(cold[4]) <= int(cold[2]) <= float(cold[1]) + float(cold[4]) + 1
    assert 1 <= int(cold[3]) <= 128
    events = function.wait_for_log("REPORT", times=2)
    assert events[0].startswith("INIT_START Runtime Version: python:3.13")
    assert sum(event.startswith("INIT_START") for event in events) == 1


@pytest.mark.aws_source(sources.INVOKE)
def test_log_tail_is_the_last_4_kb(make: Any) -> None:
    """LogType=Tail gives the end of this invocation's log."""
    function = make(
        """
        def handler(event, context):
            for number in range(1000):
                print("line", number)
        """
    )
    tail = function.invoke({}).log
    assert 4000 < len(tail) <= 4096
    assert "line 999\nEND RequestId" in tail
    assert "line 1\n" not in tail


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_nothing_runs_before_the_event_and_idle_environments_go(make: Any, aws: Any) -> None:
    """No log group without an event; an idle environment ends, and the next event starts anew."""
    function = make(
        """
        import time
        began = time.time()
        def handler(event, context):
            return began
        """
    )
    logs = aws.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")
    assert groups["logGroups"] == []
    first = function.invoke({}).payload
    assert function.invoke({}).payload == first
    aws.clock.advance(minutes=30)
    later = function.invoke({}).payload
    assert later - first >= 1800


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_what_survives_in_a_warm_environment(make: Any, aws: Any) -> None:
    """Module state, /tmp and open connections: in this environment, and in no other."""
    listener = socket.create_server(("127.0.0.1", 0))
    function = make(
        """
        import os, socket
        state = {"calls": 0, "connection": None}
        def handler(event, context):
            state["calls"] += 1
            if state["connection"] is None:
                state["connection"] = socket.create_connection(("127.0.0.1", event))
            path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "calls")
            with open(path, "a") as file:
                file.write(".")
            return [state["calls"], os.path.getsize(path),
                    state["connection"].getsockname()[1]]
        """
    )
    port = listener.getsockname()[1]
    first, second = function.invoke(port).payload, function.invoke(port).payload
    assert first[:2] == [1, 1]
    assert second == [2, 2, first[2]]
    aws.clock.advance(minutes=30)
    other = function.invoke(port).payload
    assert other[:2] == [1, 1]
    assert other[2] != first[2]
    listener.close()


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async.html", sources.ASYNC)
def test_asynchronous_invocation(make: Any, aws: Any) -> None:
    """202 at once; an error is retried after one and after two minutes, under the same id."""
    function = make(
        """
        def handler(event, context):
            print("attempt for", event["order"])
            raise RuntimeError("printer offline")
        """
    )
    reply = function.invoke({"order": 7}, InvocationType="Event")
    assert (reply.status, reply.raw) == (202, b"")
    function.wait_for_log("REPORT", times=1)
    for minutes, attempts in ((1, 2), (2, 3)):
        aws.clock.advance(minutes=minutes)
        function.wait_for_log("REPORT", times=attempts)
    aws.clock.advance(minutes=10)
    starts = [one for one in function.log_events() if one.startswith("START ")]
    assert len(starts) == 3
    assert len(set(starts)) == 1


@pytest.mark.aws_source(sources.LIFECYCLE, sources.VARIABLES)
def test_the_handler_sees_the_course_clock(make: Any, aws: Any) -> None:
    """Warm and cold, a handler's own time is the cloud's time."""
    function = make(
        """
        import datetime, time
        def handler(event, context):
            now = datetime.datetime.now(datetime.timezone.utc).timestamp()
            return [time.time(), now, context.get_remaining_time_in_millis()]
        """
    )
    for minutes in (5, 5, 60):  # two warm ones, then a cold one
        aws.clock.advance(minutes=minutes)
        plain, stamped, remaining = function.invoke({}).payload
        cloud_time = aws.clock.now().timestamp()
        assert abs(plain - cloud_time) < 5
        assert abs(stamped - cloud_time) < 5
        assert 0 < remaining <= 3000


@pytest.mark.aws_source(sources.ROLE, sources.RECORDED_API)
def test_the_role_must_trust_lambda(aws: Any, make: Any, refused: Any) -> None:
    """A role that is missing or trusts somebody else is refused."""
    iam = aws.client("iam")
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'  # noqa: E501
    stranger = iam.create_role(RoleName="for-ec2", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    for role in (stranger, f"arn:aws:iam::{aws.account_id}:role/nobody"):
        answer = refused(
            aws.client("lambda").create_function,
            FunctionName="untrusted",
            Role=role,
            Runtime=RUNTIME,
            Handler="app.handler",
            Code={"ZipFile": b"x"},
        )
        assert answer == (
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
            400,
        )
