"""What the HTTP tests share: a handler that does as it is told, and APIs in a few lines."""

from __future__ import annotations

import json
from typing import Any

import requests

from tests.fidelity.conftest import Made

#: Does what the header X-Do says: {"return": …}, {"raise": …}, {"sleep": seconds}. Without it the
#: event comes back. As an authorizer (its events have no body) it does the same.
PROGRAM = """
import json, time

def handler(event, context):
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    do = json.loads(headers.get("x-do", "{}"))
    time.sleep(do.get("sleep", 0))
    if "raise" in do:
        raise ValueError(do["raise"])
    if "return" in do:
        return do["return"]
    if "size" in do:
        return {"statusCode": 200, "body": "x" * do["size"]}
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(event),
    }
"""
APIGATEWAY = "apigateway.amazonaws.com"


def allow(function: Made, source_arn: str | None = None, **more: Any) -> None:
    """Let API Gateway invoke the function."""
    given = {"Principal": APIGATEWAY, "Action": "lambda:InvokeFunction", **more}
    if source_arn:
        given["SourceArn"] = source_arn
    name = f"s{abs(hash(json.dumps(given, sort_keys=True)))}"
    function.client.add_permission(FunctionName=function.name, StatementId=name, **given)


def ask(url: str, do: Any = None, method: str = "GET", **options: Any) -> requests.Response:
    """A request whose handler does ``do``."""
    headers = dict(options.pop("headers", {}))
    if do is not None:
        headers["X-Do"] = json.dumps(do)
    return requests.request(method, url, headers=headers, timeout=60, **options)


def event_of(answer: requests.Response) -> Any:
    """The event that the handler got and sent back."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def invocation_uri(arn: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


class RestApi:
    """A REST API, with the resources that its methods' paths need."""

    def __init__(self, aws: Any, name: str, **options: Any) -> None:
        self.aws, self.client = aws, aws.client("apigateway")
        created = self.client.create_rest_api(name=name, **options)
        self.id = created["id"]
        self.resources = {"/": created["rootResourceId"]}

    def resource(self, path: str) -> str:
        """The id of a path's resource, made where it is missing."""
        if path not in self.resources:
            parent, _, part = path.rpartition("/")
            self.resources[path] = self.client.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part
            )["id"]
        return self.resources[path]

    def method(self, path: str, http_method: str, **options: Any) -> dict[str, str]:
        where = {
            "restApiId": self.id,
            "resourceId": self.resource(path),
            "httpMethod": http_method,
        }
        self.client.put_method(**where, **{"authorizationType": "NONE", **options})
        return where

    def proxy(
        self, path: str, http_method: str, arn: str, integration: Any = None, **options: Any
    ) -> None:
        """A method whose integration is AWS_PROXY with the function ``arn``."""
        where = self.method(path, http_method, **options)
        self.client.put_integration(
            **where,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=invocation_uri(arn),
            **(integration or {}),
        )

    def deploy(self, stage: str = "dev", **options: Any) -> str:
        """Deploy, and return the stage's URL."""
        self.client.create_deployment(restApiId=self.id, stageName=stage, **options)
        url: str = self.aws.rest_api_url(self.id, stage)
        return url

    def arn(self, rest: str) -> str:
        return f"arn:aws:execute-api:us-east-1:{self.aws.account_id}:{self.id}/{rest}"


class HttpApi:
    """An HTTP API with a stage that deploys by itself."""

    def __init__(self, aws: Any, name: str, **options: Any) -> None:
        self.client = aws.client("apigatewayv2")
        created = self.client.create_api(Name=name, ProtocolType="HTTP", **options)
        self.id, self.url = created["ApiId"], created["ApiEndpoint"]
        self.account = aws.account_id

    def stage(self, name: str = "$default", **options: Any) -> None:
        self.client.create_stage(ApiId=self.id, StageName=name, **{"AutoDeploy": True, **options})

    def integration(self, arn: str, version: str = "2.0", **options: Any) -> str:
        created = self.client.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion=version,
            **options,
        )
        identifier: str = created["IntegrationId"]
        return identifier

    def route(self, key: str, integration: str, **options: Any) -> str:
        created = self.client.create_route(
            ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}", **options
        )
        identifier: str = created["RouteId"]
        return identifier

    def arn(self, rest: str) -> str:
        return f"arn:aws:execute-api:us-east-1:{self.account}:{self.id}/{rest}"
