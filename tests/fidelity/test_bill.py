"""The bill of a local cloud: what handlers, triggers and callers did, from what AWS shows of it."""

from __future__ import annotations

import json
import textwrap
import urllib.error
import urllib.request
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from helpers import RUNTIME
from helpers.cloud.metering import BudgetReached, Limits, Meter, reports
from helpers.deploy import ROLE_NAME
from tests.fidelity.conftest import zipped

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
    role = aws.client("iam").get_role(RoleName=ROLE_NAME)["Role"]["Arn"]
    services = ["lambda.amazonaws.com", "states.amazonaws.com"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": services}}]}  # fmt: skip
    aws.client("iam").update_assume_role_policy(
        RoleName=ROLE_NAME, PolicyDocument=json.dumps(trust)
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


LOOP = """
    import boto3

    def handler(event, context):
        boto3.client("lambda").invoke(FunctionName=context.function_name, InvocationType="Event")
"""


@pytest.mark.usefixtures("printer")  # whose role may do everything
def test_a_function_that_calls_itself_is_stopped_by_the_budget(aws: Any) -> None:
    """As on an account: limited when it is made, seen through its log, and ended at the limit."""
    said: list[str] = []
    session = boto3.session.Session()
    meter = Meter(
        budget_usd="0.0002", client=aws.client, now=aws.clock.now, every=2.0, warn=said.append
    )
    meter.attach(session)
    Limits(aws.client, environments=2).attach(session)
    lambdas, sqs = session.client("lambda"), session.client("sqs")
    archive = zipped({"app.py": textwrap.dedent(LOOP)})
    role = aws.client("iam").get_role(RoleName=ROLE_NAME)["Role"]["Arn"]
    lambdas.create_function(
        FunctionName="loop", Runtime=RUNTIME, Handler="app.handler", Role=role, Timeout=3,
        Code={"ZipFile": archive}, MemorySize=1769,
    )  # fmt: skip
    limit = lambdas.get_function_concurrency(FunctionName="loop")
    assert limit["ReservedConcurrentExecutions"] == 2
    lambdas.put_function_recursion_config(FunctionName="loop", RecursiveLoop="Allow")
    aws.wait_until(
        lambda: lambdas.get_function_configuration(FunctionName="loop")["State"] == "Active"
    )
    lambdas.invoke(FunctionName="loop", InvocationType="Event")

    def stopped() -> str:
        try:
            sqs.create_queue(QueueName="anything")
        except BudgetReached as reached:
            return str(reached)
        return ""

    assert "The functions of this run were stopped" in aws.wait_until(stopped, seconds=60)
    limit = lambdas.get_function_concurrency(FunctionName="loop")
    assert limit["ReservedConcurrentExecutions"] == 0
    assert meter.spent > Decimal("0.00018")
    assert len(said) == 1
    lambdas.delete_function(FunctionName="loop")  # cleaning up passes


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
