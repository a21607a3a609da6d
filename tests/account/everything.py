"""A learner's cell that makes one of every kind, with plain boto3. Read as text, run elsewhere."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from typing import Any

import boto3

from helpers import RUNTIME, cloud


def open_it(**options: Any) -> Any:
    return cloud.open("account", number="210987654321", endpoint=os.environ["STANDIN"], **options)


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    print('here')\n")
    return buffer.getvalue()


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {
                "Service": [f"{one}.amazonaws.com" for one in ("lambda", "states", "scheduler")]
            },
        }
    ],
}
ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def make_everything(make: Any = boto3.client, p: str = "shop") -> None:
    """One of each kind; ``make`` makes clients, names begin with ``p``."""
    iam, lam, events = make("iam"), make("lambda"), make("events")
    role = iam.create_role(RoleName=f"{p}-role", AssumeRolePolicyDocument=json.dumps(TRUST))
    arn = role["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName=f"{p}-role", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    policy = iam.create_policy(PolicyName=f"{p}-policy", PolicyDocument=json.dumps(ALL))
    iam.attach_role_policy(RoleName=f"{p}-role", PolicyArn=policy["Policy"]["Arn"])
    iam.put_role_policy(RoleName=f"{p}-role", PolicyName="own", PolicyDocument=json.dumps(ALL))
    layer = lam.publish_layer_version(LayerName=f"{p}-layer", Content={"ZipFile": package()})
    function = lam.create_function(
        FunctionName=f"{p}-function", Runtime=RUNTIME, Role=arn, Handler="app.handler",
        Code={"ZipFile": package()}, Layers=[layer["LayerVersionArn"]],
    )["FunctionArn"]  # fmt: skip
    lam.get_waiter("function_active_v2").wait(FunctionName=f"{p}-function")
    lam.publish_version(FunctionName=f"{p}-function")
    queue = make("sqs").create_queue(QueueName=f"{p}-queue")["QueueUrl"]
    make("sqs").send_message(QueueUrl=queue, MessageBody="x")
    lam.create_event_source_mapping(
        FunctionName=f"{p}-function", EventSourceArn=f"arn:aws:sqs:us-east-1:210987654321:{p}-queue"
    )
    topic = make("sns").create_topic(Name=f"{p}-topic")["TopicArn"]
    make("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    events.create_event_bus(Name=f"{p}-bus")
    events.put_rule(Name=f"{p}-rule", EventBusName=f"{p}-bus", EventPattern='{"source": ["shop"]}')
    events.put_targets(
        Rule=f"{p}-rule", EventBusName=f"{p}-bus", Targets=[{"Id": "1", "Arn": function}]
    )
    events.put_rule(Name=f"{p}-night", ScheduleExpression="rate(1 day)")
    make("scheduler").create_schedule(
        Name=f"{p}-schedule", ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": function, "RoleArn": arn},
    )  # fmt: skip
    week = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 604800, "End": True}}}
    machine = make("stepfunctions").create_state_machine(
        name=f"{p}-machine", definition=json.dumps(week), roleArn=arn
    )
    make("stepfunctions").start_execution(stateMachineArn=machine["stateMachineArn"])
    make("s3").create_bucket(Bucket=f"{p}-bucket")
    make("s3").put_bucket_versioning(
        Bucket=f"{p}-bucket", VersioningConfiguration={"Status": "Enabled"}
    )
    for _ in range(2):
        make("s3").put_object(Bucket=f"{p}-bucket", Key="a b/ü", Body=b"x")
    make("s3").delete_object(Bucket=f"{p}-bucket", Key="a b/ü")
    make("s3").create_multipart_upload(Bucket=f"{p}-bucket", Key="half")
    bucket_policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
             "Action": ["s3:GetBucketAcl", "s3:PutObject"],
             "Resource": [f"arn:aws:s3:::{p}-bucket", f"arn:aws:s3:::{p}-bucket/*"]}
        ],
    }  # fmt: skip
    make("s3").put_bucket_policy(Bucket=f"{p}-bucket", Policy=json.dumps(bucket_policy))
    make("cloudtrail").create_trail(Name=f"{p}-trail", S3BucketName=f"{p}-bucket")
    # boto3's resources have handlers of their own in the way of the course's.
    tables = boto3.resource("dynamodb") if make is boto3.client else make("dynamodb")
    tables.create_table(
        TableName=f"{p}-table", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    make("ssm").put_parameter(Name=f"/{p}/sign", Value="x", Type="String", Overwrite=True)
    make("secretsmanager").create_secret(Name=f"{p}-secret", SecretString="x")
    make("kms").create_key()
    make("kinesis").create_stream(StreamName=f"{p}-stream", ShardCount=1)
    make("cloudwatch").put_metric_alarm(
        AlarmName=f"{p}-alarm", MetricName="m", Namespace="shop", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    make("logs").create_log_group(logGroupName=f"/{p}/log")
    make("apigatewayv2").create_api(Name=f"{p}-http", ProtocolType="HTTP", Target=function)
    rest = make("apigateway").create_rest_api(name=f"{p}-rest")
    make("apigateway").create_resource(
        restApiId=rest["id"], parentId=rest["rootResourceId"], pathPart="orders"
    )
    lam.invoke(FunctionName=f"{p}-function", Payload=b"{}")


def kill_at(moment: str, number: int) -> None:
    """kill -9 this process at the number-th intent: "intent" right after it was written, "sent"
    right after AWS has answered and before that is written, "made" right after that."""
    import signal

    from helpers.cloud.account.ledger import Ledger

    write, seen = Ledger.write, [0]

    def counted(self: Ledger, what: str, **facts: Any) -> None:
        outcome = what in ("made", "refused", "unknown")
        seen[0] += what == "intent"
        if seen[0] == number and moment == "sent" and outcome:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, what, **facts)
        if seen[0] == number and (what == moment or (moment == "made" and outcome)):
            os.kill(os.getpid(), signal.SIGKILL)

    Ledger.write = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    aws = open_it(in_use=True)
    if sys.argv[1:]:
        kill_at(sys.argv[1], int(sys.argv[2]))
    make_everything()
    print("made everything", flush=True)
    os._exit(9)  # no atexit: as if it were killed
