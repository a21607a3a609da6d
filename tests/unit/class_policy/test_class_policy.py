"""A class's policies allow what the notebooks really called, and nothing that a class must not do.

Decided by the same evaluator that decides on the local AWS.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpers.cloud.account.kinds import KINDS
from helpers.localaws.iam import checks, evaluate, keys
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.policy import Kind, Policy, parse
from helpers.localaws.iam.principal import role_session
from helpers.localaws.iam.request import Caller, Request, Target
from helpers.localaws.iam.sizes import MANAGED, size_of
from tests.class_policy import cannot, names, policies, recording

ACCOUNT = "123456789012"
HERE = "us-east-1"
LIMIT = f"arn:aws:iam::{ACCOUNT}:policy/{policies.BOUNDARY}"
FULL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
#: What a new key's policy says: the account decides.
KEYS_OWN = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
     "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}]}
)  # fmt: skip
NOTEBOOKS = sorted((recording.ROOT / "notebooks").glob("*.ipynb"))
#: Notebooks that are recorded; a later one joins with ``python -m tests.class_policy record``.
RECORDED = recording.load()


def policy(text: str, kind: Kind) -> Policy:
    return parse(text, kind, name="class")


TEXTS = policies.written()
ROLE = [policy(TEXTS[name], Kind.IDENTITY) for name in TEXTS if name.startswith("class-role")]
BOUNDARY = policy(TEXTS["class-boundary.json"], Kind.BOUNDARY)
ORGANIZATION = [[policy(FULL, Kind.SERVICE_CONTROL),
                 policy(TEXTS["class-scp.json"], Kind.SERVICE_CONTROL)]]  # fmt: skip


def decide(
    who: str, action: str, resource: str = "*", region: str = HERE, **context: Any
) -> evaluate.Decision:
    """``who``: "learner" in the class's role, "role" one that a learner made, "admin"."""
    roles = {"learner": "serverless-class-learner", "role": "course-function-role",
             "admin": "OrganizationAccountAccessRole"}  # fmt: skip
    principal = role_session(f"arn:aws:iam::{ACCOUNT}:role/{roles[who]}", "session")
    identity = ROLE if who == "learner" else [policy(FULL, Kind.IDENTITY)]
    limit = None if who == "admin" else BOUNDARY
    found: dict[str, Any] = {
        **keys.request_keys(
            datetime(2026, 11, 23, tzinfo=UTC), region=region, secure=True, source_ip="192.0.2.1"
        ),
        **keys.principal_keys(principal),
        "aws:ResourceAccount": ACCOUNT,
    }
    if action in policies.TAGGED:
        found["aws:RequestTag/course"] = "serverless-by-doing"  # as the open account does
    if action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        found["iam:PermissionsBoundary"] = LIMIT
    found |= {name.replace("__", ":").replace("_in_", "/"): held for name, held in context.items()}
    own = [policy(KEYS_OWN, Kind.RESOURCE)] if ":kms:" in resource else []
    caller = Caller(principal, identity, limit, None, ORGANIZATION)
    return evaluate.decide(Request(caller, action, Target(resource, ACCOUNT, own), Context(found)))


def needs() -> list[tuple[str, dict[str, Any]]]:
    return [(number, need) for number, entry in RECORDED.items() for need in entry["needs"]]


def test_what_is_stored_is_what_the_records_make() -> None:
    stored = {path.name: path.read_text(encoding="utf-8") for path in _files()}
    assert stored == TEXTS, "Run: .venv/bin/python -m tests.class_policy write"


def _files() -> list[Path]:
    return sorted(policies.FOLDER.glob("class-*.json"))


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
)
def test_aws_takes_them() -> None:
    """Their size, and their grammar."""
    for name, text in TEXTS.items():
        if name == "class-scp.json":
            assert len(text) <= policies.SCP
            continue
        assert size_of(text) <= MANAGED
        checks.check(text, Kind.IDENTITY)
    assert len(ROLE) <= 10  # managed policies on one role


@pytest.mark.parametrize("who", ["learner", "role"])
def test_every_recorded_call_is_allowed(who: str) -> None:
    """Or stands in ``cannot.py`` with its reason, and is denied."""
    refused = []
    for number, need in needs():
        if need["who"] != who:
            continue
        context = {key.replace(":", "__"): held for key, held in need.get("context", {}).items()}
        region = need.get("region", HERE)
        done = decide(who, need["action"], need["resource"], region, **context)
        expected = cannot.why(need) is None and _is_here(need)
        if done.allowed != expected:
            refused.append(f"{number}: {need['action']} on {need['resource']}: {done.kind}")
    assert not refused
    assert len(needs()) > 300


def _is_here(need: dict[str, Any]) -> bool:
    """One notebook shows that another region is another world; a class stays in one."""
    return need.get("region", HERE) == HERE


def test_functions_may_do_what_lambda_needs_their_roles_for() -> None:
    for action in policies.FOR_ROLES:
        assert decide("role", action, _some(action)).allowed, action


def _some(action: str) -> str:
    return f"arn:aws:{action.partition(':')[0]}:{HERE}:{ACCOUNT}:something"


ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/r"
CLASS_ROLE = f"arn:aws:iam::{ACCOUNT}:role/serverless-class-learner"
FUNCTION = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:f"
DENIED: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2:RunInstances", f"arn:aws:ec2:{HERE}:{ACCOUNT}:instance/*", {}),
    ("ec2:CreateNatGateway", f"arn:aws:ec2:{HERE}:{ACCOUNT}:natgateway/*", {}),
    ("ec2:CreateVpcEndpoint", f"arn:aws:ec2:{HERE}:{ACCOUNT}:vpc-endpoint/*", {}),
    ("ec2:AllocateAddress", "*", {}),
    ("rds:CreateDBInstance", f"arn:aws:rds:{HERE}:{ACCOUNT}:db:d", {}),
    ("eks:CreateCluster", "*", {}),
    ("ecs:CreateCluster", "*", {}),
    ("sagemaker:CreateNotebookInstance", "*", {}),
    ("bedrock:InvokeModel", "*", {}),
    ("redshift:CreateCluster", "*", {}),
    ("es:CreateDomain", "*", {}),
    ("elasticache:CreateCacheCluster", "*", {}),
    ("route53domains:RegisterDomain", "*", {}),
    ("organizations:LeaveOrganization", "*", {}),
    ("account:CloseAccount", "*", {}),
    ("aws-marketplace:Subscribe", "*", {}),
    ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/u", {}),
    ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/u", {}),
    ("iam:CreateLoginProfile", f"arn:aws:iam::{ACCOUNT}:user/u", {}),
    ("iam:CreateServiceLinkedRole", ROLE_ARN, {}),
    ("iam:CreateSAMLProvider", "*", {}),
    ("iam:CreateRole", ROLE_ARN, {"iam__PermissionsBoundary": None}),
    ("iam:CreateRole", ROLE_ARN, {"iam__PermissionsBoundary": "arn:aws:iam::aws:policy/Wide"}),
    ("iam:PutRolePolicy", ROLE_ARN, {"iam__PermissionsBoundary": None}),
    ("iam:AttachRolePolicy", CLASS_ROLE, {}),
    ("iam:PutRolePolicy", CLASS_ROLE, {}),
    ("iam:UpdateAssumeRolePolicy", CLASS_ROLE, {}),
    ("iam:DeleteRolePermissionsBoundary", CLASS_ROLE, {}),
    ("iam:DeleteRolePermissionsBoundary", ROLE_ARN, {}),
    ("iam:PutRolePermissionsBoundary", ROLE_ARN, {}),
    ("iam:CreatePolicyVersion", LIMIT, {}),
    ("iam:DeletePolicy", LIMIT, {}),
    ("iam:PassRole", ROLE_ARN, {"iam__PassedToService": "ec2.amazonaws.com"}),
    ("lambda:CreateFunction", FUNCTION, {"region": "eu-west-3"}),
    ("sqs:CreateQueue", f"arn:aws:sqs:ap-east-1:{ACCOUNT}:q", {"region": "ap-east-1"}),
    ("s3:CreateBucket", "arn:aws:s3:::b", {"region": "eu-west-3"}),
    ("lambda:CreateFunction", FUNCTION, {"aws__RequestTag_in_course": None}),
    ("lambda:CreateFunction", FUNCTION, {"aws__RequestTag_in_course": "my own"}),
    ("dynamodb:CreateTable", f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/t",
     {"aws__RequestTag_in_course": None}),
    ("kms:CreateKey", "*", {"aws__RequestTag_in_course": None}),
    ("lambda:CreateCapacityProvider", "*", {}),
    ("dynamodb:PurchaseReservedCapacityOfferings", "*", {}),
    ("dynamodb:CreateBackup", f"arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/t", {}),
    ("kinesis:UpdateShardCount", f"arn:aws:kinesis:{HERE}:{ACCOUNT}:stream/s", {}),
    ("kms:CreateCustomKeyStore", "*", {}),
    ("s3:PutBucketObjectLockConfiguration", "arn:aws:s3:::b", {}),
    ("s3:PutObjectRetention", "arn:aws:s3:::b/k", {}),
    ("s3:PutAccountPublicAccessBlock", "*", {}),
    ("ssm:SendCommand", "*", {}),
    ("ssm:StartSession", "*", {}),
    ("sns:SetSMSAttributes", "*", {}),
    ("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/x", {}),
    ("cloudtrail:StopLogging", f"arn:aws:cloudtrail:{HERE}:{ACCOUNT}:trail/t", {}),
    ("cloudtrail:DeleteTrail", f"arn:aws:cloudtrail:{HERE}:{ACCOUNT}:trail/t", {}),
]  # fmt: skip


@pytest.mark.parametrize("who", ["learner", "role"])
@pytest.mark.parametrize(("action", "resource", "context"), DENIED)
def test_a_class_must_not(who: str, action: str, resource: str, context: dict[str, Any]) -> None:
    """Not as a learner, and not through a role that a learner made with every right."""
    assert not decide(who, action, resource, **context).allowed


def test_the_list_of_what_is_denied_is_not_denied_by_a_slip_of_ours() -> None:
    """The same requests as they should be are allowed."""
    assert decide("learner", "iam:CreateRole", ROLE_ARN).allowed
    assert decide("learner", "lambda:CreateFunction", FUNCTION).allowed
    assert decide("learner", "iam:AttachRolePolicy", ROLE_ARN).allowed
    lambdas = {"iam__PassedToService": "lambda.amazonaws.com"}
    assert decide("learner", "iam:PassRole", ROLE_ARN, **lambdas).allowed


@pytest.mark.parametrize("action", ["ec2:RunInstances", "iam:CreateUser", "iam:CreateRole"])
def test_the_organization_lets_admins_through(action: str) -> None:
    assert decide("admin", action, iam__PermissionsBoundary=None).allowed


def test_the_organization_alone_holds_back_a_role_without_a_boundary() -> None:
    """Should somebody get a role past the rest: what the account's owner wants is still denied."""
    principal = role_session(f"arn:aws:iam::{ACCOUNT}:role/escaped", "session")
    caller = Caller(principal, [policy(FULL, Kind.IDENTITY)], None, None, ORGANIZATION)
    for action, resource in (
        ("ec2:RunInstances", "*"), ("iam:CreateUser", "*"), ("iam:DeletePolicy", LIMIT),
        ("s3:PutObjectRetention", "*"), ("iam:CreateRole", ROLE_ARN),
    ):  # fmt: skip
        context = Context({**keys.principal_keys(principal), "aws:RequestedRegion": HERE})
        request = Request(caller, action, Target(resource, ACCOUNT), context)
        assert not evaluate.decide(request).allowed, action


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_nothing_new_is_called(notebook: Path) -> None:
    """A notebook that names an operation it was not recorded with has to be recorded again."""
    number = notebook.stem[:2]
    command = f".venv/bin/python -m tests.class_policy record notebooks/{number}*.ipynb"
    assert number in RECORDED, f"Never recorded. Run: {command}"
    new = sorted(set(names.named_in(notebook)) - set(RECORDED[number]["names"]))
    assert not new, f"New here: {', '.join(new)}. Run: {command}; then … class_policy write"


def test_what_must_be_tagged_is_tagged_by_the_open_account() -> None:
    """With the very call that makes it."""
    names = {"stepfunctions": "states"}
    tagged = {
        f"{names.get(kind.service, kind.service)}:{operation}"
        for kind in KINDS
        for operation in kind.made_by
        if kind.tag_in
    }
    assert set(policies.TAGGED) <= tagged


def test_another_region_gets_its_own() -> None:
    text = policies.written("eu-central-1")["class-boundary.json"]
    assert re.search(r'"aws:RequestedRegion": "eu-central-1"', text)
    assert HERE not in text


def test_every_reason_is_still_needed() -> None:
    """What no notebook asks for any more needs no excuse."""
    used = {cannot.why(need) for _, need in needs()}
    assert used - {None} == set(cannot.REASONS.values())
