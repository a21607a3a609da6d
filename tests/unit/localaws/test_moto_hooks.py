"""Each change made to moto: fails when moto moves the place, or when the hook is not in it."""

from __future__ import annotations

import base64
import gzip
import inspect
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from helpers import cloud
from helpers.deploy import Function, deploy

TRUST = (
    '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": '
    '{"Service": "lambda.amazonaws.com"}}}'
)
#: Takes longer than every call that makes it run may take.
SLOW = """
import json, time
def handler(event, context):
    print("began " + json.dumps(event), flush=True)
    time.sleep(1.5)
    print("ended", flush=True)
"""


@pytest.fixture(scope="module")
def slow(aws: cloud.Cloud, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Function]:
    """A slow function that everybody may invoke."""
    source = tmp_path_factory.mktemp("slow") / "slow.py"
    source.write_text(SLOW)

    def made(name: str) -> Function:
        function = deploy(name, source, timeout=30, memory=512)
        for service in ("s3", "sns", "logs"):
            aws.client("lambda").add_permission(
                FunctionName=name,
                StatementId=service,
                Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
            )
        return function

    return made


def began_once(aws: cloud.Cloud, function: Function) -> str:
    """The event, once the handler has run to its end; fails when it runs a second time."""
    aws.wait_until(lambda: "ended" in function.logs(), what="the handler has run")
    time.sleep(0.5)
    began = [line for line in function.logs() if line.startswith("began ")]
    assert len(began) == 1
    return began[0].removeprefix("began ")


def test_an_object_does_not_wait_for_its_handler(
    aws: cloud.Cloud, slow: Callable[[str], Function]
) -> None:
    """put_object returns at once, and the handler runs exactly once."""
    function = slow("from-s3")
    client = boto3.client("s3")
    client.create_bucket(Bucket="incoming")
    client.put_bucket_notification_configuration(
        Bucket="incoming",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": function.arn, "Events": ["s3:ObjectCreated:*"]}
            ]
        },
    )
    began = time.monotonic()
    client.put_object(Bucket="incoming", Key="label.txt", Body=b"x")
    assert time.monotonic() - began < 1.4
    records = json.loads(began_once(aws, function))["Records"]
    assert records[0]["s3"]["object"]["key"] == "label.txt"


def test_a_topic_does_not_wait_for_its_handler(
    aws: cloud.Cloud, slow: Callable[[str], Function]
) -> None:
    function = slow("from-sns")
    client = boto3.client("sns")
    topic = client.create_topic(Name="orders")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    began = time.monotonic()
    client.publish(TopicArn=topic, Message="order 7", Subject="new")
    assert time.monotonic() - began < 1.4
    notification = json.loads(began_once(aws, function))["Records"][0]["Sns"]
    assert (notification["Message"], notification["Subject"]) == ("order 7", "new")


def test_logs_are_handed_on_without_waiting(
    aws: cloud.Cloud, slow: Callable[[str], Function]
) -> None:
    """A subscription filter: its handler receives what was logged, packed as on AWS."""
    function = slow("from-logs")
    client = boto3.client("logs")
    client.create_log_group(logGroupName="shop")
    client.create_log_stream(logGroupName="shop", logStreamName="till")
    client.put_subscription_filter(
        logGroupName="shop", filterName="all", filterPattern="", destinationArn=function.arn
    )
    began = time.monotonic()
    event = {"timestamp": int(time.time() * 1000), "message": "sold"}
    client.put_log_events(logGroupName="shop", logStreamName="till", logEvents=[event])
    assert time.monotonic() - began < 1.4
    packed = base64.b64decode(json.loads(began_once(aws, function))["awslogs"]["data"])
    assert json.loads(gzip.decompress(packed))["logEvents"][0]["message"] == "sold"


def test_managed_policies_can_be_attached(aws: cloud.Cloud) -> None:
    """AWS's own policies are there, before and after emptying, in no time."""
    client = boto3.client("iam")
    for _ in range(2):
        aws.reset()
        began = time.monotonic()
        client.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        client.attach_role_policy(
            RoleName="r",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        )
        attached = client.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
        assert [one["PolicyName"] for one in attached] == ["AWSLambdaBasicExecutionRole"]
        assert time.monotonic() - began < 5
    began = time.monotonic()
    aws.reset()
    assert time.monotonic() - began < 1


def test_a_managed_policy_is_not_changed_for_the_next_cloud(aws: cloud.Cloud) -> None:
    """Attaching counts on the policy; emptying starts that count again."""
    client = boto3.client("iam")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    client.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    client.attach_role_policy(RoleName="r", PolicyArn=arn)
    assert client.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    aws.reset()
    assert client.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_the_places_in_moto() -> None:
    """What the hooks replace, and who looks it up where. Imports moto, so in another process."""
    code = """
import inspect
from helpers.localaws import moto_hooks
moto_hooks.install()
from moto.iam.models import IAMBackend
from moto.awslambda import utils
assert list(inspect.signature(IAMBackend._init_aws_policies).parameters) == ["self"]
assert list(inspect.signature(utils.get_backend).parameters) == ["account_id", "region"]
real = utils.get_backend
moto_hooks.read_managed_policies_once()
from types import SimpleNamespace
moto_hooks.connect_triggers(SimpleNamespace(step_functions=None, timetable=None))
assert utils.get_backend is not real
assert type(utils.get_backend("123456789012", "us-east-1")).__name__ == "LambdaForMoto"
assert IAMBackend("aws-cn", "123456789012").aws_managed_policies == []
assert len(IAMBackend("aws", "123456789012").aws_managed_policies) > 1000
print("in place")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "in place\n", done.stderr


def test_nobody_else_patches_moto() -> None:
    """moto_hooks is the one place. (Reading moto's state is not patching.)"""
    import helpers.localaws

    root = Path(inspect.getfile(helpers.localaws)).parent
    for path in root.rglob("*.py"):
        if "moto_hooks" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "setattr(moto" not in text
            assert "mock.patch" not in text, path


def test_every_updated_attribute_is_returned(aws: cloud.Cloud) -> None:
    """UPDATED_NEW names what was set, also to the value that it had, and nothing else."""
    table = boto3.resource("dynamodb").create_table(
        TableName="unchanged",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for expression, names, expected in (
        ("SET a = :one, #b = if_not_exists(#b, :one)", {"#b": "b"}, {"a": 1, "b": 1}),
        ("SET a = :one, #b = if_not_exists(#b, :one)", {"#b": "b"}, {"a": 1, "b": 1}),
        ("ADD c :one", None, {"c": 1}),
        ("SET a = :one ADD c :one", None, {"a": 1, "c": 2}),
        ("SET a = :one REMOVE b", None, {"a": 1}),
    ):
        more = {"ExpressionAttributeNames": names} if names else {}
        answer = table.update_item(
            Key={"id": "x"},
            UpdateExpression=expression,
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
            **more,
        )
        assert answer["Attributes"] == expected


def test_moto_keeps_nothing_for_its_dashboard(aws: cloud.Cloud) -> None:
    """Else every log event ever written would stay in the server's memory."""
    boto3.client("sqs").create_queue(QueueName="seen")
    with urllib.request.urlopen(f"{aws.url}/moto-api/data.json") as answer:
        kept = json.load(answer)
    del kept["s3"]  # uses its list itself
    assert not any(models for service in kept.values() for models in service.values())


def test_moto_still_asks_for_its_modules_with_each_request() -> None:
    """In a process of its own, because the hook stays."""
    script = """
import inspect
from moto import backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication as App
from helpers.localaws import moto_hooks
assert "backends.list_of_moto_modules()" in inspect.getsource(App.get_backend_for_host)
before = list(backends.list_of_moto_modules())
moto_hooks.list_modules_once()
assert list(backends.list_of_moto_modules()) == before and "sqs" in before
assert backends.list_of_moto_modules() is backends.list_of_moto_modules()
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_moto_still_spells_and_draws_for_each_request() -> None:
    """In a process of its own, because the hooks stay."""
    script = """
import inspect
from moto.core import responses, utils
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication as App
from moto.sqs import models
from moto.utilities import aws_headers
from helpers.localaws import moto_hooks
spell = utils.camelcase_to_underscores
for place in (responses.BaseResponse.call_action, models.Queue.attributes.fget):
    assert "camelcase_to_underscores(" in inspect.getsource(place)
assert "method_names_from_class(" in inspect.getsource(responses.BaseResponse.call_action)
assert "self.get_backend_for_host(" in inspect.getsource(App.get_application)
assert "random.get_random_string(length=52)" in inspect.getsource(
    aws_headers.gen_amzn_requestid_long)
names = responses.method_names_from_class(responses.BaseResponse)
moto_hooks.remember_names()
moto_hooks.draw_request_ids_at_once()
assert models.camelcase_to_underscores is responses.camelcase_to_underscores is not spell
assert models.camelcase_to_underscores("VisibilityTimeout") == spell("VisibilityTimeout")
assert responses.method_names_from_class(responses.BaseResponse) == names
app = App(None)
for _ in range(2):
    assert app.get_backend_for_host("sqs.us-east-1.amazonaws.com") == "sqs"
    assert app.get_backend_for_host(None) is None
drawn = {mock_random.get_random_string(length=52) for _ in range(99)}
assert len(drawn) == 99 and all(len(one) == 52 and one.isalnum() for one in drawn)
assert mock_random.get_random_string(5, include_digits=False, lower_case=True).islower()
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_what_is_made_with_tags_has_them(aws: cloud.Cloud) -> None:
    s3, kinesis = boto3.client("s3"), boto3.client("kinesis")
    tags = [{"Key": "for", "Value": "prints"}, {"Key": "empty", "Value": ""}]
    s3.create_bucket(Bucket="hooks-tagged", CreateBucketConfiguration={"Tags": tags})
    assert s3.get_bucket_tagging(Bucket="hooks-tagged")["TagSet"] == tags
    kinesis.create_stream(StreamName="hooks-tagged", ShardCount=1, Tags={"for": "prints"})
    told = kinesis.list_tags_for_stream(StreamName="hooks-tagged")["Tags"]
    assert told == [{"Key": "for", "Value": "prints"}]


def test_tags_go_with_what_carried_them(aws: cloud.Cloud) -> None:
    s3, logs = boto3.client("s3"), boto3.client("logs")
    cloudwatch, cloudtrail = boto3.client("cloudwatch"), boto3.client("cloudtrail")
    tags = [{"Key": "for", "Value": "prints"}]
    alarm = {
        "AlarmName": "hooks", "MetricName": "m", "Namespace": "n", "Statistic": "Sum",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    found = []
    for first in (True, False):
        given = {"Tags": tags} if first else {}
        s3.create_bucket(Bucket="hooks-again")
        if first:
            s3.put_bucket_tagging(Bucket="hooks-again", Tagging={"TagSet": tags})
        logs.create_log_group(logGroupName="/hooks", **({"tags": {"a": "b"}} if first else {}))
        cloudwatch.put_metric_alarm(**alarm, **given)
        arn = cloudtrail.create_trail(
            Name="hooks", S3BucketName="hooks-again", **({"TagsList": tags} if first else {})
        )["TrailARN"]
        resources = boto3.client("resourcegroupstaggingapi").get_resources(
            ResourceTypeFilters=["s3"]
        )["ResourceTagMappingList"]
        number = arn.split(":")[4]
        group = f"arn:aws:logs:us-east-1:{number}:log-group:/hooks"
        told = f"arn:aws:cloudwatch:us-east-1:{number}:alarm:hooks"
        found.append([
            any(one["ResourceARN"].endswith("hooks-again") and one["Tags"] for one in resources),
            bool(logs.list_tags_for_resource(resourceArn=group)["tags"]),
            bool(cloudwatch.list_tags_for_resource(ResourceARN=told)["Tags"]),
            bool(cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"]),
        ])  # fmt: skip
        cloudtrail.delete_trail(Name="hooks")
        cloudwatch.delete_alarms(AlarmNames=["hooks"])
        logs.delete_log_group(logGroupName="/hooks")
        s3.delete_bucket(Bucket="hooks-again")
    assert found == [[True] * 4, [False] * 4]


def test_ec2s_regions_are_those_that_its_model_gives() -> None:
    """Named when moto is imported, without reading the model; and boto3 is as it was afterwards."""
    script = """
import json
import boto3
from botocore.session import Session as Core
from helpers.localaws import moto_hooks
asked, given = [], Core.get_service_data
Core.get_service_data = lambda self, *words: asked.append(words) or given(self, *words)
original = boto3.Session.get_available_regions
moto_hooks.ec2.name_regions_without_the_model()
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
named = [region.name for region in RegionsAndZonesBackend.regions]
print(json.dumps([named, asked, boto3.Session.get_available_regions is original]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    session = boto3.Session()
    partitions = ("aws", "aws-us-gov", "aws-cn")
    wanted = [one for name in partitions for one in session.get_available_regions("ec2", name)]
    assert json.loads(done.stdout) == [wanted, [], True]
