"""Function URLs: their configuration, permissions, signatures, events and answers."""

from __future__ import annotations

import base64
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fidelity import sources
from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, ask, event_of

INVOKING = f"{sources.GUIDE}urls-invocation.html"
AUTH = f"{sources.GUIDE}urls-auth.html"
CONFIGURING = f"{sources.GUIDE}urls-configuration.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/test_lambda.py"
)
FORBIDDEN = (
    '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: '
    'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}'
)

pytestmark = pytest.mark.aws_source(INVOKING)


def make_public(function: Made, **options: Any) -> None:
    """The two permissions that a URL without authorization needs."""
    for name, action, more in (
        ("url", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
        ("invoke", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        function.client.add_permission(
            FunctionName=function.name, StatementId=name, Action=action, Principal="*",
            **more, **options,
        )  # fmt: skip


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM)
    return made


@pytest.fixture(scope="module")
def public(function: Made) -> str:
    """The URL of a function that everybody may call."""
    created = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )
    make_public(function)
    url: str = created["FunctionUrl"]
    return url


@pytest.mark.aws_source(CONFIGURING, RECORDED)
def test_configuration(make: Any, refused: Any) -> None:
    function = make(PROGRAM)
    client, own = function.client, {"FunctionName": function.name}
    missing = ("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    assert refused(client.get_function_url_config, **own) == missing
    created = client.create_function_url_config(**own, AuthType="NONE")
    del created["ResponseMetadata"]
    assert set(created) == {"FunctionUrl", "FunctionArn", "AuthType", "CreationTime"}
    assert created["FunctionArn"] == function.arn
    assert refused(client.create_function_url_config, **own, AuthType="NONE")[0] == (
        "ResourceConflictException"
    )
    cors = {"AllowOrigins": ["*"], "MaxAge": 60}
    client.update_function_url_config(**own, AuthType="AWS_IAM", Cors=cors)
    found = client.get_function_url_config(**own)
    assert (found["AuthType"], found["Cors"]) == ("AWS_IAM", cors)
    assert (found["FunctionUrl"], found["InvokeMode"]) == (created["FunctionUrl"], "BUFFERED")
    client.publish_version(**own)
    client.create_alias(**own, Name="live", FunctionVersion="1")
    alias = client.create_function_url_config(**own, Qualifier="live", AuthType="NONE")
    assert alias["FunctionArn"] == f"{function.arn}:live"
    urls = client.list_function_url_configs(**own)["FunctionUrlConfigs"]
    assert [one["FunctionArn"] for one in urls] == [function.arn, alias["FunctionArn"]]
    create = client.create_function_url_config
    assert refused(create, **own, Qualifier="1", AuthType="NONE")[0] == "ValidationException"
    assert refused(create, **own, Qualifier="no", AuthType="NONE") == (
        "ResourceNotFoundException", "Function does not exist", 404,
    )  # fmt: skip
    bad = refused(client.update_function_url_config, **own, InvokeMode="UNKNOWN")
    assert bad[:2] == (
        "ValidationException",
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint:"
        " Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
    )
    client.delete_function_url_config(**own)
    assert refused(client.delete_function_url_config, **own) == missing
    gone = ask(created["FunctionUrl"])
    assert (gone.status_code, gone.text) == (403, '{"Message":null}')
    assert gone.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_the_event(public: str) -> None:
    """Payload format 2.0, with the path as it was sent."""
    answer = ask(
        f"{public}my%20path/a?colour=red&colour=blue",
        method="POST",
        data="hello",
        headers={"Content-Type": "text/plain", "Cookie": "a=1;b=2"},
    )
    event = event_of(answer)
    assert (event["rawPath"], event["routeKey"]) == ("/my%20path/a", "$default")
    assert event["rawQueryString"] == "colour=red&colour=blue"
    assert event["queryStringParameters"] == {"colour": "red,blue"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ("hello", False)
    context, url_id = event["requestContext"], public.rstrip("/").rpartition("/")[2]
    assert (context["accountId"], context["apiId"]) == ("anonymous", url_id)
    assert context["domainName"] == f"{url_id}.lambda-url.us-east-1.on.aws"
    assert event["headers"]["host"] == context["domainName"]
    assert context["stage"] == "$default"
    assert context["requestId"] == answer.headers["x-amzn-RequestId"]
    assert "authorizer" not in context


@pytest.mark.aws_source(RECORDED)
def test_a_form_arrives_as_base64(public: str) -> None:
    event = event_of(requests.post(public, files={"picture": b"\x00\xff"}, timeout=60))
    assert event["isBase64Encoded"] is True
    assert b"\x00\xff" in base64.b64decode(event["body"])


@pytest.mark.aws_source(RECORDED)
@pytest.mark.parametrize(
    ("reply", "status", "text"),
    [
        ({"hello": "world"}, 200, '{"hello":"world"}'),
        ({"statusCode": 200, "body": "body123"}, 200, "body123"),
        (["hello", 3, True], 200, '["hello",3,true]'),
        ("hello", 200, "hello"),
        (3.1, 200, "3.1"),
        (True, 200, "true"),
        ({"statusCode": "418", "body": "i'm a teapot"}, 418, "i'm a teapot"),
    ],
)
def test_answers(public: str, reply: Any, status: int, text: str) -> None:
    answer = ask(public, {"return": reply})
    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.aws_source(RECORDED)
def test_errors(public: str, function: Made) -> None:
    failed = ask(public, {"raise": "no paper"})
    assert (failed.status_code, failed.text) == (502, "Internal Server Error")
    own = {"FunctionName": function.name}
    function.client.put_function_concurrency(**own, ReservedConcurrentExecutions=0)
    try:
        throttled = ask(public)
    finally:
        function.client.delete_function_concurrency(**own)
    assert throttled.status_code == 429
    assert throttled.json()["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    too_large = ask(public, method="POST", data=b"x" * 6_291_457)
    assert too_large.status_code == 413
    assert ask(public, {"size": 6_300_000}).status_code == 502


@pytest.mark.aws_source(AUTH)
def test_a_public_url_needs_both_permissions(make: Any) -> None:
    """Since October 2025: InvokeFunctionUrl and InvokeFunction."""
    function = make(PROGRAM)
    own = {"FunctionName": function.name}
    url = function.client.create_function_url_config(**own, AuthType="NONE")["FunctionUrl"]
    answer = ask(url)
    assert (answer.status_code, answer.text) == (403, FORBIDDEN)
    assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    make_public(function)
    assert ask(url).status_code == 200
    function.client.remove_permission(**own, StatementId="url")
    assert ask(url).status_code == 403
    function.client.remove_permission(**own, StatementId="invoke")
    make_public(function)
    function.client.remove_permission(**own, StatementId="invoke")
    assert ask(url).status_code == 403
    made = function.client.add_permission(
        **own, StatementId="s", Action="lambda:InvokeFunction", Principal="*",
        InvokedViaFunctionUrl=True,
    )  # fmt: skip
    assert '"Bool":{"lambda:InvokedViaFunctionUrl":"true"}' in made["Statement"]


@pytest.mark.aws_source(CONFIGURING)
def test_an_alias_has_a_url_of_its_own(make: Any) -> None:
    function = make(PROGRAM)
    own = {"FunctionName": function.name}
    function.client.publish_version(**own)
    function.client.create_alias(**own, Name="live", FunctionVersion="1")
    url = function.client.create_function_url_config(**own, Qualifier="live", AuthType="NONE")
    make_public(function)  # not the alias
    assert ask(url["FunctionUrl"]).status_code == 403
    make_public(function, Qualifier="live")
    assert ask(url["FunctionUrl"]).status_code == 200
    function.client.delete_alias(**own, Name="live")
    assert ask(url["FunctionUrl"]).text == '{"Message":null}'


@pytest.mark.aws_source(AUTH, f"{sources.GUIDE}urls-configuration.html")
def test_iam(aws: Any, make: Any) -> None:
    """The signature is checked really, and the event says who signed."""
    function = make(PROGRAM)
    url = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="AWS_IAM"
    )["FunctionUrl"]
    target, body = f"{url}orders/7?b=2&a=%20x", b'{"size": "A4"}'
    own = boto3.Session().get_credentials()
    aws.client("iam").create_user(UserName="clerk")
    aws.client("iam").attach_user_policy(
        UserName="clerk", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    key = aws.client("iam").create_access_key(UserName="clerk")["AccessKey"]
    clerk = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def sign(credentials: Any, **options: Any) -> dict[str, str]:
        request = AWSRequest(
            "POST", target, data=body, headers={"Content-Type": "application/json"}
        )
        SigV4Auth(credentials, options.get("service", "lambda"), "us-east-1").add_auth(request)
        return dict(request.headers)

    def post(headers: dict[str, str], content: bytes = body) -> requests.Response:
        return requests.post(target, data=content, headers=headers, timeout=60)

    iam = event_of(post(sign(own)))["requestContext"]["authorizer"]["iam"]
    assert iam["userArn"] == aws.client("sts").get_caller_identity()["Arn"]
    event = event_of(post(sign(clerk)))
    iam = event["requestContext"]["authorizer"]["iam"]
    assert iam["userArn"].endswith(":user/clerk")
    assert (iam["accessKey"], iam["accountId"]) == (key["AccessKeyId"], aws.account_id)
    assert event["requestContext"]["accountId"] == aws.account_id
    assert event["body"] == body.decode()

    unsigned = post({})
    assert (unsigned.status_code, unsigned.text) == (403, FORBIDDEN)
    changed = post(sign(own), b'{"size": "A3"}')
    assert changed.status_code == 403
    assert changed.headers["x-amzn-ErrorType"] == "InvalidSignatureException"
    forged = Credentials(key["AccessKeyId"], "guessed")
    assert post(sign(forged)).status_code == 403
    assert post(sign(Credentials("AKIAUNKNOWN000000000", "x"))).json() == {
        "message": "The security token included in the request is invalid."
    }
    assert post(sign(own, service="execute-api")).status_code == 403
    unsigned_body = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    assert post({**sign(own), **unsigned_body}).status_code == 403
    aws.client("iam").update_access_key(
        UserName="clerk", AccessKeyId=key["AccessKeyId"], Status="Inactive"
    )
    assert post(sign(clerk)).status_code == 403

    presigned = AWSRequest("GET", f"{url}orders")
    SigV4QueryAuth(own, "lambda", "us-east-1", expires=600).add_auth(presigned)
    assert ask(presigned.url).status_code == 200
    late = sign(own)
    aws.clock.advance(minutes=6)  # in the cloud; whoever calls from outside has not moved
    assert post(late).status_code == 200


@pytest.mark.aws_source(AUTH)
def test_a_role_signs(aws: Any, make: Any) -> None:
    """A handler calls another function's URL with its role's session."""
    callee = make(PROGRAM)
    url = callee.client.create_function_url_config(FunctionName=callee.name, AuthType="AWS_IAM")
    caller = make(
        """
        import json, os, urllib.request
        import boto3
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        def handler(event, context):
            request = AWSRequest("GET", event["url"])
            SigV4Auth(boto3.Session().get_credentials(), "lambda", "us-east-1").add_auth(request)
            asked = urllib.request.Request(event["url"], headers=dict(request.headers))
            with urllib.request.urlopen(asked) as reply:
                return json.load(reply)["requestContext"]["authorizer"]["iam"]["userArn"]
        """,
        Timeout=20,
    )
    arn = caller.invoke({"url": url["FunctionUrl"]}).payload
    assert arn.startswith(f"arn:aws:sts::{aws.account_id}:assumed-role/")
    assert arn.endswith(f"/{caller.name}")


@pytest.mark.aws_source(CONFIGURING)
def test_cors(make: Any) -> None:
    function = make(PROGRAM)
    url = function.client.create_function_url_config(
        FunctionName=function.name,
        AuthType="NONE",
        Cors={"AllowOrigins": ["https://shop.example"], "AllowMethods": ["PUT"], "MaxAge": 9},
    )["FunctionUrl"]
    make_public(function)
    asking = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
    answer = ask(url, method="OPTIONS", headers=asking)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
    assert answer.headers["Access-Control-Max-Age"] == "9"
    origin = {"Origin": "https://shop.example"}
    assert "Access-Control-Allow-Origin" in ask(url, headers=origin).headers
    assert "Access-Control-Allow-Origin" not in ask(url).headers
