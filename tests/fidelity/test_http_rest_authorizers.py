"""REST APIs: Lambda authorizers (TOKEN and REQUEST) and IAM."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, RestApi, allow, ask, event_of, invocation_uri

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
AUTHORIZERS = f"{GUIDE}apigateway-use-lambda-authorizer.html"
OUTPUT = f"{GUIDE}api-gateway-lambda-authorizer-output.html"
IAM = f"{GUIDE}permissions.html"
#: What each failure answers, told by somebody who tried them all on AWS.
FAILURES = "https://dev.to/marcogrcr/api-gateway-lambda-authorizer-lambda-proxy-integration-failure-modes-52bc"

pytestmark = pytest.mark.aws_source(AUTHORIZERS, OUTPUT)

#: Decides by the token: "allow", "deny", "nothing" (allows another resource), … and counts.
AUTHORIZER = """
calls = 0

def handler(event, context):
    global calls
    calls += 1
    token = event.get("authorizationToken") or event["headers"].get("X-Token")
    if token == "unauthorized":
        raise Exception("Unauthorized")
    if token == "broken":
        raise Exception("no database")
    if token == "nonsense":
        return "yes"
    effect, resource = ("Deny" if token == "deny" else "Allow"), event["methodArn"]
    if token == "nothing":
        resource = resource.replace("/orders", "/other")
    if token == "everything":
        resource = "*"
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {
        "principalId": "user-7",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"calls": calls, "kind": event["type"], "vip": True, "arn": event["methodArn"],
                    "seen": ",".join(sorted(event))},
    }
"""


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM)
    allow(made)
    return made


@pytest.fixture(scope="module")
def guard(make: Any) -> Made:
    made: Made = make(AUTHORIZER)
    return made


@pytest.fixture(scope="module")
def guarded(aws: Any, function: Made, guard: Made) -> tuple[RestApi, str]:
    """/orders behind a TOKEN authorizer, /fresh behind a REQUEST authorizer without a cache."""
    api = RestApi(aws, "guarded")

    def authorizer(name: str, **options: Any) -> str:
        created = api.client.create_authorizer(
            restApiId=api.id, name=name, authorizerUri=invocation_uri(guard.arn), **options
        )
        identifier: str = created["id"]
        return identifier

    token = authorizer(
        "token",
        type="TOKEN",
        identitySource="method.request.header.Authorization",
        identityValidationExpression="[a-z]+",
    )
    request = authorizer(
        "request",
        type="REQUEST",
        identitySource="method.request.header.X-Token",
        authorizerResultTtlInSeconds=0,
    )
    allow(guard, api.arn(f"authorizers/{token}"))
    allow(guard, api.arn(f"authorizers/{request}"))
    for path, identifier in (("/orders", token), ("/other", token), ("/fresh/{id}", request)):
        api.proxy(path, "GET", function.arn, authorizationType="CUSTOM", authorizerId=identifier)
    return api, api.deploy(variables={"a": "1"})


def bearing(url: str, token: str) -> requests.Response:
    return ask(url, headers={"Authorization": token})


def test_allowed(guarded: tuple[RestApi, str]) -> None:
    """The handler sees who it is, and the authorizer's context as texts."""
    api, url = guarded
    event = event_of(bearing(f"{url}/orders", "allow"))
    authorizer = event["requestContext"]["authorizer"]
    assert authorizer["principalId"] == "user-7"
    assert authorizer["integrationLatency"] >= 0
    assert (authorizer["kind"], authorizer["vip"]) == ("TOKEN", "true")
    assert authorizer["arn"] == api.arn("dev/GET/orders")
    assert authorizer["seen"] == "authorizationToken,methodArn,type"
    assert isinstance(authorizer["calls"], str)


@pytest.mark.aws_source(FAILURES)
@pytest.mark.parametrize(
    ("token", "status", "text", "kind"),
    [
        (
            "deny", 403,
            '{"Message":"User is not authorized to access this resource with an explicit deny"}',
            "AccessDeniedException",
        ),
        (
            "nothing", 403, '{"Message":"User is not authorized to access this resource"}',
            "AccessDeniedException",
        ),
        ("unauthorized", 401, '{"message":"Unauthorized"}', "UnauthorizedException"),
        ("NOT-LOWER-CASE", 401, '{"message":"Unauthorized"}', "UnauthorizedException"),
        ("broken", 500, '{"message":null}', "AuthorizerConfigurationException"),
        ("nonsense", 500, '{"message":null}', "AuthorizerConfigurationException"),
    ],
)  # fmt: skip
def test_not_allowed(
    guarded: tuple[RestApi, str], token: str, status: int, text: str, kind: str
) -> None:
    answer = bearing(f"{guarded[1]}/orders", token)
    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["x-amzn-ErrorType"] == kind


def test_without_a_token(guarded: tuple[RestApi, str]) -> None:
    """The authorizer is not even asked."""
    answer = ask(f"{guarded[1]}/orders")
    assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')


@pytest.mark.aws_source(f"{GUIDE}configure-api-gateway-lambda-authorization.html")
def test_a_decision_is_remembered(aws: Any, guarded: tuple[RestApi, str]) -> None:
    """For five minutes of the course clock, and for every method of the stage."""
    url = guarded[1]

    def calls(path: str) -> str:
        context = event_of(bearing(f"{url}{path}", "everything"))["requestContext"]
        number: str = context["authorizer"]["calls"]
        return number

    first = calls("/orders")
    assert calls("/other") == first
    assert bearing(f"{url}/orders", "allow").status_code == 200
    assert bearing(f"{url}/other", "allow").status_code == 403  # remembered: /orders only
    aws.clock.advance(minutes=5, seconds=1)
    assert int(calls("/orders")) > int(first)


def test_a_request_authorizer(guarded: tuple[RestApi, str]) -> None:
    """It sees the whole request but its body, and is asked each time where nothing is cached."""
    url = f"{guarded[1]}/fresh/9?x=1"
    first = event_of(ask(url, headers={"X-Token": "allow"}))["requestContext"]["authorizer"]
    second = event_of(ask(url, headers={"X-Token": "allow"}))["requestContext"]["authorizer"]
    assert int(second["calls"]) == int(first["calls"]) + 1
    assert first["seen"] == (
        "headers,httpMethod,methodArn,multiValueHeaders,multiValueQueryStringParameters,path,"
        "pathParameters,queryStringParameters,requestContext,resource,stageVariables,type"
    )
    assert first["arn"].endswith("/dev/GET/fresh/9")


@pytest.mark.aws_source(FAILURES)
def test_an_authorizer_needs_permission(aws: Any, function: Made, make: Any) -> None:
    guard, api = make(AUTHORIZER), RestApi(aws, "unguarded")
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="a",
        type="TOKEN",
        identitySource="method.request.header.Authorization",
        authorizerUri=invocation_uri(guard.arn),
    )["id"]
    api.proxy("/orders", "GET", function.arn, authorizationType="CUSTOM", authorizerId=authorizer)
    url = f"{api.deploy()}/orders"
    assert (bearing(url, "allow").status_code, bearing(url, "allow").text) == (
        500,
        '{"message":null}',
    )
    allow(guard, api.arn("authorizers/*"))
    assert bearing(url, "allow").status_code == 200


@pytest.mark.aws_source(IAM)
def test_iam(aws: Any, function: Made) -> None:
    """A signature is made again and compared; the handler sees who signed."""
    api = RestApi(aws, "signed")
    api.proxy("/orders", "POST", function.arn, authorizationType="AWS_IAM")
    url = f"{api.deploy()}/orders?b=2&a=1%202"
    own = boto3.Session().get_credentials()
    user = aws.client("iam").create_user(UserName="clerk")["User"]
    aws.client("iam").attach_user_policy(
        UserName="clerk", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    key = aws.client("iam").create_access_key(UserName="clerk")["AccessKey"]
    clerk = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def signed(credentials: Any, service: str = "execute-api") -> requests.Response:
        body = b'{"size": "A4"}'
        request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
        SigV4Auth(credentials, service, "us-east-1").add_auth(request)
        return requests.post(url, data=body, headers=dict(request.headers), timeout=60)

    identity = event_of(signed(own))["requestContext"]["identity"]
    assert identity["userArn"] == aws.client("sts").get_caller_identity()["Arn"]
    identity = event_of(signed(clerk))["requestContext"]["identity"]
    assert (identity["userArn"], identity["user"]) == (user["Arn"], user["UserId"])
    assert identity["accessKey"] == key["AccessKeyId"]
    missing = ask(url, method="POST")
    assert (missing.status_code, missing.json()) == (
        403,
        {"message": "Missing Authentication Token"},
    )
    forged = signed(Credentials(key["AccessKeyId"], "guessed"))
    assert forged.status_code == 403
    assert "does not match the signature you provided" in forged.json()["message"]
    assert signed(Credentials("AKIAUNKNOWN000000000", "x")).status_code == 403
    assert signed(own, service="lambda").status_code == 403
