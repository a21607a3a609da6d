"""REST APIs: the event, routes, deployments, answers, CORS, validation, and refusals."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from tests.fidelity import sources
from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, RestApi, allow, ask, event_of, invocation_uri

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
PROXY = f"{GUIDE}set-up-lambda-proxy-integrations.html"
RESPONSES = f"{GUIDE}supported-gateway-response-types.html"
MOCK = f"{GUIDE}how-to-mock-integration.html"
VALIDATION = f"{GUIDE}api-gateway-method-request-validation.html"
ERRORS = f"{sources.GUIDE}services-apigateway-errors.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/apigateway/"
    "test_apigateway_lambda.snapshot.json"
)
REFUSALS = (
    "https://github.com/localstack/localstack/blob/main/localstack-core/localstack/services/"
    "apigateway/legacy/provider.py"
)

pytestmark = pytest.mark.aws_source(PROXY)


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM)
    allow(made)
    return made


@pytest.fixture(scope="module")
def shop(aws: Any, function: Made) -> tuple[RestApi, str]:
    """An API with routes of every kind, and its stage's URL."""
    api = RestApi(
        aws, "shop", endpointConfiguration={"types": ["REGIONAL"]}, binaryMediaTypes=["image/*"]
    )
    api.proxy("/", "GET", function.arn)
    api.proxy("/orders", "GET", function.arn)
    api.proxy("/orders/{id}", "ANY", function.arn)
    api.proxy("/orders/latest", "GET", function.arn)
    api.proxy("/files/{proxy+}", "ANY", function.arn)
    return api, api.deploy(variables={"table": "orders"})


@pytest.mark.aws_source(PROXY, RECORDED)
def test_the_event(shop: tuple[RestApi, str]) -> None:
    """Every member of payload format 1.0, with the client's own spelling of headers."""
    api, url = shop
    answer = ask(
        f"{url}/orders/7%2B1?colour=red&colour=blue&empty=&plus=a+b",
        method="POST",
        data=b'{"size": "A4"}',
        headers={"tEsT-HEADeR": "a", "authorization": "x", "Content-Type": "application/json"},
    )
    event = event_of(answer)
    assert list(event) == [
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext",
        "body", "isBase64Encoded",
    ]  # fmt: skip
    assert (event["resource"], event["path"]) == ("/orders/{id}", "/orders/7%2B1")
    assert event["httpMethod"] == "POST"
    host = f"{api.id}.execute-api.us-east-1.amazonaws.com"
    headers = event["headers"]
    assert headers["tEsT-HEADeR"] == "a"
    assert headers["Authorization"] == "x"
    assert headers["Host"] == host
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert not {"Content-Length", "Connection"} & set(headers)
    assert event["multiValueHeaders"] == {name: [value] for name, value in headers.items()}
    assert event["queryStringParameters"] == {"colour": "blue", "empty": "", "plus": "a b"}
    assert event["multiValueQueryStringParameters"]["colour"] == ["red", "blue"]
    assert event["pathParameters"] == {"id": "7%2B1"}
    assert event["stageVariables"] == {"table": "orders"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"size": "A4"}', False)
    context = event["requestContext"]
    assert list(context) == [
        "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path",
        "accountId", "protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId",
        "identity", "domainName", "deploymentId", "apiId",
    ]  # fmt: skip
    assert context["resourcePath"] == "/orders/{id}"
    assert context["path"] == "/dev/orders/7%2B1"
    assert context["domainName"] == host
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userArn"] is None
    assert context["requestId"] == answer.headers["x-amzn-RequestId"]
    assert context["stage"] == "dev"


def test_what_is_not_there_is_null(shop: tuple[RestApi, str]) -> None:
    event = event_of(ask(f"{shop[1]}/orders"))
    for member in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "body",
    ):
        assert event[member] is None
    assert event_of(ask(shop[1]))["path"] == "/"


@pytest.mark.aws_source(RECORDED, RESPONSES)
def test_routes(shop: tuple[RestApi, str]) -> None:
    """The most specific resource that has the method; a slash at the end counts for nothing."""
    url = shop[1]
    assert event_of(ask(f"{url}/orders/latest"))["resource"] == "/orders/latest"
    assert event_of(ask(f"{url}/orders/latest", method="PUT"))["resource"] == "/orders/{id}"
    event = event_of(ask(f"{url}/files/a/b%20c/?x"))
    assert event["pathParameters"] == {"proxy": "a/b%20c"}
    assert event["path"] == "/files/a/b%20c/"
    assert event["queryStringParameters"] == {"x": ""}
    missing = '{"message":"Missing Authentication Token"}'
    for path, method in (("/nothing", "GET"), ("/orders", "PUT"), ("/files", "GET")):
        refused = ask(f"{url}{path}", method=method)
        assert (refused.status_code, refused.text) == (403, missing)
        assert refused.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    for unknown in (f"{url}x/orders", url.replace(shop[0].id, "abcdefghij")):
        refused = ask(unknown)
        assert (refused.status_code, refused.text) == (403, '{"message":"Forbidden"}')


@pytest.mark.aws_source(RECORDED)
@pytest.mark.parametrize(
    ("reply", "status", "body"),
    [
        ({}, 200, b""),
        ({"statusCode": "201", "body": "made"}, 201, b"made"),
        ({"headers": {"test-header": "value"}}, 200, b""),
        ({"statusCode": 404, "body": "täglich"}, 404, "täglich".encode()),
        ({"statusCode": 204}, 204, b""),
    ],
)
def test_answers(shop: tuple[RestApi, str], reply: Any, status: int, body: bytes) -> None:
    answer = ask(f"{shop[1]}/orders", {"return": reply})
    assert (answer.status_code, answer.content) == (status, body)
    if "headers" in reply:
        assert answer.headers["test-header"] == "value"


@pytest.mark.aws_source(RECORDED, ERRORS)
@pytest.mark.parametrize(
    "reply",
    [
        "hello", 7, None, ["a"], {"message": "no member of a response"}, {"statusCode": "many"},
        {"statusCode": 9}, {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": {"length": 7}}, {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "multiValueHeaders": {"a": "b"}},
    ],
)  # fmt: skip
def test_malformed_answers(shop: tuple[RestApi, str], reply: Any) -> None:
    answer = ask(f"{shop[1]}/orders", {"return": reply})
    assert (answer.status_code, answer.text) == (502, '{"message":"Internal server error"}')
    assert answer.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_headers_of_an_answer(shop: tuple[RestApi, str]) -> None:
    """One value and several, cookies; what API Gateway keeps for itself is renamed."""
    reply = {
        "statusCode": 200,
        "headers": {"X-One": "1", "X-Both": "a", "X-Yes": True, "WWW-Authenticate": "Basic"},
        "multiValueHeaders": {"X-Both": ["a", "b"], "Set-Cookie": ["a=1", "b=2"]},
        "body": "ok",
    }
    answer = ask(f"{shop[1]}/orders", {"return": reply})
    values = [(name.lower(), value) for name, value in answer.raw.headers.items()]
    assert [value for name, value in values if name == "set-cookie"] == ["a=1", "b=2"]
    assert [value for name, value in values if name == "x-both"] == ["a", "b"]
    assert (answer.headers["X-One"], answer.headers["X-Yes"]) == ("1", "true")
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.aws_source(f"{GUIDE}lambda-proxy-binary-media.html")
def test_binary_bodies(shop: tuple[RestApi, str]) -> None:
    """binaryMediaTypes decide: Content-Type on the way in, the first type of Accept back."""
    url, picture = f"{shop[1]}/orders/7", bytes(range(256))
    event = event_of(ask(url, method="PUT", data=picture, headers={"Content-Type": "image/png"}))
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == picture
    event = event_of(ask(url, method="PUT", data=b"a\xff", headers={"Content-Type": "text/x"}))
    assert (event["isBase64Encoded"], event["body"]) == (False, "a\ufffd")
    encoded = base64.b64encode(picture).decode()
    reply = {"statusCode": 200, "isBase64Encoded": True, "body": encoded}
    assert ask(url, {"return": reply}, headers={"Accept": "image/png,*/*"}).content == picture
    assert ask(url, {"return": reply}, headers={"Accept": "*/*"}).text == encoded
    bad = {**reply, "body": "no base64!"}
    answer = ask(url, {"return": bad}, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.text) == (500, '{"message":"Internal server error"}')


@pytest.mark.aws_source(ERRORS, "https://repost.aws/questions/QUfI6bsdd0SOiPeyimzxSkfQ/")
def test_errors(shop: tuple[RestApi, str], function: Made) -> None:
    """502 where the function failed, 500 where Lambda did not run it."""
    url = f"{shop[1]}/orders"
    failed = ask(url, {"raise": "no paper"})
    assert (failed.status_code, failed.text) == (502, '{"message":"Internal server error"}')
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    try:
        throttled = ask(url)
    finally:
        function.client.delete_function_concurrency(FunctionName=function.name)
    assert (throttled.status_code, throttled.text) == (500, '{"message":"Internal server error"}')


@pytest.mark.aws_source(f"{GUIDE}api-gateway-control-access-using-lambda-resource-policies.html")
def test_the_function_must_let_the_method_invoke(aws: Any, make: Any) -> None:
    """And the execution log says why it answered 500."""
    function, api = make(PROGRAM), RestApi(aws, "strangers")
    api.proxy("/orders/{id}", "GET", function.arn)
    api.proxy("/orders/{id}", "PUT", function.arn)
    url = api.deploy()
    api.client.update_stage(
        restApiId=api.id,
        stageName="dev",
        patchOperations=[{"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}],
    )
    refused = ask(f"{url}/orders/7")
    assert (refused.status_code, refused.text) == (500, '{"message":"Internal server error"}')
    logs, group = aws.client("logs"), f"API-Gateway-Execution-Logs_{api.id}/dev"

    def lines() -> str:
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return ""
        return "\n".join(event["message"] for event in events)

    aws.wait_until(lines)
    assert "Invalid permissions on Lambda function" in lines()
    allow(function, api.arn("*/GET/orders/*"))
    assert ask(f"{url}/orders/7").status_code == 200
    assert ask(f"{url}/orders/7", method="PUT").status_code == 500


@pytest.mark.aws_source(f"{GUIDE}how-to-deploy-api.html")
def test_a_change_is_not_visible_before_it_is_deployed(aws: Any, function: Made) -> None:
    api = RestApi(aws, "slow to change")
    api.proxy("/a", "GET", function.arn)
    url = api.deploy(variables={"x": "1"})
    api.client.update_stage(
        restApiId=api.id,
        stageName="dev",
        patchOperations=[{"op": "replace", "path": "/variables/y", "value": "2"}],
    )
    api.proxy("/b", "GET", function.arn)
    api.client.delete_method(restApiId=api.id, resourceId=api.resource("/a"), httpMethod="GET")
    assert ask(f"{url}/b").status_code == 403
    assert event_of(ask(f"{url}/a"))["stageVariables"] == {"x": "1", "y": "2"}
    first = api.client.get_stage(restApiId=api.id, stageName="dev")["deploymentId"]
    api.deploy()
    assert ask(f"{url}/a").status_code == 403
    assert event_of(ask(f"{url}/b"))["stageVariables"] == {"x": "1", "y": "2"}
    api.client.update_stage(  # and back again
        restApiId=api.id,
        stageName="dev",
        patchOperations=[{"op": "replace", "path": "/deploymentId", "value": first}],
    )
    assert ask(f"{url}/b").status_code == 403
    assert ask(f"{url}/a").status_code == 200


@pytest.mark.aws_source(f"{GUIDE}amazon-api-gateway-using-stage-variables.html")
def test_a_stage_variable_chooses_the_alias(aws: Any, make: Any) -> None:
    function, api = make(PROGRAM), RestApi(aws, "two stages")
    function.client.publish_version(FunctionName=function.name)
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    allow(function, Qualifier="live")
    api.proxy("/", "GET", f"{function.arn}:${{stageVariables.alias}}")
    assert ask(api.deploy("prod", variables={"alias": "live"})).status_code == 200
    assert ask(api.deploy("test", variables={"alias": "none"})).status_code == 500


@pytest.mark.aws_source(MOCK, f"{GUIDE}how-to-cors.html")
def test_cors_by_a_mock_integration(aws: Any, function: Made) -> None:
    api = RestApi(aws, "cors")
    api.proxy("/orders", "GET", function.arn)
    where = api.method("/orders", "OPTIONS")
    name = "method.response.header.Access-Control-Allow-Origin"
    api.client.put_integration(
        **where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    api.client.put_method_response(**where, statusCode="200", responseParameters={name: True})
    api.client.put_integration_response(
        **where,
        statusCode="200",
        responseParameters={name: "'*'"},
        responseTemplates={"application/json": '{"stage": "$context.stage"}'},
    )
    api.client.put_gateway_response(
        restApiId=api.id,
        responseType="DEFAULT_4XX",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
        responseTemplates={"application/json": '{"error": $context.error.messageString}'},
    )
    url = api.deploy()
    answer = ask(f"{url}/orders", method="OPTIONS", headers={"Origin": "https://shop.example"})
    assert (answer.status_code, answer.json()) == (200, {"stage": "dev"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    refused = ask(f"{url}/nothing")
    assert (refused.status_code, refused.json()) == (403, {"error": "Missing Authentication Token"})
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.aws_source(VALIDATION)
def test_validation_and_api_keys(aws: Any, function: Made) -> None:
    """Before the handler sees anything."""
    api = RestApi(aws, "strict")
    client = api.client
    schema = {"type": "object", "required": ["size"], "properties": {"size": {"type": "string"}}}
    client.create_model(
        restApiId=api.id, name="Order", contentType="application/json", schema=json.dumps(schema)
    )
    validator = client.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    api.proxy(
        "/orders", "POST", function.arn,
        requestValidatorId=validator,
        requestModels={"application/json": "Order"},
        requestParameters={"method.request.querystring.shop": True},
    )  # fmt: skip
    api.proxy("/keyed", "GET", function.arn, apiKeyRequired=True)
    url = api.deploy()

    def post(query: str, body: str) -> tuple[int, str]:
        kind = {"Content-Type": "application/json"}
        answer = ask(f"{url}/orders{query}", method="POST", data=body, headers=kind)
        return answer.status_code, answer.text

    missing = '{"message":"Missing required request parameters: [shop]"}'
    assert post("", '{"size": "A4"}') == (400, missing)
    assert post("?shop=1", '{"size": 4}') == (400, '{"message":"Invalid request body"}')
    assert post("?shop=1", "{") == (400, '{"message":"Invalid request body"}')
    assert post("?shop=1", '{"size": "A4"}')[0] == 200

    key = client.create_api_key(name="till", enabled=True, value="k" * 20)
    plan = client.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "dev"}])["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    assert ask(f"{url}/keyed").json() == {"message": "Forbidden"}
    assert ask(f"{url}/keyed", headers={"x-api-key": "k" * 20}).status_code == 200


@pytest.mark.aws_source(REFUSALS)
def test_refusals(aws: Any, function: Made, refused: Any) -> None:
    """What moto would take and API Gateway refuses."""
    api = RestApi(aws, "careful")
    client, rest = api.client, {"restApiId": api.id}
    api.proxy("/orders", "GET", function.arn)
    orders = {**rest, "resourceId": api.resource("/orders")}
    greedy = {**rest, "parentId": api.resource("/files/{proxy+}")}
    child = {**rest, "parentId": api.resource("/orders")}

    assert refused(client.create_resource, **rest, parentId=api.resources["/"], pathPart="orders")[
        :2
    ] == (
        "ConflictException",
        "Another resource with the same parent already has this name: orders",
    )
    assert "greedy path variable" in refused(client.create_resource, **greedy, pathPart="x")[1]
    client.create_resource(**child, pathPart="{id}")
    assert "only one is allowed" in refused(client.create_resource, **child, pathPart="{no}")[1]
    method = {**orders, "authorizationType": "NONE"}
    assert refused(client.put_method, **method, httpMethod="GET") == (
        "ConflictException", "Method already exists for this resource", 409,
    )  # fmt: skip
    assert "Valid options are" in refused(client.put_method, **method, httpMethod="FETCH")[1]
    custom = {**orders, "httpMethod": "PUT", "authorizationType": "CUSTOM"}
    assert refused(client.put_method, **custom, authorizerId="none")[0] == "BadRequestException"

    def integrate(**options: Any) -> tuple[str, str, int]:
        given = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", **options}
        answer: tuple[str, str, int] = refused(
            client.put_integration, **orders, httpMethod="GET", **given
        )
        return answer

    assert integrate(uri="https://example.com")[1] == "Invalid ARN specified in the request"
    assert integrate(uri=function.arn)[0] == "BadRequestException"
    assert integrate(uri=invocation_uri("hello"))[1] == "Invalid function ARN or invalid uri"
    assert integrate(uri=invocation_uri(function.arn), timeoutInMillis=30_000) == (
        "BadRequestException", "Timeout should be between 50 ms and 29000 ms", 400,
    )  # fmt: skip
    assert refused(client.create_stage, **rest, stageName="s", deploymentId="none")[0] == (
        "BadRequestException"
    )
    assert refused(client.create_deployment, **rest, stageName="a b")[0] == "BadRequestException"
    for call, missing in (
        (client.get_deployment, {"deploymentId": "none"}),
        (client.delete_authorizer, {"authorizerId": "none"}),
        (client.get_integration, {"resourceId": orders["resourceId"], "httpMethod": "PUT"}),
        (client.delete_method, {"resourceId": orders["resourceId"], "httpMethod": "PUT"}),
        (client.delete_resource, {"resourceId": "none"}),
    ):
        assert refused(call, **rest, **missing)[::2] == ("NotFoundException", 404)
    kept = client.get_integration(**orders, httpMethod="GET")
    assert (kept["timeoutInMillis"], kept["passthroughBehavior"]) == (29_000, "WHEN_NO_MATCH")
    assert refused(client.delete_rest_api, restApiId="none")[::2] == ("NotFoundException", 404)
    bad = {**rest, "name": "a", "type": "TOKEN", "authorizerUri": function.arn}
    assert refused(client.create_authorizer, **bad)[1].startswith("Invalid Authorizer URI")


def test_a_function_that_is_gone(aws: Any, make: Any) -> None:
    function, api = make(PROGRAM), RestApi(aws, "orphan")
    allow(function)
    api.proxy("/", "GET", function.arn)
    url = api.deploy()
    function.client.delete_function(FunctionName=function.name)
    assert ask(url).status_code == 500
    api.client.delete_rest_api(restApiId=api.id)
    assert requests.get(url, timeout=60).json() == {"message": "Forbidden"}
