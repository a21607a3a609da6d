"""S3 notifications start functions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.conftest import zipped
from tests.fidelity.roles import lets_in

S3 = f"{sources.GUIDE}with-s3.html"
STRUCTURE = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"
)
PERMISSION = f"{sources.GUIDE}access-control-resource-based.html"

pytestmark = pytest.mark.aws_source(S3)

PRINT_EVENT = """
import json
def handler(event, context):
    for record in event["Records"]:
        print("EVENT", json.dumps(record))
"""


def allow(function: Any, service: str, source: str) -> None:
    function.client.add_permission(
        FunctionName=function.name,
        StatementId=f"for-{abs(hash(source))}",
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source,
    )


def records(function: Any, times: int) -> list[dict[str, Any]]:
    """The records that arrived, once there are that many."""
    events = function.wait_for_log("EVENT ", times=times)
    found = [json.loads(one[6:]) for one in events if one.startswith("EVENT ")]
    assert len(found) == times
    # Asynchronous: nobody promises that the first is handled first.
    return sorted(found, key=lambda one: str(one["s3"]["object"]["sequencer"]))


@pytest.fixture
def bucket(aws: Any, make: Any) -> Any:
    """A function, and a versioned bucket that tells it everything."""
    function, s3 = make(PRINT_EVENT), aws.client("s3")
    name = f"photos-{function.name}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    allow(function, "s3.amazonaws.com", f"arn:aws:s3:::{name}")

    def notify(*events: str, rules: list[dict[str, str]] | None = None) -> None:
        configuration: dict[str, Any] = {
            "Id": "print",
            "LambdaFunctionArn": function.arn,
            "Events": list(events),
        }
        if rules:
            configuration["Filter"] = {"Key": {"FilterRules": rules}}
        s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]},
        )

    return name, s3, function, notify


@pytest.mark.aws_source(STRUCTURE)
def test_put(bucket: Any) -> None:
    """The whole record, with the key url-encoded."""
    name, s3, function, notify = bucket
    notify("s3:ObjectCreated:*")
    answer = s3.put_object(Bucket=name, Key="holiday photos/día 1+2.jpg", Body=b"12345")
    (record,) = records(function, 1)
    assert list(record) == [
        "eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity",
        "requestParameters", "responseElements", "s3",
    ]  # fmt: skip
    assert record["eventSource"] == "aws:s3"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["configurationId"] == "print"
    assert record["s3"]["bucket"]["name"] == name
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{name}"
    stored = record["s3"]["object"]
    assert stored["key"] == "holiday+photos/d%C3%ADa+1%2B2.jpg"
    assert stored["size"] == 5
    assert stored["eTag"] == answer["ETag"].strip('"')
    assert stored["versionId"] == answer["VersionId"]
    assert int(stored["sequencer"], 16) > 0


def test_copy_upload_in_parts_and_deletion(bucket: Any) -> None:
    """Each is announced once, under its own name."""
    name, s3, function, notify = bucket
    notify("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    s3.put_object(Bucket=name, Key="a", Body=b"1")
    records(function, 1)
    s3.copy_object(Bucket=name, Key="b", CopySource={"Bucket": name, "Key": "a"})
    records(function, 2)
    upload = s3.create_multipart_upload(Bucket=name, Key="c")["UploadId"]
    part = s3.upload_part(Bucket=name, Key="c", UploadId=upload, PartNumber=1, Body=b"2")
    s3.complete_multipart_upload(
        Bucket=name, Key="c", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip
    records(function, 3)
    s3.delete_object(Bucket=name, Key="a")
    marker = records(function, 4)[-1]
    assert [record["eventName"] for record in records(function, 4)] == [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
        "ObjectRemoved:DeleteMarkerCreated",
    ]
    assert "size" not in marker["s3"]["object"]
    assert marker["s3"]["object"]["versionId"]
    sequence = [int(record["s3"]["object"]["sequencer"], 16) for record in records(function, 4)]
    assert sequence == sorted(sequence)


@pytest.mark.aws_source(
    STRUCTURE,
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
)
def test_deletion_without_versions_and_tags(bucket: Any, make: Any) -> None:
    """Nothing is left, no marker; tags are announced when they are set later, not with a put."""
    name, s3, function, _ = bucket
    name = f"plain-{name}"
    s3.create_bucket(Bucket=name)
    allow(function, "s3.amazonaws.com", f"arn:aws:s3:::{name}")
    events = ["s3:ObjectRemoved:*", "s3:ObjectTagging:*"]
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": function.arn, "Events": events}]
        },
    )
    tags = {"TagSet": [{"Key": "kind", "Value": "photo"}]}
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=name, Key=key, Body=b"1", Tagging="kind=photo")
    s3.put_object_tagging(Bucket=name, Key="a", Tagging=tags)
    records(function, 1)
    s3.delete_object_tagging(Bucket=name, Key="a")
    records(function, 2)
    s3.delete_object(Bucket=name, Key="a")
    records(function, 3)
    s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "b"}, {"Key": "c"}]})
    found = [(one["eventName"], one["s3"]["object"]["key"]) for one in records(function, 5)]
    assert found[:3] == [
        ("ObjectTagging:Put", "a"), ("ObjectTagging:Delete", "a"), ("ObjectRemoved:Delete", "a"),
    ]  # fmt: skip
    assert sorted(found[3:]) == [("ObjectRemoved:Delete", "b"), ("ObjectRemoved:Delete", "c")]
    removed = records(function, 5)[2]["s3"]["object"]
    assert not {"size", "eTag", "versionId"} & set(removed)
    assert int(removed["sequencer"], 16) > 0


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ways-to-add-notification-config-to-bucket.html",
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_notifications_sns.snapshot.json",
)
def test_a_topic_passes_it_on(aws: Any) -> None:
    """First a test event, then each record, under a subject of S3's."""
    s3, sns, sqs = (aws.client(service) for service in ("s3", "sns", "sqs"))
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    url = sqs.create_queue(QueueName="uploads")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{aws.account_id}:uploads"

    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=lets_in("s3", topic)
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": lets_in("sns", queue)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    s3.create_bucket(Bucket="announced")
    rule = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="announced", NotificationConfiguration={"TopicConfigurations": [rule]}
    )
    s3.put_object(Bucket="announced", Key="a", Body=b"1")
    found = []
    for _ in range(2):
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
        body = json.loads(message["Body"])
        assert body["Subject"] == "Amazon S3 Notification"
        found.append(json.loads(body["Message"]))
    test, event = sorted(found, key=lambda one: "Records" in one)
    assert (test["Event"], test["Bucket"]) == ("s3:TestEvent", "announced")
    assert event["Records"][0]["s3"]["object"]["key"] == "a"


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"
)
def test_prefix_and_suffix(bucket: Any) -> None:
    name, s3, function, notify = bucket
    notify(
        "s3:ObjectCreated:Put",
        rules=[{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}],
    )
    for key in ("in/a.png", "out/a.jpg", "in/a.jpg"):
        s3.put_object(Bucket=name, Key=key, Body=b"x")
    assert [record["s3"]["object"]["key"] for record in records(function, 1)] == ["in/a.jpg"]


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html",
    "https://github.com/matt-filion/serverless-external-s3-event/issues/84",  # the words
)
def test_rules_that_overlap(bucket: Any) -> None:
    """Two rules that one event could fit are refused; what stood there before stays."""
    name, s3, function, notify = bucket
    notify("s3:ObjectCreated:*")

    def put(*rules: tuple[str, str, str]) -> Any:
        """Set rules of (event, prefix, suffix); what S3 answers when it refuses, or None."""
        listed = [
            {
                "LambdaFunctionArn": function.arn,
                "Events": [event],
                "Filter": {
                    "Key": {
                        "FilterRules": [
                            {"Name": "prefix", "Value": prefix},
                            {"Name": "suffix", "Value": suffix},
                        ]
                    }
                },
            }
            for event, prefix, suffix in rules
        ]
        for rule in listed:
            if not any(one["Value"] for one in rule["Filter"]["Key"]["FilterRules"]):
                del rule["Filter"]
        configuration = {"LambdaFunctionConfigurations": listed}
        try:
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration=configuration
            )
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]

    created, put_alone, removed = "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"
    assert put((created, "", ""), (put_alone, "", "")) == (
        "InvalidArgument",
        "Configurations overlap. Configurations on the same bucket cannot share a common event "
        "type.",
    )
    ambiguous = (
        "InvalidArgument",
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if "
        "the prefixes are overlapping for the same event type.",
    )
    assert put((created, "in/", ".jpg"), (created, "", "jpg")) == ambiguous
    assert put((created, "", ".jpg"), (put_alone, "in/", "")) == ambiguous
    kept = s3.get_bucket_notification_configuration(Bucket=name)["LambdaFunctionConfigurations"]
    assert [one["Events"] for one in kept] == [[created]]
    assert put((created, "", ".jpg"), (created, "", ".JPG")) is None
    assert put((created, "in/", ""), (created, "out/", "")) is None
    assert put((created, "in/", ""), (removed, "in/", "")) is None


@pytest.mark.aws_source(PERMISSION)
def test_a_bucket_needs_permission(aws: Any, make: Any, refused: Any) -> None:
    """The notification is refused when it is set, and so is a function that is not there."""
    function, s3 = make(PRINT_EVENT), aws.client("s3")
    s3.create_bucket(Bucket="strangers")

    def put(arn: str) -> tuple[str, str, int]:
        answer: tuple[str, str, int] = refused(
            s3.put_bucket_notification_configuration,
            Bucket="strangers",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [
                    {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
                ]
            },
        )
        return answer

    expected = ("InvalidArgument", "Unable to validate the following destination configurations")
    assert put(function.arn)[:2] == expected
    allow(function, "s3.amazonaws.com", "arn:aws:s3:::other")
    assert put(function.arn)[:2] == expected
    assert put(function.arn.replace(function.name, "nobody"))[:2] == expected
    answer = s3.get_bucket_notification_configuration(Bucket="strangers")
    assert "LambdaFunctionConfigurations" not in answer


@pytest.mark.aws_source(sources.ASYNC)
def test_a_failing_handler_is_retried_and_the_upload_does_not_wait(bucket: Any, aws: Any) -> None:
    """Asynchronous: put_object returns at once, and the queue's retries follow."""
    name, s3, function, notify = bucket
    function.client.update_function_code(
        FunctionName=function.name,
        ZipFile=zipped(
            {"app.py": "import time\ndef handler(e, c):\n    time.sleep(2)\n    raise ValueError"}
        ),
    )
    function.settle()
    notify("s3:ObjectCreated:*")
    began = time.monotonic()
    s3.put_object(Bucket=name, Key="a", Body=b"1")
    assert time.monotonic() - began < 1.5
    function.wait_for_log("REPORT", times=1)
    aws.clock.advance(minutes=1)
    function.wait_for_log("REPORT", times=2)
