"""Action, Resource, Principal and their Not forms, wildcards and variables: what they cover."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.localaws.iam import principal
from helpers.localaws.iam.principal import Principal
from tests.fidelity.policies import (
    ACCOUNT,
    ALICE,
    BUCKET,
    FEDERATED,
    IAM,
    OTHER,
    PHOTO,
    ROLE_ARN,
    ROOT,
    ROOT_USER,
    S3,
    SESSION,
    STRANGE_SESSION,
    STRANGER,
    allow,
    decided,
    deny,
    policy,
    resource_policy,
    statement,
)

ACTION = f"{IAM}reference_policies_elements_action.html"
NOT_ACTION = f"{IAM}reference_policies_elements_notaction.html"
RESOURCE = f"{IAM}reference_policies_elements_resource.html"
NOT_RESOURCE = f"{IAM}reference_policies_elements_notresource.html"
VARIABLES = f"{IAM}reference_policies_variables.html"
PRINCIPAL = f"{IAM}reference_policies_elements_principal.html"
NOT_PRINCIPAL = f"{IAM}reference_policies_elements_notprincipal.html"


@pytest.mark.aws_source(ACTION)
@pytest.mark.parametrize(
    ("element", "action", "covers"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:GetObject", "s3:getOBJECT", True),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:GetObject*", "s3:GetObjectAcl", True),
        ("s3:*", "s3:GetObject", True),
        ("s3:*", "sqs:SendMessage", False),
        ("*", "sqs:SendMessage", True),
        ("s3:*Object", "s3:PutObject", True),
        ("s3:*Object", "s3:PutObjectAcl", False),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:ListAccessKeys", True),
        ("iam:*AccessKey*", "iam:CreateUser", False),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:?etObject", "s3:SetObject", True),
        ("s3:?etObject", "s3:etObject", False),
        ("s3:Get?", "s3:Get", False),
        ("s3.GetObject", "s3:GetObject", False),
        (["sqs:*", "s3:Get*"], "s3:GetObject", True),
        (["sqs:*", "s3:Put*"], "s3:GetObject", False),
    ],
)
def test_action(element: Any, action: str, covers: bool) -> None:
    assert decided(allow(Action=element), action=action).allowed is covers


@pytest.mark.aws_source(NOT_ACTION)
@pytest.mark.parametrize(
    ("element", "action", "covers"),
    [
        ("s3:DeleteBucket", "s3:GetObject", True),
        ("s3:DeleteBucket", "s3:deletebucket", False),
        ("iam:*", "iam:CreateUser", False),
        ("iam:*", "s3:GetObject", True),
        (["iam:*", "s3:*"], "s3:GetObject", False),
        ("*", "s3:GetObject", False),
    ],
)
def test_not_action(element: Any, action: str, covers: bool) -> None:
    assert decided(allow(NotAction=element), action=action).allowed is covers
    assert decided(allow(), deny(NotAction=element), action=action).explicit is covers


QUEUE = "arn:aws:sqs:us-east-1:111122223333:orders"
STREAM = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/f:log-stream:2026/11/23"


@pytest.mark.aws_source(RESOURCE)
@pytest.mark.parametrize(
    ("element", "arn", "covers"),
    [
        (PHOTO, PHOTO, True),
        (PHOTO, "arn:aws:s3:::shop/photo.jpeg", False),
        (PHOTO, "arn:aws:s3:::shop/Photo.jpg", False),
        ("*", PHOTO, True),
        (f"{BUCKET}/*", PHOTO, True),
        (f"{BUCKET}/*", BUCKET, False),
        (BUCKET, PHOTO, False),
        (f"{BUCKET}*", PHOTO, True),
        (f"{BUCKET}*", "arn:aws:s3:::shopping/x", True),
        (f"{BUCKET}/*.jpg", PHOTO, True),
        (f"{BUCKET}/*.jpg", "arn:aws:s3:::shop/a/b/c.jpg", True),
        (f"{BUCKET}/*.jpg", "arn:aws:s3:::shop/photo.jpg.exe", False),
        (f"{BUCKET}/*/x", "arn:aws:s3:::shop/a/b/x", True),
        (f"{BUCKET}/ph?to.jpg", PHOTO, True),
        (f"{BUCKET}/photo?.jpg", PHOTO, False),
        (f"{BUCKET}/*", "arn:aws:s3:::shop/a:b:c", True),
        (f"{BUCKET}/a*c", "arn:aws:s3:::shop/a:b:c", True),
        ("arn:aws:s3:::*", PHOTO, True),
        ("arn:aws:s3:*", PHOTO, True),
        ("arn:aws:sqs:*", PHOTO, False),
        ("arn:aws:sqs:*:*:orders", QUEUE, True),
        ("arn:aws:sqs:us-east-1:*:orders", QUEUE, True),
        ("arn:aws:sqs:eu-west-1:*:orders", QUEUE, False),
        ("arn:aws:sqs:us-*-1:*:orders", QUEUE, True),
        # A * in the middle of a part ends at the colon.
        ("arn:aws:sqs:us-*s:orders", QUEUE, False),
        ("arn:aws:sqs:*:orders", QUEUE, True),
        ("arn:aws:sqs:us-east-?:111122223333:orders", QUEUE, True),
        ("arn:aws:sqs:us-east-1?111122223333:orders", QUEUE, False),
        # AWS's own examples of what a * reaches in a key.
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1/test/object.jpg", True),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1/2/test/3/object.jpg", True),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1///test///object.jpg", True),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop//test/object.jpg", True),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1/test/", True),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1-test/object.jpg", False),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/test/object.jpg", False),
        ("arn:aws:s3:::shop/*/test/*", "arn:aws:s3:::shop/1/2/test.jpg", False),
        ("arn:aws:sqs:us-east-1:111122223333:order", QUEUE, False),
        ("arn:aws:logs:*:*:*", STREAM, True),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/f:*", STREAM, True),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/f", STREAM, False),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/g:*", STREAM, False),
        ("arn:aws-cn:s3:::shop/*", PHOTO, False),
        (["arn:aws:s3:::other/*", f"{BUCKET}/*"], PHOTO, True),
    ],
)
def test_resource(element: Any, arn: str, covers: bool) -> None:
    assert decided(allow(Resource=element), arn=arn).allowed is covers
    if "*" not in (element if isinstance(element, list) else [element]):
        assert decided(allow(NotResource=element), arn=arn).allowed is not covers


@pytest.mark.aws_source(NOT_RESOURCE)
def test_a_deny_of_everything_but() -> None:
    only_home = deny(Action="s3:*", NotResource=[f"{BUCKET}/home", f"{BUCKET}/home/*"])
    assert decided(allow(), only_home, arn=PHOTO).explicit
    assert decided(allow(), only_home, arn=f"{BUCKET}/home/a").allowed
    assert decided(allow(), only_home, arn=QUEUE, action="sqs:SendMessage").allowed


#: Resource or value with a variable, context, what it is compared with, whether it matches.
FILLED: list[tuple[str, dict[str, Any], str, bool]] = [
    ("home/${aws:username}/*", {"aws:username": "alice"}, "home/alice/x", True),
    ("home/${aws:username}/*", {"aws:username": "bob"}, "home/alice/x", False),
    ("home/${AWS:UserName}/*", {"aws:username": "alice"}, "home/alice/x", True),
    ("home/${aws:username}/*", {}, "home/alice/x", False),
    ("home/${aws:username}/*", {}, "home//x", False),
    ("home/${aws:username, 'guest'}/*", {}, "home/guest/x", True),
    ("home/${aws:username, 'guest'}/*", {"aws:username": "alice"}, "home/alice/x", True),
    ("home/${aws:username, 'guest'}/*", {"aws:username": "alice"}, "home/guest/x", False),
    ("home/${aws:PrincipalTag/team}/*", {"aws:PrincipalTag/team": "print"}, "home/print/x", True),
    ("home/${aws:PrincipalTag/team}/*", {"aws:principaltag/TEAM": "print"}, "home/print/x", True),
    # A value's own wildcards mean nothing.
    ("home/${aws:username}", {"aws:username": "*"}, "home/alice", False),
    ("home/${aws:username}", {"aws:username": "*"}, "home/*", True),
    # Characters that would have a meaning.
    ("home/${*}", {}, "home/*", True),
    ("home/${*}", {}, "home/x", False),
    ("home/a${?}", {}, "home/a?", True),
    ("home/a${?}", {}, "home/ab", False),
    ("home/${$}{x}", {}, "home/${x}", True),
    # A key with several values is no variable.
    ("home/${aws:TagKeys}", {"aws:TagKeys": ["a", "b"]}, "home/a", False),
]


@pytest.mark.aws_source(VARIABLES)
@pytest.mark.parametrize(("text", "context", "given", "matches"), FILLED)
def test_variables(text: str, context: dict[str, Any], given: str, matches: bool) -> None:
    """In a Resource, and in the values of string and ARN conditions alike."""
    arn = f"{BUCKET}/{given}"
    assert decided(allow(Resource=f"{BUCKET}/{text}"), arn=arn, context=context).allowed is matches
    for operator, prefix in (("StringLike", ""), ("ArnLike", f"{BUCKET}/")):
        condition = {operator: {"shop:path": prefix + text}}
        more = {**context, "shop:path": prefix + given}
        assert decided(allow(Condition=condition), context=more).allowed is matches


@pytest.mark.aws_source(VARIABLES)
def test_a_variable_without_a_value_makes_the_statement_invalid() -> None:
    """Also in a NotResource or with a negated operator, where "no match" would mean "applies"."""
    besides = allow(NotResource=f"{BUCKET}/${{aws:username}}/*")
    assert not decided(besides).allowed
    assert decided(besides, context={"aws:username": "bob"}).allowed
    unequal = {"StringNotEquals": {"shop:owner": "${aws:username}"}}
    assert not decided(allow(Condition=unequal), context={"shop:owner": "alice"}).allowed
    assert decided(allow(), deny(Condition=unequal), context={"shop:owner": "alice"}).allowed
    # Another service's resource is left out by no value.
    queue = {"action": "sqs:SendMessage", "arn": QUEUE}
    assert decided(besides, **queue).allowed


@pytest.mark.aws_source(VARIABLES)
def test_older_policies_have_no_variables() -> None:
    old = policy(statement(Resource=f"{BUCKET}/${{aws:username}}"), version="2008-10-17")
    assert not decided(old, arn=f"{BUCKET}/alice", context={"aws:username": "alice"}).allowed
    assert decided(old, arn=f"{BUCKET}/${{aws:username}}").allowed


@pytest.mark.aws_source(VARIABLES)
def test_variables_only_in_the_resources_own_part() -> None:
    """Before the fifth colon a variable is plain text, which no ARN is."""
    mine = allow(Resource="arn:aws:sqs:${aws:RequestedRegion}:111122223333:orders")
    assert not decided(mine, arn=QUEUE, context={"aws:RequestedRegion": "us-east-1"}).allowed


GOOGLE = principal.web_identity("accounts.google.com")
SAML = principal.web_identity(f"arn:aws:iam::{ACCOUNT}:saml-provider/corp")
EVERYBODY = [ALICE, ROOT_USER, SESSION, FEDERATED, S3, STRANGER, STRANGE_SESSION, GOOGLE, SAML]

#: Principal element, and whom a Deny with it hits.
NAMED: list[tuple[Any, list[Principal]]] = [
    ("*", [*EVERYBODY, principal.ANONYMOUS]),
    ({"AWS": "*"}, [*EVERYBODY, principal.ANONYMOUS]),
    ({"AWS": ROOT}, [ALICE, ROOT_USER, SESSION, FEDERATED]),
    ({"AWS": ACCOUNT}, [ALICE, ROOT_USER, SESSION, FEDERATED]),
    ({"AWS": [OTHER]}, [STRANGER, STRANGE_SESSION]),
    ({"AWS": ALICE.arn}, [ALICE, FEDERATED]),
    ({"AWS": ALICE.arn.replace("alice", "Alice")}, []),
    ({"AWS": "AIDAALICE"}, [ALICE]),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, []),
    ({"AWS": ROLE_ARN}, [SESSION]),
    ({"AWS": "AROAPRINTER"}, [SESSION]),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/printer"}, []),  # the role's ARN has a path
    ({"AWS": SESSION.arn}, [SESSION]),
    ({"AWS": SESSION.arn.replace("night", "*")}, []),
    ({"AWS": FEDERATED.arn}, [FEDERATED]),
    ({"AWS": [ALICE.arn, STRANGER.arn]}, [ALICE, FEDERATED, STRANGER]),
    ({"Service": "s3.amazonaws.com"}, [S3]),
    ({"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}, [S3]),
    ({"Service": "sns.amazonaws.com"}, []),
    ({"Federated": "accounts.google.com"}, [GOOGLE]),
    ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}, [SAML]),
    ({"AWS": ALICE.arn, "Service": "s3.amazonaws.com"}, [ALICE, FEDERATED, S3]),
    ({"CanonicalUser": "79a59df900b949e5"}, []),
]


@pytest.mark.aws_source(PRINCIPAL)
@pytest.mark.parametrize(("element", "whom"), NAMED, ids=[str(row[0]) for row in NAMED])
def test_principal(element: Any, whom: list[Principal]) -> None:
    own = resource_policy(statement("Deny", Principal=element))
    hit = [one for one in [*EVERYBODY, principal.ANONYMOUS] if decided(who=one, own=own).explicit]
    assert hit == whom


#: NotPrincipal of a Deny, and whom it spares: every level of a principal must stand in it.
SPARED: list[tuple[Any, list[Principal]]] = [
    ({"AWS": [ALICE.arn, ROOT]}, [ALICE, ROOT_USER]),
    ({"AWS": [ROOT]}, [ROOT_USER]),
    ({"AWS": [SESSION.arn, ROLE_ARN, ROOT]}, [ROOT_USER, SESSION]),
    ({"AWS": [ROLE_ARN, ROOT]}, [ROOT_USER]),
    ({"AWS": [SESSION.arn, ROOT]}, [ROOT_USER]),
    ({"Service": "s3.amazonaws.com"}, [S3]),
]


@pytest.mark.aws_source(NOT_PRINCIPAL)
@pytest.mark.parametrize(("element", "whom"), SPARED, ids=[str(row[0]) for row in SPARED])
def test_not_principal_with_deny(element: Any, whom: list[Principal]) -> None:
    own = resource_policy(statement("Deny", NotPrincipal=element))
    assert [one for one in EVERYBODY if not decided(who=one, own=own).explicit] == whom


@pytest.mark.aws_source(f"{IAM}access_policies_boundaries.html")
def test_not_principal_with_deny_hits_everybody_who_has_a_boundary() -> None:
    own = resource_policy(statement("Deny", NotPrincipal={"AWS": [ALICE.arn, ROOT]}))
    assert not decided(allow(), own=own).explicit
    assert decided(allow(), own=own, boundary=allow()).explicit


@pytest.mark.aws_source(NOT_PRINCIPAL)
def test_not_principal_with_allow_grants_to_everybody_else() -> None:
    own = resource_policy(statement(NotPrincipal={"AWS": ALICE.arn}))
    assert not decided(own=own).allowed
    bob = principal.user(ACCOUNT, "bob")
    assert decided(who=bob, own=own).allowed
    assert decided(who=principal.ANONYMOUS, own=own).allowed
