"""HTTP sources at their limits: time, size, rate; and requests as strange as HTTP allows."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from tests.fidelity.conftest import Made
from tests.fidelity.http_apis import PROGRAM, HttpApi, RestApi, allow, ask, event_of
from tests.fidelity.test_http_function_url import make_public

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
QUOTAS = f"{GUIDE}http-api-quotas.html"
REST_QUOTAS = f"{GUIDE}api-gateway-execution-service-limits-table.html"
THROTTLING = f"{GUIDE}api-gateway-request-throttling.html"
RESPONSES = f"{GUIDE}supported-gateway-response-types.html"
LAMBDA = f"{GUIDE}http-api-develop-integrations-lambda.html"
NAMES = f"{GUIDE}how-to-call-api.html"

pytestmark = pytest.mark.aws_source(QUOTAS)


@pytest.fixture(scope="module")
def function(make: Any) -> Made:
    made: Made = make(PROGRAM, Timeout=60)
    allow(made)
    return made


@pytest.fixture(scope="module")
def rest(aws: Any, function: Made) -> str:
    """A REST API whose integrations wait for 0.3 and for 29 seconds."""
    api = RestApi(aws, "rest")
    api.proxy("/short", "GET", function.arn, {"timeoutInMillis": 300})
    api.proxy("/", "ANY", function.arn)
    return api.deploy()


@pytest.fixture(scope="module")
def quick(aws: Any, function: Made) -> HttpApi:
    return HttpApi(aws, "quick", Target=function.arn)


@pytest.fixture(scope="module")
def public(function: Made) -> str:
    created = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )
    make_public(function)
    url: str = created["FunctionUrl"]
    return url


@pytest.mark.aws_source(RESPONSES, "https://github.com/serverless/serverless/issues/11222")
def test_an_integration_that_takes_too_long(aws: Any, rest: str, function: Made) -> None:
    """504 (REST API) and 503 (HTTP API) at once; the function runs to its end."""
    began = time.monotonic()
    late = ask(f"{rest}/short", {"sleep": 3})
    assert (late.status_code, late.text) == (504, '{"message":"Endpoint request timed out"}')
    api = HttpApi(aws, "short")
    api.route("GET /", api.integration(function.arn, TimeoutInMillis=300))
    api.stage()
    late = ask(api.url, {"sleep": 3})
    assert (late.status_code, late.text) == (503, '{"message":"Service Unavailable"}')
    assert time.monotonic() - began < 5
    reports = function.wait_for_log("REPORT", times=2)
    slow = [one for one in reports if "Duration: 3" in one or "Duration: 4" in one]
    assert len(slow) >= 2


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
    f"{GUIDE}http-api-troubleshooting-lambda.html",
)
def test_a_throttled_function_behind_an_http_api(quick: HttpApi, function: Made) -> None:
    own = {"FunctionName": function.name}
    function.client.put_function_concurrency(**own, ReservedConcurrentExecutions=0)
    try:
        answer = ask(quick.url)
    finally:
        function.client.delete_function_concurrency(**own)
    assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')


@pytest.mark.aws_source(REST_QUOTAS, QUOTAS)
def test_sizes(rest: str, quick: HttpApi, public: str) -> None:
    """A million characters pass; 10 MB do not, nor what is too much for Lambda."""
    kind = {"Content-Type": "text/plain"}
    million = b"x" * 1_000_000
    for url in (rest, quick.url, public):
        event = event_of(ask(url, method="POST", data=million, headers=kind))
        assert event["body"].encode() == million
        assert len(ask(url, {"size": 1_000_000}).content) == 1_000_000
    for size in (10 * 1024 * 1024 + 1, 6_291_456):
        answer = ask(rest, method="POST", data=b"x" * size, headers=kind)
        assert (answer.status_code, answer.text) == (413, '{"message":"Request Too Long"}')
        answer = ask(quick.url, method="POST", data=b"x" * size, headers=kind)
        assert answer.status_code == 413
    assert ask(rest, {"size": 6_300_000}).status_code == 502
    assert ask(quick.url, {"size": 6_300_000}).status_code == 500


@pytest.mark.aws_source(THROTTLING, f"{GUIDE}http-api-throttling.html")
def test_throttling_of_a_stage(aws: Any, function: Made) -> None:
    """A bucket of tokens for each method or route, filled on the course clock."""
    old = RestApi(aws, "throttled")
    old.proxy("/orders", "GET", function.arn)
    old.proxy("/orders", "PUT", function.arn)
    rest = f"{old.deploy()}/orders"
    old.client.update_stage(
        restApiId=old.id,
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.001"},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "2"},
        ],
    )
    api = HttpApi(aws, "throttled", Target=function.arn)
    limits = {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 2}
    api.client.update_stage(ApiId=api.id, StageName="$default", DefaultRouteSettings=limits)
    for url in (rest, api.url):
        assert [ask(url).status_code for _ in range(3)] == [200, 200, 429]
        assert ask(url).text == '{"message":"Too Many Requests"}'
    assert ask(rest, method="PUT").status_code == 200
    aws.clock.advance(seconds=1_000)
    for url in (rest, api.url):
        assert [ask(url).status_code for _ in range(2)] == [200, 429]
    api.client.update_stage(
        ApiId=api.id,
        StageName="$default",
        RouteSettings={"$default": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 100}},
    )
    assert ask(api.url).status_code == 200


@pytest.mark.aws_source(LAMBDA)
def test_chunks_head_and_repeated_headers(rest: str, quick: HttpApi, public: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    for url in (rest, quick.url, public):
        event = event_of(
            ask(url, method="POST", data=chunks(), headers={"Content-Type": "text/plain"})
        )
        assert event["body"] == "one two"
        assert not {"Transfer-Encoding", "transfer-encoding"} & set(event["headers"])
        reply = {"statusCode": 200, "headers": {"X-A": "1"}, "body": "unseen"}
        head = ask(url, {"return": reply}, method="HEAD")
        assert (head.content, head.headers["X-A"], head.headers["Content-Length"]) == (
            b"",
            "1",
            "6",
        )

    def twice(url: str) -> Any:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        connection.putrequest("GET", parts.path or "/")
        for name, value in (("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")):
            connection.putheader(name, value)
        connection.putheader("X-Name", "Zoë".encode())
        connection.endheaders()
        return json.load(connection.getresponse())

    event = twice(rest)
    assert event["multiValueHeaders"]["X-A"] + event["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert event["multiValueHeaders"]["Cookie"] == ["a=1", "b=2"]
    event = twice(quick.url)
    assert (event["headers"]["x-a"], event["cookies"]) == ("1,2", ["a=1", "b=2"])
    assert event["headers"]["x-name"] == "Zoë"


@pytest.mark.parametrize(
    "strange",
    [
        b"X-A: \xff\xfe", b"Cookie: a=1;;;b", b"Authorization: AWS4-HMAC-SHA256 Credential=a/b",
        b"Content-Type: \xe4/;;", b"Accept: ,,;", b"X_Y: 1", b"X-Amzn-Trace-Id: ;;Lineage=||",
        b"X-Amzn-Trace-Id: Lineage=a:b|c", b"X-Forwarded-For: ,",
    ],
)  # fmt: skip
def test_strange_requests(rest: str, quick: HttpApi, public: str, strange: bytes) -> None:
    """Bytes that are no UTF-8, half an escape, headers that mean nothing: the handler gets them."""
    for url in (rest, quick.url, public):
        parts = urlsplit(url)
        tail = "/" if url == rest else "/%zz%C3{\xe4|?a=%&=&;%ff"
        head = f"PUT {parts.path.rstrip('/')}{tail} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        head += "Connection: close\r\nContent-Length: 2\r\n"
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
            connection.sendall(head.encode("latin-1") + strange + b"\r\n\r\n\xff\x00")
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:300]


def test_a_client_that_hangs_up(quick: HttpApi, function: Made) -> None:
    """The function runs to its end, and the next client is served."""
    before = len([one for one in function.log_events() if one.startswith("REPORT")])
    parts = urlsplit(quick.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        do = json.dumps({"sleep": 0.5})
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Do: {do}\r\n\r\n"
        connection.sendall(head.encode())
    function.wait_for_log("REPORT", times=before + 1)
    assert ask(quick.url).status_code == 200


@pytest.mark.aws_source(NAMES, "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html")
def test_host_names(aws: Any, quick: HttpApi, rest: str, public: str) -> None:
    """The host names of AWS work too, where a request says that it is for one."""
    port = urlsplit(aws.url).port
    url_id = public.rstrip("/").rpartition("/")[2]
    for host, path, status in (
        (f"{quick.id}.execute-api.localhost:{port}", "/a", 200),
        (f"{quick.id}.execute-api.us-east-1.amazonaws.com", "/a", 200),
        (f"{rest.split('/')[-2]}.execute-api.localhost:{port}", "/dev", 200),
        (f"{rest.split('/')[-2]}.execute-api.localhost:{port}", "/prod", 403),
        (f"{url_id}.lambda-url.us-east-1.on.aws", "/a", 200),
        (f"{url_id.upper()}.lambda-url.localhost:{port}", "/a", 200),
    ):
        answer = requests.get(f"{aws.url}{path}", headers={"Host": host}, timeout=60)
        assert answer.status_code == status, (host, answer.text)


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"
)
def test_buckets_are_never_taken_for_apis(aws: Any) -> None:
    s3 = aws.client("s3")
    name, key = "pictures.execute-api", "_aws/execute-api/x"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key=key, Body=b"1")
    assert s3.get_object(Bucket=name, Key=key)["Body"].read() == b"1"
    port = urlsplit(aws.url).port
    host = {"Host": f"{name}.localhost:{port}"}
    answer = requests.get(f"{aws.url}/{key}", headers=host, timeout=60)
    assert "Forbidden" not in answer.text
    signed = AWSRequest("GET", f"{aws.url}/{name}")
    SigV4Auth(boto3.Session().get_credentials(), "s3", "us-east-1").add_auth(signed)
    listed = requests.get(f"{aws.url}/{name}", headers=dict(signed.headers), timeout=60)
    assert key in listed.text


def test_a_reset_forgets_every_url(aws: Any, make: Any) -> None:
    """Last in this file: the cloud is empty afterwards."""
    function = make(PROGRAM)
    allow(function)
    api = HttpApi(aws, "gone", Target=function.arn)
    created = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )
    assert ask(api.url).status_code == 200
    aws.reset()
    assert ask(api.url).json() == {"message": "Forbidden"}
    assert ask(created["FunctionUrl"]).text == '{"Message":null}'
