"""Temporary credentials: what limits a session, when it ends, and who it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity.roles import Role, Session, allow, assume, document, outcome

STS = "https://docs.aws.amazon.com/STS/latest/APIReference/"
IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

pytestmark = pytest.mark.aws_source(f"{STS}API_AssumeRole.html")


@pytest.fixture(scope="module")
def queues(aws: Any) -> dict[str, str]:
    """Two queues, by name, with their ARNs."""
    sqs = aws.client("sqs")
    for name in ("mine", "neighbours"):
        sqs.create_queue(QueueName=name)
    return {
        name: f"arn:aws:sqs:{aws.region}:{aws.account_id}:{name}" for name in ("mine", "neighbours")
    }


def look(session: Session, name: str) -> str:
    return outcome(session.client("sqs").get_queue_url, QueueName=name)[0]


@pytest.mark.aws_source(f"{IAM}access_policies.html#policies_session")
def test_session_policies_only_take_away(aws: Any, queues: dict[str, str]) -> None:
    role = Role(aws, allow("sqs:*", queues["mine"]))
    everything = role.session(Policy=document(allow("*")))
    assert (look(everything, "mine"), look(everything, "neighbours")) == ("", "AccessDenied")
    other = role.session(Policy=document(allow("sqs:SendMessage")))
    code, text = outcome(other.client("sqs").get_queue_url, QueueName="mine")
    assert (code, text) == (
        "AccessDenied",
        f"User: arn:aws:sts::{aws.account_id}:assumed-role/{role.name}/anna is not authorized to "
        f"perform: sqs:getqueueurl on resource: {queues['mine']} because no session policy allows "
        "the sqs:getqueueurl action",
    )
    managed = aws.client("iam").create_policy(
        PolicyName="only-send", PolicyDocument=document(allow("sqs:SendMessage"))
    )["Policy"]["Arn"]
    assert look(role.session(PolicyArns=[{"arn": managed}]), "mine") == "AccessDenied"
    assert outcome(role.session, Policy="{}")[0] == "MalformedPolicyDocument"
    assert outcome(role.session, Policy=document(allow("sqs:*")) + " " * 2048)[0] == (
        "ValidationError"
    )


@pytest.mark.aws_source(f"{IAM}id_session-tags.html")
def test_session_tags_are_principal_tags_and_transitive_ones_stay(aws: Any, queues: Any) -> None:
    own = {"StringEquals": {"aws:PrincipalTag/team": "orders"}}
    role = Role(
        aws,
        allow("sqs:*", queues["mine"], Condition=own),
        allow(["sts:AssumeRole", "sts:TagSession"]),
        Tags=[{"Key": "team", "Value": "bakery"}],
    )
    tags = [{"Key": "team", "Value": "orders"}]
    assert look(role.session(), "mine") == "AccessDenied"
    tagged = role.session(Tags=tags, TransitiveTagKeys=["team"])
    assert look(tagged, "mine") == ""
    chained = assume(aws, role.arn, by=tagged.client("sts"))
    assert look(chained, "mine") == ""
    passing = role.session(Tags=tags)
    assert look(assume(aws, role.arn, by=passing.client("sts")), "mine") == "AccessDenied"
    again = outcome(assume, aws=aws, arn=role.arn, by=tagged.client("sts"), Tags=tags)
    assert again[0] == "InvalidParameterValue"


def test_source_identity_and_external_id(aws: Any, queues: dict[str, str]) -> None:
    named = {"StringEquals": {"aws:SourceIdentity": "anna"}}
    role = Role(aws, allow("sqs:*", queues["mine"], Condition=named))
    assert look(role.session(), "mine") == "AccessDenied"
    assert look(role.session(SourceIdentity="anna"), "mine") == ""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": aws.account_id},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "secret-word"}},
    }
    theirs = Role(aws, AssumeRolePolicyDocument=document(trust))
    assert outcome(theirs.session)[0] == "AccessDenied"
    assert outcome(theirs.session, ExternalId="secret-word")[0] == ""


def test_durations(aws: Any) -> None:
    role = Role(aws, allow("sts:AssumeRole"), MaxSessionDuration=7200)
    assert outcome(role.session, DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    session = role.session(DurationSeconds=7200)
    chained = outcome(assume, aws=aws, arn=role.arn, by=session.client("sts"), DurationSeconds=3601)
    assert chained[1].startswith("The requested DurationSeconds exceeds the 1 hour session limit")
    assert outcome(role.session, RoleSessionName="two words")[0] == "ValidationError"


@pytest.mark.aws_source(f"{STS}API_GetSessionToken.html", f"{STS}API_GetFederationToken.html")
def test_a_users_temporary_credentials(aws: Any, queues: dict[str, str]) -> None:
    iam, sts = aws.client("iam"), aws.client("sts")
    user = iam.create_user(UserName="berta")["User"]
    iam.put_user_policy(
        UserName="berta",
        PolicyName="may",
        PolicyDocument=document(allow(["sqs:*", "iam:*", "sts:GetFederationToken"])),
    )
    keys = Session(aws, iam.create_access_key(UserName="berta")["AccessKey"])
    own = Session(aws, keys.client("sts").get_session_token()["Credentials"])
    assert own.credentials["AccessKeyId"].startswith("ASIA")
    assert own.client("sts").get_caller_identity()["Arn"] == user["Arn"]
    assert look(own, "mine") == ""
    assert outcome(own.client("iam").list_users)[0] == "InvalidClientTokenId"
    assert outcome(own.client("sts").get_session_token)[0] == "AccessDenied"
    answer = keys.client("sts").get_federation_token(
        Name="guest", Policy=document(allow("sqs:*", queues["mine"]))
    )
    guest = Session(aws, answer["Credentials"])
    assert answer["FederatedUser"]["Arn"].endswith(":federated-user/guest")
    assert guest.client("sts").get_caller_identity()["Arn"] == answer["FederatedUser"]["Arn"]
    assert (look(guest, "mine"), look(guest, "neighbours")) == ("", "AccessDenied")
    bare = keys.client("sts").get_federation_token(Name="nobody")["Credentials"]
    assert look(Session(aws, bare), "mine") == "AccessDenied"
    assert sts.get_caller_identity()["Arn"].endswith(":user/learner")


@pytest.mark.aws_source("https://docs.aws.amazon.com/organizations/latest/userguide/"
                        "orgs_manage_accounts_access.html")  # fmt: skip
def test_the_role_of_a_new_account_may_everything_that_policies_of_control_let(aws: Any) -> None:
    organizations = aws.client("organizations")
    root = organizations.create_organization(FeatureSet="ALL")["Organization"]
    made = organizations.create_account(AccountName="dev", Email="dev@example.com")
    account = made["CreateAccountStatus"]["AccountId"]
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session = assume(aws, role)
    assert session.client("sqs").create_queue(QueueName="theirs")["QueueUrl"]
    control = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}
    policy = organizations.create_policy(
        Name="no-queues", Description="x", Type="SERVICE_CONTROL_POLICY", Content=document(control)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=account)
    code, text = outcome(session.client("sqs").get_queue_url, QueueName="theirs")
    assert code == "AccessDenied"
    assert "explicit deny in a service control policy" in text
    assert outcome(aws.client("sqs").get_queue_url, QueueName="mine")[0] == ""
    assert root["MasterAccountId"] == aws.account_id


def test_learners_sessions_end_and_a_services_are_renewed(aws: Any, make: Any, queues: Any) -> None:
    """The last test of the file: it moves the clock by more than a day."""
    function = make(
        """
        import boto3
        sqs = boto3.client("sqs")
        def handler(event, context): return sqs.get_queue_url(QueueName="mine")["QueueUrl"]
        """
    )
    url = function.invoke().payload
    assert url.endswith("/mine")
    session = Role(aws, allow("sqs:*")).session(DurationSeconds=900)
    assert look(session, "mine") == ""
    aws.clock.advance(minutes=16)
    code, text = outcome(session.client("sqs").get_queue_url, QueueName="mine")
    assert code in ("ExpiredToken", "ExpiredTokenException")
    assert text == "The security token included in the request is expired"
    aws.clock.advance(days=1)
    assert json.loads(json.dumps(function.invoke().payload)) == url
