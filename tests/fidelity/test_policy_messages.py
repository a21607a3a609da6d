"""What AWS says when it denies."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.localaws.iam import principal
from helpers.localaws.iam.evaluate import decide
from helpers.localaws.iam.policy import Kind, Policy
from helpers.localaws.iam.refusal import message, refusal
from tests.fidelity.policies import (
    ACCOUNT,
    ALICE,
    IAM,
    KEY,
    OTHER,
    PHOTO,
    S3,
    SESSION,
    STRANGER,
    allow,
    decided,
    deny,
    policy,
    request,
    resource_policy,
    statement,
)

DENIED = f"{IAM}troubleshoot_access-denied.html"
BLOG = (
    "https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns"
)
S3_403 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html"

JOB = "arn:aws:codedeploy:us-east-1:111122223333:deploymentgroup:x"
LIST = {"action": "codedeploy:ListDeployments", "arn": JOB}
HEAD = (
    f"User: {ALICE.arn} is not authorized to perform: codedeploy:ListDeployments on resource: {JOB}"
)
ENDS = "allows the codedeploy:ListDeployments action"


def of(kind: Kind, one: Policy) -> Policy:
    """The same document, attached as another kind."""
    return Policy(one.document, kind)


NO = allow(Action="ec2:*")
NEVER = deny()
#: Who and what, and the end of the message.
ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("identity, implicit", {}, f"because no identity-based policy {ENDS}"),
    (
        "identity, explicit",
        {"identity": [NEVER]},
        "with an explicit deny in an identity-based policy",
    ),
    (
        "boundary, implicit",
        {"identity": [allow()], "boundary": of(Kind.BOUNDARY, NO)},
        f"because no permissions boundary {ENDS}",
    ),
    (
        "boundary, explicit",
        {"identity": [allow()], "boundary": of(Kind.BOUNDARY, NEVER)},
        "with an explicit deny in a permissions boundary",
    ),
    (
        "SCP, implicit",
        {"identity": [allow()], "service_control": [[of(Kind.SERVICE_CONTROL, NO)]]},
        f"because no service control policy {ENDS}",
    ),
    (
        "SCP, explicit",
        {"identity": [allow()], "service_control": [[of(Kind.SERVICE_CONTROL, NEVER)]]},
        "with an explicit deny in a service control policy",
    ),
    (
        "RCP, explicit",
        {
            "identity": [allow()],
            "resource_control": [
                policy(statement("Deny", Principal="*"), kind=Kind.RESOURCE_CONTROL)
            ],
        },
        "with an explicit deny in a resource control policy",
    ),
    (
        "resource, explicit",
        {"identity": [allow()], "own": resource_policy(statement("Deny", Principal="*"))},
        "with an explicit deny in a resource-based policy",
    ),
    (
        "endpoint, implicit",
        {
            "identity": [allow()],
            "endpoint": policy(statement(Principal="*", Action="ec2:*"), kind=Kind.ENDPOINT),
        },
        f"because no VPC endpoint policy {ENDS}",
    ),
    (
        "endpoint, explicit",
        {
            "identity": [allow()],
            "endpoint": policy(statement("Deny", Principal="*"), kind=Kind.ENDPOINT),
        },
        "with an explicit deny in a VPC endpoint policy",
    ),
]


@pytest.mark.aws_source(DENIED)
@pytest.mark.parametrize(("more", "end"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_kind_of_policy_is_named(more: dict[str, Any], end: str) -> None:
    identity = more.pop("identity", [])
    assert message(decided(*identity, **LIST, **more)) == f"{HEAD} {end}"


@pytest.mark.aws_source(DENIED)
def test_session_policies() -> None:
    said = message(decided(allow(), who=SESSION, session=[of(Kind.SESSION, NO)], **LIST))
    assert said == f"{HEAD.replace(ALICE.arn, SESSION.arn)} because no session policy {ENDS}"


@pytest.mark.aws_source(DENIED, "https://github.com/jbrt/ec2cryptomatic/issues/26")
def test_resource_policies() -> None:
    said = message(decided(allow(), action="kms:Decrypt", arn=KEY))
    assert said == (
        f"User: {ALICE.arn} is not authorized to perform: kms:Decrypt on resource: {KEY} "
        "because no resource-based policy allows the kms:Decrypt action"
    )


@pytest.mark.aws_source(DENIED)
def test_trust_policies() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/target"
    trust = resource_policy(statement(Principal={"AWS": OTHER}, Resource=None), kind=Kind.TRUST)
    never = resource_policy(statement("Deny", Principal="*", Resource=None), kind=Kind.TRUST)
    head = f"User: {ALICE.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
    said = message(decided(allow(), action="sts:AssumeRole", arn=role, own=trust))
    assert said == f"{head} because no role trust policy allows the sts:AssumeRole action"
    said = message(decided(allow(), action="sts:AssumeRole", arn=role, own=never))
    assert said == f"{head} with an explicit deny in the role trust policy"


@pytest.mark.aws_source(S3_403)
def test_s3_puts_the_resource_into_quotation_marks() -> None:
    assert message(decided(who=SESSION)) == (
        "User: arn:aws:sts::111122223333:assumed-role/printer/night is not authorized to perform: "
        f's3:GetObject on resource: "{PHOTO}" because no identity-based policy allows the '
        "s3:GetObject action"
    )
    assert message(decided(action="s3:ListAllMyBuckets", arn="arn:aws:s3:::*")) == (
        f"User: {ALICE.arn} is not authorized to perform: s3:ListAllMyBuckets because no "
        "identity-based policy allows the s3:ListAllMyBuckets action"
    )


@pytest.mark.aws_source(
    "https://github.com/aws/serverless-application-model/issues/3633",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
)
def test_sqs_and_sns_spell_actions_in_their_own_way() -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    assert message(decided(action="sqs:SendMessage", arn=queue)) == (
        f"User: {ALICE.arn} is not authorized to perform: sqs:sendmessage on resource: {queue} "
        "because no identity-based policy allows the sqs:sendmessage action"
    )
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
    assert message(decided(action="sns:Publish", arn=topic)).startswith(
        f"User: {ALICE.arn} is not authorized to perform: SNS:Publish on resource: {topic} because"
    )


@pytest.mark.aws_source(BLOG)
def test_the_arn_of_a_managed_policy_that_denies() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/never"
    managed = policy(statement("Deny"), arn=arn)
    end = f"with an explicit deny in an identity-based policy: {arn}"
    assert message(decided(managed)).endswith(end)
    # Not told to another account.
    bucket = resource_policy(statement(Principal={"AWS": OTHER}))
    said = message(decided(managed, who=STRANGER, own=bucket))
    assert said.endswith("with an explicit deny in an identity-based policy")


@pytest.mark.aws_source(
    "https://dev.classmethod.jp/articles/access-denied-error-message-with-policy-type-vpce-and-cross-account/"
)
@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ({"AWS": OTHER}, "resource-based"),
        ({"AWS": STRANGER.arn}, "identity-based"),
        ({"AWS": ACCOUNT}, "resource-based"),
    ],
)
def test_whom_aws_blames_between_accounts(names: Any, kind: str) -> None:
    said = message(decided(who=STRANGER, own=resource_policy(statement(Principal=names))))
    assert said.endswith(f"because no {kind} policy allows the s3:GetObject action")


@pytest.mark.aws_source(DENIED)
@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("s3", "AccessDenied", 403),
        ("iam", "AccessDenied", 403),
        ("sts", "AccessDenied", 403),
        ("cloudformation", "AccessDenied", 403),
        ("sns", "AuthorizationError", 403),
        ("sqs", "AccessDenied", 403),
        ("lambda", "AccessDeniedException", 403),
        ("dynamodb", "AccessDeniedException", 400),
        ("kms", "AccessDeniedException", 400),
        ("secretsmanager", "AccessDeniedException", 400),
        ("states", "AccessDeniedException", 400),
        ("events", "AccessDeniedException", 400),
    ],
)
def test_the_error_of_each_service(service: str, code: str, status: int) -> None:
    answer = refusal(decide(request()), service)
    assert (answer.code, answer.status) == (code, status)
    assert "is not authorized to perform" in answer.message


@pytest.mark.aws_source(S3_403)
def test_a_stranger_is_told_nothing() -> None:
    answer = refusal(decided(who=principal.ANONYMOUS), "s3")
    assert (answer.code, answer.message) == ("AccessDenied", "Access Denied")


@pytest.mark.aws_source(DENIED)
def test_a_service_is_named_by_its_principal() -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    said = message(decided(who=S3, action="sqs:SendMessage", arn=queue))
    assert said == (
        f"User: s3.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: {queue}"
        " because no resource-based policy allows the sqs:sendmessage action"
    )
