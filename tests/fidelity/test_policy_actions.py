"""Which permissions the calls of boto3 need: from the request as it is sent to action and ARN."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from werkzeug.test import EnvironBuilder

from helpers.localaws.gateway import parameters
from helpers.localaws.gateway.call import BODY
from helpers.localaws.gateway.identify import identify
from helpers.localaws.iam.actions import Needed, needed
from helpers.localaws.iam.actions.apigateway import invoke_api
from helpers.localaws.iam.actions.lambda_ import function_url
from tests.fidelity.policies import IAM

ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = f"{REGION}:{ACCOUNT}"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
KEY = f"arn:aws:kms:{HERE}:key/1234abcd"
FUNCTION = f"arn:aws:lambda:{HERE}:function:f"
TABLE = f"arn:aws:dynamodb:{HERE}:table/orders"
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:db-a1b2c3"

#: What the account's state tells.
KNOWN = {
    ("kms-alias", "alias/shop"): KEY,
    ("kms-ciphertext", "c2VjcmV0"): KEY,
    ("secret", "db"): SECRET,
    ("secret-key", SECRET): KEY,
    ("parameter-key", f"arn:aws:ssm:{HERE}:parameter/app/password"): KEY,
    ("sqs-queue-key", f"arn:aws:sqs:{HERE}:sealed"): KEY,
    ("s3-bucket-key", "vault"): KEY,
    ("s3-object-key", "vault/x"): KEY,
    ("role", "worker"): f"arn:aws:iam::{ACCOUNT}:role/service/worker",
    ("dynamodb-partition-key", TABLE): "customer",
}


class _Caught(BaseException):
    """Ends a call of boto3 before anything is sent."""


@cache
def client(service: str) -> Any:
    """A client that never sends anything."""

    def stop(request: Any, **_: Any) -> None:
        raise _Caught(request)

    made = boto3.client(
        service,
        region_name=REGION,
        endpoint_url="http://localhost:4566",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
    )
    made.meta.events.register("before-send", stop)
    return made


def sent(service: str, operation: str, **given: Any) -> parameters.Parsed:
    """What the gateway reads from the request that boto3 would send."""
    with pytest.raises(_Caught) as caught:
        getattr(client(service), operation)(**given)
    request = caught.value.args[0]
    url = urlsplit(request.url)
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
    environ = EnvironBuilder(
        url.path,
        base_url=f"http://{url.netloc}",
        query_string=url.query,
        method=request.method,
        headers=headers,
    ).get_environ()
    environ["PATH_INFO"] = unquote(url.path, "latin-1")
    environ[BODY] = body.encode() if isinstance(body, str) else body
    environ["CONTENT_LENGTH"] = str(len(environ[BODY]))
    parsed = parameters.parse(identify(environ))
    assert parsed is not None
    return parsed


def permissions(service: str, operation: str, **given: Any) -> list[Needed]:
    """What that request needs."""
    parsed = sent(service, operation, **given)
    return needed(
        parsed.service,
        parsed.operation,
        parsed.parameters,
        ACCOUNT,
        REGION,
        find=lambda kind, name: KNOWN.get((kind, name)),
        caller=f"arn:aws:iam::{ACCOUNT}:user/alice",
    )


def pairs(*lines: str) -> list[tuple[str, str]]:
    """``"s3:GetObject shop/x"``: S3's and the account's ARNs are completed."""
    found = []
    for line in lines:
        action, _, resource = line.partition(" ")
        prefix = action.partition(":")[0]
        if prefix == "s3":
            resource = f"arn:aws:s3:::{resource}"
        elif not resource.startswith(("arn:", "*")):
            resource = f"arn:aws:{prefix}:{HERE}:{resource}"
        found.append((action, resource))
    return found


Row = tuple[str, str, dict[str, Any], list[tuple[str, str]]]

S3_PAGE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"
S3: list[Row] = [
    ("s3", "get_object", {"Bucket": "b", "Key": "a b/ü"}, pairs("s3:GetObject b/a b/ü")),
    (
        "s3",
        "get_object",
        {"Bucket": "b", "Key": "k", "VersionId": "v"},
        pairs("s3:GetObjectVersion b/k"),
    ),
    (
        "s3",
        "get_object",
        {"Bucket": "vault", "Key": "x"},
        [*pairs("s3:GetObject vault/x"), ("kms:Decrypt", KEY)],
    ),
    ("s3", "head_object", {"Bucket": "b", "Key": "k"}, pairs("s3:GetObject b/k")),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}, pairs("s3:PutObject b/k")),
    (
        "s3",
        "put_object",
        {"Bucket": "vault", "Key": "x"},
        [*pairs("s3:PutObject vault/x"), ("kms:GenerateDataKey", KEY)],
    ),
    (
        "s3",
        "put_object",
        {"Bucket": "b", "Key": "k", "ACL": "public-read", "Tagging": "a=1"},
        pairs("s3:PutObject b/k", "s3:PutObjectAcl b/k", "s3:PutObjectTagging b/k"),
    ),
    (
        "s3",
        "copy_object",
        {"Bucket": "b", "Key": "k", "CopySource": {"Bucket": "from", "Key": "ä y"}},
        pairs("s3:GetObject from/ä y", "s3:PutObject b/k"),
    ),
    ("s3", "delete_object", {"Bucket": "b", "Key": "k"}, pairs("s3:DeleteObject b/k")),
    (
        "s3",
        "delete_object",
        {"Bucket": "b", "Key": "k", "VersionId": "v"},
        pairs("s3:DeleteObjectVersion b/k"),
    ),
    (
        "s3",
        "delete_objects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}, {"Key": "c", "VersionId": "v"}]}},
        pairs("s3:DeleteObject b/a", "s3:DeleteObjectVersion b/c"),
    ),
    ("s3", "list_objects_v2", {"Bucket": "b"}, pairs("s3:ListBucket b")),
    ("s3", "list_object_versions", {"Bucket": "b"}, pairs("s3:ListBucketVersions b")),
    ("s3", "head_bucket", {"Bucket": "b"}, pairs("s3:ListBucket b")),
    ("s3", "list_buckets", {}, pairs("s3:ListAllMyBuckets *")),
    ("s3", "create_bucket", {"Bucket": "b"}, pairs("s3:CreateBucket b")),
    ("s3", "create_multipart_upload", {"Bucket": "b", "Key": "k"}, pairs("s3:PutObject b/k")),
    (
        "s3",
        "upload_part",
        {"Bucket": "b", "Key": "k", "PartNumber": 1, "UploadId": "u", "Body": b"x"},
        pairs("s3:PutObject b/k"),
    ),
    (
        "s3",
        "abort_multipart_upload",
        {"Bucket": "b", "Key": "k", "UploadId": "u"},
        pairs("s3:AbortMultipartUpload b/k"),
    ),
    (
        "s3",
        "list_parts",
        {"Bucket": "b", "Key": "k", "UploadId": "u"},
        pairs("s3:ListMultipartUploadParts b/k"),
    ),
    ("s3", "get_object_tagging", {"Bucket": "b", "Key": "k"}, pairs("s3:GetObjectTagging b/k")),
    ("s3", "put_bucket_policy", {"Bucket": "b", "Policy": "{}"}, pairs("s3:PutBucketPolicy b")),
    (
        "s3",
        "put_bucket_notification_configuration",
        {"Bucket": "b", "NotificationConfiguration": {}},
        pairs("s3:PutBucketNotification b"),
    ),
    ("s3", "delete_bucket_lifecycle", {"Bucket": "b"}, pairs("s3:PutLifecycleConfiguration b")),
    ("s3", "get_bucket_encryption", {"Bucket": "b"}, pairs("s3:GetEncryptionConfiguration b")),
    ("s3", "get_public_access_block", {"Bucket": "b"}, pairs("s3:GetBucketPublicAccessBlock b")),
    (
        "s3control",
        "get_public_access_block",
        {"AccountId": ACCOUNT},
        [("s3:GetAccountPublicAccessBlock", "*")],
    ),
]

LAMBDA_PAGE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html"
MAPPING = "1b2c3d4e-0000-4000-8000-000000000000"
PASS = ("iam:PassRole", ROLE)
LAMBDA: list[Row] = [
    ("lambda", "invoke", {"FunctionName": "f"}, pairs("lambda:InvokeFunction function:f")),
    (
        "lambda",
        "invoke",
        {"FunctionName": "f", "Qualifier": "live"},
        pairs("lambda:InvokeFunction function:f:live"),
    ),
    (
        "lambda",
        "invoke",
        {"FunctionName": f"{FUNCTION}:7"},
        pairs("lambda:InvokeFunction function:f:7"),
    ),
    (
        "lambda",
        "invoke",
        {"FunctionName": f"{ACCOUNT}:function:f"},
        pairs("lambda:InvokeFunction function:f"),
    ),
    (
        "lambda",
        "get_function",
        {"FunctionName": "f", "Qualifier": "7"},
        pairs("lambda:GetFunction function:f"),
    ),
    ("lambda", "list_functions", {}, [("lambda:ListFunctions", "*")]),
    (
        "lambda",
        "create_function",
        {"FunctionName": "f", "Role": ROLE, "Code": {"S3Bucket": "code", "S3Key": "f.zip"}},
        [("lambda:CreateFunction", FUNCTION), PASS, ("s3:GetObject", "arn:aws:s3:::code/f.zip")],
    ),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "f", "Timeout": 3},
        pairs("lambda:UpdateFunctionConfiguration function:f"),
    ),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "f", "Role": ROLE},
        [("lambda:UpdateFunctionConfiguration", FUNCTION), PASS],
    ),
    (
        "lambda",
        "add_permission",
        {
            "FunctionName": "f",
            "StatementId": "s",
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
        },
        pairs("lambda:AddPermission function:f"),
    ),
    (
        "lambda",
        "publish_layer_version",
        {"LayerName": "l", "Content": {}},
        pairs("lambda:PublishLayerVersion layer:l"),
    ),
    (
        "lambda",
        "get_layer_version",
        {"LayerName": "l", "VersionNumber": 2},
        pairs("lambda:GetLayerVersion layer:l:2"),
    ),
    (
        "lambda",
        "create_event_source_mapping",
        {"FunctionName": "f"},
        [("lambda:CreateEventSourceMapping", "*")],
    ),
    (
        "lambda",
        "delete_event_source_mapping",
        {"UUID": MAPPING},
        pairs(f"lambda:DeleteEventSourceMapping event-source-mapping:{MAPPING}"),
    ),
    (
        "lambda",
        "tag_resource",
        {"Resource": FUNCTION, "Tags": {"a": "b"}},
        pairs("lambda:TagResource function:f"),
    ),
]

QUEUE = f"http://localhost:4566/{ACCOUNT}/orders"
MESSAGING: list[Row] = [
    (
        "sqs",
        "send_message",
        {"QueueUrl": QUEUE, "MessageBody": "x"},
        pairs("sqs:SendMessage orders"),
    ),
    (
        "sqs",
        "send_message_batch",
        {"QueueUrl": QUEUE, "Entries": [{"Id": "1", "MessageBody": "x"}]},
        pairs("sqs:SendMessage orders"),
    ),
    (
        "sqs",
        "delete_message_batch",
        {"QueueUrl": QUEUE, "Entries": [{"Id": "1", "ReceiptHandle": "x"}]},
        pairs("sqs:DeleteMessage orders"),
    ),
    (
        "sqs",
        "receive_message",
        {"QueueUrl": QUEUE.replace("orders", "sealed")},
        [*pairs("sqs:ReceiveMessage sealed"), ("kms:Decrypt", KEY)],
    ),
    ("sqs", "create_queue", {"QueueName": "orders"}, pairs("sqs:CreateQueue orders")),
    ("sqs", "get_queue_url", {"QueueName": "orders"}, pairs("sqs:GetQueueUrl orders")),
    ("sqs", "list_queues", {}, [("sqs:ListQueues", "*")]),
    (
        "sns",
        "publish",
        {"TopicArn": f"arn:aws:sns:{HERE}:t", "Message": "m"},
        pairs("sns:Publish t"),
    ),
    ("sns", "publish", {"PhoneNumber": "+15550100", "Message": "m"}, [("sns:Publish", "*")]),
    (
        "sns",
        "publish_batch",
        {
            "TopicArn": f"arn:aws:sns:{HERE}:t",
            "PublishBatchRequestEntries": [{"Id": "1", "Message": "m"}],
        },
        pairs("sns:Publish t"),
    ),
    (
        "sns",
        "subscribe",
        {"TopicArn": f"arn:aws:sns:{HERE}:t", "Protocol": "sqs"},
        pairs("sns:Subscribe t"),
    ),
    (
        "sns",
        "unsubscribe",
        {"SubscriptionArn": f"arn:aws:sns:{HERE}:t:1234"},
        pairs("sns:Unsubscribe t"),
    ),
    ("sns", "create_topic", {"Name": "t"}, pairs("sns:CreateTopic t")),
]

STORES: list[Row] = [
    (
        "dynamodb",
        "get_item",
        {"TableName": "orders", "Key": {"id": {"S": "1"}}},
        [("dynamodb:GetItem", TABLE)],
    ),
    (
        "dynamodb",
        "query",
        {"TableName": "orders", "IndexName": "by-day", "KeyConditionExpression": "a = :a"},
        [("dynamodb:Query", f"{TABLE}/index/by-day")],
    ),
    (
        "dynamodb",
        "query",
        {"TableName": TABLE, "KeyConditionExpression": "a = :a"},
        [("dynamodb:Query", TABLE)],
    ),
    (
        "dynamodb",
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": {"TableName": "orders", "Item": {"id": {"S": "1"}}}},
                {"ConditionCheck": {"TableName": "stock", "Key": {}, "ConditionExpression": "a"}},
                {"Delete": {"TableName": "carts", "Key": {"id": {"S": "1"}}}},
            ]
        },
        pairs(
            "dynamodb:PutItem table/orders",
            "dynamodb:ConditionCheckItem table/stock",
            "dynamodb:DeleteItem table/carts",
        ),
    ),
    (
        "dynamodb",
        "batch_write_item",
        {
            "RequestItems": {
                "orders": [{"PutRequest": {"Item": {"id": {"S": "1"}}}}],
                "stock": [{"DeleteRequest": {"Key": {"id": {"S": "1"}}}}],
            }
        },
        pairs("dynamodb:BatchWriteItem table/orders", "dynamodb:BatchWriteItem table/stock"),
    ),
    (
        "dynamodb",
        "execute_statement",
        {"Statement": 'SELECT * FROM "orders"."by-day" WHERE a = 1'},
        [("dynamodb:PartiQLSelect", f"{TABLE}/index/by-day")],
    ),
    (
        "dynamodb",
        "execute_statement",
        {"Statement": "insert into orders value {'id': '1'}"},
        [("dynamodb:PartiQLInsert", TABLE)],
    ),
    (
        "dynamodb",
        "execute_transaction",
        {
            "TransactStatements": [
                {"Statement": "UPDATE orders SET a = 1 WHERE id = '1'"},
                {"Statement": "DELETE FROM \"stock\" WHERE id = '1'"},
            ]
        },
        pairs("dynamodb:PartiQLUpdate table/orders", "dynamodb:PartiQLDelete table/stock"),
    ),
    ("dynamodb", "list_tables", {}, [("dynamodb:ListTables", "*")]),
    (
        "dynamodbstreams",
        "get_records",
        {"ShardIterator": f"{TABLE}/stream/2026|1|x"},
        [("dynamodb:GetRecords", f"{TABLE}/stream/2026")],
    ),
    (
        "kinesis",
        "put_records",
        {"StreamName": "s", "Records": [{"Data": b"x", "PartitionKey": "p"}]},
        pairs("kinesis:PutRecords stream/s"),
    ),
    (
        "kinesis",
        "get_shard_iterator",
        {
            "StreamARN": f"arn:aws:kinesis:{HERE}:stream/s",
            "ShardId": "1",
            "ShardIteratorType": "LATEST",
        },
        pairs("kinesis:GetShardIterator stream/s"),
    ),
    (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "db"},
        [("secretsmanager:GetSecretValue", SECRET), ("kms:Decrypt", KEY)],
    ),
    (
        "secretsmanager",
        "create_secret",
        {"Name": "new", "SecretString": "x"},
        pairs("secretsmanager:CreateSecret secret:new-??????"),
    ),
    (
        "ssm",
        "get_parameter",
        {"Name": "/app/password", "WithDecryption": True},
        [*pairs("ssm:GetParameter parameter/app/password"), ("kms:Decrypt", KEY)],
    ),
    (
        "ssm",
        "get_parameter",
        {"Name": "/app/password"},
        pairs("ssm:GetParameter parameter/app/password"),
    ),
    (
        "ssm",
        "get_parameters",
        {"Names": ["plain", "/a/b:3"]},
        pairs("ssm:GetParameters parameter/plain", "ssm:GetParameters parameter/a/b"),
    ),
    (
        "ssm",
        "get_parameters_by_path",
        {"Path": "/app/"},
        pairs("ssm:GetParametersByPath parameter/app/"),
    ),
    ("kms", "encrypt", {"KeyId": "alias/shop", "Plaintext": b"x"}, [("kms:Encrypt", KEY)]),
    ("kms", "decrypt", {"CiphertextBlob": b"secret"}, [("kms:Decrypt", KEY)]),
    (
        "kms",
        "re_encrypt",
        {"CiphertextBlob": b"secret", "DestinationKeyId": "5678"},
        [("kms:ReEncryptFrom", KEY), *pairs("kms:ReEncryptTo key/5678")],
    ),
    (
        "kms",
        "create_alias",
        {"AliasName": "alias/new", "TargetKeyId": "1234abcd"},
        [*pairs("kms:CreateAlias alias/new"), ("kms:CreateAlias", KEY)],
    ),
    ("kms", "create_key", {}, [("kms:CreateKey", "*")]),
]

MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
EVENTS: list[Row] = [
    (
        "events",
        "put_rule",
        {"Name": "r", "ScheduleExpression": "rate(1 day)"},
        pairs("events:PutRule rule/r"),
    ),
    (
        "events",
        "put_rule",
        {"Name": "r", "EventBusName": "shop", "EventPattern": "{}"},
        pairs("events:PutRule rule/shop/r"),
    ),
    (
        "events",
        "put_targets",
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE}]},
        [*pairs("events:PutTargets rule/r"), PASS],
    ),
    (
        "events",
        "put_events",
        {
            "Entries": [
                {"Source": "a", "DetailType": "b", "Detail": "{}"},
                {"Source": "c", "DetailType": "b", "Detail": "{}", "EventBusName": "shop"},
            ]
        },
        pairs("events:PutEvents event-bus/default", "events:PutEvents event-bus/shop"),
    ),
    (
        "scheduler",
        "create_schedule",
        {
            "Name": "n",
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": FUNCTION, "RoleArn": ROLE},
        },
        [*pairs("scheduler:CreateSchedule schedule/default/n"), PASS],
    ),
    (
        "scheduler",
        "get_schedule",
        {"Name": "n", "GroupName": "g"},
        pairs("scheduler:GetSchedule schedule/g/n"),
    ),
    (
        "stepfunctions",
        "create_state_machine",
        {"name": "m", "definition": "{}", "roleArn": ROLE},
        [("states:CreateStateMachine", MACHINE), PASS],
    ),
    (
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": f"{MACHINE}:live"},
        [("states:StartExecution", MACHINE)],
    ),
    (
        "stepfunctions",
        "describe_execution",
        {"executionArn": f"arn:aws:states:{HERE}:execution:m:1"},
        pairs("states:DescribeExecution execution:m:1"),
    ),
    (
        "stepfunctions",
        "send_task_success",
        {"taskToken": "t", "output": "{}"},
        [("states:SendTaskSuccess", "*")],
    ),
    (
        "apigateway",
        "create_rest_api",
        {"name": "shop"},
        [("apigateway:POST", f"arn:aws:apigateway:{REGION}::/restapis")],
    ),
    (
        "apigateway",
        "put_integration",
        {
            "restApiId": "a",
            "resourceId": "r",
            "httpMethod": "GET",
            "type": "AWS_PROXY",
            "credentials": ROLE,
        },
        [
            (
                "apigateway:PUT",
                f"arn:aws:apigateway:{REGION}::/restapis/a/resources/r/methods/GET/integration",
            ),
            PASS,
        ],
    ),
    (
        "apigatewayv2",
        "create_route",
        {"ApiId": "a", "RouteKey": "GET /"},
        [("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a/routes")],
    ),
    (
        "cloudformation",
        "create_stack",
        {"StackName": "s", "TemplateBody": "{}", "RoleARN": ROLE},
        [*pairs("cloudformation:CreateStack stack/s/*"), PASS],
    ),
    ("cloudformation", "describe_stacks", {}, pairs("cloudformation:DescribeStacks stack/*/*")),
]

GROUP = "log-group:/aws/lambda/f:log-stream:"
WATCH: list[Row] = [
    (
        "logs",
        "put_log_events",
        {
            "logGroupName": "/aws/lambda/f",
            "logStreamName": "2026/[$LATEST]x",
            "logEvents": [{"timestamp": 1, "message": "x"}],
        },
        pairs(f"logs:PutLogEvents {GROUP}2026/[$LATEST]x"),
    ),
    (
        "logs",
        "filter_log_events",
        {"logGroupName": "/aws/lambda/f"},
        pairs(f"logs:FilterLogEvents {GROUP}"),
    ),
    (
        "logs",
        "create_log_group",
        {"logGroupName": "/aws/lambda/f"},
        pairs(f"logs:CreateLogGroup {GROUP}"),
    ),
    ("logs", "describe_log_groups", {}, pairs("logs:DescribeLogGroups log-group::log-stream:")),
    (
        "logs",
        "tag_resource",
        {"resourceArn": f"arn:aws:logs:{HERE}:log-group:g", "tags": {"a": "b"}},
        pairs("logs:TagResource log-group:g"),
    ),
    (
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "shop", "MetricData": [{"MetricName": "x", "Value": 1}]},
        [("cloudwatch:PutMetricData", "*")],
    ),
    (
        "cloudwatch",
        "put_metric_alarm",
        {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1},
        pairs("cloudwatch:PutMetricAlarm alarm:a"),
    ),
    ("cloudwatch", "describe_alarms", {}, pairs("cloudwatch:DescribeAlarms alarm:*")),
    (
        "xray",
        "put_trace_segments",
        {"TraceSegmentDocuments": ["{}"]},
        [("xray:PutTraceSegments", "*")],
    ),
    ("cloudtrail", "lookup_events", {}, [("cloudtrail:LookupEvents", "*")]),
    (
        "cloudtrail",
        "put_event_selectors",
        {"TrailName": "t", "EventSelectors": []},
        pairs("cloudtrail:PutEventSelectors trail/t"),
    ),
    ("sts", "get_caller_identity", {}, []),
    (
        "sts",
        "assume_role",
        {"RoleArn": ROLE, "RoleSessionName": "night", "Tags": [{"Key": "a", "Value": "b"}]},
        [("sts:AssumeRole", ROLE), ("sts:TagSession", ROLE)],
    ),
    (
        "iam",
        "create_role",
        {"RoleName": "r", "Path": "/x/", "AssumeRolePolicyDocument": "{}"},
        [("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/x/r")],
    ),
    (
        "iam",
        "attach_role_policy",
        {"RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        [("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/service/worker")],
    ),
    ("iam", "get_user", {}, [("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/alice")]),
    ("iam", "list_roles", {}, [("iam:ListRoles", f"arn:aws:iam::{ACCOUNT}:role/")]),
    (
        "iam",
        "create_policy",
        {"PolicyName": "p", "PolicyDocument": "{}"},
        [("iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/p")],
    ),
    (
        "iam",
        "add_role_to_instance_profile",
        {"InstanceProfileName": "i", "RoleName": "worker"},
        [
            ("iam:AddRoleToInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/i"),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/service/worker"),
        ],
    ),
]

PAGES: list[tuple[list[Row], tuple[str, ...]]] = [
    (S3, (S3_PAGE,)),
    (LAMBDA, (LAMBDA_PAGE, f"{IAM}id_roles_use_passrole.html")),
    (MESSAGING, (f"{REFERENCE}list_amazonsqs.html", f"{REFERENCE}list_amazonsns.html")),
    (
        STORES,
        (f"{REFERENCE}list_amazondynamodb.html", f"{REFERENCE}list_awskeymanagementservice.html"),
    ),
    (EVENTS, (f"{REFERENCE}list_amazoneventbridge.html", f"{IAM}id_roles_use_passrole.html")),
    (
        WATCH,
        (
            f"{REFERENCE}list_amazoncloudwatchlogs.html",
            f"{REFERENCE}list_awssecuritytokenservice.html",
        ),
    ),
]
ROWS = [
    pytest.param(*row, marks=pytest.mark.aws_source(*urls), id=f"{row[0]}.{row[1]}-{number}")
    for rows, urls in PAGES
    for number, row in enumerate(rows)
]


@pytest.mark.parametrize(("service", "operation", "given", "expected"), ROWS)
def test_actions_and_resources(
    service: str, operation: str, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert [
        (one.action, one.resource) for one in permissions(service, operation, **given)
    ] == expected


def keys(service: str, operation: str, **given: Any) -> dict[str, Any]:
    """The condition keys of the first permission."""
    return dict(permissions(service, operation, **given)[0].context)


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html"
)
def test_keys_of_s3() -> None:
    assert keys("s3", "list_objects_v2", Bucket="b", Prefix="", MaxKeys=10) == {
        "s3:prefix": "",
        "s3:max-keys": "10",
    }
    assert "s3:prefix" not in keys("s3", "list_objects_v2", Bucket="b")
    written = keys("s3", "put_object", Bucket="b", Key="k", ACL="private", Tagging="team=print&x=")
    assert written["s3:x-amz-acl"] == "private"
    assert written["s3:RequestObjectTag/team"] == "print"
    assert written["s3:RequestObjectTagKeys"] == ["team", "x"]


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"
)
def test_keys_of_dynamodb() -> None:
    found = keys(
        "dynamodb",
        "query",
        TableName="orders",
        KeyConditionExpression="#c = :c and begins_with(placed, :d)",
        ProjectionExpression="total, lines[0].sku",
        ExpressionAttributeNames={"#c": "customer"},
        ExpressionAttributeValues={":c": {"S": "alice"}, ":d": {"S": "2026"}},
        Select="SPECIFIC_ATTRIBUTES",
    )
    assert found["dynamodb:LeadingKeys"] == ["alice"]
    assert set(found["dynamodb:Attributes"]) == {"total", "lines", "customer", "placed"}
    assert found["dynamodb:Select"] == "SPECIFIC_ATTRIBUTES"
    item = {"customer": {"S": "bob"}, "id": {"N": "1"}}
    batch = {
        "orders": [
            {"PutRequest": {"Item": item}},
            {"DeleteRequest": {"Key": {"customer": {"S": "eve"}}}},
        ]
    }
    assert keys("dynamodb", "batch_write_item", RequestItems=batch)["dynamodb:LeadingKeys"] == [
        "bob",
        "eve",
    ]
    scan = keys("dynamodb", "execute_statement", Statement="SELECT * FROM orders")
    assert scan == {"dynamodb:FullTableScan": True}


@pytest.mark.aws_source(
    f"{IAM}access_tags.html", f"{IAM}reference_policies_iam-condition-keys.html"
)
def test_keys_of_others() -> None:
    tags = {"aws:RequestTag/team": "print", "aws:TagKeys": ["team"]}
    assert keys("sqs", "create_queue", QueueName="q", tags={"team": "print"}) == tags
    assert keys("sqs", "untag_queue", QueueUrl=QUEUE, TagKeys=["a", "b"]) == {
        "aws:TagKeys": ["a", "b"]
    }
    assert (
        keys("kms", "create_key", Tags=[{"TagKey": "team", "TagValue": "print"}]).items()
        >= tags.items()
    )
    sealed = keys("kms", "encrypt", KeyId="1", Plaintext=b"x", EncryptionContext={"order": "7"})
    assert sealed == {
        "kms:EncryptionContext:order": "7",
        "kms:EncryptionContextKeys": ["order"],
    }
    assumed = keys("sts", "assume_role", RoleArn=ROLE, RoleSessionName="night", ExternalId="12345")
    assert assumed == {"sts:ExternalId": "12345", "sts:RoleSessionName": "night"}
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert keys("iam", "attach_role_policy", RoleName="worker", PolicyArn=arn) == {
        "iam:PolicyARN": arn
    }
    passed = permissions("lambda", "update_function_configuration", FunctionName="f", Role=ROLE)[1]
    assert passed.context == {
        "iam:PassedToService": "lambda.amazonaws.com",
        "iam:AssociatedResourceArn": FUNCTION,
    }
    put = keys(
        "events", "put_events", Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}]
    )
    assert put["events:source"] == ["shop"]
    assert keys("cloudwatch", "put_metric_data", Namespace="shop", MetricData=[]) == {
        "cloudwatch:namespace": "shop"
    }


@pytest.mark.aws_source("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html")
def test_a_function_url_needs_two_permissions() -> None:
    first, second = function_url(FUNCTION, "AWS_IAM")
    assert (first.action, first.context) == (
        "lambda:InvokeFunctionUrl",
        {"lambda:FunctionUrlAuthType": "AWS_IAM"},
    )
    assert (second.action, second.context) == (
        "lambda:InvokeFunction",
        {"lambda:InvokedViaFunctionUrl": True},
    )


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html"
)
def test_invoking_an_api() -> None:
    (one,) = invoke_api(ACCOUNT, REGION, "abc", "prod", "GET", "/orders/7")
    assert (one.action, one.resource) == (
        "execute-api:Invoke",
        f"arn:aws:execute-api:{HERE}:abc/prod/GET/orders/7",
    )
