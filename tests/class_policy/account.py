"""What opening an account, tagging and teardown need themselves, recorded on a stand-in.

The stand-in is a local AWS of its own. One resource of every kind that the course makes on an
account is made there, and torn down.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from helpers import RUNTIME
from helpers.cloud.account.credentials import PROFILE
from helpers.cloud.opening import ACCESS_KEY, SECRET_KEY
from helpers.localaws.gateway.calls import VARIABLE
from tests.class_policy.recording import needs_of

NUMBER = "123456789012"
NAME = "class-policy"


def record() -> list[dict[str, Any]]:
    """Runs in a process of its own, because opening an account changes this one."""
    with tempfile.TemporaryDirectory(prefix="course-class-") as scratch:
        calls = Path(scratch, "calls.jsonl")
        calls.touch()
        profile = Path(scratch, ".aws", "credentials")
        profile.parent.mkdir()
        profile.write_text(f"[{PROFILE}]\naws_access_key_id={ACCESS_KEY}\n"
                           f"aws_secret_access_key={SECRET_KEY}\n")  # fmt: skip
        environment = {
            **os.environ,
            VARIABLE: str(calls),
            "HOME": scratch,
            "USERPROFILE": scratch,
            "COURSE_ACCOUNT_FOLDER": str(Path(scratch, "ledgers")),
        }
        subprocess.run(
            [sys.executable, "-m", "tests.class_policy.account"], env=environment, check=True
        )
        rows = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    return needs_of(rows)


def make_one_of_each(aws: Any) -> None:
    """One resource of every kind, through plain boto3 clients."""
    c = aws.client
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com",
                                       "scheduler.amazonaws.com"]}}]}  # fmt: skip
    role = c("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    arn = role["Arn"]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*",
                "Resource": "*"}]}  # fmt: skip
    policy = c("iam").create_policy(PolicyName=NAME, PolicyDocument=json.dumps(document))
    c("iam").attach_role_policy(RoleName=NAME, PolicyArn=policy["Policy"]["Arn"])
    c("iam").put_role_policy(RoleName=NAME, PolicyName="own", PolicyDocument=json.dumps(document))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("app.py", "def handler(event, context): return 1")
    c("lambda").create_function(
        FunctionName=NAME, Runtime=RUNTIME, Handler="app.handler", Role=arn,
        Code={"ZipFile": archive.getvalue()},
    )  # fmt: skip
    c("lambda").publish_layer_version(LayerName=NAME, Content={"ZipFile": archive.getvalue()})
    queue = c("sqs").create_queue(QueueName=NAME)["QueueUrl"]
    queue_arn = c("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    c("lambda").create_event_source_mapping(
        FunctionName=NAME, EventSourceArn=queue_arn["Attributes"]["QueueArn"]
    )
    c("sns").create_topic(Name=NAME)
    c("events").create_event_bus(Name=NAME)
    c("events").put_rule(Name=NAME, EventPattern='{"source": ["shop"]}')
    c("events").put_targets(
        Rule=NAME, Targets=[{"Id": "q", "Arn": queue_arn["Attributes"]["QueueArn"]}]
    )
    c("scheduler").create_schedule(
        Name=NAME, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue_arn["Attributes"]["QueueArn"], "RoleArn": arn},
    )  # fmt: skip
    c("dynamodb").create_table(
        TableName=NAME, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip
    c("s3").create_bucket(Bucket=f"{NAME}-{NUMBER}")
    c("s3").put_bucket_versioning(
        Bucket=f"{NAME}-{NUMBER}", VersioningConfiguration={"Status": "Enabled"}
    )
    c("s3").put_object(Bucket=f"{NAME}-{NUMBER}", Key="k", Body=b"1")
    c("ssm").put_parameter(Name=NAME, Value="v", Type="String")
    c("secretsmanager").create_secret(Name=NAME, SecretString="s")
    c("kms").create_key()
    c("kinesis").create_stream(StreamName=NAME, ShardCount=1)
    c("cloudwatch").put_metric_alarm(
        AlarmName=NAME, Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    c("apigateway").create_rest_api(name=NAME)
    c("apigatewayv2").create_api(Name=NAME, ProtocolType="HTTP")
    state = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 604800, "End": True}}}
    machine = c("stepfunctions").create_state_machine(
        name=NAME, definition=json.dumps(state), roleArn=arn
    )
    c("stepfunctions").start_execution(stateMachineArn=machine["stateMachineArn"])


def main() -> None:
    from helpers import cloud
    from helpers.cloud.local import LocalServer

    stand_in = LocalServer()
    try:
        aws = cloud.open("account", number=NUMBER, endpoint=stand_in.url, budget_usd=5)
        make_one_of_each(aws)
        aws.bill()
        cloud.teardown()
        aws.close()
    finally:
        stand_in.stop()


if __name__ == "__main__":
    main()
