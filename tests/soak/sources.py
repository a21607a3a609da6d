"""Ways into a function: each sends events, and knows where those go that cannot be processed."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers import RUNTIME
from helpers.deploy import ensure_role
from tests.fidelity.conftest import zipped
from tests.fidelity.roles import lets_in

MARK = re.compile(r"soak~([\w-]+)~")
HANDLER = Path(__file__).with_name("handler.py").read_text()
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


class Source:
    """One way; ``name`` begins the ids of its events."""

    name = ""
    #: What no attempt does here: a stream would wait for each that takes a second, and to run out
    #: of memory is quick in a small function only.
    spared: tuple[str, ...] = ("grow",)

    def __init__(self, aws: Any) -> None:
        self.aws = aws
        self.sqs = aws.client("sqs")
        self.undelivered = self.queue("undelivered")
        self.visible: list[str] = []  #: URLs of queues in which events may still lie
        self.set_up()

    def set_up(self) -> None:
        """Make what is needed."""

    def send(self, mark: str) -> None:
        """Send one event that carries ``mark``."""
        raise NotImplementedError

    def gave_up(self) -> set[str]:
        """The ids of events that ended elsewhere than in the handler."""
        return ids_in(self.sqs, self.undelivered)

    # -- pieces --------------------------------------------------------------------------------

    def queue(self, what: str, **attributes: str) -> str:
        fifo = ".fifo" if "FifoQueue" in attributes else ""
        given = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "1209600", **attributes}
        name = f"soak-{self.name}-{what}{fifo}"
        return str(self.sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"])

    def arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def function(self, retries: bool = True, **config: Any) -> str:
        """The ARN of a new function with the soak's handler."""
        client, role = self.aws.client("lambda"), ensure_role(self.aws)
        self.aws.client("iam").attach_role_policy(
            RoleName=role.rpartition("/")[2], PolicyArn=POLICY
        )
        name = f"soak-{self.name}"
        given: dict[str, Any] = {"Timeout": 1, "MemorySize": 1769, **config}
        arn = client.create_function(
            FunctionName=name,
            Runtime=RUNTIME,
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": zipped({"app.py": HANDLER})},
            **given,
        )["FunctionArn"]
        state = client.get_function_configuration
        self.aws.wait_until(lambda: state(FunctionName=name)["State"] == "Active")
        if retries:
            client.put_function_event_invoke_config(
                FunctionName=name,
                DestinationConfig={"OnFailure": {"Destination": self.arn(self.undelivered)}},
            )
        for service in ("s3", "sns", "events"):
            client.add_permission(
                FunctionName=name,
                StatementId=service,
                Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
            )
        return str(arn)

    def map(self, source: str, **settings: Any) -> None:
        self.aws.client("lambda").create_event_source_mapping(
            FunctionName=f"soak-{self.name}", EventSourceArn=source, **settings
        )


def ids_in(sqs: Any, url: str, pattern: re.Pattern[str] = MARK) -> set[str]:
    """The ids that the messages of a queue name; they are deleted, so that none is read twice."""
    found: set[str] = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            found |= set(pattern.findall(one["Body"]))
        entries = [
            {"Id": str(number), "ReceiptHandle": one["ReceiptHandle"]}
            for number, one in enumerate(messages)
        ]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return found


class Invoke(Source):
    """An asynchronous invoke of a small function, with a dead-letter queue of the old kind."""

    name = "invoke"
    spared = ()

    def set_up(self) -> None:
        config = {"TargetArn": self.arn(self.undelivered)}
        self.target = self.function(retries=False, DeadLetterConfig=config, MemorySize=256)
        self.client = self.aws.client("lambda")

    def send(self, mark: str) -> None:
        self.client.invoke(
            FunctionName=self.target, InvocationType="Event", Payload=json.dumps({"mark": mark})
        )


class Bucket(Source):
    """An object put into a bucket."""

    name = "s3"

    def set_up(self) -> None:
        self.s3 = self.aws.client("s3")
        self.s3.create_bucket(Bucket="soak")
        rule = {"LambdaFunctionArn": self.function(), "Events": ["s3:ObjectCreated:*"]}
        self.s3.put_bucket_notification_configuration(
            Bucket="soak", NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
        )

    def send(self, mark: str) -> None:
        self.s3.put_object(Bucket="soak", Key=f"{mark}.txt", Body=b"x")


class Topic(Source):
    """A message published to a topic."""

    name = "sns"

    def set_up(self) -> None:
        self.sns = self.aws.client("sns")
        self.topic = self.sns.create_topic(Name="soak")["TopicArn"]
        self.sns.subscribe(TopicArn=self.topic, Protocol="lambda", Endpoint=self.function())

    def send(self, mark: str) -> None:
        self.sns.publish(TopicArn=self.topic, Message=mark)


class Bus(Source):
    """An event on the default bus, and a rule."""

    name = "events"

    def set_up(self) -> None:
        self.events = self.aws.client("events")
        self.events.put_rule(Name="soak", EventPattern=json.dumps({"source": ["soak"]}))
        self.events.put_targets(Rule="soak", Targets=[{"Id": "one", "Arn": self.function()}])

    def send(self, mark: str) -> None:
        entry = {"Source": "soak", "DetailType": "soak", "Detail": json.dumps({"mark": mark})}
        answer = self.events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0


class StandardQueue(Source):
    """A message in a standard queue whose consumer reports what failed."""

    name = "sqs"

    def set_up(self) -> None:
        policy = {"deadLetterTargetArn": self.arn(self.undelivered), "maxReceiveCount": 4}
        self.url = self.queue("in", RedrivePolicy=json.dumps(policy))
        self.visible = [self.url]
        self.function(retries=False, Environment={"Variables": {"REPORTS": "yes"}})
        self.map(self.arn(self.url), FunctionResponseTypes=["ReportBatchItemFailures"])

    def send(self, mark: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=mark)


class FifoQueue(Source):
    """A message in one of many groups of a FIFO queue."""

    name = "fifo"
    groups = 40

    def set_up(self) -> None:
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        self.undelivered = self.queue("dead", **fifo)
        policy = {"deadLetterTargetArn": self.arn(self.undelivered), "maxReceiveCount": 4}
        self.url = self.queue("in", RedrivePolicy=json.dumps(policy), **fifo)
        self.visible = [self.url]
        self.function(retries=False)
        self.map(self.arn(self.url), BatchSize=3)

    def send(self, mark: str) -> None:
        group = str(sum(mark.encode()) % self.groups)
        self.sqs.send_message(QueueUrl=self.url, MessageBody=mark, MessageGroupId=group)


class TopicToQueue(Source):
    """A message that a topic passes to a queue, raw, and the queue to a function."""

    name = "fan-out"

    def set_up(self) -> None:
        policy = {"deadLetterTargetArn": self.arn(self.undelivered), "maxReceiveCount": 4}
        url = self.queue("in", RedrivePolicy=json.dumps(policy))
        self.visible = [url]
        self.sns = self.aws.client("sns")
        self.topic = self.sns.create_topic(Name="soak-fan-out")["TopicArn"]
        let_in = {"Policy": lets_in("sns", self.arn(url), self.topic)}
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes=let_in)
        self.sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=self.arn(url),
            Attributes={"RawMessageDelivery": "true"},
        )
        self.function(retries=False)
        self.map(self.arn(url), BatchSize=1)

    def send(self, mark: str) -> None:
        self.sns.publish(TopicArn=self.topic, Message=mark)


class Table(Source):
    """An item put into a table, and its stream; what is given up is named by sequence numbers."""

    name = "table"
    spared = ("grow", "sleep")

    def set_up(self) -> None:
        self.dynamodb = self.aws.client("dynamodb")
        made = self.dynamodb.create_table(
            TableName="soak",
            KeySchema=[{"AttributeName": "mark", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "mark", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        self.stream = made["TableDescription"]["LatestStreamArn"]
        self.function(retries=False)
        self.map(
            self.stream,
            StartingPosition="TRIM_HORIZON",
            BatchSize=20,
            MaximumRetryAttempts=2,
            BisectBatchOnFunctionError=True,
            ParallelizationFactor=4,
            DestinationConfig={"OnFailure": {"Destination": self.arn(self.undelivered)}},
        )

    def send(self, mark: str) -> None:
        self.dynamodb.put_item(TableName="soak", Item={"mark": {"S": mark}})

    def gave_up(self) -> set[str]:
        streams = self.aws.client("dynamodbstreams")
        return given_up(self.sqs, self.undelivered, "DDBStreamBatchInfo", self._records(streams))

    def _records(self, streams: Any) -> Iterator[tuple[str, int, str]]:
        shards = streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]
        for shard in shards:
            iterator = streams.get_shard_iterator(
                StreamArn=self.stream,
                ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"]
            while iterator:
                answer = streams.get_records(ShardIterator=iterator)
                for one in answer["Records"]:
                    text = json.dumps(one["dynamodb"]["NewImage"])
                    yield shard["ShardId"], int(one["dynamodb"]["SequenceNumber"]), text
                iterator = answer.get("NextShardIterator") if answer["Records"] else None


class Stream(Source):
    """A record in one of the shards of a Kinesis stream."""

    name = "kinesis"
    spared = ("grow", "sleep")

    def set_up(self) -> None:
        self.kinesis = self.aws.client("kinesis")
        self.kinesis.create_stream(StreamName="soak", ShardCount=2)
        self.kinesis.get_waiter("stream_exists").wait(StreamName="soak")
        described = self.kinesis.describe_stream_summary(StreamName="soak")
        self.function(retries=False)
        self.sent: list[tuple[str, int, str]] = []
        self.map(
            described["StreamDescriptionSummary"]["StreamARN"],
            StartingPosition="TRIM_HORIZON",
            BatchSize=20,
            MaximumRetryAttempts=2,
            BisectBatchOnFunctionError=True,
            ParallelizationFactor=4,
            DestinationConfig={"OnFailure": {"Destination": self.arn(self.undelivered)}},
        )

    def send(self, mark: str) -> None:
        put = self.kinesis.put_record(
            StreamName="soak", Data=mark.encode(), PartitionKey=mark.split("~")[1]
        )
        self.sent.append((put["ShardId"], int(put["SequenceNumber"]), mark))

    def gave_up(self) -> set[str]:
        return given_up(self.sqs, self.undelivered, "KinesisBatchInfo", iter(self.sent))


def given_up(sqs: Any, url: str, member: str, records: Iterator[tuple[str, int, str]]) -> set[str]:
    """The ids of stream records that lie between the numbers which failure records name.

    Bisecting leads to batches of one record, so that nothing lies between by accident.
    """
    ranges = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            batch = json.loads(one["Body"])[member]
            ends = (int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"]))
            ranges.append((batch["shardId"], *ends))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    if not ranges:
        return set()
    return {
        MARK.findall(text)[0]
        for shard, number, text in records
        if any(shard == where and first <= number <= last for where, first, last in ranges)
    }


class Url(Source):
    """A request to a function's URL: its sender is told, and nobody tries again."""

    name = "http"

    def set_up(self) -> None:
        arn = self.function(retries=False)
        client = self.aws.client("lambda")
        made = client.create_function_url_config(FunctionName=arn, AuthType="NONE")
        for number, action in enumerate(("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")):
            by_url = (
                {"FunctionUrlAuthType": "NONE"} if not number else {"InvokedViaFunctionUrl": True}
            )
            client.add_permission(
                FunctionName=arn,
                StatementId=f"public-{number}",
                Action=action,
                Principal="*",
                **by_url,
            )
        self.url = made["FunctionUrl"]
        self.told: set[str] = set()

    def send(self, mark: str) -> None:
        try:
            urllib.request.urlopen(f"{self.url}{mark}", timeout=30).read()
        except urllib.error.HTTPError as answer:
            if answer.code not in (429, 500, 502, 503):
                raise
            self.told |= set(MARK.findall(mark))

    def gave_up(self) -> set[str]:
        return self.told


EVERY = (
    Invoke, Bucket, Topic, Bus, StandardQueue, FifoQueue, TopicToQueue, Table, Stream, Url,
)  # fmt: skip
