"""Asynchronous invocation: retries, ages, dead-letter queues, destinations, loops."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.roles import lets_in

pytestmark = pytest.mark.aws_source(sources.ASYNC, sources.RECORDED)

FAILING = """
def handler(event, context):
    print("attempt", context.aws_request_id)
    if event.get("fail"):
        raise RuntimeError("printer offline")
    return {"printed": event["order"]}
"""


@pytest.fixture
def queue(aws: Any) -> Any:
    """A queue: its ARN, and a function that waits for the next message."""
    sqs = aws.client("sqs")
    name = f"q{id(object())}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]

    class Queue:
        def __init__(self) -> None:
            self.arn = arn

        def lets_in(self, services: list[str]) -> None:
            policy = {"Policy": lets_in(services, arn)}
            sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)

        def receive(self) -> Any:
            def one() -> Any:
                answer = sqs.receive_message(
                    QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"]
                )
                for message in answer.get("Messages", []):
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    return message
                return None

            return aws.wait_until(one, what="a message is in the queue")

        def is_empty(self) -> bool:
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            return bool(answer["Attributes"]["ApproximateNumberOfMessages"] == "0")

    return Queue()


def attempts(function: Any, times: int) -> list[str]:
    events = function.wait_for_log("REPORT", times=times)
    return [event for event in events if event.startswith("attempt ")]


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async-retain-records.html")
def test_success_destination(make: Any, queue: Any) -> None:
    """The record: who, which event, what came back, after how many attempts."""
    function = make(FAILING)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        DestinationConfig={"OnSuccess": {"Destination": queue.arn}},
    )
    reply = function.invoke({"order": 7}, InvocationType="Event")
    document = json.loads(queue.receive()["Body"])
    assert list(document) == [
        "version", "timestamp", "requestContext", "requestPayload", "responseContext",
        "responsePayload",
    ]  # fmt: skip
    assert document["version"] == "1.0"
    assert document["requestContext"] == {
        "requestId": reply.headers["x-amzn-requestid"],
        "functionArn": f"{function.arn}:$LATEST",
        "condition": "Success",
        "approximateInvokeCount": 1,
    }
    assert document["requestPayload"] == {"order": 7}
    assert document["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert document["responsePayload"] == {"printed": 7}


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async-retain-records.html")
def test_failure_destination_and_dead_letter_queue(make: Any, aws: Any, queue: Any) -> None:
    """After three attempts with one request id, both get it, each in its own form."""
    sqs = aws.client("sqs")
    dead = sqs.create_queue(QueueName=f"dead{id(queue)}")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    function = make(FAILING, DeadLetterConfig={"TargetArn": dead_arn["Attributes"]["QueueArn"]})
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        DestinationConfig={"OnFailure": {"Destination": queue.arn}},
    )
    event = {"order": 7, "fail": True}
    request_id = function.invoke(event, InvocationType="Event").headers["x-amzn-requestid"]
    for minutes, times in ((1, 1), (2, 2)):
        attempts(function, times)
        aws.clock.advance(minutes=minutes)
    assert attempts(function, 3) == [f"attempt {request_id}\n"] * 3
    document = json.loads(queue.receive()["Body"])
    assert document["requestContext"]["condition"] == "RetriesExhausted"
    assert document["requestContext"]["approximateInvokeCount"] == 3
    assert document["responseContext"]["functionError"] == "Unhandled"
    assert document["responsePayload"]["errorMessage"] == "printer offline"

    def received() -> Any:
        answer = sqs.receive_message(QueueUrl=dead, MessageAttributeNames=["All"])
        return answer.get("Messages")

    message = aws.wait_until(received)[0]
    assert json.loads(message["Body"]) == event
    attributes = {
        name: (value["DataType"], value["StringValue"])
        for name, value in message["MessageAttributes"].items()
    }
    assert attributes == {
        "RequestID": ("String", request_id),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "printer offline"),
    }


def test_no_retries(make: Any, aws: Any, queue: Any) -> None:
    """MaximumRetryAttempts 0: one attempt, then the destination at once."""
    function = make(FAILING)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": queue.arn}},
    )
    function.invoke({"fail": True}, InvocationType="Event")
    context = json.loads(queue.receive()["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 1)
    aws.clock.advance(minutes=10)
    assert len(attempts(function, 1)) == 1


def test_an_event_that_would_be_too_old_is_given_up_ahead(make: Any, queue: Any) -> None:
    """MaximumEventAge 60: the first retry would come too late, so there is none."""
    function = make(FAILING)
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": queue.arn}},
    )
    function.invoke({"fail": True}, InvocationType="Event")
    document = json.loads(queue.receive()["Body"])
    assert document["requestContext"]["condition"] == "EventAgeExceeded"
    assert document["requestContext"]["approximateInvokeCount"] == 1
    assert document["responsePayload"]["errorMessage"] == "printer offline"


def test_throttles_are_tried_again_and_use_up_no_retries(make: Any, aws: Any) -> None:
    """With one environment, five events at once all run in the end, each once."""
    function = make(
        "import time\ndef handler(event, context):\n    time.sleep(0.2)\n    print('ran', event)"
    )
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=1
    )
    for number in range(5):
        function.invoke(number, InvocationType="Event")

    def ran() -> list[str]:
        return [one for one in function.log_events() if one.startswith("ran ")]

    function.wait_for_log("REPORT")
    for number in range(2, 6):  # each interval lets at least one more through
        aws.clock.advance(minutes=6)
        aws.wait_until(lambda number=number: len(ran()) >= number, what="another event has run")
    assert sorted(ran()) == [f"ran {number}\n" for number in range(5)]


def test_reserved_concurrency_of_zero(make: Any, queue: Any) -> None:
    """Accepted with 202, never run, and sent to the failure destination at once."""
    function = make(FAILING)
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    function.client.put_function_event_invoke_config(
        FunctionName=function.name,
        DestinationConfig={"OnFailure": {"Destination": queue.arn}},
    )
    assert function.invoke({"order": 7}, InvocationType="Event").status == 202
    document = json.loads(queue.receive()["Body"])
    assert document["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert document["requestContext"]["approximateInvokeCount"] == 0
    assert "responsePayload" not in document


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async-retain-records.html")
def test_other_destinations(make: Any, aws: Any, queue: Any) -> None:
    """SNS, another function, an event bus, and (for failures) a bucket."""
    sns, events, s3 = aws.client("sns"), aws.client("events"), aws.client("s3")
    topic = sns.create_topic(Name="results")["TopicArn"]
    queue.lets_in(["sns", "events"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    target = make("def handler(event, context): print('got', event['requestPayload'])")
    function = make(FAILING)
    put = function.client.put_function_event_invoke_config

    put(FunctionName=function.name, DestinationConfig={"OnSuccess": {"Destination": topic}})
    function.invoke({"order": 1}, InvocationType="Event")
    message = json.loads(json.loads(queue.receive()["Body"])["Message"])
    assert message["requestPayload"] == {"order": 1}

    put(FunctionName=function.name, DestinationConfig={"OnSuccess": {"Destination": target.arn}})
    function.invoke({"order": 2}, InvocationType="Event")
    assert "got {'order': 2}\n" in target.wait_for_log("REPORT")

    bus = events.create_event_bus(Name="shop")["EventBusArn"]
    events.put_rule(
        Name="results", EventBusName="shop", EventPattern=json.dumps({"source": ["lambda"]})
    )
    events.put_targets(Rule="results", EventBusName="shop", Targets=[{"Id": "1", "Arn": queue.arn}])
    put(FunctionName=function.name, DestinationConfig={"OnSuccess": {"Destination": bus}})
    function.invoke({"order": 3}, InvocationType="Event")
    event = json.loads(queue.receive()["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["resources"] == [bus, f"{function.arn}:$LATEST"]
    assert event["detail"]["requestPayload"] == {"order": 3}

    s3.create_bucket(Bucket="failures")
    put(
        FunctionName=function.name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
    )
    function.invoke({"fail": True}, InvocationType="Event")
    objects = aws.wait_until(lambda: s3.list_objects_v2(Bucket="failures").get("Contents"))
    assert objects[0]["Key"].startswith(f"aws/lambda/async/{function.name}/")


@pytest.mark.aws_source(sources.RECORDED_API, f"{sources.API}API_PutFunctionEventInvokeConfig.html")
def test_settings(make: Any, refused: Any, queue: Any) -> None:
    """Put replaces, Update merges; each qualifier has its own; refusals in AWS's words."""
    function = make(FAILING)
    client, name = function.client, function.name
    put = client.put_function_event_invoke_config
    assert refused(client.get_function_event_invoke_config, FunctionName=name)[:2] == (
        "ResourceNotFoundException",
        f"The function {function.arn}:$LATEST doesn't have an EventInvokeConfig",
    )
    assert refused(put, FunctionName=name)[1] == (
        "You must specify at least one of error handling or destination setting."
    )
    answer = put(FunctionName=name, MaximumRetryAttempts=1)
    assert answer["FunctionArn"] == f"{function.arn}:$LATEST"
    assert answer["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    updated = client.update_function_event_invoke_config(
        FunctionName=name, MaximumEventAgeInSeconds=90
    )
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (1, 90)
    assert "MaximumRetryAttempts" not in put(FunctionName=name, MaximumEventAgeInSeconds=60)
    client.publish_version(FunctionName=name)
    put(FunctionName=name, Qualifier="1", MaximumRetryAttempts=0)
    listed = client.list_function_event_invoke_configs(FunctionName=name)
    assert len(listed["FunctionEventInvokeConfigs"]) == 2
    for parameters, part in (
        ({"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::x"}}}, "is invalid"),
        ({"DestinationConfig": {"OnFailure": {"Destination": function.arn}}}, "itself"),
    ):
        assert part in refused(put, FunctionName=name, **parameters)[1]
    assert refused(put, FunctionName="nobody", MaximumRetryAttempts=1)[1] == (
        "The function doesn't exist."
    )


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async.html")
def test_nothing_accepted_is_lost(make: Any) -> None:
    """300 events as quickly as they are taken: each runs, and once."""
    function = make("def handler(event, context): print('ran', event)", MemorySize=512)
    for number in range(300):
        assert function.invoke(number, InvocationType="Event").status == 202
    events = function.wait_for_log("REPORT", times=300)
    ran = sorted(int(one.split()[1]) for one in events if one.startswith("ran "))
    assert ran == list(range(300))


@pytest.mark.aws_source(sources.INVOKE, sources.QUOTAS)
def test_payload_limit(make: Any, refused: Any) -> None:
    """1 MB, and no more."""
    function = make("def handler(event, context): pass")
    limit = 1_048_576
    assert function.invoke("x" * (limit - 2), InvocationType="Event").status == 202
    code, _, status = refused(
        function.client.invoke,
        FunctionName=function.name,
        InvocationType="Event",
        Payload=b'"' + b"x" * (limit - 1) + b'"',
    )
    assert (code, status) == ("RequestEntityTooLargeException", 413)


@pytest.mark.aws_source(sources.INVOKE)
def test_dry_run(make: Any, refused: Any) -> None:
    """204, and the handler does not run."""
    function = make("def handler(event, context): print('ran')")
    reply = function.invoke({}, InvocationType="DryRun")
    assert (reply.status, reply.raw) == (204, b"")
    function.invoke({})
    assert sum(one.startswith("START") for one in function.wait_for_log("REPORT")) == 1
    assert refused(function.client.invoke, FunctionName="nobody", InvocationType="DryRun")[2] == 404


@pytest.mark.aws_source(sources.STATES)
def test_queued_events_wait_for_an_update(make: Any) -> None:
    """An event accepted while an update is in progress meets the new configuration."""
    function = make("import os\ndef handler(event, context): print('size', os.environ['SIZE'])",
                    Environment={"Variables": {"SIZE": "A5"}})  # fmt: skip
    function.client.update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"SIZE": "A4"}}
    )
    function.invoke({}, InvocationType="Event")
    assert "size A4\n" in function.wait_for_log("REPORT")


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_a_function_that_invokes_itself_is_stopped(make: Any, aws: Any) -> None:
    """After 16 invocations in one chain; unless the function is allowed to loop."""
    function = make(
        """
        import boto3
        client = boto3.client("lambda")
        def handler(event, context):
            print("round", event)
            if event < 20:
                client.invoke(FunctionName=context.function_name, InvocationType="Event",
                              Payload=str(event + 1))
        """,
        Timeout=20,
    )
    function.invoke(1, InvocationType="Event")
    function.wait_for_log("round 16")
    function.invoke(100, InvocationType="Event")  # another chain; runs after the first has ended
    rounds = [one for one in function.wait_for_log("round 100") if one.startswith("round ")]
    assert len(rounds) == 17
    function.client.put_function_recursion_config(FunctionName=function.name, RecursiveLoop="Allow")
    function.invoke(1, InvocationType="Event")
    function.wait_for_log("round 20")
    assert function.client.get_function_recursion_config(FunctionName=function.name)[
        "RecursiveLoop"
    ] == "Allow"  # fmt: skip


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_a_synchronous_loop_is_refused(make: Any) -> None:
    """The caller inside the chain reads RecursiveInvocationException."""
    function = make(
        """
        import boto3
        client = boto3.client("lambda")
        def handler(event, context):
            try:
                reply = client.invoke(FunctionName=context.function_name, Payload=str(event + 1))
            except client.exceptions.RecursiveInvocationException as problem:
                return [event, type(problem).__name__]
            import json
            return json.load(reply["Payload"])
        """,
        Timeout=150,  # sixteen cold starts, each with boto3
    )
    assert function.invoke(1).payload == [16, "RecursiveInvocationException"]
