"""The audit trail: who did what, with which outcome; data events only where they are wanted."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

CLOUDTRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/"
RECORD = f"{CLOUDTRAIL}userguide/cloudtrail-event-reference-record-contents.html"
LOOKUP = f"{CLOUDTRAIL}APIReference/API_LookupEvents.html"
DATA = f"{CLOUDTRAIL}userguide/logging-data-events-with-cloudtrail.html"

pytestmark = pytest.mark.aws_source(RECORD, LOOKUP)


def events(aws: Any, **attribute: str) -> list[dict[str, Any]]:
    """What LookupEvents finds, newest first; ``EventName="…"`` and the like."""
    attributes = [{"AttributeKey": k, "AttributeValue": v} for k, v in attribute.items()]
    pages = aws.client("cloudtrail").get_paginator("lookup_events")
    return [
        {**event, "record": json.loads(event["CloudTrailEvent"])}
        for page in pages.paginate(LookupAttributes=attributes)
        for event in page["Events"]
    ]


def test_a_management_event(aws: Any) -> None:
    """A call that changes something: its parameters and its answer."""
    queue = aws.client("sqs").create_queue(QueueName="audited", Attributes={"DelaySeconds": "5"})
    event = events(aws, EventName="CreateQueue")[0]
    record = event["record"]
    assert event["Username"] == "learner"
    assert event["ReadOnly"] == "false"
    assert event["EventSource"] == record["eventSource"] == "sqs.amazonaws.com"
    assert record["requestParameters"]["queueName"] == "audited"
    assert record["requestParameters"]["attributes"] == {"DelaySeconds": "5"}
    assert record["responseElements"] == {"queueUrl": queue["QueueUrl"]}
    assert record["userIdentity"]["type"] == "IAMUser"
    assert record["userIdentity"]["arn"].endswith(":user/learner")
    assert record["eventCategory"] == "Management"
    assert record["managementEvent"] is True
    assert {"ResourceType": "AWS::SQS::Queue", "ResourceName": "audited"} in event["Resources"]


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
    f"{CLOUDTRAIL}userguide/cloudtrail-event-reference-user-identity.html",
)
def test_a_handlers_calls(aws: Any, make: Any) -> None:
    """A handler's calls are its role's session; Lambda's own events carry the API's version."""
    function = make(
        """
        import boto3
        def handler(event, context):
            boto3.client("sqs").list_queues()
            try:
                boto3.client("kms").describe_key(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")
            except Exception as problem:
                return type(problem).__name__
        """
    )
    assert function.invoke({}).payload == "NotFoundException"
    event = events(aws, EventName="ListQueues")[0]
    identity = event["record"]["userIdentity"]
    assert event["ReadOnly"] == "true"
    assert event["record"]["responseElements"] is None
    assert identity["type"] == "AssumedRole"
    assert event["Username"] == function.name
    assert identity["arn"].endswith(f"/{function.name}")
    assert identity["sessionContext"]["sessionIssuer"]["type"] == "Role"
    failed = events(aws, EventName="DescribeKey")[0]["record"]
    assert failed["errorCode"] == "NotFoundException"
    assert failed["errorMessage"]
    made = events(aws, EventName="CreateFunction")[0]
    assert made["record"]["eventName"] == "CreateFunction20150331"
    assert made["record"]["requestParameters"]["functionName"] == function.name
    assert "zipFile" not in json.dumps(made["record"])
    assert events(aws, EventName="Invoke") == []


def test_secrets_are_hidden(aws: Any) -> None:
    aws.client("secretsmanager").create_secret(Name="audit", SecretString="four words no one knows")
    aws.client("ssm").put_parameter(Name="/audit", Value="four words no one knows", Type="String")
    aws.client("secretsmanager").get_secret_value(SecretId="audit")
    found = events(aws, EventSource="secretsmanager.amazonaws.com") + events(
        aws, EventSource="ssm.amazonaws.com"
    )
    assert [one["EventName"] for one in found] == [
        "GetSecretValue", "CreateSecret", "PutParameter",
    ]  # fmt: skip
    assert "four words" not in json.dumps([one["CloudTrailEvent"] for one in found])


def test_lookup(aws: Any, refused: Any) -> None:
    """Newest first, in pages, within a time, for 90 days."""
    cloudtrail, sns = aws.client("cloudtrail"), aws.client("sns")
    for number in range(3):
        sns.create_topic(Name=f"topic-{number}")
    page = cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTopic"}],
        MaxResults=2,
    )
    names = [one["Resources"][0]["ResourceName"] for one in page["Events"]]
    assert names == ["topic-2", "topic-1"]
    assert page["NextToken"]
    assert len(events(aws, EventName="CreateTopic")) == 3
    assert len(events(aws, ResourceName="topic-1")) == 1
    later = aws.clock.now() + timedelta(minutes=5)
    assert cloudtrail.lookup_events(StartTime=later, EndTime=later)["Events"] == []
    wrong = [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2
    code, _, _ = refused(cloudtrail.lookup_events, LookupAttributes=wrong)
    assert code == "InvalidLookupAttributesException"
    aws.clock.advance(days=91)
    assert events(aws, EventName="CreateTopic") == []


@pytest.mark.aws_source(
    DATA,
    f"{CLOUDTRAIL}userguide/cloudtrail-log-file-examples.html",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
    "cloudtrail-logging-understanding-s3-entries.html",
)
def test_a_trail(aws: Any) -> None:
    """Every five minutes to its bucket, data events where its selectors ask for them."""
    cloudtrail, s3 = aws.client("cloudtrail"), aws.client("s3")
    for name in ("audit-log", "photos", "drafts"):
        s3.create_bucket(Bucket=name)
    cloudtrail.create_trail(Name="shop", S3BucketName="audit-log")
    cloudtrail.put_event_selectors(
        TrailName="shop",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [
                    {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::photos/"]},
                ],
            }
        ],
    )
    cloudtrail.start_logging(Name="shop")
    s3.put_object(Bucket="photos", Key="cake.jpg", Body=b"x")
    s3.get_object(Bucket="photos", Key="cake.jpg")
    s3.put_object(Bucket="drafts", Key="cake.jpg", Body=b"x")
    aws.client("sqs").create_queue(QueueName="trailed")
    aws.clock.advance(minutes=5, seconds=5)

    def files() -> Any:
        listed = s3.list_objects_v2(Bucket="audit-log").get("Contents", [])
        return [one["Key"] for one in listed]

    key = aws.wait_until(files, what="the trail's first file")[0]
    assert key.startswith(f"AWSLogs/{aws.account_id}/CloudTrail/{aws.region}/")
    content = gzip.decompress(s3.get_object(Bucket="audit-log", Key=key)["Body"].read())
    records = json.loads(content)["Records"]
    data = [(one["eventName"], one["resources"][0]["ARN"]) for one in records
            if one["eventCategory"] == "Data"]  # fmt: skip
    photo = "arn:aws:s3:::photos/cake.jpg"
    assert data == [("PutObject", photo), ("GetObject", photo)]
    put = next(one for one in records if one["eventName"] == "PutObject")
    assert (put["requestParameters"]["bucketName"], put["requestParameters"]["key"]) == (
        "photos",
        "cake.jpg",
    )
    kinds = [(one["type"], one["ARN"]) for one in put["resources"]]
    assert kinds == [("AWS::S3::Object", photo), ("AWS::S3::Bucket", "arn:aws:s3:::photos")]
    assert "CreateQueue" in [one["eventName"] for one in records]
    assert "PutObject" not in [one["EventName"] for one in events(aws)]
    cloudtrail.stop_logging(Name="shop")
