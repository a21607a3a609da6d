"""Four kinds of policies for a class, made from what was recorded.

``class-role-N.json``  what the role that learners assume may do: every action that was recorded
``class-boundary.json``  the ceiling of that role, and of every role that learners make
``class-scp.json``  for the organisation: what nobody in the class's account may do but its admins

White space does not count towards AWS's limits for managed policies; for a service control policy
it does, so that one is written without.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.cloud.account.tags import COURSE, THIS_COURSE
from helpers.localaws.iam.sizes import MANAGED, size_of
from tests.class_policy import cannot, recording

REGION = "us-east-1"
#: Where the files are kept.
FOLDER = recording.ROOT / "docs" / "class"
SCP = 5_120
#: Names of ours that learners must not touch: their own role, and the policies that bind them.
OURS = "serverless-class-*"
BOUNDARY = "serverless-class-boundary"
BOUNDARY_ARN = f"arn:aws:iam::*:policy/{BOUNDARY}"
#: Who runs the account; the role that Organizations makes in a new one.
ADMINS = "arn:aws:iam::*:role/OrganizationAccountAccessRole"

#: These know no region, or are asked in one that nobody chose.
_GLOBAL = ("iam:", "sts:", "organizations:", "s3:ListAllMyBuckets")
#: Only for roles that carry the boundary already, or get it with this call.
_WITH_BOUNDARY = ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy")
#: A create-only action whose request carries the tags. Absent: what also changes existing things,
#: and CreateLogGroup, which Lambda does itself with a function's role.
TAGGED = (
    "lambda:CreateFunction", "lambda:CreateEventSourceMapping", "sqs:CreateQueue",
    "sns:CreateTopic", "dynamodb:CreateTable", "kinesis:CreateStream", "states:CreateStateMachine",
    "secretsmanager:CreateSecret", "kms:CreateKey", "events:CreateEventBus", "iam:CreateRole",
    "iam:CreatePolicy",
)  # fmt: skip
#: What Lambda, Step Functions and Scheduler do with learners' roles: no request of a notebook.
#: Sources: the managed policies AWSLambdaBasicExecutionRole, AWSLambdaSQSQueueExecutionRole,
#: AWSLambdaDynamoDBExecutionRole, AWSLambdaKinesisExecutionRole, AWSXRayDaemonWriteAccess at
#: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
FOR_ROLES = (
    "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "sqs:ReceiveMessage",
    "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage", "sns:Publish",
    "events:PutEvents", "lambda:InvokeFunction", "states:StartExecution",
    "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
    "dynamodb:ListStreams", "kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:ListStreams",
    "xray:PutTraceSegments", "xray:PutTelemetryRecords",
)  # fmt: skip
#: Inside services that the course uses, and never by the course: dear, lasting or a way out.
TRAPS = (
    "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
    "iam:CreateServiceLinkedRole", "iam:CreateSAMLProvider", "iam:CreateOpenIDConnectProvider",
    "iam:CreateAccountAlias", "iam:*RolePermissionsBoundary", "iam:*UserPermissionsBoundary",
    "lambda:*CapacityProvider",
    "dynamodb:PurchaseReservedCapacityOfferings", "dynamodb:CreateGlobalTable",
    "dynamodb:*Backup*", "dynamodb:ImportTable", "kinesis:UpdateShardCount",
    "kinesis:RegisterStreamConsumer", "kms:CreateCustomKeyStore", "kms:ReplicateKey",
    "s3:*ObjectLock*", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:PutReplication*",
    "s3:CreateJob", "s3:PutAccountPublicAccessBlock", "ssm:SendCommand", "ssm:StartSession",
    "ssm:CreateActivation", "ssm:StartAutomationExecution", "sns:CreatePlatformApplication",
    "sns:CreateSMSSandboxPhoneNumber", "sns:SetSMSAttributes", "sts:GetFederationToken",
    "logs:PutDestination", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail",
)  # fmt: skip

Statement = dict[str, Any]


def actions(recorded: dict[str, Any]) -> list[str]:
    """Every action that a learner's own requests need, without what a class cannot do."""
    found = {
        need["action"]
        for entry in recorded.values()
        for need in entry["needs"]
        if need["who"] == "learner" and not cannot.why(need)
    }
    return sorted(found)


def role_actions(recorded: dict[str, Any]) -> list[str]:
    """Every action that the roles of functions, state machines and schedules need."""
    found = {
        need["action"]
        for entry in recorded.values()
        for need in entry["needs"]
        if need["who"] == "role" and not cannot.why(need)
    }
    return sorted(found | set(FOR_ROLES))


def _services(names: Iterable[str]) -> list[str]:
    """Whole services where the course makes something, single actions where it only looks."""
    by_service: dict[str, list[str]] = {}
    for one in names:
        by_service.setdefault(one.partition(":")[0], []).append(one)
    found = []
    for service, own in by_service.items():
        only_looks = all(re.match(r"\w[\w-]*:(Describe|Get|List|Lookup)", one) for one in own)
        found += own if only_looks else [f"{service}:*"]
    return sorted(found)


def _here(region: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:RequestedRegion": region}}


def _allows(names: Iterable[str], region: str) -> list[Statement]:
    """Statements that allow these actions: regional ones there, IAM's on learners' own roles."""
    plain = [one for one in names if one not in (*_WITH_BOUNDARY, "iam:PassRole")]
    regional = [one for one in plain if not one.startswith(_GLOBAL)]
    everywhere = [one for one in plain if one.startswith(_GLOBAL)]
    made: list[Statement] = []
    if regional:
        made.append(_allow("Region", regional, _here(region)))
    if everywhere:
        made.append(_allow("Global", everywhere))
    bound = [one for one in names if one in _WITH_BOUNDARY]
    if bound:
        limit = {"ArnLike": {"iam:PermissionsBoundary": BOUNDARY_ARN}}
        made.append(_allow("BoundRoles", bound, limit))
    if "iam:PassRole" in names:
        services = [f"{one}.amazonaws.com" for one in ("lambda", "states", "scheduler", "events")]
        passed = {"StringEquals": {"iam:PassedToService": services}}
        made.append(_allow("PassRole", ["iam:PassRole"], passed))
    return made


def _allow(sid: str, names: list[str], condition: Any = None) -> Statement:
    statement: Statement = {"Sid": sid, "Effect": "Allow", "Action": names, "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


def _deny(sid: str, **elements: Any) -> Statement:
    return {"Sid": sid, "Effect": "Deny", "Resource": "*", **elements}


def _own_binds() -> Statement:
    """Learners change neither their role nor what binds it."""
    ours = [f"arn:aws:iam::*:{kind}/{OURS}" for kind in ("policy", "role")]
    looking = ["iam:Get*", "iam:List*"]
    return {"Sid": "OwnBinds", "Effect": "Deny", "NotAction": looking, "Resource": ours}


def role(recorded: dict[str, Any], region: str = REGION) -> list[dict[str, Any]]:
    """As few managed policies as AWS's size allows; the denials are in the boundary."""
    every = actions(recorded)
    parts = 1
    while True:
        size = -(-len(every) // parts)
        documents = [
            _document(_allows(every[begin : begin + size], region))
            for begin in range(0, len(every), size)
        ]
        if all(size_of(json.dumps(one)) <= MANAGED for one in documents):
            return documents
        parts += 1


def boundary(recorded: dict[str, Any], region: str = REGION) -> dict[str, Any]:
    """A ceiling by service, with the denials that hold for everything below it."""
    every = sorted({*actions(recorded), *role_actions(recorded)})
    services = [one for one in _services(every) if not one.startswith(("iam:", "sts:"))]
    identity = [one for one in every if one.startswith(("iam:", "sts:"))]
    in_general = [one for one in every if one.startswith(_GLOBAL) and one.startswith("s3:")]
    return _document(
        [
            _allow("Region", services, _here(region)),
            *_allows([*identity, *in_general], region),
            _deny("Traps", Action=list(TRAPS)),
            _own_binds(),
            _untagged(),
        ]
    )


def _untagged() -> Statement:
    condition = {"StringNotEquals": {f"aws:RequestTag/{COURSE}": THIS_COURSE}}
    return _deny("Untagged", Action=list(TAGGED), Condition=condition)


def scp(recorded: dict[str, Any], region: str = REGION) -> dict[str, Any]:
    """What holds for everybody in the account but its admins; FullAWSAccess stays attached."""
    every = {*actions(recorded), *role_actions(recorded)}
    services = _services(every)
    but_admins = {"ArnNotLike": {"aws:PrincipalArn": ADMINS}}
    elsewhere = but_admins | {"StringNotEquals": {"aws:RequestedRegion": region}}
    unbound: dict[str, Any] = but_admins | {
        "ArnNotLikeIfExists": {"iam:PermissionsBoundary": BOUNDARY_ARN}
    }
    return _document(
        [
            _deny("OtherServices", NotAction=services, Condition=but_admins),
            _deny(
                "OtherRegions",
                NotAction=sorted(f"{one}*" if one.endswith(":") else one for one in _GLOBAL),
                Condition=elsewhere,
            ),
            _deny("Traps", Action=list(TRAPS), Condition=but_admins),
            _deny("UnboundRoles", Action="iam:CreateRole", Condition=unbound),
            {**_own_binds(), "Condition": but_admins},
        ]
    )


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def written(region: str = REGION) -> dict[str, str]:
    """The files' names and texts."""
    recorded = recording.load()
    files = {
        f"class-role-{number}.json": json.dumps(one, indent=1) + "\n"
        for number, one in enumerate(role(recorded, region), 1)
    }
    files["class-boundary.json"] = json.dumps(boundary(recorded, region), indent=1) + "\n"
    files["class-scp.json"] = json.dumps(scp(recorded, region), separators=(",", ":"))
    return files


def write(folder: Path, region: str = REGION) -> list[Path]:
    """Write the files; a role's policy that is no longer needed goes."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("class-role-*.json"):
        old.unlink()
    paths = []
    for name, text in written(region).items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths
