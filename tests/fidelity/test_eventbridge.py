"""EventBridge: events, rules, targets, what they receive, and what becomes of what fails."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.roles import lets_in

GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/"
TARGETS = f"{GUIDE}eb-targets.html"
INPUT = f"{GUIDE}eb-transform-target-input.html"
DELIVERY = f"{GUIDE}eb-rule-event-delivery.html"
DEAD_LETTERS = f"{GUIDE}eb-rule-dlq.html"
METRICS = f"{GUIDE}eb-monitoring.html"
#: Answers recorded from AWS by another project's tests (2024).
RECORDED = "https://github.com/localstack/localstack/blob/main/tests/aws/services/events/"
RECORDED_EVENTS = f"{RECORDED}test_events.snapshot.json"
RECORDED_INPUTS = f"{RECORDED}test_events_inputs.snapshot.json"

pytestmark = pytest.mark.aws_source(TARGETS)

_numbers = itertools.count(1)

PRINT_EVENT = """
import json
def handler(event, context):
    print("GOT", json.dumps(event))
"""


class Shop:
    """Rules and queues under test, all in one cloud."""

    def __init__(self, aws: Any) -> None:
        self.aws, self.events, self.sqs = aws, aws.client("events"), aws.client("sqs")

    def queue(self, **attributes: str) -> tuple[str, str]:
        """A new queue that rules and topics may send to: its URL and its ARN."""
        name = f"queue-{next(_numbers)}{'.fifo' if attributes else ''}"
        arn = f"arn:aws:sqs:us-east-1:{self.aws.account_id}:{name}"
        given = {"Policy": lets_in(["events", "sns"], arn), **attributes}
        return self.sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"], arn

    def rule(self, *targets: dict[str, Any], bus: str = "default", **more: Any) -> tuple[str, str]:
        """A rule for events of a source of its own; the source and the rule's ARN."""
        source = f"shop.{next(_numbers)}"
        given = {"EventPattern": json.dumps({"source": [source]}), **more}
        arn = self.events.put_rule(Name=source, EventBusName=bus, **given)["RuleArn"]
        numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
        if numbered:
            self.events.put_targets(Rule=source, EventBusName=bus, Targets=numbered)
        return source, arn

    def send(self, source: str, detail: Any = None, **more: Any) -> str:
        entry = {"Source": source, "DetailType": "Order", "Detail": json.dumps(detail or {})}
        answer = self.events.put_events(Entries=[{**entry, **more}])
        assert answer["FailedEntryCount"] == 0
        event_id: str = answer["Entries"][0]["EventId"]
        return event_id

    def receive(self, url: str) -> dict[str, Any]:
        """The next message, once it is there, taken out of the queue."""

        def message() -> Any:
            answer = self.sqs.receive_message(
                QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
            )
            return answer.get("Messages")

        found: dict[str, Any] = self.aws.wait_until(message, what="a message arrives")[0]
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
        return found

    def metric(self, rule: str, name: str, namespace: str = "AWS/Events") -> float:
        """The metric's sum so far."""
        now = self.aws.clock.now().timestamp()
        answer = self.aws.client("cloudwatch").get_metric_statistics(
            Namespace=namespace, MetricName=name, Statistics=["Sum"], Period=60,
            Dimensions=[{"Name": "RuleName", "Value": rule}],
            StartTime=now - 86_400, EndTime=now + 60,
        )  # fmt: skip
        return float(sum(point["Sum"] for point in answer["Datapoints"]))


@pytest.fixture(scope="module")
def shop(aws: Any) -> Shop:
    return Shop(aws)


def allow(function: Any, rule_arn: str) -> None:
    function.client.add_permission(
        FunctionName=function.name, StatementId=f"rule-{next(_numbers)}",
        Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=rule_arn,
    )  # fmt: skip


@pytest.mark.aws_source(f"{GUIDE}eb-events-structure.html")
def test_the_event(shop: Shop) -> None:
    """Every member in AWS's order; a time that is given is the event's."""
    url, arn = shop.queue()
    source, _ = shop.rule({"Arn": arn})
    identity = shop.send(source, {"order": 7}, Time=1_700_000_000, Resources=["till-3"])
    event = json.loads(shop.receive(url)["Body"])
    assert list(event.items()) == [
        ("version", "0"),
        ("id", identity),
        ("detail-type", "Order"),
        ("source", source),
        ("account", shop.aws.account_id),
        ("time", "2023-11-14T22:13:20Z"),
        ("region", "us-east-1"),
        ("resources", ["till-3"]),
        ("detail", {"order": 7}),
    ]
    shop.send(source)
    now = time.strftime("%Y-%m-%dT%H", shop.aws.clock.now().timetuple())
    assert json.loads(shop.receive(url)["Body"])["time"].startswith(now)


@pytest.mark.aws_source(INPUT, RECORDED_INPUTS)
def test_what_a_target_receives(shop: Shop) -> None:
    """A constant, a part, texts and JSON from a template, with what EventBridge itself knows."""
    url, arn = shop.queue()
    source, rule_arn = shop.rule()

    def body(**target: Any) -> str:
        shop.events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn, **target}])
        shop.send(source, {"command": "print", "items": [{"id": 1}, {"id": 2}], "paid": True})
        received: str = shop.receive(url)["Body"]
        return received

    def filled_in(template: str, **paths: str) -> str:
        return body(InputTransformer={"InputTemplate": template, "InputPathsMap": paths})

    assert body(Input='{"wake": "up"}') == '{"wake": "up"}'
    assert body(InputPath="$.detail.command") == '"print"'
    assert json.loads(body(InputPath="$.detail"))["paid"] is True
    command, items = "$.detail.command", "$.detail.items"
    assert filled_in('"<what>, then <missing>"', what=command, missing="$.detail.no") == (
        '"print, then "'
    )
    assert filled_in('{"do": <what>,  "no": <missing>}', what=command, missing="$.detail.no") == (
        '{"do":"print","no":""}'
    )
    mixed = filled_in(
        '{"all": <items>, "second": [9, <second>], "text": "say \\"<what>\\"", "paid": <paid>}',
        items=items, second=f"{items}[1].id", what=command, paid="$.detail.paid",
    )  # fmt: skip
    assert json.loads(mixed) == {
        "all": [{"id": 1}, {"id": 2}], "second": [9, 2], "text": 'say "print"', "paid": True,
    }  # fmt: skip
    assert filled_in('"first <a>"\n"then <b>"', a=command, b=items) == (
        '"first print"\n"then [{id:1},{id:2}]"'
    )
    text = filled_in('"<aws.events.rule-name> of <aws.events.rule-arn>"')
    assert text == f'"{source} of {rule_arn}"'
    whole = json.loads(
        filled_in(
            '{"short": <aws.events.event>, "whole": <aws.events.event.json>, '
            '"at": <aws.events.event.ingestion-time>}'
        )
    )
    assert whole["whole"]["detail"]["command"] == "print"
    assert whole["short"]["detailType"] == "Order"
    assert "detail" not in whole["short"]
    assert whole["at"].endswith("Z")


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-async.html", DELIVERY)
def test_a_function(shop: Shop, make: Any) -> None:
    """Asynchronous: PutEvents does not wait, and a handler's error is Lambda's to retry."""
    function = make(
        "import json, time\ndef handler(event, context):\n"
        "    print('GOT', json.dumps(event)); time.sleep(1); raise ValueError('no paper')"
    )
    source, arn = shop.rule({"Arn": function.arn})
    allow(function, arn)
    began = time.monotonic()
    shop.send(source, {"order": 7})
    assert time.monotonic() - began < 0.9
    got = next(one for one in function.wait_for_log("REPORT") if one.startswith("GOT"))
    assert json.loads(got[4:])["detail"] == {"order": 7}
    shop.aws.clock.advance(minutes=1)
    function.wait_for_log("REPORT", times=2)
    assert shop.metric(source, "Invocations") == 1
    assert shop.metric(source, "FailedInvocations") == 0


def test_queues_topics_and_logs(shop: Shop) -> None:
    """SQS with a group for FIFO, SNS, and a log group with one stream for each event."""
    url, queue = shop.queue(FifoQueue="true", ContentBasedDeduplication="true")
    sns, logs = shop.aws.client("sns"), shop.aws.client("logs")
    topic = sns.create_topic(Name="from-events")["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=lets_in("events", topic)
    )
    heard, hearing = shop.queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=hearing)
    logs.create_log_group(logGroupName="/aws/events/shop")
    group = f"arn:aws:logs:us-east-1:{shop.aws.account_id}:log-group:/aws/events/shop"
    template = {
        "InputPathsMap": {"at": "$.time", "order": "$.detail.order"},
        "InputTemplate": '{"timestamp": <at>, "message": "order <order>"}',
    }
    source, _ = shop.rule(
        {"Arn": queue, "SqsParameters": {"MessageGroupId": "orders"}},
        {"Arn": topic},
        {"Arn": group},
        {"Arn": group, "InputTransformer": template},
    )
    shop.send(source, {"order": 7})
    message = shop.receive(url)
    assert message["Attributes"]["MessageGroupId"] == "orders"
    assert json.loads(message["Body"])["detail"] == {"order": 7}
    assert '"order":7' in json.loads(shop.receive(heard)["Body"])["Message"]

    def logged() -> Any:
        found = logs.filter_log_events(logGroupName="/aws/events/shop")["events"]
        return found if len(found) == 2 else None

    events = shop.aws.wait_until(logged, what="both log events are there")
    assert len({one["logStreamName"] for one in events}) == 2
    messages = sorted(one["message"] for one in events)
    assert messages[0] == "order 7" or json.loads(messages[1])["detail"] == {"order": 7}
    assert "order 7" in messages


@pytest.mark.aws_source(f"{GUIDE}eb-targets.html", f"{API}API_PutTargets.html")
def test_a_state_machine(shop: Shop, refused: Any) -> None:
    """Started with the target's role, which has to be given and to trust EventBridge."""
    iam, states = shop.aws.client("iam"), shop.aws.client("stepfunctions")

    def role(name: str, service: str) -> str:
        trust = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                }
            ]
        }
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(
            RoleName=name, PolicyName="start", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "*"}]}
            ),
        )  # fmt: skip
        arn: str = made["Role"]["Arn"]
        return arn

    machine = states.create_state_machine(
        name="fulfil",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=role("fulfil-states", "states.amazonaws.com"),
    )["stateMachineArn"]
    url, dead = shop.queue()
    target = {"Arn": machine, "DeadLetterConfig": {"Arn": dead}}
    source, _ = shop.rule()
    answer = refused(shop.events.put_targets, Rule=source, Targets=[{"Id": "0", **target}])
    assert answer[:2] == ("ValidationException", f"RoleArn is required for target {machine}.")
    source, _ = shop.rule({**target, "RoleArn": role("start-fulfil", "events.amazonaws.com")})
    shop.send(source, {"order": 7})
    execution = shop.aws.wait_until(
        lambda: states.list_executions(stateMachineArn=machine)["executions"],
        what="an execution has been started",
    )[0]
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"])["detail"] == {"order": 7}
    source, _ = shop.rule({**target, "RoleArn": role("another", "lambda.amazonaws.com")})
    shop.send(source)
    attributes = shop.receive(url)["MessageAttributes"]
    assert attributes["ERROR_CODE"]["StringValue"] == "FAILED_TO_ASSUME_ROLE"


@pytest.mark.aws_source(f"{GUIDE}eb-bus-to-bus.html", RECORDED_EVENTS)
def test_buses(shop: Shop) -> None:
    """Each has rules of its own; an event goes on from bus to bus, and never round for ever."""
    url, queue = shop.queue()
    for name in ("orders", "prints"):
        shop.events.create_event_bus(Name=name)
    buses = f"arn:aws:events:us-east-1:{shop.aws.account_id}:event-bus"
    pattern = json.dumps({"detail-type": ["Order"]})
    for name, target in (("orders", "prints"), ("prints", "orders")):
        shop.rule({"Arn": f"{buses}/{target}"}, bus=name, EventPattern=pattern)
    rule, arn = shop.rule({"Arn": queue}, bus="prints", EventPattern=pattern)
    assert arn == f"arn:aws:events:us-east-1:{shop.aws.account_id}:rule/prints/{rule}"
    identity = shop.send("shop.buses", {"order": 7}, EventBusName="orders")
    event = json.loads(shop.receive(url)["Body"])
    assert (event["id"], event["detail"]) == (identity, {"order": 7})
    shop.send("shop.buses", EventBusName=f"{buses}/prints")
    shop.receive(url)
    assert shop.send("shop.buses", EventBusName="nowhere"), "accepted, and lost"


@pytest.mark.aws_source(RECORDED_EVENTS, f"{API}API_PutEvents.html")
def test_refused_events(shop: Shop, refused: Any) -> None:
    """Each entry has its own answer; too many or too large, and all are refused."""
    put, good = shop.events.put_events, {"Source": "s", "DetailType": "d", "Detail": "{}"}
    entries: list[dict[str, str]] = [
        {name: value for name, value in good.items() if name != missing}
        for missing in ("Source", "DetailType", "Detail")
    ]
    entries += [{**good, "Detail": detail} for detail in ('"text"', "[1]", "{no json")]
    entries += [{**good, "Source": "aws.s3"}, good]
    answer = put(Entries=entries)
    assert answer["FailedEntryCount"] == 7
    required = "Parameter {0} is not valid. Reason: {0} is a required argument."
    assert [(one.get("ErrorCode"), one.get("ErrorMessage")) for one in answer["Entries"]] == [
        *(
            ("InvalidArgument", required.format(name))
            for name in ("Source", "DetailType", "Detail")
        ),
        *[("MalformedDetail", "Detail is malformed.")] * 3,
        ("NotAuthorizedForSourceException", "Not authorized for the source."),
        (None, None),
    ]
    code, message, _ = refused(put, Entries=[good] * 11)
    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=s, "
        "resources=null, detailType=d, detail={}, eventBusName=null,"
    )
    assert message.endswith(
        "failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    large = {**good, "Detail": json.dumps({"text": "x" * 600_000})}
    assert put(Entries=[large])["FailedEntryCount"] == 0
    assert refused(put, Entries=[large] * 2)[:2] == (
        "ValidationException", "Total size of the entries in the request is over the limit.",
    )  # fmt: skip


@pytest.mark.aws_source(RECORDED_EVENTS, RECORDED_INPUTS, f"{API}API_PutTargets.html")
def test_refused_rules_and_targets(shop: Shop, refused: Any) -> None:
    source, _ = shop.rule()
    _, queue = shop.queue()

    def put(name: str = source, **target: Any) -> tuple[str, str]:
        given = {"Id": "t", "Arn": queue, **target}
        answer = refused(shop.events.put_targets, Rule=name, Targets=[given])
        return answer[0], answer[1]

    assert put(Input="{}", InputPath="$.detail") == (
        "ValidationException",
        "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
    )
    assert put(InputTransformer={"InputTemplate": '"no <such> key"'})[1] == (
        "InputTemplate for target t contains invalid placeholder such."
    )
    assert put(InputTransformer={"InputTemplate": "order without quotes"})[1] == (
        'Invalid InputTemplate for target t : [Source: (String)"order without quotes"; line: 1, '
        "column: 6]."
    )
    assert put(Arn="no arn")[1] == (
        "Parameter no arn is not valid. Reason: Provided Arn is not in correct format."
    )
    assert put(Arn=f"{queue}.fifo")[1] == (
        "Parameter(s) SqsParameters must be specified for target: t."
    )
    assert put(Id="!@#$@!#$")[1] == (
        "1 validation error detected: Value '!@#$@!#$' at 'targets.1.member.id' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
    )
    assert put(RetryPolicy={"MaximumRetryAttempts": 186})[1].endswith(
        "Member must have value less than or equal to 185"
    )
    assert put("nobody") == (
        "ResourceNotFoundException", "Rule nobody does not exist on EventBus default.",
    )  # fmt: skip
    six = [{"Id": str(number), "Arn": queue} for number in range(6)]
    assert refused(shop.events.put_targets, Rule=source, Targets=six)[:2] == (
        "LimitExceededException", "The requested resource exceeds the maximum number allowed.",
    )  # fmt: skip
    for call in (shop.events.describe_rule, shop.events.disable_rule, shop.events.enable_rule):
        assert refused(call, Name="nobody")[1] == "Rule nobody does not exist on EventBus default."
    code, message, _ = refused(shop.events.put_rule, Name="a b", EventPattern='{"a": ["b"]}')
    assert (code, message.partition(" at ")[0]) == (
        "ValidationException", "1 validation error detected: Value 'a b'",
    )  # fmt: skip


@pytest.mark.aws_source(DEAD_LETTERS, DELIVERY, METRICS, sources.GUIDE)
def test_what_fails_is_dead_lettered(shop: Shop, make: Any) -> None:
    """No permission, no queue, no JSON: told by the message in the dead-letter queue and a metric.

    None of these is tried again, and PutEvents succeeds all the same.
    """
    function = make(PRINT_EVENT)
    url, dead = shop.queue()
    gone = dead.replace("queue-", "gone-")
    spoiled = {"InputTemplate": '{"text": "<detail>"}', "InputPathsMap": {"detail": "$.detail"}}
    for target, code in (
        ({"Arn": function.arn}, "NO_PERMISSIONS"),
        ({"Arn": f"{function.arn}-gone"}, "NO_RESOURCE"),
        ({"Arn": gone}, "NO_RESOURCE"),
        ({"Arn": function.arn, "InputTransformer": spoiled}, "INVALID_JSON"),
    ):
        source, rule = shop.rule({**target, "DeadLetterConfig": {"Arn": dead}})
        identity = shop.send(source, {"order": 7})
        message = shop.receive(url)
        event = json.loads(message["Body"])
        assert (event["id"], event["detail"]) == (identity, {"order": 7})
        attributes = {
            name: value["StringValue"] for name, value in message["MessageAttributes"].items()
        }
        assert attributes.pop("ERROR_MESSAGE")
        assert attributes == {
            "RULE_ARN": rule,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": code,
            "RETRY_ATTEMPTS": "0",
        }
        shop.aws.wait_until(lambda rule=source: shop.metric(rule, "InvocationsSentToDlq") == 1)
        assert shop.metric(source, "FailedInvocations") == 1
    source, rule = shop.rule({"Arn": function.arn, "DeadLetterConfig": {"Arn": gone}})
    shop.send(source)
    shop.aws.wait_until(lambda: shop.metric(source, "InvocationsFailedToBeSentToDlq") == 1)
    allow(function, rule)
    shop.send(source, {"order": 8})
    function.wait_for_log("GOT")
    assert [one for one in function.log_events() if "order" in one][-1].count('"order": 8') == 1


def test_disabled_rules_and_schedules_match_nothing(shop: Shop) -> None:
    """What arrives in the end is the one event that was sent while the rule was on."""
    url, queue = shop.queue()
    source, _ = shop.rule({"Arn": queue}, State="DISABLED")
    shop.events.put_rule(Name="yearly", ScheduleExpression="rate(365 days)")
    shop.events.put_targets(Rule="yearly", Targets=[{"Id": "1", "Arn": queue}])
    shop.send(source, {"number": 1})
    shop.events.enable_rule(Name=source)
    shop.send(source, {"number": 2})
    assert json.loads(shop.receive(url)["Body"])["detail"] == {"number": 2}
    shop.events.disable_rule(Name=source)
    shop.send(source, {"number": 3})
    shop.events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    shop.send(source, {"number": 4})
    assert json.loads(shop.receive(url)["Body"])["detail"] == {"number": 4}
    assert "Messages" not in shop.sqs.receive_message(QueueUrl=url)


@pytest.mark.aws_source(f"{GUIDE}eb-archive.html")
def test_archive_and_replay(shop: Shop) -> None:
    """An archive keeps what came; a replay sends it once more, to the rules of today."""
    url, queue = shop.queue()
    bus = shop.events.create_event_bus(Name="kept")["EventBusArn"]
    archive = shop.events.create_archive(ArchiveName="kept", EventSourceArn=bus)["ArchiveArn"]
    shop.send("shop.kept", {"order": 7}, EventBusName="kept")
    pattern = json.dumps({"source": ["shop.kept"]})
    shop.rule({"Arn": queue}, bus="kept", EventPattern=pattern)
    now = shop.aws.clock.now()
    shop.events.start_replay(
        ReplayName="again", EventSourceArn=archive, Destination={"Arn": bus},
        EventStartTime=now.replace(hour=0), EventEndTime=now,
    )  # fmt: skip
    event = json.loads(shop.receive(url)["Body"])
    assert (event["detail"], event["replay-name"]) == ({"order": 7}, "again")


@pytest.mark.aws_source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html")
def test_objects_of_a_bucket(shop: Shop) -> None:
    """A bucket with EventBridge switched on tells the default bus; keys are not url-encoded."""
    s3, (url, queue) = shop.aws.client("s3"), shop.queue()
    s3.create_bucket(Bucket="seen-by-events")
    s3.put_bucket_versioning(Bucket="seen-by-events", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket="seen-by-events", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    shop.rule({"Arn": queue}, EventPattern=json.dumps({"source": ["aws.s3"]}))
    put = s3.put_object(Bucket="seen-by-events", Key="día 1+2.jpg", Body=b"1234")
    event = json.loads(shop.receive(url)["Body"])
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == ["arn:aws:s3:::seen-by-events"]
    stored = event["detail"]["object"]
    assert int(stored.pop("sequencer"), 16) > 0
    assert stored == {
        "key": "día 1+2.jpg", "size": 4, "etag": put["ETag"].strip('"'),
        "version-id": put["VersionId"],
    }  # fmt: skip
    assert event["detail"]["reason"] == "PutObject"
    assert event["detail"]["requester"] == shop.aws.account_id
    s3.delete_object(Bucket="seen-by-events", Key="día 1+2.jpg")
    detail = json.loads(shop.receive(url)["Body"])["detail"]  # and no change of tags before it
    assert (detail["reason"], detail["deletion-type"]) == ("DeleteObject", "Delete Marker Created")
