"""An explanation that a learner can act on."""

from __future__ import annotations

from typing import Any

from helpers.localaws.iam.explain import Explanation, explain
from helpers.localaws.iam.policy import Kind, Policy
from tests.fidelity.policies import (
    ALICE,
    BUCKET,
    FEDERATED,
    KEY,
    PHOTO,
    ROOT,
    ROOT_USER,
    SESSION,
    STRANGER,
    allow,
    deny,
    policy,
    request,
    resource_policy,
    statement,
)


def told(*identity: Policy, **more: Any) -> Explanation:
    """The explanation of such a request."""
    return explain(request(*identity, **more))


def test_what_decided_is_named() -> None:
    reads = policy(statement(Sid="Read", Action="s3:Get*"), name="reader")
    assert told(reads).sentence == (
        f"Allowed: statement Read of reader allows s3:GetObject on {PHOTO}, and nothing denies it."
    )
    never = policy(statement(), statement("Deny"), name="never")
    found = told(reads, never)
    assert found.sentence.startswith(f"Denied: statement 2 of never denies s3:GetObject on {PHOTO}")
    assert "adding an Allow somewhere else does not help" in found.advice


def test_nothing_at_all() -> None:
    found = told()
    assert found.sentence == (
        f"Denied: nothing allows s3:GetObject on {PHOTO}; there is no identity-based policy at all."
    )
    assert found.advice == (
        f"To allow it: attach to {ALICE.arn} a policy with a statement that allows s3:GetObject on "
        f"{PHOTO}."
    )
    assert told(who=SESSION).advice.startswith(f"To allow it: attach to {SESSION.behind} a policy")
    assert told(who=ROOT_USER).sentence.startswith("Allowed: the root user")


def test_the_closest_statement_and_what_is_in_its_way() -> None:
    """The bucket for its objects, a missing action, a condition that does not hold."""
    listing = policy(statement(Sid="List", Action="ec2:*"), name="other")
    bucket = policy(statement(Sid="Bucket", Action="s3:*", Resource=BUCKET), name="shop")
    found = told(listing, bucket)
    assert found.near_misses[0].statement.sid == "Bucket"
    assert "a bucket's ARN does not include its objects: those need /*" in found.sentence
    assert found.advice == f"To allow it: add {PHOTO} to its Resource."

    writes = policy(statement(Sid="Write", Action="s3:PutObject"), name="writer")
    found = told(writes)
    assert found.sentence.endswith(
        "The closest is statement Write of writer: it is about s3:PutObject, the request for "
        "s3:GetObject."
    )
    assert found.advice == "To allow it: add s3:GetObject to its Action."

    only_home = policy(
        statement(Sid="Home", Condition={"StringEquals": {"aws:PrincipalTag/team": "print"}})
    )
    assert "the request has no aws:PrincipalTag/team" in told(only_home).sentence
    context = {"aws:PrincipalTag/team": "sales"}
    assert "the request has sales" in told(only_home, context=context).sentence

    lists = policy(statement(Action="s3:ListAllMyBuckets", Resource=f"{BUCKET}"), name="lists")
    found = told(lists, action="s3:ListAllMyBuckets", arn="*")
    assert 'this action knows no resource, so that only "*" fits' in found.sentence


def test_every_kind_of_policy_is_a_step() -> None:
    boundary = Policy(allow(Action="ec2:*").document, Kind.BOUNDARY, "limits")
    found = told(
        allow(), boundary=boundary, own=resource_policy(statement(Principal={"AWS": ROOT}))
    )
    steps = {one.kind: one for one in found.steps}
    assert steps[Kind.IDENTITY].outcome == "allows"
    assert steps[Kind.RESOURCE].outcome == "allows"
    assert "an identity-based policy in it must allow, too" in steps[Kind.RESOURCE].detail
    assert steps[Kind.BOUNDARY].outcome == "does not allow"
    assert steps[Kind.SESSION].outcome == "none attached"
    assert found.advice == "To allow it: add s3:GetObject to its Action."
    narrow = Policy(allow(Action="ec2:*", Resource=BUCKET).document, Kind.BOUNDARY)
    assert "a boundary grants nothing by itself" in told(allow(), boundary=narrow).advice
    assert told(allow(), deny()).text().count("\n") >= 7


def test_keys_roles_and_strangers() -> None:
    found = told(allow(), action="kms:Decrypt", arn=KEY)
    assert found.sentence.endswith("there is no resource-based policy at all.")
    trust = resource_policy(
        statement(Principal={"AWS": STRANGER.arn}, Resource=None), kind=Kind.TRUST
    )
    found = told(allow(), action="sts:AssumeRole", arn=f"{ROOT}x", own=trust)
    assert (
        "it is for arn:aws:iam::444455556666:user/mallory, the request comes from" in found.sentence
    )
    assert found.steps[3].kind is Kind.TRUST
    found = told(allow(), who=FEDERATED)
    assert found.steps[-1].detail.endswith("a federated user may do nothing without one")
