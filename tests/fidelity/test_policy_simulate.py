"""What the policy simulator answers."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.localaws.iam.context import Context
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.request import Caller
from helpers.localaws.iam.simulate import context_keys, simulate
from tests.fidelity.policies import ALICE, IAM, PHOTO, STRANGER, policy, resource_policy, statement

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html"
CLI = "https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html"
CLI_PRINCIPAL = (
    "https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html"
)

AFTER = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
    '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
)
#: As AWS's console lays a policy out: the first statement begins in line 3.
LISTED = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "codecommit:ListRepositories",
            "Resource": "*"
        },
        {
            "Effect": "Deny",
            "Action": "codecommit:Delete*",
            "Resource": "*"
        }
    ]
}
"""


def results(*policies: Policy, actions: list[str], **more: Any) -> list[dict[str, Any]]:
    """EvaluationResults for somebody with these policies."""
    caller = Caller(ALICE, policies, more.pop("boundary", None), None, more.pop("scp", ()))
    return simulate(caller, actions, **more)


@pytest.mark.aws_source(CLI)
def test_allowed_by_a_condition() -> None:
    """AWS's first example, with the positions that AWS shows."""
    custom = parse(AFTER, name="PolicyInputList.1")
    context = Context({"aws:CurrentTime": "2019-04-25T11:00:00Z"})
    (result,) = results(custom, actions=["dynamodb:CreateBackup"], context=context)
    assert result == {
        "EvalActionName": "dynamodb:CreateBackup",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "none",
                "StartPosition": {"Line": 1, "Column": 38},
                "EndPosition": {"Line": 1, "Column": 167},
            }
        ],
        "MissingContextValues": [],
    }


@pytest.mark.aws_source(CLI)
def test_denied_by_a_condition() -> None:
    """AWS's second example."""
    context = Context({"aws:CurrentTime": "2014-04-25T11:00:00Z"})
    (result,) = results(parse(AFTER), actions=["dynamodb:CreateBackup"], context=context)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MatchedStatements"] == result["MissingContextValues"] == []


@pytest.mark.aws_source(CLI_PRINCIPAL)
def test_positions_of_statements_in_a_list() -> None:
    listed = parse(LISTED, name="listed", source="user")
    allowed, denied = results(
        listed, actions=["codecommit:ListRepositories", "codecommit:DeleteBranch"]
    )
    assert allowed["MatchedStatements"] == [
        {
            "SourcePolicyId": "listed",
            "SourcePolicyType": "user",
            "StartPosition": {"Line": 3, "Column": 19},
            "EndPosition": {"Line": 8, "Column": 10},
        }
    ]
    assert denied["EvalDecision"] == "explicitDeny"
    assert denied["MatchedStatements"][0]["EndPosition"] == {"Line": 13, "Column": 10}


@pytest.mark.aws_source(API)
def test_missing_context_values() -> None:
    asks = policy(
        statement(
            Resource="arn:aws:s3:::shop/${aws:username}/*",
            Condition={"StringEquals": {"s3:x-amz-acl": "${aws:PrincipalTag/team}"}},
        )
    )
    expected = ["s3:x-amz-acl", "aws:username", "aws:principaltag/team"]
    assert context_keys([asks]) == expected
    (result,) = results(asks, actions=["s3:PutObject"], context=Context({"AWS:username": "a"}))
    assert result["MissingContextValues"] == ["s3:x-amz-acl", "aws:principaltag/team"]


@pytest.mark.aws_source(API)
def test_boundary_and_organization() -> None:
    everything = policy(statement())
    only_s3 = policy(statement(Action="s3:*"))
    boundary = Policy(only_s3.document, Kind.BOUNDARY)
    scp = [[Policy(only_s3.document, Kind.SERVICE_CONTROL)]]
    s3, sqs = results(everything, actions=["s3:GetObject", "sqs:SendMessage"], boundary=boundary)
    allows = "AllowedByPermissionsBoundary"
    assert s3["PermissionsBoundaryDecisionDetail"] == {allows: True}
    assert (sqs["EvalDecision"], sqs["PermissionsBoundaryDecisionDetail"]) == (
        "implicitDeny",
        {allows: False},
    )
    s3, sqs = results(everything, actions=["s3:GetObject", "sqs:SendMessage"], scp=scp)
    assert s3["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    assert sqs["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert sqs["EvalDecision"] == "implicitDeny"


@pytest.mark.aws_source(API)
def test_several_resources() -> None:
    one = policy(statement(Resource=PHOTO))
    (result,) = results(one, actions=["s3:GetObject"], resources=[PHOTO, "arn:aws:s3:::mall/x"])
    decisions = [
        (each["EvalResourceName"], each["EvalResourceDecision"])
        for each in result["ResourceSpecificResults"]
    ]
    assert decisions == [(PHOTO, "allowed"), ("arn:aws:s3:::mall/x", "implicitDeny")]
    assert result["EvalDecision"] == "implicitDeny"


@pytest.mark.aws_source(API, f"{IAM}access_policies_testing-policies.html")
def test_a_resource_of_another_account() -> None:
    bucket = resource_policy(statement(Principal={"AWS": STRANGER.arn}))
    (result,) = simulate(
        Caller(STRANGER, [policy(statement(Action="s3:Put*"))]),
        ["s3:GetObject"],
        [PHOTO],
        resource_policy=bucket,
        resource_owner="111122223333",
    )
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {
        "IAM Policy": "implicitDeny",
        "Resource Policy": "allowed",
    }
