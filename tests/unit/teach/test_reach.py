"""How far a role's rights reach: conditions and other policies do not hide anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.teach.checking.reach import Reach

ROLE = "arn:aws:iam::123456789012:role/printer"
READ = {"Action": "s3:GetObject", "Resource": "*"}
TRUE = {"StringLike": {"aws:userid": "*"}}


class Iam:
    """One role with one inline policy; says which policies the simulator was given."""

    def __init__(self, *statements: dict[str, Any]) -> None:
        self.statements, self.asked = statements, list[Any]()

    def get_role(self, RoleName: str) -> Any:
        return {"Role": {"Arn": ROLE}}

    def list_role_policies(self, RoleName: str) -> Any:
        return {"PolicyNames": ["own"]}

    def get_role_policy(self, RoleName: str, PolicyName: str) -> Any:
        return {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(self.statements)}}

    def list_attached_role_policies(self, RoleName: str) -> Any:
        return {"AttachedPolicies": []}

    def simulate_custom_policy(self, PolicyInputList: list[str], **_: Any) -> Any:
        self.asked = [one for text in PolicyInputList for one in json.loads(text)["Statement"]]
        return {"EvaluationResults": [{"EvalDecision": "allowed"}]}


def test_a_condition_neither_hides_an_allow_nor_makes_a_deny() -> None:
    iam = Iam(
        {"Effect": "Allow", **READ, "Condition": TRUE},
        {"Effect": "Deny", **READ, "Condition": TRUE},
    )
    assert Reach(iam, "printer").allows("s3:GetObject", "arn:aws:s3:::photos/1")
    assert iam.asked == [{"Effect": "Allow", **READ}]


@pytest.mark.parametrize(
    ("named", "counts"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": ["999999999999", ROLE]}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, True),
        ({"Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/printer/x"}}, True),
        ({"NotPrincipal": {"AWS": "999999999999"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}, False),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, False),
    ],
)
def test_a_buckets_policy_counts_where_it_names_the_role(named: Any, counts: bool) -> None:
    iam, policy = Iam(), {"Statement": {"Effect": "Allow", **READ, **named, "Condition": TRUE}}
    assert Reach(iam, "printer", [policy]).allows("s3:GetObject", "x") is counts
    assert iam.asked == ([{"Effect": "Allow", **READ}] if counts else [])


@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, True),
        ({"StringLike": {"AWS:principalarn": [f"{ROLE}-2", "arn:aws:iam::*:role/print*"]}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": f"{ROLE}-2"}}, False),
        ({"ArnEqualsIfExists": {"aws:PrincipalArn": f"{ROLE}-2"}}, True),
        ({"ArnNotEquals": {"aws:PrincipalArn": f"{ROLE}-2"}}, True),
        ({"StringEquals": {"aws:Referer": "print"}}, True),
    ],
)
def test_everybody_under_a_condition_is_whom_the_condition_names(
    condition: Any, counts: bool
) -> None:
    statement = {"Effect": "Allow", **READ, "Principal": "*", "Condition": condition}
    assert Reach(Iam(), "printer", [{"Statement": [statement]}]).allows("x", "y") is counts
