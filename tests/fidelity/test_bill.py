"""The bill of a local cloud: what handlers, triggers and callers did, from what AWS shows of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from helpers.cloud.metering import reports

pytestmark = pytest.mark.aws_source(
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
    "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-states.html",
)

HANDLER = """
    import boto3
    import os

    def handler(event, context):
        for number in range((event or {}).get("publish", 0)):
            boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message="printed")
        return {"statusCode": 200, "body": "ok"}
"""


def quantities(aws: Any) -> dict[str, Decimal]:
    return {line.key: line.quantity for line in aws.bill().lines}


def call(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as problem:
        return problem.code


@pytest.fixture(scope="module")
def topic(aws: Any) -> str:
    return str(aws.client("sns").create_topic(Name="prints")["TopicArn"])


@pytest.fixture(scope="module")
def printer(make: Any, topic: str) -> Any:
    made = make(HANDLER, FunctionName="printer", Environment={"Variables": {"TOPIC": topic}})
    made.invoke({"publish": 4})
    made.invoke({})
    made.client.invoke(FunctionName="printer", InvocationType="Event", Payload=b"{}")
    made.wait_for_log("REPORT RequestId", times=3)
    return made


def test_invocations_are_billed_by_their_reports(aws: Any, printer: Any) -> None:
    """Also the one that nobody waited for; each as long as its REPORT line says, init included."""
    found = reports.read(printer.wait_for_log("REPORT RequestId", times=3))
    used = aws.wait_until(lambda: (q := quantities(aws)).get("lambda.requests") == 3 and q)
    assert used["lambda.duration.x86_64"] == sum(one.gb_seconds for one in found)
    assert all(one.memory_mb == 1769 for one in found)


def test_what_a_handler_publishes_is_on_the_bill(aws: Any, printer: Any) -> None:
    """SNS's own metric tells: this process has only made the topic."""
    aws.wait_until(lambda: quantities(aws)["sns.requests"] == 4)


def test_a_log_that_was_deleted_takes_nothing_off_the_bill(aws: Any, printer: Any) -> None:
    before = quantities(aws)
    aws.client("logs").delete_log_group(logGroupName="/aws/lambda/printer")
    after = quantities(aws)
    for key in ("lambda.requests", "lambda.duration.x86_64"):
        assert after[key] == before[key]
    printer.invoke({})
    aws.wait_until(lambda: quantities(aws)["lambda.requests"] == 4)
    assert quantities(aws)["lambda.duration.x86_64"] > before["lambda.duration.x86_64"]


def test_requests_to_apis_are_counted_and_their_errors(aws: Any, printer: Any) -> None:
    """Callers from outside pass no client of ours; CloudWatch counts them by API and by stage."""
    http = aws.client("apigatewayv2")
    api = http.create_api(Name="shop", ProtocolType="HTTP")
    http.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    rest = aws.client("apigateway")
    rest_id = rest.create_rest_api(name="desk")["id"]
    root = rest.get_resources(restApiId=rest_id)["items"][0]["id"]
    method = {"restApiId": rest_id, "resourceId": root, "httpMethod": "GET"}
    rest.put_method(**method, authorizationType="NONE")
    rest.put_method_response(**method, statusCode="200")
    rest.put_integration(
        **method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    rest.put_integration_response(**method, statusCode="200")
    rest.create_deployment(restApiId=rest_id, stageName="live")
    url = aws.rest_api_url(rest_id, "live")
    assert [call(f"{url}/"), call(f"{url}/"), call(f"{url}/nowhere")] == [200, 200, 403]
    assert call(f"{api['ApiEndpoint']}/nowhere") == 404
    aws.wait_until(lambda: quantities(aws).get("apigateway.rest") == 3)
    aws.wait_until(lambda: quantities(aws).get("apigateway.http") == 1)
    for stage in ([], [{"Name": "Stage", "Value": "live"}]):
        metric = {
            "Namespace": "AWS/ApiGateway",
            "MetricName": "4XXError",
            "Dimensions": [{"Name": "ApiName", "Value": "desk"}, *stage],
        }
        found = aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
            ],
            StartTime=aws.clock.now() - timedelta(hours=1),
            EndTime=aws.clock.now() + timedelta(hours=1),
        )
        assert sum(found["MetricDataResults"][0]["Values"]) == 1


def test_steps_of_workflows_are_read_from_their_histories(aws: Any) -> None:
    role = aws.client("iam").get_role(RoleName="course-function-role")["Role"]["Arn"]
    services = ["lambda.amazonaws.com", "states.amazonaws.com"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": services}}]}  # fmt: skip
    aws.client("iam").update_assume_role_policy(
        RoleName="course-function-role", PolicyDocument=json.dumps(trust)
    )
    states = aws.client("stepfunctions")
    definition = {
        "StartAt": "First",
        "States": {"First": {"Type": "Pass", "Next": "Second"}, "Second": {"Type": "Succeed"}},
    }
    machine = states.create_state_machine(
        name="steps", definition=json.dumps(definition), roleArn=role
    )["stateMachineArn"]
    for _ in range(2):
        started = states.start_execution(stateMachineArn=machine)["executionArn"]
        aws.wait_until(
            lambda arn=started: states.describe_execution(executionArn=arn)["status"] != "RUNNING"
        )
    assert quantities(aws)["states.transitions"] == 4


def test_a_week_on_the_course_clock_is_a_week_on_the_bill(aws: Any) -> None:
    """And an empty cloud begins a new bill."""
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    aws.clock.advance(days=7)
    aws.client("kms").schedule_key_deletion(KeyId=key)
    aws.clock.advance(days=30)
    hours = quantities(aws)["kms.keys"] * 730
    assert 168 <= hours <= 169
    assert aws.bill().cents() >= 23
    aws.reset()
    assert aws.bill().total == 0
