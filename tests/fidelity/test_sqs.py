"""A queue invokes a function: the event, batches, windows, delays, states of the mapping."""

from __future__ import annotations

import base64
import json
from typing import Any

import psutil
import pytest

from helpers.deploy import ensure_role
from tests.fidelity import sources
from tests.fidelity.sqs_queue import WORK, Queue, batches

SQS = f"{sources.GUIDE}with-sqs.html"
CREATE = f"{sources.API}API_CreateEventSourceMapping.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "event_source_mapping/test_lambda_integration_sqs.snapshot.json"
)

pytestmark = pytest.mark.aws_source(SQS)


@pytest.mark.aws_source(RECORDED)
def test_the_event(aws: Any, make: Any) -> None:
    """Everything a record holds, with the message's own attributes."""
    function = make(
        "import json\ndef handler(event, context): print('GOT', json.dumps(event['Records'][0]))",
        Timeout=20,
    )
    queue = Queue(aws)
    queue.feeds(function)
    size = {"DataType": "String", "StringValue": "A4"}
    raw = {"DataType": "Binary.png", "BinaryValue": b"\x89PNG\x00"}
    answer = queue.sqs.send_message(
        QueueUrl=queue.url,
        MessageBody="order 7 für Zoë",
        MessageAttributes={"size": size, "raw": raw},
        MessageGroupId="customer-1",  # fair queues: on a standard queue too
        MessageSystemAttributes={
            "AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe"}
        },
    )
    line = next(one for one in function.wait_for_log("GOT") if one.startswith("GOT"))
    record = json.loads(line[4:])
    attributes = record.pop("attributes")
    now = aws.clock.now().timestamp() * 1000
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        assert abs(int(attributes.pop(name)) - now) < 60_000
    assert attributes == {
        "ApproximateReceiveCount": "1",
        "AWSTraceHeader": "Root=1-5759e988-bd862e3fe",
        "SenderId": aws.client("sts").get_caller_identity()["UserId"],
        "MessageGroupId": "customer-1",
    }
    assert record.pop("receiptHandle")
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert record == {
        "messageId": answer["MessageId"],
        "body": "order 7 für Zoë",
        "messageAttributes": {
            "size": {"stringValue": "A4", **lists, "dataType": "String"},
            "raw": {
                "binaryValue": base64.b64encode(b"\x89PNG\x00").decode(),
                **lists,
                "dataType": "Binary.png",
            },
        },
        "md5OfBody": answer["MD5OfMessageBody"],
        "md5OfMessageAttributes": answer["MD5OfMessageAttributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": "us-east-1",
    }
    aws.wait_until(lambda: queue.size() == 0, what="the message is deleted")


def test_batches_and_messages_older_than_the_mapping(aws: Any, make: Any) -> None:
    """Up to BatchSize at once; what lay in the queue before is delivered too."""
    function, queue = make(WORK, Timeout=20), Queue(aws)
    queue.send(*(f"order {number}" for number in range(7)))
    queue.feeds(function, BatchSize=5)
    got = batches(function, 2)
    assert sorted(len(batch) for batch in got) == [2, 5]
    assert sorted(body for batch in got for body in batch) == [f"order {n}" for n in range(7)]


def test_batching_window_and_delays(aws: Any, make: Any) -> None:
    """Messages are collected until the window has passed; delayed ones come when it is time."""
    function, queue = make(WORK, Timeout=20), Queue(aws)
    queue.feeds(function, BatchSize=100, MaximumBatchingWindowInSeconds=20)
    queue.send("one", "two", "three")
    queue.send("later", DelaySeconds=60)
    aws.wait_until(lambda: queue.counts() == (0, 3, 1), what="three are taken, one is delayed")
    aws.clock.advance(seconds=10)
    queue.send("four")
    aws.wait_until(lambda: queue.counts() == (0, 4, 1))
    aws.clock.advance(seconds=11)
    assert [sorted(batch) for batch in batches(function, 1)] == [["four", "one", "three", "two"]]
    aws.clock.advance(seconds=60)
    aws.wait_until(lambda: queue.counts() == (0, 1, 0), what="the delayed one is taken")
    aws.clock.advance(seconds=21)
    assert batches(function, 2)[1] == ["later"]
    slow = Queue(aws, DelaySeconds="30")
    slow.send("a queue's own delay")
    slow.feeds(function)
    aws.clock.advance(seconds=31)
    assert batches(function, 3)[2] == ["a queue's own delay"]


@pytest.mark.aws_source(f"{sources.QUOTAS}#function-configuration-deployment-and-execution")
def test_an_event_has_at_most_6_mb(aws: Any, make: Any) -> None:
    """Seven messages of 1 MiB, the largest that SQS takes, need two invocations."""
    function = make(
        """
        def handler(event, context):
            print("GOT", len(event["Records"]), sum(len(one["body"]) for one in event["Records"]))
        """,
        Timeout=20,
    )
    queue = Queue(aws)
    for _ in range(7):
        queue.send("x" * 1_048_576)
    queue.feeds(function, BatchSize=10)
    lines = [one for one in function.wait_for_log("GOT", times=2) if one.startswith("GOT")]
    assert sorted(int(one.split()[1]) for one in lines) == [2, 5]
    aws.wait_until(lambda: queue.size() == 0)


@pytest.mark.aws_source(RECORDED)
def test_states_of_a_mapping(aws: Any, make: Any, refused: Any) -> None:
    """Disabled and deleted ones do not deliver; enabling one delivers what has waited."""
    function, queue = make(WORK, Timeout=20), Queue(aws)
    client = function.client
    created = client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=queue.arn, Enabled=False
    )
    uuid = created["UUID"]
    queue.send("waits")
    aws.clock.advance(minutes=1)
    assert queue.counts() == (1, 0, 0)
    states = [created["State"]]
    for enabled in (True, False, True):
        if not enabled:
            assert batches(function, 1) == [["waits"]]
        states.append(client.update_event_source_mapping(UUID=uuid, Enabled=enabled)["State"])
        states.append(client.get_event_source_mapping(UUID=uuid)["State"])
    changed = client.update_event_source_mapping(UUID=uuid, BatchSize=1)
    assert states == [
        "Disabled", "Enabling", "Enabled", "Disabling", "Disabled", "Enabling", "Enabled",
    ]  # fmt: skip
    for name in ("ResponseMetadata", "UUID", "LastModified"):
        changed.pop(name)
    assert changed == {
        "BatchSize": 1,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "EventSourceArn": queue.arn,
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:{aws.account_id}:event-source-mapping:"
        + uuid,
        "FunctionArn": function.arn,
        "State": "Updating",
        "StateTransitionReason": "USER_INITIATED",
    }
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    assert refused(client.get_event_source_mapping, UUID=uuid)[0] == "ResourceNotFoundException"
    queue.send("stays")
    aws.clock.advance(minutes=1)
    assert queue.size() == 1
    listed = client.list_event_source_mappings(FunctionName=function.name)
    assert listed["EventSourceMappings"] == []


@pytest.mark.aws_source(f"{sources.GUIDE}services-sqs-scaling.html")
def test_concurrency(aws: Any, make: Any) -> None:
    """Five batches at once to begin with, or as few as MaximumConcurrency says."""
    function = make(
        """
        import time
        def handler(event, context):
            began = time.time()
            time.sleep(0.5)
            print("RAN", event["Records"][0]["body"], began, time.time())
        """,
        Timeout=20,
    )
    narrow, wide = Queue(aws), Queue(aws)
    narrow.send(*["narrow"] * 6)
    wide.send(*["wide"] * 12)
    narrow.feeds(function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    wide.feeds(function, BatchSize=1)
    lines = [one.split() for one in function.wait_for_log("RAN", times=18) if one[:3] == "RAN"]
    for which, fewest, most in (("narrow", 2, 2), ("wide", 3, 12)):
        spans = [(float(line[2]), float(line[3])) for line in lines if line[1] == which]
        at_once = [sum(start <= began < end for start, end in spans) for began, _ in spans]
        assert fewest <= max(at_once) <= most


def test_several_functions_and_mappings(aws: Any, make: Any) -> None:
    """Two functions on one queue share its messages; one function may have several queues."""
    first, second, shared, own = (
        make(WORK, Timeout=20),
        make(WORK, Timeout=20),
        Queue(aws),
        Queue(aws),
    )
    bodies = [f"order {number}" for number in range(30)]
    for queue, function in ((shared, first), (shared, second), (own, first)):
        queue.feeds(function, BatchSize=1)
    shared.send(*bodies)
    own.send("only for the first")
    aws.wait_until(lambda: shared.size() + own.size() == 0)
    first.wait_for_log("only for the first")
    aws.wait_until(
        lambda: sum("BATCH" in one for made in (first, second) for one in made.log_events()) == 31
    )
    seen = [body for made in (first, second) for batch in batches(made, 1) for body in batch]
    assert sorted(seen) == sorted([*bodies, "only for the first"])


@pytest.mark.aws_source(f"{sources.API}API_DeleteFunction.html")
def test_a_mapping_outlives_its_function_and_its_queue(aws: Any, make: Any) -> None:
    """It names both, and serves the next ones of these names."""
    function, queue = make(WORK, Timeout=20), Queue(aws)
    uuid = queue.feeds(function)
    function.client.delete_function(FunctionName=function.name)
    queue.send("for the next one")
    assert function.client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled"
    assert queue.counts() == (1, 0, 0)
    make(WORK, FunctionName=function.name, Timeout=20)
    assert batches(function, 1) == [["for the next one"]]
    aws.wait_until(lambda: queue.size() == 0)
    queue.sqs.delete_queue(QueueUrl=queue.url)
    queue.sqs.create_queue(QueueName=queue.name)
    queue.send("into the next one")
    assert batches(function, 2)[1] == ["into the next one"]


@pytest.mark.aws_source(CREATE, RECORDED)
def test_refused(aws: Any, make: Any, refused: Any) -> None:
    function = make(WORK, Timeout=60)
    client = function.client
    invalid = "InvalidParameterValueException"
    patient = Queue(aws, VisibilityTimeout="360")
    fifo = Queue(aws, VisibilityTimeout="360", FifoQueue="true")
    too_short = "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    for queue, settings, code, message in (
        (Queue(aws).arn, {}, invalid, too_short),
        (patient.arn + "-nobody", {}, invalid, "NonExistentQueue"),
        (patient.arn, {"BatchSize": 100}, invalid, "Maximum batch window in seconds must be "
         "greater than 0 if maximum batch size is greater than 10"),
        (patient.arn, {"BatchSize": 10_001}, "ValidationException", "'batchSize' failed to satisfy "
         "constraint: Member must have value less than or equal to 10000"),
        (patient.arn, {"ScalingConfig": {"MaximumConcurrency": 1001}}, "ValidationException",
         "'scalingConfig.maximumConcurrency' failed to satisfy constraint: Member must have value "
         "less than or equal to 1000"),
        (patient.arn, {"StartingPosition": "LATEST"}, invalid,
         "StartingPosition is not valid for SQS event sources."),
        (fifo.arn, {"MaximumBatchingWindowInSeconds": 1}, invalid,
         "Batching window is not supported for FIFO queues"),
    ):  # fmt: skip
        found = refused(
            client.create_event_source_mapping,
            FunctionName=function.name,
            EventSourceArn=queue,
            **settings,
        )
        assert (found[0], found[2]) == (code, 400)
        assert message in found[1]
    uuid = patient.feeds(function)
    code, message, status = refused(
        client.create_event_source_mapping, FunctionName=function.name, EventSourceArn=patient.arn
    )
    assert (code, status) == ("ResourceConflictException", 409)
    assert message == (
        f'An event source mapping with SQS arn (" {patient.arn} ") and function '
        f'(" {function.name} ") already exists. Please update or delete the existing mapping with '
        f"UUID {uuid}"
    )
    code, message, _ = refused(
        client.update_function_configuration, FunctionName=function.name, Timeout=400
    )
    assert (code, message) == (invalid, "Queue visibility timeout: 360 seconds is less than "
                               "Function timeout: 400 seconds")  # fmt: skip
    # SQS knows nothing of Lambda, so the other way round nobody refuses.
    patient.sqs.set_queue_attributes(QueueUrl=patient.url, Attributes={"VisibilityTimeout": "10"})
    code, message, _ = refused(client.update_event_source_mapping, UUID=uuid, BatchSize=5)
    assert (code, message) == (invalid, "Queue visibility timeout: 10 seconds is less than "
                               "Function timeout: 60 seconds")  # fmt: skip


def test_a_function_sends_under_its_role(aws: Any, make: Any) -> None:
    """The SenderId is the role session's: the role's id and the function's name."""
    queue = Queue(aws)
    function = make(
        """
        import boto3
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=event, MessageBody="from a function")
        """,
        Timeout=20,
    )
    assert function.invoke(queue.url).error is None
    role = ensure_role(aws).rpartition("/")[2]
    role_id = aws.client("iam").get_role(RoleName=role)["Role"]["RoleId"]
    attributes = queue.receive()[0]["Attributes"]
    assert attributes["SenderId"] == f"{role_id}:{function.name}"
    assert attributes["AWSTraceHeader"].startswith("Root=1-")


def test_an_idle_cloud_needs_no_processor(aws: Any, make: Any) -> None:
    """Nobody looks into empty queues again and again."""
    function = make(WORK, Timeout=20)
    for _ in range(10):
        Queue(aws).feeds(function)
    [server] = [one for one in psutil.Process().children() if "helpers.localaws" in one.cmdline()]
    before = sum(server.cpu_times()[:2])
    with pytest.raises(Exception, match="never"):
        aws.wait_until(lambda: False, seconds=2, what="never")
    assert sum(server.cpu_times()[:2]) - before < 0.2
