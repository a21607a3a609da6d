"""Requests that break the services' models: refused with AWS's errors, never with a fault.

boto3 refuses most of this itself; curl, other languages and generated clients do not.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from botocore import xform_name
from botocore.config import Config

from tests.fidelity import sources

EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"

pytestmark = pytest.mark.aws_source(
    f"{EVENTS}CommonErrors.html", f"{LOGS}CommonErrors.html", f"{sources.GUIDE}lambda-services.html"
)

UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 1})


@pytest.mark.aws_source(f"{EVENTS}API_PutEvents.html", f"{LOGS}API_PutSubscriptionFilter.html")
def test_wrong_types_and_lengths(aws: Any, refused: Any) -> None:
    events, logs = aws.client("events", config=UNCHECKED), aws.client("logs", config=UNCHECKED)

    def putting(entries: Any) -> Any:
        return refused(events.put_events, Entries=entries)

    serialization = "SerializationException"
    assert putting([{"Source": ["shop"]}]) == (
        serialization, "Start of list found where not expected", 400,
    )  # fmt: skip
    assert putting([{"Source": "shop", "Detail": {}}])[:2] == (
        serialization,
        "Start of structure or map found where not expected.",
    )
    assert putting([{"Source": 7}])[:2] == (
        serialization,
        "NUMBER_VALUE can not be converted to String",
    )
    assert putting([])[:2] == (
        "ValidationException",
        "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1",
    )
    assert refused(events.put_events)[:2] == (
        "ValidationException",
        "1 validation error detected: Value null at 'entries' failed to satisfy constraint: Member "
        "must not be null",
    )
    assert refused(logs.filter_log_events, logGroupName="a b", limit=0) == (
        "InvalidParameterException",
        "2 validation errors detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+; Value '0' at "
        "'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        400,
    )


OPERATIONS = {
    "events": (
        "PutEvents", "PutRule", "PutTargets", "RemoveTargets", "TestEventPattern", "DescribeRule",
        "ListTargetsByRule", "ListRules", "ListRuleNamesByTarget",
    ),
    "scheduler": ("CreateSchedule", "UpdateSchedule", "ListSchedules", "CreateScheduleGroup"),
    "sns": (
        "Publish", "PublishBatch", "Subscribe", "Unsubscribe", "SetSubscriptionAttributes",
        "CreateTopic", "SetTopicAttributes", "GetTopicAttributes", "ListSubscriptionsByTopic",
    ),
    "logs": (
        "PutSubscriptionFilter", "PutMetricFilter", "TestMetricFilter", "FilterLogEvents",
        "DescribeSubscriptionFilters",
    ),
}  # fmt: skip
TEXTS = (
    "", "x", "x" * 3000, "null", "{", "{}", "[]", '{"a":[]}', '{"a":["x"]}', "arn:aws:sns",
    "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:sqs:us-east-1:123456789012:q",
    "é\0", "rate(5 minutes)", "rate(0 minutes)", "cron(0 0 * * ? *)", "cron(", "default", "known",
    "%a(b%", "{ $.a = 1 }", "{ $.a", "[a, b", '?a -b "c',
)  # fmt: skip


class Strange:
    """Parameters of which some fit the model and some do not."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def of(self, shape: Any, depth: int = 0) -> Any:
        chosen, kind = self.random, shape.type_name
        if depth and (depth > 4 or chosen.random() < 0.15):
            return chosen.choice(["x", 0, -1, 1.5, True, [], {}, [1], {"a": 1}])
        if kind == "structure":
            return {
                name: self.of(member, depth + 1)
                for name, member in shape.members.items()
                if name in shape.required_members or chosen.random() < 0.5
            }
        if kind == "list":
            return [self.of(shape.member, depth + 1) for _ in range(chosen.choice([0, 1, 2, 11]))]
        if kind == "map":
            names = ["a", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "FifoTopic"]
            return {chosen.choice(names): self.of(shape.value, depth + 1)}
        if kind in ("integer", "long"):
            return chosen.choice([0, 1, -1, 10**12])
        if kind == "boolean":
            return chosen.random() < 0.5
        if kind == "timestamp":
            return chosen.choice([0, 1_900_000_000])
        if kind == "blob":
            return b"x"
        return chosen.choice(getattr(shape, "enum", None) or TEXTS)


@pytest.mark.parametrize("service", OPERATIONS)
def test_nothing_makes_a_service_fail(aws: Any, service: str) -> None:
    client = aws.client(service, config=UNCHECKED)
    if service == "events":
        client.put_rule(Name="known", ScheduleExpression="rate(1 day)")
    elif service == "logs":
        client.create_log_group(logGroupName="known")
    answered = 0
    for operation in OPERATIONS[service]:
        strange = Strange(operation)
        shape = client.meta.service_model.operation_model(operation).input_shape
        for _ in range(15):
            given = strange.of(shape)
            given.pop("EndpointId", None)
            try:
                getattr(client, xform_name(operation))(**given)
            except client.exceptions.ClientError as error:
                code, status = (
                    error.response["Error"]["Code"],
                    error.response["ResponseMetadata"]["HTTPStatusCode"],
                )
                shown = json.dumps(given, default=str)
                assert status < 500 or code == "NotImplemented", (operation, code, shown)
            except (AttributeError, TypeError, ValueError, KeyError):
                continue  # boto3 itself cannot write it down
            answered += 1
    assert answered > 5 * len(OPERATIONS[service])
