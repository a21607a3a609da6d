"""For each service: a role with one permission may use its own resource, not its neighbour's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from helpers import RUNTIME
from helpers.deploy import ensure_role
from tests.fidelity.conftest import zipped
from tests.fidelity.roles import Role, allow, document, is_denied, outcome

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

pytestmark = pytest.mark.aws_source(
    f"{IAM}troubleshoot_access-denied.html",
    "https://docs.aws.amazon.com/service-authorization/latest/reference/",
)

MINE, THEIRS = "mine", "theirs"
TRUST = document(
    {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
)
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


@dataclass
class Case:
    """``ready`` makes a resource and returns its ARN; ``use`` calls the operation on it."""

    service: str
    action: str
    ready: Callable[[Any, str], str]
    use: Callable[[Any, str, str], Any]  #: client, name, ARN


def arn(aws: Any, service: str, name: str) -> str:
    return f"arn:aws:{service}:{aws.region}:{aws.account_id}:{name}"


def bucket(aws: Any, name: str) -> str:
    aws.client("s3").create_bucket(Bucket=f"{name}-shop")
    aws.client("s3").put_object(Bucket=f"{name}-shop", Key="a", Body=b"1")
    return f"arn:aws:s3:::{name}-shop/a"


def table(aws: Any, name: str) -> str:
    made = aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return str(made["TableDescription"]["TableArn"])


def stream(aws: Any, name: str) -> str:
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    return arn(aws, "kinesis", f"stream/{name}")


def rule(aws: Any, name: str) -> str:
    made = aws.client("events").put_rule(Name=name, EventPattern='{"source": ["x"]}')
    return str(made["RuleArn"])


def schedule(aws: Any, name: str) -> str:
    group = aws.client("scheduler").create_schedule_group(Name=name)
    return str(group["ScheduleGroupArn"])


def machine(aws: Any, name: str) -> str:
    role = aws.client("iam").create_role(RoleName=f"m-{name}", AssumeRolePolicyDocument=TRUST)
    made = aws.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(PASS), roleArn=role["Role"]["Arn"]
    )
    return str(made["stateMachineArn"])


def group(aws: Any, name: str) -> str:
    aws.client("logs").create_log_group(logGroupName=name)
    return arn(aws, "logs", f"log-group:{name}") + ":*"


def alarm(aws: Any, name: str) -> str:
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name, MetricName="m", Namespace="n", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    return arn(aws, "cloudwatch", f"alarm:{name}")


def parameter(aws: Any, name: str) -> str:
    aws.client("ssm").put_parameter(Name=f"/{name}/x", Value="1", Type="String")
    return arn(aws, "ssm", f"parameter/{name}/x")


def role(aws: Any, name: str) -> str:
    made = aws.client("iam").create_role(RoleName=f"r-{name}", AssumeRolePolicyDocument=TRUST)
    return str(made["Role"]["Arn"])


def function(aws: Any, name: str) -> str:
    made = aws.client("lambda").create_function(
        FunctionName=name, Runtime=RUNTIME, Handler="app.handler", Role=ensure_role(aws),
        Code={"ZipFile": zipped({"app.py": "def handler(event, context): pass"})},
    )  # fmt: skip
    return str(made["FunctionArn"])


def stack(aws: Any, name: str) -> str:
    resources = {"Queue": {"Type": "AWS::SQS::Queue"}}
    made = aws.client("cloudformation").create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": resources})
    )
    return str(made["StackId"])


def trail(aws: Any, name: str) -> str:
    bucket = f"{name}-trail"
    aws.client("s3").create_bucket(Bucket=bucket)
    service = {"Service": "cloudtrail.amazonaws.com"}
    write = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*", Principal=service)
    look = allow("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", Principal=service)
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=document(write, look))
    return str(aws.client("cloudtrail").create_trail(Name=name, S3BucketName=bucket)["TrailARN"])


def api(aws: Any, name: str) -> str:
    made = aws.client("apigateway").create_rest_api(name=name)
    return f"arn:aws:apigateway:{aws.region}::/restapis/{made['id']}"


CASES = [
    Case("s3", "s3:GetObject", bucket,
         lambda c, n, _: c.get_object(Bucket=f"{n}-shop", Key="a")),
    Case("sqs", "sqs:SendMessage",
         lambda aws, n: (aws.client("sqs").create_queue(QueueName=n), arn(aws, "sqs", n))[1],
         lambda c, n, a: c.send_message(
             QueueUrl=f"{c.meta.endpoint_url}/{a.split(':')[4]}/{n}", MessageBody="x")),
    Case("sns", "sns:Publish",
         lambda aws, n: aws.client("sns").create_topic(Name=n)["TopicArn"],
         lambda c, _, a: c.publish(TopicArn=a, Message="x")),
    Case("dynamodb", "dynamodb:PutItem", table,
         lambda c, n, _: c.put_item(TableName=n, Item={"id": {"S": "1"}})),
    Case("kinesis", "kinesis:PutRecord", stream,
         lambda c, n, _: c.put_record(StreamName=n, Data=b"x", PartitionKey="1")),
    Case("events", "events:DescribeRule", rule, lambda c, n, _: c.describe_rule(Name=n)),
    Case("scheduler", "scheduler:GetScheduleGroup", schedule,
         lambda c, n, _: c.get_schedule_group(Name=n)),
    Case("stepfunctions", "states:StartExecution", machine,
         lambda c, _, a: c.start_execution(stateMachineArn=a)),
    Case("logs", "logs:CreateLogStream", group,
         lambda c, n, _: c.create_log_stream(logGroupName=n, logStreamName="s")),
    Case("cloudwatch", "cloudwatch:DeleteAlarms", alarm,
         lambda c, n, _: c.delete_alarms(AlarmNames=[n])),
    Case("secretsmanager", "secretsmanager:GetSecretValue",
         lambda aws, n: aws.client("secretsmanager").create_secret(
             Name=n, SecretString="x")["ARN"],
         lambda c, n, _: c.get_secret_value(SecretId=n)),
    Case("ssm", "ssm:GetParameter", parameter, lambda c, n, _: c.get_parameter(Name=f"/{n}/x")),
    Case("kms", "kms:Encrypt",
         lambda aws, _: aws.client("kms").create_key()["KeyMetadata"]["Arn"],
         lambda c, _, a: c.encrypt(KeyId=a, Plaintext=b"x")),
    Case("iam", "iam:GetRole", role, lambda c, n, _: c.get_role(RoleName=f"r-{n}")),
    Case("lambda", "lambda:GetFunction", function, lambda c, n, _: c.get_function(FunctionName=n)),
    Case("cloudformation", "cloudformation:DescribeStacks", stack,
         lambda c, n, _: c.describe_stacks(StackName=n)),
    Case("cloudtrail", "cloudtrail:GetTrailStatus", trail,
         lambda c, n, _: c.get_trail_status(Name=n)),
    Case("apigateway", "apigateway:GET", api,
         lambda c, _, a: c.get_rest_api(restApiId=a.rpartition("/")[2])),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.service)
def test_exact_arn_and_the_neighbours(aws: Any, case: Case) -> None:
    arns = {name: case.ready(aws, name) for name in (MINE, THEIRS)}
    who = Role(aws, allow(case.action, arns[MINE]))
    client = who.client(case.service)
    case.use(client, MINE, arns[MINE])
    code, text = outcome(partial(case.use, client, THEIRS, arns[THEIRS]))
    assert is_denied(code)
    # SNS, SQS and others write the action in small letters.
    session = f"arn:aws:sts::{aws.account_id}:assumed-role/{who.name}/anna"
    assert text.lower().startswith(
        f"user: {session} is not authorized to perform: {case.action} on resource: ".lower()
    )
    assert "because no identity-based policy allows the" in text
    aws.client("iam").delete_role_policy(RoleName=who.name, PolicyName="may")
    assert is_denied(outcome(partial(case.use, client, MINE, arns[MINE]))[0])


def test_xray_knows_no_resource_for_traces(aws: Any) -> None:
    """Only ``*`` lets segments be sent, and the message names no resource."""
    who = Role(aws, allow("xray:PutTraceSegments", "arn:aws:xray:*:*:group/*/*"))
    client, segment = who.client("xray"), {"TraceSegmentDocuments": ["{}"]}
    session = f"arn:aws:sts::{aws.account_id}:assumed-role/{who.name}/anna"
    refusal = (
        "AccessDeniedException",
        f"User: {session} is not authorized to perform: xray:PutTraceSegments "
        "because no identity-based policy allows the xray:PutTraceSegments action",
    )
    assert outcome(client.put_trace_segments, **segment) == refusal
    who.may(allow("xray:PutTraceSegments"))
    assert outcome(client.put_trace_segments, **segment) == ("", "")
    assert outcome(client.batch_get_traces, TraceIds=["x"])[0] == "AccessDeniedException"
