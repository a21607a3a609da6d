"""A decision, told step by step, beside what a real call of the same role gets to hear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import cloud
from helpers.teach import TeachError, show
from helpers.teach.decision import Decision, as_html, as_text, decide
from helpers.teach.decision.asking import question
from helpers.teach.decision.seen import look
from helpers.teach.decision.steps import steps
from helpers.teach.decision.verdict import verdict

BUCKET, QUEUE, ROLE = "decision-in", "decision-out", "decision-label"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
OBJECT = f"arn:aws:s3:::{BUCKET}/orders/A-17.txt"
ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/shop/{ROLE}"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{QUEUE}"


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Shop:
    """One bucket, one queue and one role in a cloud, whose policies each test writes."""

    def __init__(self, aws: cloud.Cloud) -> None:
        self.aws, self.iam, self.s3 = aws, aws.client("iam"), aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key="orders/A-17.txt", Body=b"twelve prints")
        self.queue = aws.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
        root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust = {"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}
        self.iam.create_role(RoleName=ROLE, Path="/shop/", AssumeRolePolicyDocument=document(trust))
        caps = self.iam.create_policy(
            PolicyName="cap", PolicyDocument=document(allow(["sqs:*", "sts:*"], "*"))
        )
        self.cap = caps["Policy"]["Arn"]
        assumed = aws.client("sts").assume_role(RoleArn=ROLE_ARN, RoleSessionName="anna")
        given = assumed["Credentials"]
        self.keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        self.as_role = {name: aws.client(name, **self.keys) for name in ("s3", "sqs")}

    def clear(self) -> None:
        for name in self.iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
            self.iam.delete_role_policy(RoleName=ROLE, PolicyName=name)
        self.s3.delete_bucket_policy(Bucket=BUCKET)
        if "PermissionsBoundary" in self.iam.get_role(RoleName=ROLE)["Role"]:
            self.iam.delete_role_permissions_boundary(RoleName=ROLE)

    def policy(self, *statements: dict[str, Any]) -> None:
        self.iam.put_role_policy(
            RoleName=ROLE, PolicyName="label", PolicyDocument=document(*statements)
        )

    def bucket_policy(self, *statements: dict[str, Any]) -> None:
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=document(*statements))

    def bounded(self) -> None:
        self.iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=self.cap)

    def reads(self) -> str:
        """What a GetObject of the role gets to hear: "" or the error's text."""
        try:
            self.as_role["s3"].get_object(Bucket=BUCKET, Key="orders/A-17.txt")
        except ClientError as refused:
            return str(refused.response["Error"]["Message"])
        return ""


@pytest.fixture(scope="module")
def made() -> Iterator[Shop]:
    aws = cloud.open()
    yield Shop(aws)
    aws.close()


@pytest.fixture
def shop(made: Shop) -> Shop:
    made.clear()
    return made


def ask(
    action: str = "s3:GetObject", resource: str = OBJECT, principal: str = ROLE_ARN, **context: str
) -> Decision:
    return decide(principal, action, resource, context)


def said(decision: Decision) -> str:
    return " ".join(as_text(decision).split())


def names(decision: Decision) -> dict[str, str]:
    return {step.name: step.word for step in decision.steps}


def agrees(shop: Shop, decision: Decision) -> None:
    """The real call ends in the same way, and AWS says the same "because"."""
    error = shop.reads()
    assert decision.verdict.allowed is (error == ""), error
    if error:
        assert decision.verdict.because in error


HERE = {"Principal": {"AWS": ROLE_ARN}}
CASES: dict[str, tuple[list[Any], list[Any], bool, str]] = {
    "the objects": ([allow("s3:GetObject", OBJECTS, Sid="In")], [], False, '"In" of the inline'),
    "no policy at all": ([], [], False, "No statement comes close"),
    "the bucket, not its objects": (
        [allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}")],
        [],
        False,
        f"That is the bucket. Its objects are arn:aws:s3:::{BUCKET}/*",
    ),
    "a star is missing": (
        [allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/orders/")],
        [],
        False,
        "without a * at its end",
    ),
    "another bucket": (
        [allow("s3:GetObject", "arn:aws:s3:::others/*")],
        [],
        False,
        f"others in the policy, {BUCKET} asked for",
    ),
    "another action": (
        [allow(["s3:PutObject", "s3:GetObjectAcl"], OBJECTS)],
        [],
        False,
        "its Action is s3:PutObject, s3:GetObjectAcl. s3:GetObject is missing there",
    ),
    "all but that": (
        [{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}],
        [],
        False,
        "No statement comes close",
    ),
    "a condition": (
        [allow("s3:GetObject", "*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})],
        [],
        False,
        "StringEquals aws:SourceVpc vpc-1; the context that you gave does not say",
    ),
    "denied by its own policy": (
        [allow("s3:*", "*"), deny("s3:Get*", OBJECTS, Sid="Not")],
        [],
        False,
        'statement "Not" of the inline policy label. A Deny wins',
    ),
    "denied by the bucket": (
        [allow("s3:*", "*")],
        [deny("s3:Get*", OBJECTS, Sid="No", Principal="*")],
        False,
        'statement "No" of the policy of the bucket decision-in has to change',
    ),
    "the bucket allows the role": (
        [],
        [allow("s3:GetObject", OBJECTS, Sid="Mine", **HERE)],
        False,
        'Allowed: statement "Mine" of the policy of the bucket',
    ),
    "the bucket allows the account": (
        [],
        [allow("s3:GetObject", OBJECTS, Principal={"AWS": ACCOUNT})],
        False,
        "for the account: who in it may, its own policies say",
    ),
    "the bucket allows everybody": (
        [],
        [allow("s3:GetObject", OBJECTS, Principal="*")],
        True,
        "Allowed: statement 1 of the policy of the bucket",
    ),
    "a boundary without it": (
        [allow("s3:*", "*")],
        [],
        True,
        "permissions boundary: silent",
    ),
    "a boundary limits what a bucket gives to a role": (
        [],
        [allow("s3:GetObject", OBJECTS, **HERE)],
        True,
        "No statement comes close",
    ),
}


@pytest.mark.parametrize(("own", "bucket", "bounded", "text"), CASES.values(), ids=CASES)
def test_it_says_what_a_real_call_hears(
    shop: Shop, own: list[Any], bucket: list[Any], bounded: bool, text: str
) -> None:
    if own:
        shop.policy(*own)
    if bucket:
        shop.bucket_policy(*bucket)
    if bounded:
        shop.bounded()
    decision = ask()
    assert text in said(decision)
    agrees(shop, decision)


def test_each_policy_has_a_step(shop: Shop) -> None:
    shop.policy(allow("sqs:SendMessage", QUEUE_ARN, Sid="Out"))
    shop.bounded()
    decision = ask("sqs:SendMessage", QUEUE_ARN)
    assert list(names(decision).values()) == ["none", "none", "none", "allows", "allows", "none"]
    assert decision.outcome == ('Allowed: statement "Out" of the inline policy label allows it')
    assert "It grants nothing, it only lets through" in said(decision)
    shop.as_role["sqs"].send_message(QueueUrl=shop.queue, MessageBody="12 labels")
    html = as_html(decision)
    for step in decision.steps:
        assert f"<b>{step.word}</b>" in html
    assert "<caption" in html
    assert 'scope="row"' in html


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (QUEUE_ARN.replace("us-east-1", "eu-west-1"), "The region is another one: eu-west-1"),
        (QUEUE_ARN.replace(ACCOUNT, "999999999999"), "The account is another one: 999999999999"),
        (f"{QUEUE_ARN}-old", "It is another name: decision-out-old in the policy"),
    ],
)
def test_the_part_of_an_arn_that_differs(shop: Shop, given: str, text: str) -> None:
    shop.policy(allow("sqs:SendMessage", given))
    assert text in said(ask("sqs:SendMessage", QUEUE_ARN))


def test_context_meets_a_condition(shop: Shop) -> None:
    condition = {"StringEquals": {"s3:prefix": ["orders/"]}}
    shop.policy(allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", Condition=condition))
    asked = ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
    without = ask(*asked)
    assert without.verdict.allowed is False
    assert "the policies also look at s3:prefix" in said(without)
    other = decide(ROLE_ARN, *asked, {"s3:prefix": "faces/"})
    assert "StringEquals s3:prefix orders/; the context says faces/" in said(other)
    met = decide(ROLE_ARN, *asked, {"s3:prefix": "orders/"})
    assert met.verdict.allowed is True
    assert met.notes == []


def test_keys_of_other_statements_are_not_told(shop: Shop) -> None:
    condition = {"StringEquals": {"s3:prefix": ["orders/"]}}
    shop.policy(allow("s3:ListBucket", "*", Condition=condition), allow("s3:GetObject", OBJECTS))
    assert ask().notes == []


def test_the_arn_of_a_denial_is_understood(shop: Shop) -> None:
    shop.policy(allow("s3:GetObject", OBJECTS))
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/anna"
    assert ask(principal=session).verdict.allowed is True
    shop.clear()
    shop.bucket_policy(allow("s3:GetObject", OBJECTS, Principal={"AWS": session}))
    agrees(shop, ask(principal=session))
    assert ask(principal=session).verdict.allowed is True


def test_a_trust_policy_is_the_roles_own(shop: Shop) -> None:
    refused = decide("lambda.amazonaws.com", "sts:AssumeRole", ROLE_ARN)
    assert (
        refused.verdict.because == "because no role trust policy allows the sts:AssumeRole action"
    )
    assert "is not for lambda.amazonaws.com: its Principal is" in said(refused)
    root = f"{ACCOUNT}:root"
    assert root in said(refused)


def test_services_and_strangers(shop: Shop) -> None:
    assert decide("s3.amazonaws.com", "sqs:SendMessage", QUEUE_ARN).verdict.because == (
        "because no resource-based policy allows the sqs:SendMessage action"
    )
    stranger = decide("999999999999", "s3:GetObject", OBJECT)
    assert stranger.verdict.allowed is False
    shop.bucket_policy(allow("s3:GetObject", OBJECTS, Principal={"AWS": "999999999999"}))
    half = decide("999999999999", "s3:GetObject", OBJECT)
    assert half.verdict.allowed is None
    assert "account 999999999999 has to allow it as well" in said(half)
    elsewhere = QUEUE_ARN.replace(ACCOUNT, "999999999999")
    shop.policy(allow("sqs:SendMessage", "*"))
    assert ask("sqs:SendMessage", elsewhere).verdict.allowed is None


def test_users_bring_the_policies_of_their_groups(shop: Shop) -> None:
    iam = shop.iam
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="shop")
    iam.add_user_to_group(UserName="ada", GroupName="shop")
    own = allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/${{aws:username}}/*", Sid="Own")
    mail = allow("sqs:SendMessage", "*", Sid="Mail")
    iam.put_group_policy(GroupName="shop", PolicyName="all", PolicyDocument=document(own, mail))
    ada = f"arn:aws:iam::{ACCOUNT}:user/ada"
    sends = decide(ada, "sqs:SendMessage", QUEUE_ARN)
    assert '"Mail" of the inline policy all' in said(sends)
    assert decide(ada, "s3:GetObject", OBJECT).verdict.allowed is False
    managed = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName="ada", PolicyArn=managed)
    admin = decide(ada, "s3:GetObject", OBJECT)
    assert "statement 1 of the managed policy AdministratorAccess" in said(admin)


@pytest.mark.parametrize(
    ("principal", "action", "resource", "advice"),
    [
        (ROLE, "GetObject", OBJECT, 'as a denial names them: action="s3:GetObject"'),
        (ROLE, "s3:GetObject", BUCKET, "is no ARN. Copy the resource from the denial"),
        ("who is it?", "s3:GetObject", OBJECT, "is no principal. Write the name of a role"),
        ("nobody", "s3:GetObject", OBJECT, "There is no role nobody in this account"),
        ("arn:aws:iam::123456789012:group/g", "s3:GetObject", OBJECT, "is a group. Ask for"),
    ],
)
def test_what_is_no_question(
    shop: Shop, principal: str, action: str, resource: str, advice: str
) -> None:
    with pytest.raises(TeachError) as refused:
        decide(principal, action, resource)
    assert advice in " ".join(str(refused.value).split())


def test_show_prints_the_text(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    show.decision(ROLE, "s3:GetObject", OBJECT)
    printed = capsys.readouterr().out
    assert printed == as_text(ask(principal=ROLE)) + "\n"
    assert max(map(len, printed.splitlines())) <= 88


def test_resources_of_other_services(shop: Shop) -> None:
    tables = shop.aws.client("dynamodb")
    tables.create_table(
        TableName="notes",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/notes"
    assert "the table notes has no policy" in said(ask("dynamodb:PutItem", table))
    tables.put_resource_policy(
        ResourceArn=table, Policy=document(allow("dynamodb:PutItem", table, **HERE))
    )
    allowed = ask("dynamodb:PutItem", table)
    assert allowed.outcome == "Allowed: statement 1 of the policy of the table notes allows it"
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    assert "the event bus default has no policy" in said(ask("events:PutEvents", bus))
    instance = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    assert "knows of none for resources of ec2" in said(ask("ec2:StartInstances", instance))
    log = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:shop"
    unread = ask("logs:DeleteLogGroup", log)
    assert names(unread)["resource-based policy"] == "unknown"
    assert "the resource's own policy allows it is not known" in said(unread)


def test_an_organization_that_does_not_let_it_through(shop: Shop) -> None:
    shop.policy(allow("s3:*", "*"))
    asked = question(ROLE_ARN, "s3:GetObject", OBJECT, None, ACCOUNT)
    seen = look(asked, shop.aws.client)
    seen.organization = False  # as the simulator tells it in an account that is a member of one
    refused = verdict(shop.iam, seen)
    assert refused.allowed is False
    assert refused.because == "because no service control policy allows the s3:GetObject action"
    assert steps(seen)[1].word == "denies"
