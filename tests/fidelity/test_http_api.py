"""HTTP APIs: quick create, the event, routes, stages, CORS, answers, errors, refusals."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, HttpApi, allow, ask, event_of, invocation_uri

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
LAMBDA = f"{GUIDE}http-api-develop-integrations-lambda.html"
ROUTES = f"{GUIDE}http-api-develop-routes.html"
CORS = f"{GUIDE}http-api-cors.html"
STAGES = f"{GUIDE}http-api-stages.html"
TROUBLE = f"{GUIDE}http-api-troubleshooting-lambda.html"
DECODED = "https://github.com/middleapi/standard-server/pull/93"
TIMEOUT = "https://github.com/serverless/serverless/issues/11222"

pytestmark = pytest.mark.aws_source(LAMBDA)


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM)
    allow(made)
    return made


@pytest.fixture(scope="module")
def shop(aws: Any, function: Made) -> HttpApi:
    """Routes of every kind on two stages, the second of which is $default."""
    api = HttpApi(aws, "shop")
    integration = api.integration(function.arn)
    for key in (
        "GET /orders",
        "ANY /orders/{id}",
        "GET /orders/latest",
        "POST /orders/{id}/parts/{part}",
        "GET /files/{proxy+}",
        "ANY /files/{proxy+}",
    ):
        api.route(key, integration)
    api.stage(StageVariables={"table": "orders"})
    api.stage("dev")
    return api


@pytest.fixture(scope="module")
def quick(aws: Any, function: Made) -> HttpApi:
    return HttpApi(aws, "quick", Target=function.arn)


def test_quick_create(quick: HttpApi, function: Made) -> None:
    """One call makes integration, $default route and $default stage; the endpoint works."""
    (integration,) = quick.client.get_integrations(ApiId=quick.id)["Items"]
    assert integration["IntegrationUri"] == function.arn
    assert integration["PayloadFormatVersion"] == "2.0"
    (route,) = quick.client.get_routes(ApiId=quick.id)["Items"]
    assert (route["RouteKey"], route["Target"]) == (
        "$default",
        f"integrations/{integration['IntegrationId']}",
    )
    (stage,) = quick.client.get_stages(ApiId=quick.id)["Items"]
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
    assert quick.client.get_api(ApiId=quick.id)["ApiEndpoint"] == quick.url
    event = event_of(ask(f"{quick.url}/any/thing", method="PATCH"))
    assert (event["routeKey"], event["rawPath"]) == ("$default", "/any/thing")
    assert event_of(ask(quick.url))["rawPath"] == "/"


def test_the_event(shop: HttpApi, aws: Any) -> None:
    """Every member of payload format 2.0."""
    answer = ask(
        f"{shop.url}/orders/7/parts/a?colour=red&colour=blue&empty=&plus=a%2Bb+c",
        method="POST",
        data=b'{"size": "A4"}',
        headers={"Cookie": "a=1; b=2", "X-UPPER": "y", "Content-Type": "application/json"},
    )
    event = event_of(answer)
    assert list(event) == [
        "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers",
        "queryStringParameters", "requestContext", "pathParameters", "stageVariables", "body",
        "isBase64Encoded",
    ]  # fmt: skip
    assert (event["version"], event["routeKey"]) == ("2.0", "POST /orders/{id}/parts/{part}")
    assert event["rawPath"] == "/orders/7/parts/a"
    assert event["rawQueryString"] == "colour=red&colour=blue&empty=&plus=a%2Bb+c"
    assert event["cookies"] == ["a=1", "b=2"]
    host = f"{shop.id}.execute-api.us-east-1.amazonaws.com"
    headers = event["headers"]
    assert (headers["x-upper"], headers["host"], headers["content-length"]) == ("y", host, "14")
    assert "cookie" not in headers
    assert event["queryStringParameters"] == {
        "colour": "red,blue", "empty": "", "plus": "a+b c",
    }  # fmt: skip
    assert event["pathParameters"] == {"id": "7", "part": "a"}
    assert event["stageVariables"] == {"table": "orders"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"size": "A4"}', False)
    context = event["requestContext"]
    assert list(context) == [
        "accountId", "apiId", "domainName", "domainPrefix", "http", "requestId", "routeKey",
        "stage", "time", "timeEpoch",
    ]  # fmt: skip
    assert context["accountId"] == aws.account_id
    assert context["http"] == {
        "method": "POST", "path": "/orders/7/parts/a", "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1", "userAgent": headers["user-agent"],
    }  # fmt: skip
    assert context["requestId"] == answer.headers["Apigw-Requestid"]
    assert (context["stage"], context["domainName"]) == ("$default", host)


def test_what_is_not_there_is_missing(quick: HttpApi) -> None:
    event = event_of(ask(quick.url))
    for member in ("cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"):
        assert member not in event
    assert (event["rawQueryString"], event["isBase64Encoded"]) == ("", False)


@pytest.mark.aws_source(ROUTES)
def test_routes(shop: HttpApi) -> None:
    """Path before method, fixed words before variables, $default last; slashes count."""

    def key(path: str, method: str = "GET") -> str:
        answer = ask(f"{shop.url}{path}", method=method)
        if answer.status_code == 404:
            assert answer.text == '{"message":"Not Found"}'
            return "404"
        name: str = event_of(answer)["routeKey"]
        return name

    assert key("/orders/latest") == "GET /orders/latest"
    assert key("/orders/latest", "PUT") == "ANY /orders/{id}"
    assert key("/orders/7") == "ANY /orders/{id}"
    assert key("/files/a/b/c") == "GET /files/{proxy+}"
    assert key("/files/a", "PUT") == "ANY /files/{proxy+}"
    assert key("/orders", "POST") == key("/orders/") == key("/files") == key("/") == "404"


@pytest.mark.aws_source(DECODED)
def test_an_encoded_path_arrives_decoded(shop: HttpApi) -> None:
    event = event_of(ask(f"{shop.url}/files/a%20b/%C3%A4%2Bc"))
    assert event["rawPath"] == "/files/a b/ä+c"
    assert event["pathParameters"] == {"proxy": "a b/ä+c"}


@pytest.mark.aws_source(STAGES)
def test_stages(aws: Any, shop: HttpApi, function: Made) -> None:
    """A named stage is the first part of the path; a stage may wait for deployments."""
    event = event_of(ask(f"{shop.url}/dev/orders"))
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/dev/orders", "dev")
    assert event["routeKey"] == "GET /orders"
    api = HttpApi(aws, "by hand")
    api.stage(AutoDeploy=False)
    integration = api.integration(function.arn)
    api.route("GET /a", integration)
    assert ask(f"{api.url}/a").status_code == 404
    api.client.create_deployment(ApiId=api.id, StageName="$default")
    api.route("GET /b", integration)
    assert (ask(f"{api.url}/a").status_code, ask(f"{api.url}/b").status_code) == (200, 404)
    second = api.client.create_deployment(ApiId=api.id)["DeploymentId"]
    assert ask(f"{api.url}/b").status_code == 404
    api.client.update_stage(ApiId=api.id, StageName="$default", DeploymentId=second)
    assert ask(f"{api.url}/b").status_code == 200
    assert len(api.client.get_deployments(ApiId=api.id)["Items"]) == 2


@pytest.mark.aws_source(LAMBDA)
@pytest.mark.parametrize(
    ("reply", "status", "kind", "body"),
    [
        ({"order": 7}, 200, "application/json", '{"order":7}'),
        ("Hello from Lambda!", 200, "application/json", "Hello from Lambda!"),
        ([1, "a", None], 200, "application/json", '[1,"a",null]'),
        (3.5, 200, "application/json", "3.5"),
        ({"statusCode": 404, "body": "gone"}, 404, "text/plain; charset=utf-8", "gone"),
        ({"statusCode": "201"}, 201, "text/plain; charset=utf-8", ""),
        (
            {"statusCode": 200, "body": "<p>", "headers": {"Content-Type": "text/html"}},
            200, "text/html", "<p>",
        ),
    ],
)  # fmt: skip
def test_answers(quick: HttpApi, reply: Any, status: int, kind: str, body: str) -> None:
    """Without a statusCode the result itself is the body."""
    answer = ask(quick.url, {"return": reply})
    assert (answer.status_code, answer.headers["Content-Type"], answer.text) == (status, kind, body)


def test_cookies_headers_and_binary_answers(quick: HttpApi) -> None:
    picture = bytes(range(256))
    answer = ask(
        quick.url,
        {
            "return": {
                "statusCode": 200,
                "headers": {"X-Number": 7, "Content-Type": "image/png"},
                "cookies": ["a=1", "b=2; Secure"],
                "isBase64Encoded": True,
                "body": base64.b64encode(picture).decode(),
            }
        },
    )
    assert answer.content == picture
    assert answer.headers["X-Number"] == "7"
    given = answer.raw.headers.getlist("Set-Cookie")
    assert given == ["a=1", "b=2; Secure"]


@pytest.mark.aws_source(
    LAMBDA, "https://aws.amazon.com/blogs/compute/handling-binary-data-using-amazon-api-gateway-http-apis/"
)  # fmt: skip
def test_bodies(quick: HttpApi) -> None:
    """Text, JSON and XML arrive as they are; anything else as base64."""
    for kind, body, encoded in (
        ("text/plain", b"hello", False),
        ("application/json; charset=utf-8", '{"ä": 1}'.encode(), False),
        ("application/xml", b"<a/>", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("image/png", bytes(range(256)), True),
        ("text/plain", b"\xff\xfe", True),
        (None, b"hello", True),
    ):
        headers = {"Content-Type": kind} if kind else {}
        event = event_of(ask(quick.url, method="POST", data=body, headers=headers))
        assert event["isBase64Encoded"] is encoded, kind
        text = event["body"]
        assert (base64.b64decode(text) if encoded else text.encode()) == body


@pytest.mark.aws_source(TROUBLE)
@pytest.mark.parametrize(
    "do",
    [
        {"raise": "no paper"},
        {"return": {"statusCode": "many"}},
        {"return": {"statusCode": 200, "body": {"a": 1}}},
        {"return": {"statusCode": 200, "headers": "x"}},
        {"return": {"statusCode": 200, "cookies": "a=1"}},
        {"return": {"statusCode": 200, "isBase64Encoded": True, "body": "no base64!"}},
    ],
)
def test_errors_and_malformed_answers(quick: HttpApi, do: Any) -> None:
    answer = ask(quick.url, do)
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')


@pytest.mark.aws_source(TROUBLE, f"{GUIDE}http-api-logging.html")
def test_permission_and_the_access_log(aws: Any, make: Any) -> None:
    """Without permission 500, and the access log can say why."""
    function, api = make(PROGRAM), HttpApi(aws, "strangers")
    aws.client("logs").create_log_group(logGroupName="access")
    group = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:access"
    line = '{"status": $context.status, "why": "$context.integrationErrorMessage"}'
    api.stage(AccessLogSettings={"DestinationArn": group, "Format": line})
    api.route("GET /orders/{id}", api.integration(function.arn))
    refused = ask(f"{api.url}/orders/7")
    assert (refused.status_code, refused.text) == (500, '{"message":"Internal Server Error"}')

    def lines() -> Any:
        return aws.client("logs").filter_log_events(logGroupName="access")["events"]

    (event,) = aws.wait_until(lines)
    logged = json.loads(event["message"])
    assert logged["status"] == 500
    assert "Invalid permissions on Lambda function" in logged["why"]
    allow(function, api.arn("*/GET/orders/{id}"))
    assert ask(f"{api.url}/orders/7").status_code == 200


@pytest.mark.aws_source(LAMBDA)
def test_payload_format_1(aws: Any, function: Made) -> None:
    """The event of a REST API, and its stricter form of an answer."""
    api = HttpApi(aws, "old form")
    api.stage("v1")
    api.route("GET /orders/{id}", api.integration(invocation_uri(function.arn), version="1.0"))
    url = f"{api.url}/v1/orders/7"
    event = event_of(ask(f"{url}?a=1&a=2"))
    assert event["version"] == "1.0"
    assert (event["resource"], event["path"]) == ("/orders/{id}", "/v1/orders/7")
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["requestContext"]["resourcePath"] == "/orders/{id}"
    assert event["multiValueHeaders"]["Host"] == [f"{api.id}.execute-api.us-east-1.amazonaws.com"]
    assert ask(url, {"return": {"order": 7}}).status_code == 500
    many = {"statusCode": 200, "multiValueHeaders": {"X-A": ["1", "2"]}}
    assert ask(url, {"return": many}).headers["X-A"] == "1, 2"


@pytest.mark.aws_source(CORS)
def test_cors(aws: Any, function: Made) -> None:
    """The API answers preflights itself, and its settings win over the handler's headers."""
    api = HttpApi(
        aws,
        "cors",
        Target=function.arn,
        CorsConfiguration={
            "AllowOrigins": ["https://shop.example", "http://*"],
            "AllowMethods": ["GET", "PUT"],
            "AllowHeaders": ["x-size"],
            "ExposeHeaders": ["x-order"],
            "AllowCredentials": True,
            "MaxAge": 300,
        },
    )
    asking = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
    answer = ask(f"{api.url}/any", method="OPTIONS", headers=asking)
    assert (answer.status_code, answer.content) == (204, b"")
    allowed = {
        name.lower().removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.lower().startswith("access-control-")
    }
    assert allowed == {
        "allow-origin": "https://shop.example", "allow-methods": "GET,PUT",
        "allow-headers": "x-size", "allow-credentials": "true", "max-age": "300",
    }  # fmt: skip
    other = ask(api.url, method="OPTIONS", headers={**asking, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    local = ask(api.url, method="OPTIONS", headers={**asking, "Origin": "http://localhost:3"})
    assert local.headers["Access-Control-Allow-Origin"] == "http://localhost:3"
    reply = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": "ok"}
    answer = ask(api.url, {"return": reply}, headers={"Origin": "https://shop.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert answer.headers["Access-Control-Expose-Headers"] == "x-order"
    assert "Access-Control-Allow-Origin" not in ask(api.url, {"return": reply}).headers
    event = event_of(ask(api.url, method="OPTIONS"))  # no preflight: the handler's
    assert event["requestContext"]["http"]["method"] == "OPTIONS"


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/resources.html"
)
def test_refusals(aws: Any, function: Made, refused: Any) -> None:
    """What moto would take and API Gateway refuses."""
    api = HttpApi(aws, "careful")
    own = {"ApiId": api.id}
    api.route("GET /a", api.integration(function.arn))
    client = api.client
    assert refused(client.create_route, **own, RouteKey="GET /a") == (
        "ConflictException", "Route with key GET /a already exists for this API", 409,
    )  # fmt: skip
    for key in ("GET", "/a", "FETCH /a", "GET a", "get /a"):
        code, message, _ = refused(client.create_route, **own, RouteKey=key)
        assert code == "BadRequestException"
        assert message.startswith("The provided route key is not formatted properly")
    target = {"RouteKey": "GET /b", "Target": "integrations/none"}
    assert refused(client.create_route, **own, **target)[0] == "NotFoundException"
    custom = {"RouteKey": "GET /b", "AuthorizationType": "CUSTOM", "AuthorizerId": "none"}
    assert refused(client.create_route, **own, **custom)[0] == "BadRequestException"

    def integrate(**options: Any) -> Any:
        given = {
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": function.arn,
            "PayloadFormatVersion": "2.0",
            **options,
        }
        return refused(client.create_integration, **own, **{k: v for k, v in given.items() if v})[
            :2
        ]

    assert integrate(IntegrationUri="hello")[0] == "BadRequestException"
    assert integrate(PayloadFormatVersion="3.0")[0] == "BadRequestException"
    assert integrate(IntegrationType="MOCK")[0] == "BadRequestException"
    assert integrate(TimeoutInMillis=30_001)[1] == "Timeout should be between 50 ms and 30000 ms"
    assert refused(client.create_stage, **own, StageName="a b")[0] == "BadRequestException"
    client.create_stage(**own, StageName="once")
    assert refused(client.create_stage, **own, StageName="once")[0] == "ConflictException"
    bad = {"Name": "a", "AuthorizerType": "REQUEST", "IdentitySource": [], "AuthorizerUri": "x"}
    answer = refused(client.create_authorizer, **own, **bad, AuthorizerPayloadFormatVersion="2.0")
    assert answer[1].startswith("Invalid Authorizer URI")
    nothing = {"Name": "n", "ProtocolType": "HTTP", "Target": "hello"}
    assert refused(client.create_api, **nothing)[0] == "BadRequestException"
    assert all(one["Name"] != "n" for one in client.get_apis()["Items"])
    for call, missing in (
        (client.delete_route, {"RouteId": "none"}),
        (client.delete_integration, {"IntegrationId": "none"}),
        (client.delete_stage, {"StageName": "none"}),
        (client.delete_authorizer, {"AuthorizerId": "none"}),
        (client.get_deployment, {"DeploymentId": "none"}),
        (client.update_stage, {"StageName": "none"}),
    ):
        assert refused(call, **own, **missing)[::2] == ("NotFoundException", 404)
    assert refused(client.delete_api, ApiId="none")[::2] == ("NotFoundException", 404)
    empty = client.create_api(Name="empty", ProtocolType="HTTP")["ApiId"]
    assert "no routes" in refused(client.create_deployment, ApiId=empty)[1]


@pytest.mark.aws_source(f"{GUIDE}http-api.html")
def test_an_api_that_is_gone(aws: Any, function: Made) -> None:
    api = HttpApi(aws, "gone", Target=function.arn)
    api.client.delete_api(ApiId=api.id)
    answer = ask(api.url)
    assert (answer.status_code, answer.text) == (403, '{"message":"Forbidden"}')
