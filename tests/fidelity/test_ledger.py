"""Where the local AWS differs from AWS: one test for each row of helpers/fidelity.json.

Each test holds the *local* side of its row. When one fails, the row is no longer true: correct the
local AWS, or the row.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import helpers
from helpers import cloud
from helpers.localaws.iam.actions import Needed, by_name, needed
from helpers.localaws.iam.errors import UnmappedOperation
from helpers.localaws.triggers.recurring import MOST_AT_ONCE
from helpers.localaws.triggers.sqs.width import Width
from tests.fidelity import sources
from tests.fidelity.http_apis import PROGRAM, HttpApi, RestApi, allow, ask, event_of
from tests.fidelity.roles import lets_in
from tests.fidelity.sqs_queue import Queue
from tests.fidelity.stream_sources import Table
from tests.fidelity.test_runtimes import SHELL_BOOTSTRAP, executable
from tests.fidelity.workflows import Workflows, chain, one, task
from tests.unit.iam.unmapped import UNMAPPED

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


def test_any_other_key_is_the_learners(aws: Any) -> None:
    """A made-up key, and a signature with a wrong secret."""
    import boto3
    from botocore.exceptions import ClientError

    def caller(access_key: str) -> str:
        client = boto3.client("sts", aws_access_key_id=access_key, aws_secret_access_key="wrong")
        return str(client.get_caller_identity()["Arn"])

    assert caller("test").endswith(":user/learner")
    with pytest.raises(ClientError, match="The security token included in the request is invalid"):
        caller("AKIA" + "A" * 16)


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
        import os, tempfile
        kept = tempfile.gettempdir() + "/kept"
        def handler(event, context):
            if event == "crash":
                open(kept, "w").close()
                os._exit(1)
            return [os.path.exists(kept), context.log_stream_name]
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


def test_no_other_event_sources(make: Any, refused: Any) -> None:
    function = make("def handler(event, context): return 1")
    broker = "arn:aws:mq:us-east-1:123456789012:broker:orders:b-1"
    mapping = {"FunctionName": function.name, "EventSourceArn": broker, "Queues": ["q"]}
    assert refused(function.client.create_event_source_mapping, **mapping)[0] == "NotImplemented"


def test_a_tables_stream_has_one_shard(aws: Any) -> None:
    table = Table(aws)
    table.put(*(f"order {number}" for number in range(20)))
    aws.clock.advance(hours=8)
    streams = aws.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=table.arn)["StreamDescription"]["Shards"]
    assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    names = [one["dynamodb"]["Keys"]["id"]["S"] for one in table.read()]
    assert names == [f"order {number}" for number in range(20)]


def test_pauses_between_a_streams_retries(aws: Any, make: Any) -> None:
    function = make(
        "import time\ndef handler(e, c):\n    print('AT', time.time())\n    raise OSError"
    )
    table = Table(aws)
    table.put("a")
    table.feeds(function)
    lines = function.wait_for_log("AT ", times=5)
    times = [float(one.split()[1]) for one in lines if one.startswith("AT ")]
    for number, (before, after) in enumerate(itertools.pairwise(times[:5])):
        assert after - before >= 0.1 * 2**number
    assert times[1] - times[0] < 5


def test_expired_items_go_within_minutes(aws: Any) -> None:
    table = Table(aws, None)
    specification = {"Enabled": True, "AttributeName": "gone_at"}
    table.client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=specification)
    table.put("a", gone_at={"N": str(int(aws.clock.now().timestamp()) + 60)})
    aws.clock.advance(minutes=3)
    aws.wait_until(lambda: not table.client.scan(TableName=table.name)["Items"])


def test_apis_are_paths_on_the_clouds_port(aws: Any, make: Any) -> None:
    function = make(PROGRAM)
    allow(function)
    api = HttpApi(aws, "where", Target=function.arn)
    assert api.url == f"{aws.url}/_aws/execute-api/{api.id}"
    event = event_of(ask(api.url))
    assert event["requestContext"]["domainName"].endswith(".execute-api.us-east-1.amazonaws.com")
    assert event["headers"]["x-forwarded-proto"] == "https"
    url = function.client.create_function_url_config(FunctionName=function.name, AuthType="NONE")
    assert url["FunctionUrl"].startswith(f"{aws.url}/_aws/lambda-url/")


def test_apis_call_functions_only(aws: Any) -> None:
    api = RestApi(aws, "elsewhere")
    address = {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "https://example.com"}
    api.client.put_integration(**api.method("/", "GET"), **address)
    answer = ask(api.deploy())
    assert (answer.status_code, "HTTP_PROXY" in answer.text) == (501, True)
    quick = HttpApi(aws, "elsewhere", Target="https://example.com")
    assert ask(quick.url).status_code == 501


def test_no_headers_of_cloudfront(aws: Any, make: Any) -> None:
    function, api = make(PROGRAM), RestApi(aws, "edge")
    allow(function)
    api.proxy("/", "GET", function.arn)
    headers = event_of(ask(api.deploy()))["headers"]
    assert not [name for name in headers if name.startswith("CloudFront-")]


def test_issuers_of_tokens_are_on_this_machine(aws: Any, make: Any) -> None:
    function, api = make(PROGRAM), HttpApi(aws, "tokens")
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc"
    authorizer = api.client.create_authorizer(
        ApiId=api.id,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": ["shop"]},
    )["AuthorizerId"]
    integration = api.integration(function.arn)
    api.route("GET /", integration, AuthorizationType="JWT", AuthorizerId=authorizer)
    api.stage()
    answer = ask(api.url, headers={"Authorization": "Bearer a.b.c"})
    assert (answer.status_code, issuer in answer.text) == (501, True)


def test_without_walls() -> None:
    """A second local AWS that is told to build no walls, as on macOS and Windows."""
    script = textwrap.dedent(
        """
        import json
        from helpers import cloud
        from helpers.deploy import deploy
        aws = cloud.open()
        with open("app.py", "w") as file:
            file.write("import os\\ndef handler(e, c): return [__file__, os.getcwd()]")
        print(json.dumps(deploy("where", "app.py").invoke({})))
        aws.close()
        """
    )
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "LOCALAWS_SANDBOX": "off"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    file, directory = json.loads(answer.stdout)
    assert not file.startswith("/var/task")
    assert directory == str(Path(file).parent)


def test_the_rest_of_a_long_log_is_thrown_away(make: Any) -> None:
    function = make(
        """
        def handler(event, context):
            for number in range(event):
                print("x" * 100_000)
        """,
        Timeout=30,
    )
    function.invoke(120)
    log = function.wait_for_log("REPORT")
    assert sum(len(event) for event in log) < 10 << 20
    assert "[local AWS] The rest of this invocation's log was thrown away: 8 MB.\n" in log


def test_a_stream_keeps_its_last_events(make: Any, aws: Any) -> None:
    function = make(
        """
        def handler(event, context):
            for number in range(12_000):
                print("line", number)
        """,
        Timeout=30,
    )
    function.invoke({})
    log = function.wait_for_log("REPORT")
    assert 9_000 <= len(log) <= 9_500
    assert "line 11999\n" in log
    assert "line 1\n" not in log


def test_queued_events_run_32_at_a_time(make: Any) -> None:
    function = make(
        """
        import time
        def handler(event, context):
            began = time.time()
            time.sleep(2)
            print("ran", began)
        """
    )
    for number in range(34):
        function.invoke(number, InvocationType="Event")
    events = function.wait_for_log("REPORT", times=34)
    began = sorted(float(one.split()[1]) for one in events if one.startswith("ran "))
    assert len(began) == 34
    assert began[32] - began[0] > 1.5  # the 33rd waited for a place


def test_a_queue_feeds_32_batches_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = SimpleNamespace(time=lambda: now[0])
    monkeypatch.setattr("helpers.localaws.triggers.sqs.width.time", clock)
    width = Width()
    assert [width.take(None) for _ in range(6)] == [True] * 5 + [False]
    now[0] = 3600.0
    assert [width.take(None) for _ in range(28)] == [True] * 27 + [False]


def test_mappings_change_at_once(aws: Any, make: Any) -> None:
    function, queue = make("def handler(event, context): pass"), Queue(aws)
    client = function.client
    made = client.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    assert made["State"] == "Creating"
    changed = client.update_event_source_mapping(UUID=made["UUID"], BatchSize=5)
    assert changed["State"] == "Updating"
    assert client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled"


def test_the_name_of_a_deleted_queue_is_free(aws: Any) -> None:
    queue = Queue(aws)
    queue.send("old")
    queue.sqs.delete_queue(QueueUrl=queue.url)
    assert queue.sqs.create_queue(QueueName=queue.name)["QueueUrl"] == queue.url
    assert queue.size() == 0


def test_condition_of_a_stopped_loop(make: Any, aws: Any) -> None:
    function = make(
        """
        import boto3
        client = boto3.client("lambda")
        def handler(event, context):
            client.invoke(FunctionName=context.function_name, InvocationType="Event",
                          Payload=str(event + 1))
        """,
        Timeout=20,
    )
    record = make("def handler(event, context): print(event['requestContext']['condition'])")
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        DestinationConfig={"OnFailure": {"Destination": record.arn}},
    )
    function.invoke(1, InvocationType="Event")
    assert "RecursiveInvocationsDropped\n" in record.wait_for_log("REPORT")


def test_images_come_from_this_machine(aws: Any, refused: Any) -> None:
    role = aws.client("iam").get_role(RoleName="course-function-role")["Role"]["Arn"]
    _, message, _ = refused(
        aws.client("lambda").create_function,
        FunctionName="from-ecr",
        Role=role,
        PackageType="Image",
        Code={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1"},
    )
    assert "The local AWS has no registry" in message


def test_java_does_not_run(make: Any) -> None:
    reply = make("", Runtime="java21", Handler="shop.Order").invoke({})
    assert reply.payload["errorType"] == "Runtime.InvalidEntrypoint"


def test_custom_runtimes_see_this_machines_clock(make: Any, aws: Any, walls: bool) -> None:
    if not walls or shutil.which("curl") is None:
        pytest.skip("needs Linux and curl for a runtime in shell")
    bootstrap = SHELL_BOOTSTRAP.replace('{\\"handler\\": \\"$_HANDLER\\"', '{\\"t\\": $(date +%s)')
    function = make(
        {}, Runtime="provided.al2023", Handler="x", Timeout=10,
        Code={"ZipFile": executable({"bootstrap": bootstrap})},
    )  # fmt: skip
    aws.clock.advance(days=1)
    told = function.invoke({}).payload["t"]
    assert aws.clock.now().timestamp() - told > 80_000


def test_no_response_streaming(make: Any, refused: Any) -> None:
    function = make("def handler(event, context): return 1")
    code, _, _ = refused(function.client.invoke_with_response_stream, FunctionName=function.name)
    assert code == "NotImplemented"
    streaming = {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}
    create = function.client.create_function_url_config
    assert refused(create, FunctionName=function.name, **streaming)[0] == "NotImplemented"


def test_an_unreachable_service_is_a_read_timeout(make: Any, aws: Any) -> None:
    """Only AWS's services are cut off, and after the connection was made."""
    ec2 = aws.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])[
        "SecurityGroups"
    ][0]["GroupId"]
    vpc = {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group]}
    function = make(
        """
        import os, socket, urllib.parse
        import boto3, botocore.config
        quick = botocore.config.Config(read_timeout=1, retries={"total_max_attempts": 1})
        def handler(event, context):
            door = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
            socket.create_connection((door.hostname, door.port), timeout=5).close()
            try:
                boto3.client("sqs", config=quick).list_queues()
            except Exception as problem:
                return type(problem).__name__
        """,
        VpcConfig=vpc,
        Timeout=30,
    )
    assert function.invoke({}).payload == "ReadTimeoutError"


def test_an_absurd_jump_of_the_clock_is_cut_short(aws: Any) -> None:
    """The count is held by tests/unit/localaws/test_timetable.py, this by a whole schedule."""
    assert MOST_AT_ONCE == 10_000
    arn = f"arn:aws:sqs:us-east-1:{aws.account_id}:ticks"
    policy = {"Policy": lets_in("events", arn)}
    url = aws.client("sqs").create_queue(QueueName="ticks", Attributes=policy)["QueueUrl"]
    events, sqs = aws.client("events"), aws.client("sqs")
    events.put_rule(Name="ticks", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="ticks", Targets=[{"Id": "1", "Arn": arn, "Input": "{}"}])
    aws.clock.advance(minutes=10_500)

    def ticks() -> int:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    deadline = time.monotonic() + 60
    while ticks() < MOST_AT_ONCE and time.monotonic() < deadline:
        time.sleep(0.2)
    events.remove_targets(Rule="ticks", Ids=["1"])
    events.delete_rule(Name="ticks")
    assert MOST_AT_ONCE <= ticks() <= MOST_AT_ONCE + 2  # and what came due since


def test_other_loops_end_as_well(make: Any, aws: Any) -> None:
    function = make(
        """
        import boto3, json
        events = boto3.client("events")
        def handler(event, context):
            if "awslogs" in event or event == "log":
                print("from the log")
                return
            number = event["detail"]["number"]
            print("round", number)
            detail = json.dumps({"number": number + 1})
            again = {"Source": "loop", "DetailType": "again", "Detail": detail}
            events.put_events(Entries=[again])
        """,
        Timeout=20,
    )
    events, logs = aws.client("events"), aws.client("logs")
    pattern = json.dumps({"source": ["loop"]})
    rule = events.put_rule(Name="loop", EventPattern=pattern)["RuleArn"]
    allow(function, rule, Principal="events.amazonaws.com")
    allow(function, Principal="logs.amazonaws.com")
    events.put_targets(Rule="loop", Targets=[{"Id": "1", "Arn": function.arn}])
    first = {"Source": "loop", "DetailType": "again", "Detail": '{"number": 1}'}
    events.put_events(Entries=[first])
    function.wait_for_log("round 16")
    function.wait_for_log("REPORT", times=16)
    logs.put_subscription_filter(
        logGroupName=f"/aws/lambda/{function.name}", filterName="own",
        filterPattern='"from the log"', destinationArn=function.arn,
    )  # fmt: skip
    function.invoke("log", InvocationType="Event")
    function.wait_for_log("from the log", times=3)
    function.wait_for_log("REPORT", times=19)
    time.sleep(1)  # for a round too many
    lines = function.log_events()
    assert sum(line == "from the log\n" for line in lines) == 3
    assert not any(line == "round 17\n" for line in lines)


def test_no_other_event_targets(aws: Any, refused: Any) -> None:
    events = aws.client("events")
    events.put_rule(Name="other", ScheduleExpression="rate(1 day)")
    cluster = f"arn:aws:ecs:us-east-1:{aws.account_id}:cluster/orders"
    target = {"Id": "1", "Arn": cluster, "RoleArn": f"arn:aws:iam::{aws.account_id}:role/any"}
    assert refused(events.put_targets, Rule="other", Targets=[target])[0] == "NotImplemented"
    assert (
        refused(
            aws.client("scheduler").create_schedule,
            Name="other",
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": cluster, "RoleArn": target["RoleArn"]},
        )[0]
        == "NotImplemented"
    )


def test_a_topic_sends_to_functions_and_queues_only(aws: Any) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="to-all")["TopicArn"]
    queue = f"arn:aws:sqs:us-east-1:{aws.account_id}:to-all"
    policy = {"Policy": lets_in("sns", queue)}
    url = sqs.create_queue(QueueName="to-all", Attributes=policy)["QueueUrl"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for protocol, endpoint in (("http", address), ("email", "a@example.com"), ("sqs", queue)):
            sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        sent = sns.publish(TopicArn=topic, Message="hello")
        with pytest.raises(TimeoutError):
            listener.accept()
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    signature = base64.b64decode(json.loads(message["Body"])["Signature"])
    assert signature.decode() == sent["MessageId"]


def test_parts_of_step_functions_are_refused(aws: Any, refused: Any) -> None:
    flows = Workflows(aws)
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    activity = "arn:aws:states:us-east-1:123456789012:activity:work"
    for definition in (
        one("Map", ItemProcessor={**inner, **chain(A={"Type": "Pass"})}),
        task(activity),
        task("arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "j"}),
        task("arn:aws:states:::http:invoke", Parameters={"Method": "GET"}),
    ):
        text = json.dumps(definition)
        valid = flows.client.validate_state_machine_definition(definition=text)
        assert valid["result"] == "OK"
        assert refused(flows.make, definition=definition)[0] == "NotImplemented"
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/any"}
    code, *_ = refused(flows.make, definition=one("Pass"), encryptionConfiguration=key)
    assert code == "NotImplemented"
    execution = flows.start({"StartAt": "F", "States": {"F": {"Type": "Fail"}}})
    assert flows.end(execution)["redriveStatus"] == "REDRIVABLE"
    for operation, given in (
        ("redrive_execution", {"executionArn": execution}),
        ("test_state", {"definition": "{}", "roleArn": flows.role}),
        ("create_activity", {"name": "work"}),
        ("list_map_runs", {"executionArn": execution}),
    ):
        assert refused(getattr(flows.client, operation), **given)[0] == "NotImplemented"


def test_waiting_and_logging_of_a_state_machine_need_no_permission(aws: Any) -> None:
    flows = Workflows(aws, "modest-workflows")
    flows.grant("modest-workflows", ["states:StartExecution", "states:DescribeExecution"], "*")
    aws.client("logs").create_log_group(logGroupName="workflows")
    group = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:workflows:*"
    logging = {
        "level": "ALL",
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }
    child = flows.make(one("Pass"), loggingConfiguration=logging)
    start = "arn:aws:states:::states:startExecution.sync:2"
    told = flows.run(task(start, Parameters={"StateMachineArn": child}))
    assert told["status"] == "SUCCEEDED"


def test_log_events_are_gone_at_the_end_of_their_retention(aws: Any) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="brief")
    logs.create_log_stream(logGroupName="brief", logStreamName="s")
    logs.put_retention_policy(logGroupName="brief", retentionInDays=1)
    event = {"timestamp": int(aws.clock.now().timestamp() * 1000), "message": "x"}
    logs.put_log_events(logGroupName="brief", logStreamName="s", logEvents=[event])
    assert logs.filter_log_events(logGroupName="brief")["events"]
    aws.clock.advance(days=1, minutes=1)
    assert not logs.filter_log_events(logGroupName="brief")["events"]


def test_rare_operations_are_not_mapped() -> None:
    """tests/unit/iam/test_actions.py holds which; in this project's tests each is refused."""
    (row,) = [one for one in LEDGER if one["id"] == "unmapped"]
    assert int(row["local"].partition(" ")[0]) == sum(map(len, UNMAPPED.values()))
    with pytest.raises(UnmappedOperation):
        needed("ssm", UNMAPPED["ssm"][0], {}, "123456789012", "us-east-1")
    assert by_name("ssm", "StartSession") == Needed("ssm:StartSession", "*")


def test_a_new_bucket_may_be_made_public(aws: Any, refused: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="new-and-open")
    code, *_ = refused(s3.get_public_access_block, Bucket="new-and-open")
    assert code == "NoSuchPublicAccessBlockConfiguration"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {**statement, "Resource": "arn:aws:s3:::new-and-open/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    s3.put_bucket_policy(Bucket="new-and-open", Policy=document)
    s3.put_object(Bucket="new-and-open", Key="a", Body=b"1", ACL="public-read")


def test_an_upload_by_form_is_not_checked(aws: Any) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="forms")
    body = textwrap.dedent(
        """\
        --x
        Content-Disposition: form-data; name="key"

        unsigned
        --x
        Content-Disposition: form-data; name="file"; filename="f"

        hello
        --x--
        """
    ).replace("\n", "\r\n")
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    asked = urllib.request.Request(f"{aws.url}/forms", body.encode(), kind)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status in (200, 204)
    assert s3.get_object(Bucket="forms", Key="unsigned")["Body"].read() == b"hello"


def test_a_rule_writes_to_any_log_group(aws: Any) -> None:
    events, logs = aws.client("events"), aws.client("logs")
    logs.create_log_group(logGroupName="/aws/events/all")
    arn = f"arn:aws:logs:{aws.region}:{aws.account_id}:log-group:/aws/events/all"
    events.put_rule(Name="to-log", EventPattern='{"source": ["to-log"]}')
    events.put_targets(Rule="to-log", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": "to-log", "DetailType": "d", "Detail": "{}"}])
    assert logs.describe_resource_policies()["resourcePolicies"] == []
    aws.wait_until(lambda: logs.filter_log_events(logGroupName="/aws/events/all")["events"])


def test_a_key_used_on_behalf_leaves_no_event(aws: Any) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets, trail = aws.client("secretsmanager"), aws.client("cloudtrail")
    secrets.create_secret(Name="behalf", SecretString="x", KmsKeyId=key)
    secrets.get_secret_value(SecretId="behalf")

    def named(event: str) -> list[str]:
        attributes = [{"AttributeKey": "EventName", "AttributeValue": event}]
        found = trail.lookup_events(LookupAttributes=attributes)["Events"]
        return [one["CloudTrailEvent"] for one in found]

    assert any("behalf" in one for one in named("GetSecretValue"))
    assert not any(key in one for one in [*named("Decrypt"), *named("GenerateDataKey")])


def test_the_simulator_judges_a_resource_policy_for_a_role(aws: Any) -> None:
    iam = aws.client("iam")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    trust = document.replace("s3:GetObject", "sts:AssumeRole").replace(', "Resource": "*"', "")
    role = iam.create_role(RoleName="simulated", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    found = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["s3:GetObject"],
        ResourceArns=["arn:aws:s3:::simulated/a"],
        ResourcePolicy=document,
    )["EvaluationResults"][0]
    assert found["EvalDecision"] == "allowed"
