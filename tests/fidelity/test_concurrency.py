"""How many environments run at once, and who is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.fidelity import sources

pytestmark = pytest.mark.aws_source(f"{sources.GUIDE}lambda-concurrency.html")

SLEEPER = """
import os, time
me = os.urandom(8).hex()
def handler(event, context):
    time.sleep(event)
    return [me, os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]]
"""


def at_once(function: Any, number: int, seconds: float = 0.5, **options: Any) -> list[Any]:
    """Replies, or the error code and reason of refusals."""
    from botocore.exceptions import ClientError

    def one(_: int) -> Any:
        try:
            return function.invoke(seconds, **options).payload
        except ClientError as problem:
            answer = problem.response
            return answer["Error"]["Code"], answer.get("Reason"), answer["Error"]["Message"]

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@pytest.mark.aws_source(sources.LIFECYCLE)
def test_one_environment_serves_one_invocation_at_a_time(make: Any) -> None:
    """Five at once need five; one after the other need one."""
    function = make(SLEEPER)
    assert len({reply[0] for reply in at_once(function, 5)}) == 5
    assert len({function.invoke(0).payload[0] for _ in range(5)}) == 1


@pytest.mark.aws_source(sources.RECORDED, f"{sources.GUIDE}configuration-concurrency.html")
def test_reserved_concurrency(make: Any, refused: Any) -> None:
    """A limit: what is above it is refused with 429 and AWS's reason; 0 stops the function."""
    function = make(SLEEPER)
    put = function.client.put_function_concurrency
    assert put(FunctionName=function.name, ReservedConcurrentExecutions=2)[
        "ReservedConcurrentExecutions"
    ] == 2  # fmt: skip
    replies = at_once(function, 6)
    refusal = (
        "TooManyRequestsException",
        "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Rate Exceeded.",
    )
    assert replies.count(refusal) == 4
    put(FunctionName=function.name, ReservedConcurrentExecutions=0)
    code, message, status = refused(function.client.invoke, FunctionName=function.name)
    assert (code, message, status) == ("TooManyRequestsException", "Rate Exceeded.", 429)
    shown = function.client.get_function(FunctionName=function.name)
    assert shown["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    function.client.delete_function_concurrency(FunctionName=function.name)
    assert function.invoke(0).status == 200
    answer = function.client.get_function_concurrency(FunctionName=function.name)
    assert "ReservedConcurrentExecutions" not in answer


@pytest.mark.aws_source(sources.RECORDED_API, f"{sources.API}API_GetAccountSettings.html")
def test_the_accounts_limit(make: Any, refused: Any, aws: Any) -> None:
    """1000 in all; 100 must stay for functions without a reservation."""
    function, client = make(SLEEPER), aws.client("lambda")
    limits = client.get_account_settings()["AccountLimit"]
    assert limits["ConcurrentExecutions"] == 1000
    code, message, _ = refused(
        client.put_function_concurrency,
        FunctionName=function.name,
        ReservedConcurrentExecutions=limits["UnreservedConcurrentExecutions"] - 99,
    )
    assert (code, message) == (
        "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].",
    )
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=50)
    after = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    assert after == limits["UnreservedConcurrentExecutions"] - 50
    client.delete_function_concurrency(FunctionName=function.name)


@pytest.mark.aws_source(f"{sources.GUIDE}provisioned-concurrency.html", sources.RECORDED)
def test_provisioned_concurrency(make: Any, aws: Any, refused: Any) -> None:
    """Ready before the event, without a cold start; what goes beyond runs on demand."""
    function = make(SLEEPER)
    client, name = function.client, function.name
    put = client.put_provisioned_concurrency_config
    assert (
        refused(put, FunctionName=name, Qualifier="$LATEST", ProvisionedConcurrentExecutions=1)[1]
        == "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    )
    client.publish_version(FunctionName=name)
    assert refused(
        client.get_provisioned_concurrency_config, FunctionName=name, Qualifier="1"
    )[:2] == (
        "ProvisionedConcurrencyConfigNotFoundException",
        "No Provisioned Concurrency Config found for this function",
    )  # fmt: skip
    first = put(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2)
    assert first["Status"] == "IN_PROGRESS"

    def ready() -> bool:
        config = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
        return bool(config["Status"] == "READY")

    aws.wait_until(ready)
    aws.clock.advance(hours=2)  # they do not go when idle
    reply = function.invoke(0, Qualifier="1")
    assert reply.payload[1] == "provisioned-concurrency"
    assert "Init Duration" not in reply.log
    kinds = [kind for _, kind in at_once(function, 3, Qualifier="1")]
    assert sorted(kinds) == ["on-demand", "provisioned-concurrency", "provisioned-concurrency"]
    assert function.invoke(0).payload[1] == "on-demand"  # $LATEST has none
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
    assert function.invoke(0, Qualifier="1").payload[1] == "on-demand"


@pytest.mark.aws_source(sources.RECORDED)
def test_provisioned_within_reserved(make: Any, refused: Any, aws: Any) -> None:
    """All reserved and all provisioned: nothing is left for $LATEST."""
    function = make(SLEEPER)
    client, name = function.client, function.name
    client.publish_version(FunctionName=name)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    put = client.put_provisioned_concurrency_config
    assert refused(put, FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2)[1] == (
        "Requested Provisioned Concurrency should not be greater than the "
        "reservedConcurrentExecution for function"
    )
    put(FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1)
    assert refused(client.invoke, FunctionName=name)[0] == "TooManyRequestsException"
    assert refused(client.put_function_concurrency, FunctionName=name,
                   ReservedConcurrentExecutions=0)[1] == (
        " ReservedConcurrentExecutions  0 should not be lower than function's total provisioned "
        "concurrency [1]."
    )  # fmt: skip
    client.delete_function(FunctionName=name)


@pytest.mark.aws_source(f"{sources.GUIDE}provisioned-concurrency.html")
def test_provisioned_follows_its_alias(make: Any, aws: Any) -> None:
    """An alias that moves takes its provisioned environments to the new version."""
    function = make("import os\ndef handler(event, context): return context.function_version")
    client, name = function.client, function.name
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    client.update_function_configuration(FunctionName=name, Description="changed")
    function.settle()
    client.publish_version(FunctionName=name)
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")

    def ready() -> bool:
        config = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
        return bool(config["Status"] == "READY")

    aws.wait_until(ready)
    reply = function.invoke({}, Qualifier="live")
    assert reply.payload == "2"
    assert "Init Duration" not in reply.log
    client.delete_function(FunctionName=name)


@pytest.mark.aws_source(f"{sources.GUIDE}provisioned-concurrency.html")
def test_provisioned_that_cannot_start(make: Any, aws: Any) -> None:
    function = make("raise RuntimeError('no')")
    client, name = function.client, function.name
    client.publish_version(FunctionName=name)
    client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1
    )

    def failed() -> Any:
        config = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
        return config if config["Status"] == "FAILED" else None

    assert aws.wait_until(failed)["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"
    client.delete_function(FunctionName=name)


@pytest.mark.aws_source(f"{sources.GUIDE}monitoring-metrics-types.html")
def test_metrics(make: Any, aws: Any) -> None:
    """Invocations, errors, throttles, duration and the most that ran at once."""
    function = make(SLEEPER)
    at_once(function, 3, seconds=0.3)
    function.invoke("no number")
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=0
    )
    at_once(function, 2)
    cloudwatch, now = aws.client("cloudwatch"), aws.clock.now()

    def metric(name: str, statistic: str) -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": "FunctionName", "Value": function.name}],
            StartTime=now.replace(hour=0, minute=0),
            EndTime=aws.clock.now().replace(year=now.year + 1),
            Period=86400 * 30,
            Statistics=[statistic],
        )["Datapoints"]
        return sum(point[statistic] for point in points)

    aws.wait_until(lambda: metric("Throttles", "Sum") == 2, what="the metrics arrive")
    assert metric("Invocations", "Sum") == 4
    assert metric("Errors", "Sum") == 1
    assert metric("ConcurrentExecutions", "Maximum") == 3
    assert metric("Duration", "Sum") >= 900
    function.client.delete_function_concurrency(FunctionName=function.name)
