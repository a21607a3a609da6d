"""The one door: five desks in order, and an answer that boto3 can read whatever is asked."""

from __future__ import annotations

import http.client
import io
import random
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers import cloud

DESKS = """
import io
from helpers.localaws import moto_hooks
from helpers.localaws.gateway import door as gateway
moto_hooks.install()
from werkzeug.wrappers import Response
seen, refuse = [], []
def desk(name):
    def stand(call, *_):
        seen.append(name)
        return Response(name, 403) if name in refuse else None
    return stand
real = gateway.identify
gateway.identify = lambda environ: seen.append("identify") or real(environ)
gateway.reach = desk("reach")
class Compute:
    timetable = step_functions = http = urls = None
    def api(self, call):
        seen.append("serve")
        assert call.body == b"{}"
        return Response("answer")
entrance = gateway.Gateway(Compute(), control=None)
entrance.authorise = desk("authorise")
entrance.record = lambda call, response: seen.append(f"record {response.status_code}")
def ask():
    seen.clear()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/2015-03-31/functions/f/invocations",
        "QUERY_STRING": "", "CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"{}"),
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 "
        "Credential=AKIA/20261123/us-east-1/lambda/aws4_request",
    }
    b"".join(entrance(environ, lambda *_: None))
    return list(seen)
everybody = ["identify", "authorise", "reach", "serve", "record 200"]
assert ask() == everybody, seen
refuse[:] = ["authorise"]
assert ask() == ["identify", "authorise", "record 403"], seen
refuse[:] = ["reach"]
assert ask() == ["identify", "authorise", "reach", "record 403"], seen
print("in order")
"""


def test_the_desks_in_their_order() -> None:
    """A refusal skips the desks that follow, except the last: what was refused is recorded too.

    In a process of its own, because moto is set up for the whole process.
    """
    done = subprocess.run([sys.executable, "-c", DESKS], capture_output=True, text=True, timeout=60)
    assert done.stdout == "in order\n", done.stderr


def attempts_of(client: Any) -> list[str]:
    """Every request that the client sends from now on, retries too."""
    sent: list[str] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.url))
    return sent


#: One that neither moto nor we have, for each way in which AWS's services speak. boto3's own
#: clients, so that its own retries would show.
MISSING = [
    ("cloudwatch", "start_metric_streams", {"Names": ["m"]}, "StartMetricStreams"),  # query, CBOR
    ("cloudwatchomni", "list_access_grants", {}, "ListAccessGrants"),  # CBOR alone
    ("dynamodb", "list_imports", {}, "ListImports"),  # JSON 1.0
    ("events", "list_partner_event_sources", {"NamePrefix": "aws.partner/n/n"},
     "ListPartnerEventSources"),  # JSON 1.1
    ("sns", "put_data_protection_policy",
     {"ResourceArn": "arn:aws:sns:us-east-1:123456789012:t", "DataProtectionPolicy": "{}"},
     "PutDataProtectionPolicy"),  # query, XML
    ("sts", "get_delegated_access_token", {"TradeInToken": "t"}, "GetDelegatedAccessToken"),
    ("ec2", "describe_bundle_tasks", {}, "DescribeBundleTasks"),  # EC2's query
    ("s3", "write_get_object_response", {"RequestRoute": "r", "RequestToken": "t"},
     None),  # its host's prefix makes it an object's path
    ("s3", "list_bucket_metrics_configurations", {"Bucket": "missing"}, None),
    ("xray", "get_insight", {"InsightId": "i" * 36}, "GetInsight"),  # REST, JSON
    ("route53", "list_traffic_policies", {}, "ListTrafficPolicies"),  # REST, XML
    ("cloudfront", "list_conflicting_aliases", {"DistributionId": "d", "Alias": "a"},
     "ListConflictingAliases"),
    ("amplify", "list_apps", {}, "ListApps"),
    ("bedrock-runtime", "converse", {"modelId": "m"}, "Converse"),  # a service moto half has
    ("gamelift", "list_builds", {}, "ListBuilds"),  # a service that moto does not have
    ("chime-sdk-voice", "list_phone_numbers", {}, "ListPhoneNumbers"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "method", "arguments", "operation"), MISSING)
def test_an_action_that_is_missing_is_named(
    aws: cloud.Cloud, service: str, method: str, arguments: dict[str, Any], operation: str | None
) -> None:
    """NotImplemented, with the action's name in the text, asked for once."""
    client = boto3.client(service)
    sent = attempts_of(client)
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**arguments)
    assert len(sent) == 1
    error = caught.value.response["Error"]
    if operation is not None:
        assert (error["Code"], operation in error["Message"]) == ("NotImplemented", True)
        assert "Use another action, or run this step on a real account" in error["Message"]


def test_a_fault_of_the_local_aws_is_named(aws: cloud.Cloud) -> None:
    """Not the learner's fault, says so, and is not asked for again and again."""
    client = boto3.client("ssm", config=Config(parameter_validation=False))
    sent = attempts_of(client)
    with pytest.raises(ClientError) as caught:
        client.delete_patch_baseline(BaselineId="pb-none")  # moto does not look whether it is there
    error = caught.value.response["Error"]
    assert error["Code"] == "InternalFailure"
    assert error["Message"].startswith("The local AWS failed at ssm:DeletePatchBaseline: KeyError")
    assert len(sent) == 1


def dummy(shape: Any, depth: int = 0) -> Any:
    """Something of that shape, with the required members only."""
    kind = shape.type_name
    if kind == "structure":
        names = shape.required_members if depth < 5 else []
        return {name: dummy(shape.members[name], depth + 1) for name in names}
    if kind == "list":
        return [dummy(shape.member, depth + 1)] if shape.metadata.get("min", 0) else []
    if kind == "string":
        return shape.enum[0] if shape.enum else "x" * max(3, shape.metadata.get("min", 3))
    simple = {"map": {}, "boolean": True, "blob": b"x", "timestamp": 0, "float": 1.0, "double": 1.0}
    return simple.get(kind, max(1, shape.metadata.get("min", 1)))


SWEPT = (
    "apigateway", "apigatewayv2", "appconfigdata", "cloudformation", "cloudfront", "cloudwatch",
    "cognito-idp", "dynamodb", "ecs", "events", "kinesis", "kms", "logs", "route53", "s3",
    "scheduler", "servicediscovery", "sesv2", "sns", "sqs", "ssm", "stepfunctions", "xray",
)  # fmt: skip


@pytest.mark.parametrize("service", SWEPT)
def test_never_a_page(aws: cloud.Cloud, service: str) -> None:
    """A few operations of each service, chosen by chance (the same each time): never HTML.

    boto3 must be able to read every answer, whether moto has the operation or not.
    """
    client = aws.client(service, config=Config(parameter_validation=False))
    pages: list[str] = []
    client.meta.events.register(
        "response-received",
        lambda response_dict, **_: pages.extend(
            kind
            for kind in [str((response_dict or {}).get("headers", {}).get("content-type"))]
            if "html" in kind
        ),
    )
    names = sorted(client.meta.method_to_api_mapping)
    for name in random.Random(service).sample(names, min(4, len(names))):
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name])
        try:
            getattr(client, name)(**(dummy(model.input_shape) if model.input_shape else {}))
        except ClientError as problem:
            error = problem.response["Error"]
            assert error["Code"]
            assert "<" not in error.get("Message", "")[:1], name
        except botocore.exceptions.ParamValidationError:
            pass  # it is not even sent
        assert not pages, name


def test_browsers_and_strangers(aws: cloud.Cloud) -> None:
    """Requests that are not AWS's get an answer, whatever they are."""
    parts = urlsplit(aws.url)
    for method, path in (("GET", "/"), ("DELETE", "/"), ("POST", "/nothing"), ("BREW", "/pot")):
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        connection.request(method, path, body=b"" if method == "POST" else None)
        assert 200 <= connection.getresponse().status < 600
        connection.close()


@pytest.fixture(scope="module")
def bucket(aws: cloud.Cloud) -> str:
    aws.client("s3").create_bucket(Bucket="parcels")
    return "parcels"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(aws: cloud.Cloud, bucket: str, version: str) -> None:
    """Both kinds of signature in a URL, for reading, writing and deleting, by any HTTP client."""
    client = boto3.client("s3", config=Config(signature_version=version))
    where = {"Bucket": bucket, "Key": f"presigned {version}/ü.txt"}
    sign = client.generate_presigned_url
    assert requests.put(sign("put_object", where), data=b"hello", timeout=20).status_code == 200
    with urllib.request.urlopen(sign("get_object", where), timeout=20) as reply:
        assert reply.read() == b"hello"
    assert requests.delete(sign("delete_object", where), timeout=20).status_code == 204
    gone = requests.get(sign("get_object", where), timeout=20)
    assert (gone.status_code, "NoSuchKey" in gone.text) == (404, True)
    missing = requests.get(
        sign("list_bucket_metrics_configurations", {"Bucket": bucket}), timeout=20
    )
    assert "html" not in missing.headers.get("content-type", "")
    form = client.generate_presigned_post(bucket, "posted")
    files = {"file": b"by form"}
    assert requests.post(form["url"], data=form["fields"], files=files, timeout=20).ok
    assert client.get_object(Bucket=bucket, Key="posted")["Body"].read() == b"by form"


def test_uploads(aws: cloud.Cloud, bucket: str) -> None:
    """20 MB in one piece, a stream of parts with checksums in trailers, strange keys."""
    client = boto3.client("s3")
    large = random.Random(1).randbytes(20_000_000)
    client.put_object(Bucket=bucket, Key="large", Body=large)
    assert client.get_object(Bucket=bucket, Key="large")["Body"].read() == large
    client.upload_fileobj(io.BytesIO(large), bucket, "parts")  # multipart, several threads
    received = io.BytesIO()
    client.download_fileobj(bucket, "parts", received)
    assert received.getvalue() == large
    for algorithm in ("CRC32", "SHA256"):  # sent as aws-chunked, with a trailer
        key = f"chunked {algorithm}"
        stream = io.BytesIO(large[:300_000])
        client.put_object(Bucket=bucket, Key=key, Body=stream, ChecksumAlgorithm=algorithm)
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == large[:300_000]
    keys = ["Straße/Ærøskøbing.txt", "日本/荷物 📦", "a+b c%20d", "a//b", "semi;colon?=&#"]
    for key in keys:
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    listed = [one["Key"] for one in client.list_objects_v2(Bucket=bucket)["Contents"]]
    assert set(keys) <= set(listed)
    for key in keys:
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()


def test_a_body_without_a_length(aws: cloud.Cloud, bucket: str) -> None:
    """Clients of other languages send chunked bodies."""
    url = boto3.client("s3").generate_presigned_url(
        "put_object", {"Bucket": bucket, "Key": "streamed"}
    )
    assert requests.put(url, data=iter([b"piece ", b"by ", b"piece"]), timeout=20).ok
    stored = aws.client("s3").get_object(Bucket=bucket, Key="streamed")["Body"].read()
    assert stored == b"piece by piece"


def test_many_at_once(aws: cloud.Cloud) -> None:
    client = aws.client("sqs", config=Config(max_pool_connections=32))
    url = client.create_queue(QueueName="busy")["QueueUrl"]
    with ThreadPoolExecutor(32) as many:
        sent = many.map(
            lambda number: client.send_message(QueueUrl=url, MessageBody=str(number)), range(200)
        )
        assert len({one["MessageId"] for one in sent}) == 200
    asked = client.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert asked["Attributes"] == {"ApproximateNumberOfMessages": "200"}


def test_regions_and_accounts_are_apart(aws: cloud.Cloud) -> None:
    """The region is in the signature, the account in the credentials."""
    boto3.client("sqs").create_queue(QueueName="here")
    there = boto3.client("sqs", region_name="eu-west-1")
    assert "QueueUrls" not in there.list_queues()
    organizations = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    account = organizations.create_account(AccountName="other", Email="o@example.com")
    number = account["CreateAccountStatus"]["AccountId"]
    role = boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole", RoleSessionName="me"
    )["Credentials"]
    other = boto3.client(
        "sts",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert other.get_caller_identity()["Account"] == number


def test_express_workflows_have_a_host_of_their_own(aws: cloud.Cloud) -> None:
    """StartSyncExecution puts "sync-" in front of the host, which does not exist here."""
    client = boto3.client("stepfunctions")
    with pytest.raises(ClientError):  # and not EndpointConnectionError
        client.start_sync_execution(stateMachineArn="arn:aws:states:us-east-1:1:stateMachine:x")
