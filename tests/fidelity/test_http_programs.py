"""Programs that nobody here wrote: curl, and the event handler of Powertools for AWS Lambda."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from helpers.layer import layer
from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, HttpApi, RestApi, allow, ask
from tests.fidelity.test_http_function_url import make_public

CURL = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-examples.html"
POWERTOOLS = "https://docs.aws.amazon.com/powertools/python/latest/core/event_handler/api_gateway/"

#: The same routes behind each of the three front doors.
ROUTES = """
import json
from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver, APIGatewayRestResolver, CORSConfig, LambdaFunctionUrlResolver, Response,
)
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.shared.cookies import Cookie

app = {resolver}()

@app.get("/orders/<number>")
def one(number):
    if number == "0":
        raise NotFoundError("no such order")
    event = app.current_event
    return {{
        "number": number, "colour": event.query_string_parameters.get("colour"),
        "header": event.headers.get("x-size"),
    }}

@app.post("/orders")
def new():
    body = app.current_event.json_body
    return Response(
        status_code=201, content_type="application/json", body=json.dumps(body),
        cookies=[Cookie(name="order", value="7")], headers={{"Location": "/orders/7"}},
    )

@app.get("/picture")
def picture():
    return Response(status_code=200, content_type="image/png", body=bytes(range(256)))

def handler(event, context):
    return app.resolve(event, context)
"""


@pytest.fixture(scope="module")
def powertools(aws: Any) -> str:
    return layer("powertools", ["aws-lambda-powertools"], cloud=aws)


@pytest.mark.aws_source(POWERTOOLS)
@pytest.mark.parametrize(
    "resolver", ["APIGatewayRestResolver", "APIGatewayHttpResolver", "LambdaFunctionUrlResolver"]
)
def test_powertools(aws: Any, make: Any, powertools: str, resolver: str) -> None:
    """Its resolvers read our events, and its answers become HTTP."""
    function: Made = make(ROUTES.format(resolver=resolver), Layers=[powertools], Timeout=30)
    url = _front_door(aws, function, resolver)
    got = ask(f"{url}/orders/7?colour=red", headers={"X-Size": "A4"})
    assert (got.status_code, got.json()) == (
        200,
        {"number": "7", "colour": "red", "header": "A4"},
    )
    missing = ask(f"{url}/orders/0")
    assert (missing.status_code, missing.json()["message"]) == (404, "no such order")
    assert ask(f"{url}/orders/7", method="DELETE").status_code == 404
    made = ask(f"{url}/orders", method="POST", json={"size": "A4"})
    assert (made.status_code, made.json()) == (201, {"size": "A4"})
    assert made.headers["Location"] == "/orders/7"
    assert made.cookies["order"] == "7"
    picture = ask(f"{url}/picture", headers={"Accept": "image/png"})
    assert (picture.content, picture.headers["Content-Type"]) == (bytes(range(256)), "image/png")


def _front_door(aws: Any, function: Made, resolver: str) -> str:
    """The kind of URL that a resolver is for, without a slash at its end."""
    if resolver == "LambdaFunctionUrlResolver":
        created = function.client.create_function_url_config(
            FunctionName=function.name, AuthType="NONE"
        )
        make_public(function)
        return str(created["FunctionUrl"]).rstrip("/")
    allow(function)
    if resolver == "APIGatewayHttpResolver":
        return str(HttpApi(aws, function.name, Target=function.arn).url)
    api = RestApi(aws, function.name, binaryMediaTypes=["image/*"])
    api.proxy("/{proxy+}", "ANY", function.arn)
    return api.deploy()


@pytest.mark.aws_source(CURL)
def test_curl(aws: Any, make: Any, tmp_path: Path) -> None:
    """As the documentation calls an API: with a body, cookies, a signature, HEAD, a form."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed: install the package 'curl' to run this test")
    function: Made = make(PROGRAM)
    allow(function)
    api = HttpApi(aws, "curl", Target=function.arn)
    signed = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="AWS_IAM"
    )["FunctionUrl"]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [curl, "--silent", "--show-error", "--noproxy", "*", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    big = tmp_path / "big.txt"
    big.write_text("x" * 1_100_000)  # curl asks first: Expect: 100-continue
    kind = ("-H", "Content-Type: text/plain")
    event = json.loads(run(f"{api.url}/orders?a=1&a=2", *kind, "--data-binary", f"@{big}"))
    assert (len(event["body"]), event["queryStringParameters"]) == (1_100_000, {"a": "1,2"})
    assert "expect" not in event["headers"]
    event = json.loads(run(api.url, "-b", "a=1; b=2", "-F", "name=value"))
    assert (event["cookies"], event["isBase64Encoded"]) == (["a=1", "b=2"], True)
    head = run("-I", api.url)
    assert head.startswith("HTTP/1.1 200")
    assert "apigw-requestid" in head.lower()
    assert run("-X", "DELETE", "-o", "/dev/null", "-w", "%{http_code}", f"{api.url}/x") == "200"
    environment = aws.client("iam")
    environment.create_user(UserName="curl")
    environment.attach_user_policy(
        UserName="curl", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    key = environment.create_access_key(UserName="curl")["AccessKey"]
    who = f"{key['AccessKeyId']}:{key['SecretAccessKey']}"
    if "--aws-sigv4" in run("--help", "all"):
        event = json.loads(
            run(f"{signed}orders", "--aws-sigv4", "aws:amz:us-east-1:lambda", "--user", who)
        )
        assert event["requestContext"]["authorizer"]["iam"]["userArn"].endswith("user/curl")
    assert "Forbidden" in run(signed)
