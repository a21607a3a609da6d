"""HTTP APIs: Lambda authorizers (simple and policy answers), JWT, IAM."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, HttpApi, allow, ask, event_of, invocation_uri

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
LAMBDA = f"{GUIDE}http-api-lambda-authorizer.html"
JWT = f"{GUIDE}http-api-jwt-authorizer.html"
IAM = f"{GUIDE}http-api-access-control-iam.html"

pytestmark = pytest.mark.aws_source(LAMBDA)

AUTHORIZER = """
calls = 0

def handler(event, context):
    global calls
    calls += 1
    headers = {name.lower(): value for name, value in event["headers"].items()}
    token = headers["authorization"]
    if token == "broken":
        raise Exception("no database")
    if token == "nonsense":
        return "yes"
    seen = {"seen": ",".join(sorted(event)), "calls": calls, "more": {"a": [1]}}
    if headers.get("x-form") == "policy":
        arn = event.get("routeArn") or event["methodArn"]
        effect = "Allow" if token == "allow" else "Deny"
        statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": arn}
        return {
            "principalId": "user-7", "context": seen,
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }
    return {"isAuthorized": token == "allow", "context": seen}
"""


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM)
    allow(made)
    return made


@pytest.fixture(scope="module")
def api(aws: Any, function: Made, make: Any) -> HttpApi:
    """/simple, /policy, /old and /kept behind four kinds of Lambda authorizers."""
    guard, api = make(AUTHORIZER), HttpApi(aws, "guarded")
    integration, old = api.integration(function.arn), api.integration(function.arn, "1.0")
    for path, target, options in (
        ("/simple", integration, {"EnableSimpleResponses": True}),
        ("/policy", integration, {}),
        ("/old", old, {"AuthorizerPayloadFormatVersion": "1.0"}),
        ("/kept", integration, {"EnableSimpleResponses": True, "AuthorizerResultTtlInSeconds": 60}),
    ):
        authorizer = api.client.create_authorizer(
            ApiId=api.id,
            Name=path[1:],
            AuthorizerType="REQUEST",
            IdentitySource=["$request.header.Authorization"],
            AuthorizerUri=invocation_uri(guard.arn),
            **{"AuthorizerPayloadFormatVersion": "2.0", **options},
        )["AuthorizerId"]
        allow(guard, api.arn(f"authorizers/{authorizer}"))
        api.route(f"GET {path}", target, AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    api.stage()
    return api


def bearing(url: str, token: str, form: str = "") -> requests.Response:
    return ask(url, headers={"Authorization": token, **({"X-Form": form} if form else {})})


def test_simple_answers(api: HttpApi) -> None:
    event = event_of(bearing(f"{api.url}/simple", "allow"))
    context = event["requestContext"]["authorizer"]["lambda"]
    assert context["more"] == {"a": [1]}
    assert context["seen"] == (
        "headers,identitySource,rawPath,rawQueryString,requestContext,routeArn,routeKey,type,version"
    )


def test_policy_answers(api: HttpApi) -> None:
    """Both with the newer and with the older event of an authorizer."""
    event = event_of(bearing(f"{api.url}/policy", "allow", "policy"))
    assert event["requestContext"]["authorizer"]["lambda"]["calls"] > 0
    event = event_of(bearing(f"{api.url}/old", "allow", "policy"))
    authorizer = event["requestContext"]["authorizer"]
    assert authorizer["principalId"] == "user-7"
    assert "methodArn" in authorizer["seen"]


@pytest.mark.parametrize(
    ("path", "token", "form", "status", "text"),
    [
        ("/simple", "deny", "", 403, '{"message":"Forbidden"}'),
        ("/policy", "deny", "policy", 403, '{"message":"Forbidden"}'),
        ("/old", "deny", "policy", 403, '{"message":"Forbidden"}'),
        ("/simple", "broken", "", 500, '{"message":"Internal Server Error"}'),
        ("/simple", "nonsense", "", 500, '{"message":"Internal Server Error"}'),
        ("/simple", "allow", "policy", 500, '{"message":"Internal Server Error"}'),
        ("/policy", "allow", "", 500, '{"message":"Internal Server Error"}'),
        ("/simple", "", "", 401, '{"message":"Unauthorized"}'),
    ],
)
def test_not_allowed(
    api: HttpApi, path: str, token: str, form: str, status: int, text: str
) -> None:
    answer = bearing(f"{api.url}{path}", token, form)
    assert (answer.status_code, answer.text) == (status, text)


def test_without_an_identity(api: HttpApi) -> None:
    answer = ask(f"{api.url}/simple")
    assert (answer.status_code, answer.text) == (401, '{"message":"Unauthorized"}')


def test_decisions_are_asked_for_each_time_unless_kept(aws: Any, api: HttpApi) -> None:
    def calls(path: str) -> int:
        context = event_of(bearing(f"{api.url}{path}", "allow"))["requestContext"]
        number: int = context["authorizer"]["lambda"]["calls"]
        return number

    assert calls("/simple") + 1 == calls("/simple")
    kept = calls("/kept")
    assert calls("/kept") == kept
    aws.clock.advance(seconds=61)
    assert calls("/kept") > kept


@pytest.fixture(scope="module")
def issuer() -> Iterator[tuple[str, RSAKey]]:
    """Somebody who signs tokens, on this machine."""
    key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})

    class Issuer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
            if self.path == "/keys":
                found = {"keys": [key.as_dict(private=False)]}
            content = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url, key
    server.shutdown()
    server.server_close()


@pytest.mark.aws_source(JWT)
def test_jwt(aws: Any, function: Made, issuer: tuple[str, RSAKey]) -> None:
    """Signature, issuer, audience, time and scope of a token; its claims reach the handler."""
    url, key = issuer
    api = HttpApi(aws, "tokens")
    authorizer = api.client.create_authorizer(
        ApiId=api.id,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": url, "Audience": ["shop"]},
    )["AuthorizerId"]
    guarded = {"AuthorizationType": "JWT", "AuthorizerId": authorizer}
    integration = api.integration(function.arn)
    api.route("GET /orders", integration, **guarded)
    api.route("PUT /orders", integration, **guarded, AuthorizationScopes=["orders.write"])
    api.stage()
    now = int(aws.clock.now().timestamp())

    def call(method: str = "GET", signer: RSAKey = key, **claims: Any) -> requests.Response:
        given = {"iss": url, "aud": "shop", "iat": now - 5, "exp": now + 600, "sub": "u7", **claims}
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, given, signer)
        headers = {"Authorization": f"Bearer {token}"}
        return ask(f"{api.url}/orders", method=method, headers=headers)

    found = event_of(call(scope="orders.read", roles=["a", "b"], admin=True))
    found = found["requestContext"]["authorizer"]["jwt"]
    assert found["claims"]["sub"] == "u7"
    assert (found["claims"]["roles"], found["claims"]["admin"]) == ("[a b]", "true")
    assert found["claims"]["exp"] == str(now + 600)
    assert found["scopes"] is None
    written = event_of(call("PUT", scope="orders.read orders.write"))
    assert "orders.write" in written["requestContext"]["authorizer"]["jwt"]["scopes"]
    stranger = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
    for refused in (
        call(signer=stranger),
        call(aud="another"),
        call(iss="http://127.0.0.1:1"),
        call(exp=now - 10),
        call(nbf=now + 100),
        ask(f"{api.url}/orders", headers={"Authorization": "Bearer no.token.atall"}),
    ):
        assert (refused.status_code, refused.text) == (401, '{"message":"Unauthorized"}')
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert ask(f"{api.url}/orders").status_code == 401
    without = call("PUT", scope="orders.read")
    assert (without.status_code, without.text) == (403, '{"message":"Forbidden"}')
    assert 'error="insufficient_scope"' in without.headers["www-authenticate"]


@pytest.mark.aws_source(IAM)
def test_iam(aws: Any, function: Made) -> None:
    api = HttpApi(aws, "signed")
    api.route("GET /orders", api.integration(function.arn), AuthorizationType="AWS_IAM")
    api.stage()
    url = f"{api.url}/orders"
    request = AWSRequest("GET", url)
    SigV4Auth(boto3.Session().get_credentials(), "execute-api", "us-east-1").add_auth(request)
    event = event_of(ask(url, headers=dict(request.headers)))
    iam = event["requestContext"]["authorizer"]["iam"]
    assert iam["userArn"] == aws.client("sts").get_caller_identity()["Arn"]
    assert (ask(url).status_code, ask(url).json()) == (403, {"message": "Forbidden"})
