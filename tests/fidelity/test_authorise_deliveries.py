"""What buckets, topics and rules send reaches a queue or topic only where its policy lets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity.roles import allow, document, lets_in
from tests.fidelity.sqs_queue import Queue

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
SNS = "https://docs.aws.amazon.com/sns/latest/dg/"
EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"

#: S3's words for a destination that is not there, or does not let the bucket in.
UNABLE = "Unable to validate the following destination configurations"


def set_policy(queue: Queue, policy: str) -> None:
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})


@pytest.mark.aws_source(f"{S3}grant-destinations-permissions-to-s3.html")
def test_a_bucket(aws: Any, refused: Any) -> None:
    """Refused when the notification is set; silent where the policy was taken away later."""
    s3, sns, queue = aws.client("s3"), aws.client("sns"), Queue(aws)
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    s3.create_bucket(Bucket="uploads")
    bucket = "arn:aws:s3:::uploads"

    def notifying(kind: str, arn: str, **more: Any) -> dict[str, Any]:
        rule = {f"{kind}Arn": arn, "Events": ["s3:ObjectCreated:*"]}
        configuration = {f"{kind}Configurations": [rule]}
        return {"Bucket": "uploads", "NotificationConfiguration": configuration, **more}

    notify = s3.put_bucket_notification_configuration
    no_queue = notifying("Queue", f"{queue.arn}-gone")
    for given in (notifying("Queue", queue.arn), notifying("Topic", topic), no_queue):
        assert refused(notify, **given)[:2] == ("InvalidArgument", UNABLE)
    set_policy(queue, lets_in("s3", queue.arn, f"{bucket}-of-a-neighbour"))
    assert refused(notify, **notifying("Queue", queue.arn))[1] == UNABLE
    notify(**notifying("Queue", queue.arn, SkipDestinationValidation=True))
    s3.put_object(Bucket="uploads", Key="unheard", Body=b"1")
    assert queue.size() == 0
    set_policy(queue, lets_in("s3", queue.arn, bucket))
    notify(**notifying("Queue", queue.arn))
    s3.put_object(Bucket="uploads", Key="heard", Body=b"1")
    bodies = [json.loads(one["Body"]) for one in queue.receive()]
    assert sorted(one.get("Event", "record") for one in bodies) == ["record", "s3:TestEvent"]
    set_policy(queue, lets_in("sns", queue.arn))
    s3.put_object(Bucket="uploads", Key="unheard", Body=b"1")
    assert queue.receive() == []
    policy = lets_in("s3", topic, bucket)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    notify(**notifying("Topic", topic))


@pytest.mark.aws_source(f"{SNS}subscribe-sqs-queue-to-sns-topic.html")
def test_a_topic(aws: Any) -> None:
    """Publish succeeds, whoever hears it; what a queue does not take goes to a queue that does."""
    sns, closed, dead = aws.client("sns"), Queue(aws), Queue(aws)
    topic = sns.create_topic(Name="orders")["TopicArn"]
    set_policy(dead, lets_in("sns", dead.arn, topic))
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=closed.arn,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead.arn})},
    )  # fmt: skip
    sns.publish(TopicArn=topic, Message="nobody is allowed")
    set_policy(closed, lets_in("sns", closed.arn, f"{topic}-of-a-neighbour"))
    sns.publish(TopicArn=topic, Message="only another one is")
    assert (closed.size(), dead.size()) == (0, 2)
    set_policy(closed, lets_in("sns", closed.arn, topic))
    sns.publish(TopicArn=topic, Message="now")
    assert (closed.size(), dead.size()) == (1, 2)
    # An explicit deny wins, and a condition counts: this is how a queue is tied to an account.
    for account, taken in (("999999999999", 1), (aws.account_id, 2)):
        limit = {"StringEquals": {"aws:SourceAccount": account}}
        who = {"Service": "sns.amazonaws.com"}
        statement = allow("sqs:SendMessage", closed.arn, Principal=who, Condition=limit)
        set_policy(closed, document(statement))
        sns.publish(TopicArn=topic, Message="once more")
        assert closed.size() == taken


@pytest.mark.aws_source(f"{EVENTS}eb-use-resource-based.html", f"{EVENTS}eb-rule-dlq.html")
def test_a_rule(aws: Any) -> None:
    """PutEvents succeeds; the rule counts a failed invocation. A topic's first policy lets no rule
    in, and a dead-letter queue needs a policy as well."""
    events, sns, queue, dead = aws.client("events"), aws.client("sns"), Queue(aws), Queue(aws)
    topic = sns.create_topic(Name="from-rules")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    set_policy(queue, lets_in("sns", queue.arn))

    def metric(name: str) -> float:
        now = aws.clock.now().timestamp()
        answer = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Events", MetricName=name, Statistics=["Sum"], Period=60,
            Dimensions=[{"Name": "RuleName", "Value": "orders"}],
            StartTime=now - 3600, EndTime=now + 60,
        )  # fmt: skip
        return float(sum(point["Sum"] for point in answer["Datapoints"]))

    def send() -> None:
        entry = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    rule = events.put_rule(Name="orders", EventPattern='{"source": ["shop"]}')["RuleArn"]
    events.put_targets(
        Rule="orders",
        Targets=[
            {"Id": name, "Arn": arn, "DeadLetterConfig": {"Arn": dead.arn}}
            for name, arn in (("queue", queue.arn), ("topic", topic))
        ],
    )
    send()
    aws.wait_until(lambda: metric("InvocationsFailedToBeSentToDlq") == 2)
    assert (metric("FailedInvocations"), queue.size(), dead.size()) == (2, 0, 0)
    set_policy(dead, lets_in("events", dead.arn, rule))
    send()
    aws.wait_until(lambda: dead.size() == 2)
    codes = [
        one["MessageAttributes"]["ERROR_CODE"]["StringValue"]
        for one in dead.receive(MessageAttributeNames=["All"])
    ]
    assert codes == ["NO_PERMISSIONS"] * 2
    set_policy(queue, lets_in(["events", "sns"], queue.arn, rule, topic))
    policy = lets_in("events", topic, rule)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    send()
    aws.wait_until(lambda: queue.size() == 2, what="the rule's own message and the topic's")
    assert metric("FailedInvocations") == 4


@pytest.mark.aws_source(f"{SQS}sqs-key-management.html")
def test_an_encrypted_queue(aws: Any) -> None:
    """Who sends needs the key as well; the key of AWS's own lets no other service in."""
    sns, kms = aws.client("sns"), aws.client("kms")
    topic = sns.create_topic(Name="secret-orders")["TopicArn"]
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    queue = Queue(aws, KmsMasterKeyId=key)
    set_policy(queue, lets_in("sns", queue.arn, topic))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    sns.publish(TopicArn=topic, Message="the key's first policy names the account alone")
    assert queue.size() == 0
    root = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    use = allow(["kms:GenerateDataKey*", "kms:Decrypt"], Principal={"Service": "sns.amazonaws.com"})
    policy = document(allow("kms:*", Principal=root), use)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    sns.publish(TopicArn=topic, Message="now it names SNS")
    assert queue.size() == 1
    queue.sqs.set_queue_attributes(
        QueueUrl=queue.url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"}
    )
    sns.publish(TopicArn=topic, Message="a key whose policy nobody can change")
    assert queue.size() == 1
