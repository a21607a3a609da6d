"""Requests with policies, made up at random: small alphabets, so that things do match.

A case is plain JSON, in the form that the package iam-simulate takes (see record.py), so that both
engines can be asked the same.
"""

from __future__ import annotations

from random import Random
from typing import Any

from helpers.localaws.iam import principal
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.policy import Kind, parse
from helpers.localaws.iam.request import Caller, Request, Target

HOME, AWAY = "111122223333", "444455556666"
Case = dict[str, Any]

#: An action and a resource that it knows.
ASKED = [
    ("s3:GetObject", "arn:aws:s3:::shop/photo.jpg"),
    ("s3:GetObject", "arn:aws:s3:::shop/home/alice/a:b"),
    ("s3:PutObject", "arn:aws:s3:::shop/home/bob/x"),
    ("s3:ListBucket", "arn:aws:s3:::shop"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{HOME}:orders"),
    ("sns:Publish", f"arn:aws:sns:us-east-1:{HOME}:orders"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{HOME}:table/orders"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{HOME}:function:print"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
]
ACTIONS = [
    "*", "s3:*", "s3:Get*", "s3:get*", "s3:GetObject", "s3:?utObject", "s3:ListBucket", "sqs:*",
    "sqs:SendMessage", "sns:Publish", "dynamodb:Get*", "dynamodb:*Item", "lambda:Invoke*",
    "kms:*", "kms:Decrypt", "ec2:*",
]  # fmt: skip
RESOURCES = [
    "*", "*", "*", "arn:aws:s3:::shop", "arn:aws:s3:::shop/*", "arn:aws:s3:::shop*",
    "arn:aws:s3:::shop/photo.jpg", "arn:aws:s3:::sh?p/home/*",
    "arn:aws:s3:::shop/home/${aws:username}/*", "arn:aws:s3:::shop/home/${aws:username, 'bob'}/*",
    "arn:aws:s3:::shop/${aws:PrincipalTag/team}/*", f"arn:aws:sqs:*:{HOME}:orders",
    f"arn:aws:sqs:us-east-1:{AWAY}:*", f"arn:aws:sns:us-east-1:{HOME}:*",
    f"arn:aws:dynamodb:us-east-1:{HOME}:table/*", f"arn:aws:lambda:*:{HOME}:function:p*",
    f"arn:aws:kms:*:{HOME}:key/*", "arn:aws:lambda:*:*:function:print",
]  # fmt: skip
CONDITIONS: list[tuple[str, str, Any]] = [
    ("StringEquals", "aws:PrincipalTag/team", ["print", "home"]),
    ("StringNotEquals", "aws:PrincipalTag/team", "print"),
    ("StringLike", "aws:PrincipalTag/team", "p*t"),
    ("StringNotLike", "aws:PrincipalTag/team", ["x*", "pr?nt"]),
    ("StringEqualsIfExists", "aws:PrincipalTag/team", "print"),
    ("StringEqualsIgnoreCase", "aws:RequestedRegion", "US-EAST-1"),
    ("StringEquals", "aws:RequestedRegion", ["us-east-1", "us-east-2"]),
    ("StringEquals", "aws:username", "${aws:PrincipalTag/team}"),
    ("Bool", "aws:SecureTransport", "true"),
    ("Bool", "aws:SecureTransport", "false"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
    ("Null", "aws:MultiFactorAuthPresent", "true"),
    ("Null", "aws:PrincipalTag/team", "false"),
    ("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:db8::/32"]),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-06-01T00:00:00Z"),
    ("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
    ("NumericNotEquals", "aws:MultiFactorAuthAge", "60"),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{HOME}:user/*"),
    ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{HOME}:*/alice"),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost"]),
    ("ForAnyValue:StringLike", "aws:TagKeys", ["te*"]),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["cost"]),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["cost"]),
]
CONTEXT: dict[str, list[Any]] = {
    "aws:PrincipalTag/team": ["print", "home", "xray"],
    "aws:RequestedRegion": ["us-east-1", "eu-west-1"],
    "aws:SecureTransport": ["true", "false"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:MultiFactorAuthAge": ["60", "3599", "7200"],
    "aws:SourceIp": ["203.0.113.9", "198.51.100.4", "2001:db8::7"],
    "aws:CurrentTime": ["2025-12-31T23:59:59Z", "2026-03-01T12:00:00Z", "2026-11-23T00:00:00Z"],
    "aws:TagKeys": [["team"], ["team", "cost"], ["other"], ["cost"]],
}
#: Who asks: the ARN, and the role's ARN for a session.
WHO = [
    (f"arn:aws:iam::{HOME}:user/alice", ""),
    (f"arn:aws:iam::{HOME}:user/bob", ""),
    (f"arn:aws:sts::{HOME}:assumed-role/printer/night", f"arn:aws:iam::{HOME}:role/printer"),
    (f"arn:aws:iam::{AWAY}:user/mallory", ""),
    (f"arn:aws:sts::{AWAY}:assumed-role/visitor/day", f"arn:aws:iam::{AWAY}:role/visitor"),
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": f"arn:aws:iam::{AWAY}:root"},
    *({"AWS": name} for pair in WHO for name in pair if name),
    {"AWS": [WHO[0][0], WHO[3][0]]},
    {"Service": "s3.amazonaws.com"},
]


def statement(random: Random, service: str, principal_element: bool = False) -> dict[str, Any]:
    """A statement; most allow, are about the service that is asked, and have no condition."""
    found: dict[str, Any] = {"Effect": random.choices(("Allow", "Deny"), (6, 1))[0]}
    if principal_element:
        found["Principal"] = random.choice(PRINCIPALS)
    not_action, not_resource = random.random() < 0.1, random.random() < 0.1
    actions, resources = ACTIONS, [one for one in RESOURCES if not not_resource or one != "*"]
    if random.random() < 0.7:
        actions = [one for one in ACTIONS if one == "*" or one.startswith(f"{service}:")]
        resources = [one for one in resources if one == "*" or f":{service}:" in one]
    found["NotAction" if not_action else "Action"] = _some(random, actions)
    found["NotResource" if not_resource else "Resource"] = _some(random, resources)
    if random.random() < 0.45:
        condition: dict[str, dict[str, Any]] = {}
        for operator, key, values in random.sample(CONDITIONS, random.choice((1, 1, 2))):
            condition.setdefault(operator, {})[key] = values
        found["Condition"] = condition
    return found


def _some(random: Random, among: list[str]) -> Any:
    chosen = random.sample(among, min(len(among), random.choice((1, 1, 2, 3))))
    return chosen[0] if len(chosen) == 1 else chosen


def document(random: Random, service: str, principal_element: bool = False) -> dict[str, Any]:
    """A policy of one to three statements."""
    count = random.choice((1, 1, 2, 3))
    return {
        "Version": "2012-10-17",
        "Statement": [statement(random, service, principal_element) for _ in range(count)],
    }


def make(random: Random, sessions: bool = False) -> Case:
    """A case; the resource belongs to HOME. ``sessions``: with session policies, sometimes."""
    action, resource = random.choice(ASKED)
    service = action.partition(":")[0]
    arn, role = random.choice(WHO)
    context = {
        key: random.choice(values) for key, values in CONTEXT.items() if random.random() < 0.6
    }
    context["aws:PrincipalArn"] = role or arn
    if not role:
        context["aws:username"] = arn.rpartition("/")[2]
    case: Case = {
        "request": {
            "principal": arn,
            "action": action,
            "resource": {"resource": resource, "accountId": HOME},
            "contextVariables": context,
        },
        "identityPolicies": [
            {"name": f"p{number}", "policy": document(random, service)}
            for number in range(random.choice((0, 1, 1, 2)))
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }
    if random.random() < 0.25:
        case["permissionBoundaryPolicies"] = [
            {"name": "boundary", "policy": document(random, service)}
        ]
    if random.random() < 0.2:
        case["serviceControlPolicies"] = [
            {
                "orgIdentifier": f"level{level}",
                "policies": [{"name": "scp", "policy": document(random, service)}],
            }
            for level in range(random.choice((1, 2)))
        ]
    if random.random() < 0.5 or action.startswith("kms:"):
        case["resourcePolicy"] = document(random, service, principal_element=True)
    if sessions and role and random.random() < 0.4:
        case["sessionPolicies"] = [{"name": "session", "policy": document(random, service)}]
    return case


def as_request(case: Case) -> Request:
    """The same case for the engine here."""
    asked = case["request"]
    arn = asked["principal"]
    account = arn.split(":")[4]
    if ":assumed-role/" in arn:
        _, role, session = arn.split("/")
        who = principal.role_session(f"arn:aws:iam::{account}:role/{role}", session)
    else:
        who = principal.user(account, arn.rpartition("/")[2])
    boundary, session = case.get("permissionBoundaryPolicies"), case.get("sessionPolicies")
    caller = Caller(
        who,
        [parse(one["policy"], name=one["name"]) for one in case["identityPolicies"]],
        parse(boundary[0]["policy"], Kind.BOUNDARY) if boundary else None,
        [parse(one["policy"], Kind.SESSION) for one in session] if session else None,
        [
            [parse(one["policy"], Kind.SERVICE_CONTROL) for one in level["policies"]]
            for level in case["serviceControlPolicies"]
        ],
    )
    own = case.get("resourcePolicy")
    target = Target(
        asked["resource"]["resource"],
        asked["resource"]["accountId"],
        [parse(own, Kind.RESOURCE)] if own else [],
    )
    return Request(caller, asked["action"], target, Context(asked["contextVariables"]))
