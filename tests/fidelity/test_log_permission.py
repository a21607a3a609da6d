"""A function whose role may not write logs works, and nobody reads what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity.roles import Role, allow, document

pytestmark = pytest.mark.aws_source(
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-access.html"
)
SAYS = """
    def handler(event, context):
        print("said", event)
        return event
"""


def test_the_execution_role_writes_the_logs(aws: Any, make: Any) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = Role(aws, AssumeRolePolicyDocument=document(trust))
    function = make(SAYS, Role=role.arn, FunctionName="silent")
    group = f"arn:aws:logs:*:{aws.account_id}:log-group:/aws/lambda"
    streams = ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert function.invoke("nothing allowed").payload == "nothing allowed"
    role.may(allow(streams, f"{group}/silent:*"))
    assert function.invoke("no group").payload == "no group"
    role.may(allow([*streams, "logs:CreateLogGroup"], f"{group}/another:*"))
    assert function.invoke("another group").payload == "another group"
    role.may(allow([*streams, "logs:CreateLogGroup"], f"{group}/silent:*"))
    assert function.invoke("all allowed").payload == "all allowed"
    function.wait_for_log("said all allowed")
    role.may(allow("logs:PutLogEvents", f"{group}/silent:*"))  # the stream is there already
    function.invoke("still")
    function.wait_for_log("said still")
    said = [line.strip() for line in function.log_events() if line.startswith("said")]
    assert said == ["said all allowed", "said still"]
