"""AWS_IAM in front of functions: whoever signed must be allowed by some policy."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from helpers.localaws.iam.actions.apigateway import invoke_api
from tests.fidelity.roles import Role, Session, allow

GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg/"


@pytest.fixture(scope="module")
def function(make: Any) -> Any:
    return make("def handler(event, context): return {'statusCode': 200, 'body': 'here'}")


def get(url: str, session: Session, service: str) -> requests.Response:
    given = session.credentials
    keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given.get("SessionToken"))
    signed = AWSRequest("GET", url)
    SigV4Auth(keys, service, session.aws.region).add_auth(signed)
    with requests.Session() as plain:
        plain.trust_env = False
        return plain.get(url, headers=dict(signed.headers))


@pytest.mark.aws_source(f"{GUIDE}urls-auth.html")
def test_function_url(aws: Any, function: Any) -> None:
    url = function.client.create_function_url_config(
        FunctionName=function.name, AuthType="AWS_IAM"
    )["FunctionUrl"]
    role = Role(aws)
    session = role.session()
    assert get(url, session, "lambda").status_code == 403
    role.may(allow("lambda:InvokeFunctionUrl", function.arn))
    assert get(url, session, "lambda").status_code == 403  # InvokeFunction is asked for as well
    both = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    role.may(allow(both, function.arn))
    assert get(url, session, "lambda").text == "here"
    role.may(allow(both, function.arn + "x"))
    assert get(url, session, "lambda").status_code == 403
    for action, more in (
        ("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "AWS_IAM"}),
        ("lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        function.client.add_permission(
            FunctionName=function.name, StatementId=action[7:], Action=action, Principal=role.arn,
            **more,
        )  # fmt: skip
    assert get(url, session, "lambda").text == "here"


@pytest.mark.aws_source(
    f"{GATEWAY}api-gateway-control-access-using-iam-policies-to-invoke-api.html"
)
def test_http_api(aws: Any, function: Any) -> None:
    apis = aws.client("apigatewayv2")
    api = apis.create_api(Name="signed", ProtocolType="HTTP")
    target = apis.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=function.arn,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]  # fmt: skip
    apis.create_route(
        ApiId=api["ApiId"], RouteKey="GET /orders", Target=f"integrations/{target}",
        AuthorizationType="AWS_IAM",
    )  # fmt: skip
    apis.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    function.client.add_permission(
        FunctionName=function.name, StatementId="api", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip
    where = aws.account_id, aws.region, api["ApiId"], "$default"
    role = Role(aws, allow("execute-api:Invoke", invoke_api(*where, "GET", "/others")[0].resource))
    session, url = role.session(), f"{api['ApiEndpoint']}/orders"
    answer = get(url, session, "execute-api")
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    role.may(allow("execute-api:Invoke", invoke_api(*where, "GET", "/orders")[0].resource))
    assert get(url, session, "execute-api").text == "here"


@pytest.mark.aws_source(
    f"{GATEWAY}api-gateway-control-access-using-iam-policies-to-invoke-api.html"
)
def test_rest_api(aws: Any, function: Any) -> None:
    apis = aws.client("apigateway")
    api = apis.create_rest_api(name="signed")
    root = apis.get_resources(restApiId=api["id"])["items"][0]["id"]
    place = {"restApiId": api["id"], "resourceId": root, "httpMethod": "GET"}
    apis.put_method(**place, authorizationType="AWS_IAM")
    uri = f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{function.arn}"
    apis.put_integration(
        **place, type="AWS_PROXY", integrationHttpMethod="POST", uri=f"{uri}/invocations"
    )
    apis.create_deployment(restApiId=api["id"], stageName="live")
    role = Role(aws)
    session = role.session()
    url = f"{aws.rest_api_url(api['id'], 'live')}/"
    answer = get(url, session, "execute-api")
    hidden = f"********{aws.account_id[-4:]}"
    assert answer.status_code == 403
    assert answer.json()["Message"].startswith(
        f"User: arn:aws:sts::{aws.account_id}:assumed-role/{role.name}/anna is not authorized to "
        f"perform: execute-api:Invoke on resource: arn:aws:execute-api:{aws.region}:{hidden}:"
    )
    role.may(allow("execute-api:Invoke", f"arn:aws:execute-api:*:*:{api['id']}/live/GET/"))
    assert get(url, session, "execute-api").text == "here"
