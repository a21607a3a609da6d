"""Amazon SNS: publishing, filter policies, queues and functions as subscribers, FIFO topics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.roles import lets_in

SNS = f"{sources.GUIDE}with-sns.html"
PERMISSION = f"{sources.GUIDE}access-control-resource-based.html"
DEVELOPER = "https://docs.aws.amazon.com/sns/latest/dg/"
API = "https://docs.aws.amazon.com/sns/latest/api/"
FILTERS = f"{DEVELOPER}sns-subscription-filter-policies.html"
#: Answers recorded from AWS by another project's tests (2024 to 2026).
RECORDED = "https://github.com/localstack/localstack/blob/main/tests/aws/services/sns/"
RECORDED_FILTERS = f"{RECORDED}test_sns_filter_policy.snapshot.json"
RECORDED_SNS = f"{RECORDED}test_sns.snapshot.json"

pytestmark = pytest.mark.aws_source(SNS)

PRINT_EVENT = """
import json
def handler(event, context):
    for record in event["Records"]:
        print("EVENT", json.dumps(record))
"""


class Topic:
    """A topic, and queues that listen to it."""

    def __init__(self, aws: Any, name: str, **attributes: str) -> None:
        self.aws, self.sns, self.sqs = aws, aws.client("sns"), aws.client("sqs")
        self.name = name
        self.arn = self.sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]

    def queue(self, name: str, **attributes: str) -> tuple[str, str]:
        """The URL and ARN of a new queue that this topic may send to."""
        arn = f"arn:aws:sqs:{self.aws.region}:{self.aws.account_id}:{name}"
        given = {"Policy": lets_in("sns", arn, self.arn), **attributes}
        url = self.sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def subscribe(self, protocol: str, endpoint: str, **attributes: str) -> str:
        arn: str = self.sns.subscribe(
            TopicArn=self.arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]  # fmt: skip
        return arn

    def publish(self, message: str, **more: Any) -> Any:
        return self.sns.publish(TopicArn=self.arn, Message=message, **more)

    def received(self, url: str) -> list[Any]:
        """All messages of a queue, which is empty afterwards."""
        found = []
        while messages := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages"):  # fmt: skip
            for one in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            found += messages
        return found


@pytest.fixture
def topic(aws: Any, request: Any) -> Topic:
    return Topic(aws, request.node.name[:80].replace("[", "-").replace("]", ""))


def allow(function: Any, topic: str) -> None:
    function.client.add_permission(
        FunctionName=function.name, StatementId=f"for-{abs(hash(topic))}",
        Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceArn=topic,
    )  # fmt: skip


def records(function: Any, times: int) -> list[dict[str, Any]]:
    """The records that arrived, once there are that many."""
    events = function.wait_for_log("EVENT ", times=times)
    found = [json.loads(one[6:]) for one in events if one.startswith("EVENT ")]
    assert len(found) == times
    return found


def text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


# -- functions ---------------------------------------------------------------------------------


def test_sns(topic: Topic, make: Any) -> None:
    """The notification as it was published, with its attributes and filter policy."""
    function = make(PRINT_EVENT)
    allow(function, topic.arn)
    subscription = topic.subscribe(
        "lambda", function.arn, FilterPolicy=json.dumps({"size": ["A4"]})
    )
    binary = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    topic.publish("filtered out", MessageAttributes={"size": text("A5")})
    sent = topic.publish(
        "print it", Subject="order", MessageAttributes={"size": text("A4"), "logo": binary}
    )
    topic.publish("no subject", MessageAttributes={"size": text("A4")})
    (record, plain) = sorted(records(function, 2), key=lambda one: one["Sns"]["Message"])[::-1]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"] == subscription
    notification = record["Sns"]
    assert list(notification) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
        "Signature", "SigningCertUrl", "UnsubscribeUrl", "MessageAttributes",
    ]  # fmt: skip
    assert notification["MessageId"] == sent["MessageId"]
    assert notification["TopicArn"] == topic.arn
    assert (notification["Subject"], notification["Message"]) == ("order", "print it")
    assert notification["MessageAttributes"] == {
        "size": {"Type": "String", "Value": "A4"},
        "logo": {"Type": "Binary", "Value": "AP8="},
    }
    assert plain["Sns"]["Subject"] is None


@pytest.mark.aws_source(PERMISSION, SNS, f"{DEVELOPER}sns-dead-letter-queues.html")
def test_a_topic_needs_permission(topic: Topic, make: Any) -> None:
    """Without it nothing is delivered, and Publish succeeds all the same.

    What could not be delivered goes to the subscription's dead-letter queue, and is counted.
    """
    function = make(PRINT_EVENT)
    lost, lost_arn = topic.queue(f"{topic.name}-lost")
    policy = json.dumps({"deadLetterTargetArn": lost_arn})
    topic.subscribe("lambda", function.arn, RedrivePolicy=policy)
    sent = topic.publish("nobody hears this", Subject="silence")
    allow(function, topic.arn)
    topic.publish("this is heard")
    assert [record["Sns"]["Message"] for record in records(function, 1)] == ["this is heard"]
    (message,) = topic.received(lost)
    body = json.loads(message["Body"])
    assert body["Type"] == "Notification"
    assert body["MessageId"] == sent["MessageId"]
    assert (body["Subject"], body["Message"]) == ("silence", "nobody hears this")
    assert counted(topic) == {
        "NumberOfMessagesPublished": 2,
        "NumberOfNotificationsDelivered": 1,
        "NumberOfNotificationsFailed": 1,
        "NumberOfNotificationsRedrivenToDlq": 1,
    }


def counted(topic: Topic) -> dict[str, float]:
    """The topic's metrics that were written, without the sizes."""
    cloudwatch = topic.aws.client("cloudwatch")
    now = topic.aws.clock.now().timestamp()
    dimensions = [{"Name": "TopicName", "Value": topic.name}]
    names = {
        one["MetricName"]
        for one in cloudwatch.list_metrics(Namespace="AWS/SNS", Dimensions=dimensions)["Metrics"]
    }
    return {
        name: sum(
            point["Sum"]
            for point in cloudwatch.get_metric_statistics(
                Namespace="AWS/SNS", MetricName=name, Dimensions=dimensions,
                StartTime=now - 600, EndTime=now + 600, Period=60, Statistics=["Sum"],
            )["Datapoints"]
        )
        for name in names - {"PublishSize"}
    }  # fmt: skip


@pytest.mark.aws_source(f"{sources.GUIDE}invocation-recursion.html")
def test_a_loop_through_a_topic_is_stopped(aws: Any, make: Any) -> None:
    """A function that publishes to the topic that starts it runs 16 times."""
    sns = aws.client("sns")
    topic = sns.create_topic(Name="loop")["TopicArn"]
    function = make(
        """
        import boto3, os
        sns = boto3.client("sns")
        def handler(event, context):
            number = int(event["Records"][0]["Sns"]["Message"])
            print("round", number)
            sns.publish(TopicArn=os.environ["TOPIC"], Message=str(number + 1))
        """,
        Environment={"Variables": {"TOPIC": topic}},
        Timeout=20,
    )
    allow(function, topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    sns.publish(TopicArn=topic, Message="1")
    function.wait_for_log("round 16")
    function.wait_for_log("REPORT", times=16)
    sns.publish(TopicArn=topic, Message="100")  # a second chain, to have waited for the first
    events = function.wait_for_log("round 100")
    assert not any(event == "round 17\n" for event in events)


# -- queues ------------------------------------------------------------------------------------


@pytest.mark.aws_source(f"{DEVELOPER}sns-large-payload-raw-message-delivery.html", RECORDED_SNS)
def test_a_queue_gets_the_notification_or_the_bare_message(topic: Topic) -> None:
    """Wrapped, or (RawMessageDelivery) the message with its attributes; a queue that is gone."""
    wrapped, wrapped_arn = topic.queue(f"{topic.name}-wrapped"[-80:])
    raw, raw_arn = topic.queue(f"{topic.name}-raw"[-80:])
    lost, lost_arn = topic.queue(f"{topic.name}-lost"[-80:])
    policy = json.dumps({"deadLetterTargetArn": lost_arn})
    topic.subscribe("sqs", wrapped_arn)
    topic.subscribe("sqs", raw_arn, RawMessageDelivery="true")
    topic.subscribe("sqs", raw_arn + "-gone", RedrivePolicy=policy, RawMessageDelivery="true")
    attributes = {
        "size": text("A4"),
        "copies": {"DataType": "Number", "StringValue": "3"},
        "logo": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = topic.publish("print it – now", Subject="order", MessageAttributes=attributes)
    (message,) = topic.received(wrapped)
    assert "MessageAttributes" not in message
    body = json.loads(message["Body"])
    assert list(body) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion",
        "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
    ]  # fmt: skip
    assert message["Body"].startswith('{\n  "Type" : "Notification",\n  "MessageId" : ')
    assert (body["MessageId"], body["Message"]) == (sent["MessageId"], "print it – now")
    assert body["MessageAttributes"]["logo"] == {"Type": "Binary", "Value": "AP8="}
    for url in (raw, lost):
        (message,) = topic.received(url)
        assert message["Body"] == "print it – now"
        assert message["MessageAttributes"] == attributes
    topic.publish("plain")
    body = json.loads(topic.received(wrapped)[0]["Body"])
    assert not {"Subject", "MessageAttributes"} & set(body)


@pytest.mark.aws_source(f"{API}API_Publish.html", RECORDED_SNS)
def test_one_message_for_each_protocol(topic: Topic, make: Any, refused: Any) -> None:
    """MessageStructure json: each subscriber gets its own text, or the default."""
    function = make(PRINT_EVENT)
    allow(function, topic.arn)
    url, arn = topic.queue(topic.name)
    topic.subscribe("lambda", function.arn)
    topic.subscribe("sqs", arn)
    topic.publish(json.dumps({"default": "all", "sqs": "queue"}), MessageStructure="json")
    assert [record["Sns"]["Message"] for record in records(function, 1)] == ["all"]
    assert json.loads(topic.received(url)[0]["Body"])["Message"] == "queue"

    def refusal(message: str, structure: str = "json") -> Any:
        return refused(
            topic.sns.publish, TopicArn=topic.arn, Message=message, MessageStructure=structure
        )

    assert refusal('{"sqs": "queue"}') == (
        "InvalidParameter",
        "Invalid parameter: Message Structure - No default entry in JSON message body",
        400,
    )
    assert refusal("text")[1] == (
        "Invalid parameter: Message Structure - JSON message body failed to parse"
    )
    assert refusal("text", "xml")[1] == "Invalid parameter: MessageStructure"


# -- filter policies ---------------------------------------------------------------------------


@pytest.mark.aws_source(
    FILTERS,
    f"{DEVELOPER}string-value-matching.html",
    f"{DEVELOPER}numeric-value-matching.html",
    f"{DEVELOPER}attribute-key-matching.html",
    f"{DEVELOPER}and-or-logic.html",
)
def test_filter_policies(topic: Topic) -> None:
    """Every operator, over attributes and over the body."""
    policies: dict[str, Any] = {
        "exact": {"interest": ["rugby"]},
        "prefix": {"interest": [{"prefix": "bas"}]},
        "suffix": {"interest": [{"suffix": "ball"}]},
        "case": {"interest": [{"equals-ignore-case": "RUGBY"}]},
        "but": {"interest": [{"anything-but": ["rugby", "tennis"]}]},
        "but-prefix": {"interest": [{"anything-but": {"prefix": "bas"}}]},
        "cidr": {"address": [{"cidr": "10.0.0.0/24"}]},
        "number": {"price": [100]},
        "range": {"price": [{"numeric": [">", 0, "<=", 150]}]},
        "there": {"price": [{"exists": True}]},
        "absent": {"price": [{"exists": False}]},
        "and": {"interest": ["rugby"], "price": [{"numeric": ["=", 100]}]},
        "or": {"$or": [{"interest": ["tennis"]}, {"price": [{"numeric": [">", 200]}]}]},
    }
    queues = {}
    for scope in ("MessageAttributes", "MessageBody"):
        for name, policy in policies.items():
            queues[scope, name], arn = topic.queue(f"filter-{scope}-{name}")
            topic.subscribe(
                "sqs", arn, FilterPolicy=json.dumps(policy), FilterPolicyScope=scope,
                RawMessageDelivery="true",
            )  # fmt: skip
    offered: list[tuple[dict[str, Any], set[str]]] = [
        ({"interest": "rugby"}, {"exact", "case", "but-prefix", "absent"}),
        ({"interest": "Rugby"}, {"case", "but", "but-prefix", "absent"}),
        ({"interest": "baseball"}, {"prefix", "suffix", "but", "absent"}),
        ({"interest": ["tennis", "rugby"]}, {"exact", "case", "but-prefix", "absent", "or"}),
        ({"price": 100}, {"number", "range", "there"}),
        ({"price": 201, "interest": "rugby"}, {"exact", "case", "but-prefix", "there", "or"}),
        (
            {"price": 100.0, "interest": "rugby"},
            {"exact", "case", "but-prefix", "number", "range", "there", "and"},
        ),
        ({"address": "10.0.0.7"}, {"cidr", "absent"}),
        ({"address": "10.0.1.7"}, {"absent"}),
    ]
    topic.publish("no JSON")  # and no attribute: not even what asks for an absent one fits
    for number, (value, _) in enumerate(offered):
        attributes = {key: _attribute(one) for key, one in value.items()}
        topic.publish(str(number), MessageAttributes=attributes)
        topic.publish(json.dumps(value | {"number": number}))
    for name in policies:
        expected = {number for number, (_, wanted) in enumerate(offered) if name in wanted}
        by_attributes = topic.received(queues["MessageAttributes", name])
        assert {int(one["Body"]) for one in by_attributes} == expected, name
        by_body = topic.received(queues["MessageBody", name])
        assert {json.loads(one["Body"])["number"] for one in by_body} == expected, name


def _attribute(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    if isinstance(value, str):
        return text(value)
    return {"DataType": "Number", "StringValue": str(value)}


@pytest.mark.aws_source(RECORDED_FILTERS, f"{DEVELOPER}subscription-filter-policy-constraints.html")
def test_filter_policies_that_are_refused(topic: Topic, refused: Any) -> None:
    """When it is subscribed with, and when it is set later."""
    _, arn = topic.queue(topic.name)
    subscription = topic.subscribe("sqs", arn)

    def subscribing(**attributes: str) -> Any:
        return refused(
            topic.sns.subscribe, TopicArn=topic.arn, Protocol="sqs", Endpoint=f"{arn}-2",
            Attributes=attributes,
        )  # fmt: skip

    def setting(name: str, value: str) -> Any:
        return refused(
            topic.sns.set_subscription_attributes, SubscriptionArn=subscription,
            AttributeName=name, AttributeValue=value,
        )  # fmt: skip

    nested = "Match value must be String, number, true, false, or null"
    place = 'at [Source: (String)"{"key":[["value"]]}"; line: 1, column: 10]'
    for policy in ('{"key": [["value"]]}', '{"key":[["value"]]}'):
        assert subscribing(FilterPolicy=policy) == (
            "InvalidParameter",
            f"Invalid parameter: Attributes Reason: FilterPolicy: {nested}\n {place}",
            400,
        )
        assert setting("FilterPolicy", policy)[1] == (
            f"Invalid parameter: FilterPolicy: {nested}\n {place}"
        )
    levels = '{"order": {"size": ["A4"]}}'
    unsupported = "Filter policy scope MessageAttributes does not support nested filter policy"
    assert setting("FilterPolicy", levels)[1] == f"Invalid parameter: {unsupported}"
    keys = json.dumps({f"key{number}": ["x"] for number in range(6)})
    assert setting("FilterPolicy", keys)[1] == (
        "Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys"
    )
    values = json.dumps({key: [str(number) for number in range(6)] for key in "abc"})
    assert setting("FilterPolicy", values)[1] == (
        "Invalid parameter: FilterPolicy: Filter policy is too complex"
    )
    assert setting("FilterPolicyScope", "Body")[1] == (
        "Invalid parameter: FilterPolicyScope: Invalid value [Body]. Please use either MessageBody "
        "or MessageAttributes"
    )
    assert setting("FilterPolicy", "{no JSON")[0] == "InvalidParameter"
    topic.subscribe("sqs", f"{arn}-3", FilterPolicyScope="MessageBody", FilterPolicy=levels)


# -- FIFO topics -------------------------------------------------------------------------------


@pytest.mark.aws_source(
    f"{DEVELOPER}fifo-topic-message-ordering.html", f"{DEVELOPER}fifo-message-dedup.html"
)
def test_a_fifo_topic(aws: Any, refused: Any) -> None:
    """In order, each once within five minutes, with a number; only for queues."""
    topic = Topic(aws, "orders.fifo", FifoTopic="true")
    url, arn = topic.queue("orders.fifo", FifoQueue="true")
    plain_url, plain_arn = topic.queue("orders-all")
    topic.subscribe("sqs", arn, RawMessageDelivery="true")
    topic.subscribe("sqs", plain_arn)
    sent = [
        topic.publish(str(n), MessageGroupId="shop", MessageDeduplicationId=f"id-{n}")
        for n in range(3)
    ]
    again = topic.publish("x", MessageGroupId="shop", MessageDeduplicationId="id-2")
    assert again["MessageId"] == sent[2]["MessageId"]
    numbers = [int(one["SequenceNumber"]) for one in sent]
    assert numbers == sorted(set(numbers))
    assert len(sent[0]["SequenceNumber"]) == 20
    messages = topic.received(url)
    assert [one["Body"] for one in messages] == ["0", "1", "2"]
    assert messages[0]["Attributes"]["MessageGroupId"] == "shop"
    assert messages[0]["Attributes"]["MessageDeduplicationId"] == "id-0"
    bodies = [json.loads(one["Body"]) for one in topic.received(plain_url)]
    found = {(one["Message"], one["SequenceNumber"]) for one in bodies}
    assert found == {(str(n), one["SequenceNumber"]) for n, one in enumerate(sent)}
    aws.clock.advance(minutes=5, seconds=1)
    topic.publish("after", MessageGroupId="shop", MessageDeduplicationId="id-2")
    assert [one["Body"] for one in topic.received(url)] == ["after"]

    def refusal(**given: str) -> str:
        code, message, status = refused(topic.sns.publish, TopicArn=topic.arn, Message="x", **given)
        assert (code, status) == ("InvalidParameter", 400)
        return str(message)

    assert refusal(MessageDeduplicationId="a") == (
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    )
    assert refusal(MessageGroupId="a") == (
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly"
    )
    topic.sns.set_topic_attributes(
        TopicArn=topic.arn, AttributeName="ContentBasedDeduplication", AttributeValue="true"
    )
    first, second = (topic.publish("same", MessageGroupId="shop") for _ in range(2))
    assert first == second | {"ResponseMetadata": first["ResponseMetadata"]}
    assert [one["Body"] for one in topic.received(url)] == ["same"]
    function = f"arn:aws:lambda:us-east-1:{aws.account_id}:function:any"
    for protocol, endpoint in (("lambda", function), ("email", "a@example.com")):
        assert (
            refused(topic.sns.subscribe, TopicArn=topic.arn, Protocol=protocol, Endpoint=endpoint)[
                1
            ]
            == f"Invalid parameter: Invalid protocol type: {protocol}"
        )
    other = Topic(aws, "standard")
    assert refused(other.sns.subscribe, TopicArn=other.arn, Protocol="sqs", Endpoint=arn)[1] == (
        "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be "
        "subscribed to standard SNS topics"
    )


@pytest.mark.aws_source(
    f"{DEVELOPER}large-message-payloads.html", f"{API}API_SetTopicAttributes.html"
)
def test_attributes_of_topics(aws: Any, topic: Topic, refused: Any) -> None:
    """The size of messages, and within what a FIFO topic looks for duplicates."""
    url, arn = topic.queue(topic.name, MaximumMessageSize="1048576")
    topic.subscribe("sqs", arn, RawMessageDelivery="true")
    change = topic.sns.set_topic_attributes

    def setting(name: str, value: str) -> Any:
        return refused(change, TopicArn=topic.arn, AttributeName=name, AttributeValue=value)

    assert setting("Colour", "red") == ("InvalidParameter", "Invalid parameter: AttributeName", 400)
    assert setting("MaximumMessageSize", "1048577")[0] == "InvalidParameter"
    change(TopicArn=topic.arn, AttributeName="MaximumMessageSize", AttributeValue="1048576")
    attributes = topic.sns.get_topic_attributes(TopicArn=topic.arn)["Attributes"]
    assert attributes["MaximumMessageSize"] == "1048576"
    topic.publish("x" * 1_048_576)
    assert [len(one["Body"]) for one in topic.received(url)] == [1_048_576]
    assert refused(topic.publish, message="x" * 1_048_577)[1] == (
        "Invalid parameter: Message too long"
    )
    wide = Topic(aws, "wide.fifo", FifoTopic="true", FifoThroughputScope="MessageGroup")
    url, arn = wide.queue("wide.fifo", FifoQueue="true", DeduplicationScope="messageGroup",
                          FifoThroughputLimit="perMessageGroupId")  # fmt: skip
    wide.subscribe("sqs", arn, RawMessageDelivery="true")
    for group in ("a", "b", "a"):
        wide.publish(group, MessageGroupId=group, MessageDeduplicationId="1")
    assert sorted(one["Body"] for one in wide.received(url)) == ["a", "b"]


# -- batches and refusals ----------------------------------------------------------------------


@pytest.mark.aws_source(f"{API}API_PublishBatch.html", RECORDED_SNS)
def test_batches(topic: Topic, refused: Any) -> None:
    """Ten at most, each with its own answer."""
    url, arn = topic.queue(topic.name)
    topic.subscribe("sqs", arn, RawMessageDelivery="true")
    entries = [{"Id": str(n), "Message": f"message {n}"} for n in range(3)]
    entries.append({"Id": "bad", "Message": "{}", "MessageStructure": "json"})
    answer = topic.sns.publish_batch(TopicArn=topic.arn, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["0", "1", "2"]
    (failed,) = answer["Failed"]
    assert failed == {
        "Id": "bad",
        "Code": "InvalidParameter",
        "Message": "Invalid parameter: Message Structure - No default entry in JSON message body",
        "SenderFault": True,
    }
    bodies = {one["Body"] for one in topic.received(url)}
    assert bodies == {"message 0", "message 1", "message 2"}

    def refusal(*ids: str, message: str = "x") -> tuple[str, int]:
        code, _, status = refused(
            topic.sns.publish_batch, TopicArn=topic.arn,
            PublishBatchRequestEntries=[{"Id": one, "Message": message} for one in ids],
        )  # fmt: skip
        return code, status

    assert refusal(*map(str, range(11))) == ("TooManyEntriesInBatchRequest", 400)
    assert refusal("a", "a") == ("BatchEntryIdsNotDistinct", 400)
    assert refusal("a b") == ("InvalidBatchEntryId", 400)
    assert refusal("a", "b", message="x" * 140_000) == ("BatchRequestTooLong", 400)
    assert refusal() == ("EmptyBatchRequest", 400)
    assert topic.received(url) == []


@pytest.mark.aws_source(f"{API}API_Publish.html", f"{API}API_Subscribe.html", RECORDED_SNS)
def test_what_sns_refuses(topic: Topic, refused: Any) -> None:
    sns, missing = topic.sns, ("NotFound", "Topic does not exist", 404)
    nowhere = f"{topic.arn}-gone"
    url, arn = topic.queue(topic.name)
    subscription = topic.subscribe("sqs", arn)
    assert refused(sns.publish, TopicArn=nowhere, Message="x") == missing
    assert refused(sns.subscribe, TopicArn=nowhere, Protocol="sqs", Endpoint=arn) == missing
    assert refused(sns.get_topic_attributes, TopicArn=nowhere) == missing
    one = [{"Id": "1", "Message": "x"}]
    assert refused(sns.publish_batch, TopicArn=nowhere, PublishBatchRequestEntries=one) == missing
    assert refused(
        sns.set_subscription_attributes, SubscriptionArn=f"{nowhere}:1",
        AttributeName="FilterPolicy", AttributeValue="{}",
    ) == ("NotFound", "Subscription does not exist", 404)  # fmt: skip

    def publishing(**given: Any) -> str:
        code, message, status = refused(sns.publish, **{"TopicArn": topic.arn, **given})
        assert (code, status) == ("InvalidParameter", 400)
        return str(message).removeprefix("Invalid parameter: ")

    assert publishing(Message="") == "Empty message"
    assert publishing(Message="x" * 262_145) == "Message too long"
    assert publishing(Message="x", Subject="s" * 101) == "Subject"
    assert publishing(Message="x", TopicArn="orders") == (
        "TopicArn Reason: An ARN must have at least 6 elements, not 1"
    )
    assert publishing(Message="x", MessageDeduplicationId="a").startswith(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter"
    )
    for kind, value, reason in (
        ("Number", "many", "Could not cast message attribute 'size' value to number."),
        (
            "Text",
            "A4",
            "The message attribute 'size' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String.",
        ),
    ):
        attribute = {"DataType": kind, "StringValue": value}
        assert refused(
            sns.publish, TopicArn=topic.arn, Message="x", MessageAttributes={"size": attribute}
        ) == ("ParameterValueInvalid", reason, 400)
    assert topic.received(url) == []

    def subscribing(protocol: str, endpoint: str, **attributes: str) -> str:
        code, message, status = refused(
            sns.subscribe, TopicArn=topic.arn, Protocol=protocol, Endpoint=endpoint,
            Attributes=attributes,
        )  # fmt: skip
        assert (code, status) == ("InvalidParameter", 400)
        return str(message).removeprefix("Invalid parameter: ")

    assert subscribing("sqs", "orders") == "SQS endpoint ARN"
    assert subscribing("lambda", "print") == "Lambda endpoint ARN"
    assert subscribing("pigeon", "x") == "Amazon SNS does not support this protocol string: pigeon"
    assert subscribing("sqs", arn, RawMessageDelivery="true") == (
        "Attributes Reason: Subscription already exists with different attributes"
    )
    assert topic.subscribe("sqs", arn) == subscription
    assert subscribing("sqs", arn, RedrivePolicy='{"deadLetterTargetArn": "x"}') == (
        "Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn"
    )
    assert refused(sns.create_topic, Name="no blanks")[1] == "Invalid parameter: Topic Name"
    again = {"Name": topic.name, "Attributes": {"DisplayName": "other"}}
    assert refused(sns.create_topic, **again)[1] == (
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
    )
    assert sns.create_topic(Name=topic.name)["TopicArn"] == topic.arn
    assert refused(sns.unsubscribe, SubscriptionArn="x")[1] == (
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"
    )
    sns.unsubscribe(SubscriptionArn=subscription)
    sns.unsubscribe(SubscriptionArn=subscription)
    topic.publish("nobody is here")
    assert topic.received(url) == []
    sns.delete_topic(TopicArn=topic.arn)
    sns.delete_topic(TopicArn=topic.arn)
