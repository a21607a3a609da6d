"""Which requests are data events: about what is inside a resource, and not about the resource.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
"""

from __future__ import annotations

import re

from helpers.localaws.gateway.call import Call

#: By the service's name in signatures; S3 and Lambda are told by their paths.
DATA_OPERATIONS = {
    "dynamodb": {
        "BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem",
        "ExecuteStatement", "ExecuteTransaction", "GetItem", "GetRecords", "GetShardIterator",
        "PutItem", "Query", "Scan", "TransactGetItems", "TransactWriteItems", "UpdateItem",
    },
    "sqs": {
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage",
        "DeleteMessageBatch", "ReceiveMessage", "SendMessage", "SendMessageBatch",
    },
    "sns": {"Publish", "PublishBatch"},
    "kinesis": {"GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard"},
    "events": {"PutEvents"},
    "logs": {"PutLogEvents"},
    "monitoring": {"GetMetricData", "GetMetricStatistics", "GetMetricWidgetImage", "PutMetricData"},
    "xray": {"PutTelemetryRecords", "PutTraceSegments"},
}  # fmt: skip

#: What a trail's selectors call the resources, by service.
RESOURCE_TYPES = {
    "s3": "AWS::S3::Object",
    "lambda": "AWS::Lambda::Function",
    "dynamodb": "AWS::DynamoDB::Table",
    "sqs": "AWS::SQS::Queue",
    "sns": "AWS::SNS::Topic",
    "kinesis": "AWS::Kinesis::Stream",
    "events": "AWS::Events::EventBus",
}

_LISTINGS = re.compile(r"(^|&)(list-type=2|versions|uploads|prefix=|delimiter=|max-keys=)")


def is_data(call: Call) -> bool:
    """Whether a request is a data event; quick, since it is asked for every request."""
    environ, service = call.environ, call.service
    if service == "lambda":
        return str(environ["PATH_INFO"]).endswith(
            ("/invocations", "/invoke-async/", "/response-streaming-invocations")
        )
    if service == "s3":
        return _in_bucket(str(environ["PATH_INFO"]), str(environ.get("QUERY_STRING", "")), environ)
    names = DATA_OPERATIONS.get(service or "")
    if names is None:
        return False
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2] in names
    if service in ("sns", "sqs"):
        found = re.search(rb"Action=(\w+)", call.body)
        return found is not None and found[1].decode() in names
    return call.operation in names


def _in_bucket(path: str, query: str, environ: dict[str, object]) -> bool:
    """An object, or a look into a bucket: ``/bucket/key``, ``/bucket?list-type=2``."""
    bucket, _, key = path.lstrip("/").partition("/")
    if key:
        return True
    if not bucket:
        return False
    if environ["REQUEST_METHOD"] == "POST":  # DeleteObjects, a form's upload
        return True
    return environ["REQUEST_METHOD"] == "GET" and (not query or bool(_LISTINGS.search(query)))
