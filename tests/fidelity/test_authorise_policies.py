"""Policies that come in, limits of users, and what the simulator says of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity.roles import Session, allow, deny, document, outcome

IAM = "https://docs.aws.amazon.com/IAM/latest/"

pytestmark = pytest.mark.aws_source(f"{IAM}UserGuide/troubleshoot_policies.html")


def everybody(action: str, resource: str, principal: Any = "*") -> str:
    return document(allow(action, resource, Principal=principal))


def test_identity_policies_that_iam_refuses(aws: Any) -> None:
    iam = aws.client("iam")
    trust = everybody("sts:AssumeRole", "x").replace(', "Resource": "x"', "")
    iam.create_role(RoleName="holder", AssumeRolePolicyDocument=trust)
    iam.create_group(GroupName="bakers")
    iam.create_user(UserName="otto")
    bad, code = document(allow("GetObject")), "MalformedPolicyDocument"
    for put, owner in (
        (iam.put_role_policy, {"RoleName": "holder"}),
        (iam.put_group_policy, {"GroupName": "bakers"}),
        (iam.put_user_policy, {"UserName": "otto"}),
    ):
        assert outcome(put, PolicyName="p", PolicyDocument=bad, **owner)[0] == code
    assert outcome(iam.create_policy, PolicyName="p", PolicyDocument=bad)[0] == code
    good = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("s3:*")))["Policy"]
    version = outcome(iam.create_policy_version, PolicyArn=good["Arn"], PolicyDocument="{")
    assert version[0] == code
    with_resource = everybody("sts:AssumeRole", "*")
    assert outcome(iam.create_role, RoleName="r", AssumeRolePolicyDocument=with_resource) == (
        code,
        "Has prohibited field Resource",
    )
    stranger = trust.replace('"*"', f'{{"AWS": "arn:aws:iam::{aws.account_id}:role/nobody"}}')
    code_and_text = outcome(
        iam.update_assume_role_policy, RoleName="holder", PolicyDocument=stranger
    )
    assert code_and_text[0] == code
    assert code_and_text[1].startswith("Invalid principal in policy")


@pytest.mark.aws_source(f"{IAM}UserGuide/reference_iam-quotas.html")
def test_policies_that_are_too_long(aws: Any) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="long")
    keys = [f"arn:aws:s3:::bucket/{number:04}" for number in range(60)]
    half = document(allow("s3:GetObject", keys))
    iam.put_user_policy(UserName="long", PolicyName="one", PolicyDocument=half)
    code, text = outcome(iam.put_user_policy, UserName="long", PolicyName="two",
                         PolicyDocument=half)  # fmt: skip
    assert (code, text) == (
        "LimitExceeded",
        "Maximum policy size of 2048 bytes exceeded for user long",
    )
    iam.put_user_policy(UserName="long", PolicyName="one", PolicyDocument=half)  # in its place
    much = document(allow("s3:GetObject", keys * 5))
    assert outcome(iam.create_policy, PolicyName="much", PolicyDocument=much) == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )


def test_resource_policies_that_services_refuse(aws: Any) -> None:
    s3, sqs, sns = aws.client("s3"), aws.client("sqs"), aws.client("sns")
    kms, secrets = aws.client("kms"), aws.client("secretsmanager")
    s3.create_bucket(Bucket="policies")
    elsewhere = everybody("s3:GetObject", "arn:aws:s3:::another/*")
    assert outcome(s3.put_bucket_policy, Bucket="policies", Policy=elsewhere) == (
        "MalformedPolicy",
        "Policy has invalid resource",
    )
    url = sqs.create_queue(QueueName="policies")["QueueUrl"]
    nobodys = document(allow("sqs:SendMessage"))
    assert outcome(sqs.set_queue_attributes, QueueUrl=url, Attributes={"Policy": nobodys}) == (
        "InvalidAttributeValue",
        "Invalid value for the parameter Policy.",
    )
    topic = sns.create_topic(Name="policies")["TopicArn"]
    refused = outcome(sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy",
                      AttributeValue=nobodys)  # fmt: skip
    assert refused[0] == "InvalidParameter"
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for call in (
        outcome(kms.create_key, Policy=nobodys),
        outcome(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=nobodys),
    ):
        assert call[0] == "MalformedPolicyDocumentException"
    secrets.create_secret(Name="policies", SecretString="x")
    refused = outcome(secrets.put_resource_policy, SecretId="policies", ResourcePolicy=nobodys)
    assert refused[0] == "MalformedPolicyDocumentException"


@pytest.mark.aws_source(f"{IAM}UserGuide/access_policies_boundaries.html")
def test_a_users_boundary(aws: Any) -> None:
    iam = aws.client("iam")
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("s3:*")))
    arn = limit["Policy"]["Arn"]
    missing = outcome(iam.create_user, UserName="ida", PermissionsBoundary=f"{arn}x")
    assert missing[0] == "NoSuchEntity"
    iam.create_user(UserName="ida", PermissionsBoundary=arn)
    shown = iam.get_user(UserName="ida")["User"]["PermissionsBoundary"]
    assert (
        shown
        == {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": arn,
        }
        or shown["PermissionsBoundaryArn"] == arn
    )
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName="ida", PolicyArn=everything)
    ida = Session(aws, iam.create_access_key(UserName="ida")["AccessKey"])
    assert outcome(ida.client("s3").list_buckets)[0] == ""
    code, text = outcome(ida.client("sqs").list_queues)
    assert code == "AccessDenied"
    assert "because no permissions boundary allows the" in text
    iam.delete_user_permissions_boundary(UserName="ida")
    assert outcome(ida.client("sqs").list_queues)[0] == ""
    iam.put_user_permissions_boundary(UserName="ida", PermissionsBoundary=arn)
    assert outcome(ida.client("sqs").list_queues)[0] == "AccessDenied"


@pytest.mark.aws_source(f"{IAM}APIReference/API_SimulatePrincipalPolicy.html")
def test_the_simulator_says_what_the_door_does(aws: Any) -> None:
    iam, sqs = aws.client("iam"), aws.client("sqs")
    url = sqs.create_queue(QueueName="simulated")["QueueUrl"]
    queue = f"arn:aws:sqs:{aws.region}:{aws.account_id}:simulated"
    user = iam.create_user(UserName="sim")["User"]["Arn"]
    policy = document(
        allow("sqs:*", queue), deny("sqs:PurgeQueue", Condition={"Bool": {"aws:SecureTransport":
                                                                          "true"}})
    )  # fmt: skip
    iam.put_user_policy(UserName="sim", PolicyName="own", PolicyDocument=policy)
    asked = ["sqs:GetQueueAttributes", "sqs:PurgeQueue", "s3:ListAllMyBuckets"]
    secure = {
        "ContextKeyName": "aws:SecureTransport",
        "ContextKeyValues": ["true"],
        "ContextKeyType": "boolean",
    }
    results = iam.simulate_principal_policy(
        PolicySourceArn=user, ActionNames=asked, ResourceArns=[queue], ContextEntries=[secure]
    )["EvaluationResults"]
    words = {one["EvalActionName"]: one["EvalDecision"] for one in results}
    assert words == dict(zip(asked, ["allowed", "explicitDeny", "implicitDeny"], strict=True))
    assert results[0]["MatchedStatements"][0]["SourcePolicyType"] == "user"
    sim = Session(aws, iam.create_access_key(UserName="sim")["AccessKey"])
    assert outcome(sim.client("sqs").get_queue_attributes, QueueUrl=url)[0] == ""
    assert outcome(sim.client("sqs").purge_queue, QueueUrl=url)[0] == "AccessDenied"
    assert outcome(sim.client("s3").list_buckets)[0] == "AccessDenied"
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=user)["ContextKeyNames"]
    assert keys == ["aws:SecureTransport"]
    nobody = outcome(iam.simulate_principal_policy, PolicySourceArn=f"{user}x", ActionNames=asked)
    assert nobody[0] == "NoSuchEntity"


@pytest.mark.aws_source(f"{IAM}APIReference/API_SimulateCustomPolicy.html")
def test_the_simulator_of_policies_that_nobody_has(aws: Any) -> None:
    iam = aws.client("iam")
    asked = {"ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::shop/a"]}
    result = iam.simulate_custom_policy(
        PolicyInputList=[document(allow("s3:GetObject", "arn:aws:s3:::shop/*"))],
        PermissionsBoundaryPolicyInputList=[document(allow("sqs:*"))],
        **asked,
    )["EvaluationResults"][0]
    assert result["EvalDecision"] == "implicitDeny"
    detail = result["PermissionsBoundaryDecisionDetail"]
    assert detail == {"AllowedByPermissionsBoundary": False}
    assert outcome(iam.simulate_custom_policy, PolicyInputList=["{"], **asked)[0] == "InvalidInput"
    variable = document(allow("s3:GetObject", "arn:aws:s3:::shop/${aws:username}/*"))
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[variable])
    assert keys["ContextKeyNames"] == ["aws:username"]


DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/"
EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/"


@pytest.mark.aws_source(
    f"{DYNAMODB}APIReference/API_PutResourcePolicy.html",
    "https://github.com/hashicorp/terraform-provider-aws/issues/42933",
    "https://github.com/aws-controllers-k8s/dynamodb-controller/pull/176",
)
def test_policies_of_tables(aws: Any) -> None:
    """Looked at when they are put, with a new table too; gone with their table."""
    client = aws.client("dynamodb")
    table = {
        "TableName": "guarded",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = f"arn:aws:dynamodb:{aws.region}:{aws.account_id}:table/guarded"
    wrong, start = "ValidationException", "One or more parameter values were invalid: Invalid "
    bad = everybody("dynamodb:ListTablets", arn)
    assert outcome(client.create_table, ResourcePolicy=bad, **table)[0] == wrong
    closed = document(deny("dynamodb:PutItem", arn, Principal="*"))
    client.create_table(ResourcePolicy=closed, **table)
    item = {"TableName": "guarded", "Item": {"id": {"S": "1"}}}
    text = "with an explicit deny in a resource-based policy"
    assert text in outcome(client.put_item, **item)[1]
    nobody = {"AWS": f"arn:aws:iam::{aws.account_id}:role/nobody"}
    for policy, told in (
        ("{", "policy document"),
        (bad, 'policy document: The following action names are invalid: "dynamodb:ListTablets"'),
        (everybody("dynamodb:GetItem", arn, nobody), "principal in policy document."),
    ):
        refusal = outcome(client.put_resource_policy, ResourceArn=arn, Policy=policy)
        assert refusal == (wrong, start + told)
    client.delete_table(TableName="guarded")
    client.create_table(**table)
    client.put_item(**item)


@pytest.mark.aws_source(f"{EVENTS}APIReference/API_PutPermission.html")
def test_policies_of_event_buses(aws: Any) -> None:
    """One that nobody can read is refused; a statement needs no name and no list around it."""
    events = aws.client("events")
    arn = events.create_event_bus(Name="guarded")["EventBusArn"]
    for bad in ("{", document({"Effect": "Allow", "Action": "events:PutEvents"})):
        refusal = outcome(events.put_permission, EventBusName="guarded", Policy=bad)
        assert refusal[0] == "ValidationException"
    assert "Policy" not in events.describe_event_bus(Name="guarded")
    statement = deny("events:PutEvents", arn, Principal="*")
    policy = document(statement).replace("[", "").replace("]", "")
    events.put_permission(EventBusName="guarded", Policy=policy)
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": "guarded"}
    text = outcome(events.put_events, Entries=[entry])[1]
    assert "with an explicit deny in a resource-based policy" in text


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    "https://dev.classmethod.jp/articles/tsnote-kms-The-new-key-policy-will-not-allow-you-to-update-the-key-policy-in-the-future/",
)
def test_nobody_locks_themselves_out_of_a_key(aws: Any) -> None:
    kms = aws.client("kms")
    role = aws.client("iam").create_role(
        RoleName="keeper", AssumeRolePolicyDocument=everybody("sts:AssumeRole", "x").replace(
            ', "Resource": "x"', "")
    )["Role"]["Arn"]  # fmt: skip
    others = document(allow("kms:*", Principal={"AWS": role}))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put = {"KeyId": key, "PolicyName": "default"}
    refusal = (
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
    )
    assert outcome(kms.create_key, Policy=others) == refusal
    assert outcome(kms.put_key_policy, Policy=others, **put) == refusal
    account = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    no_change = document(
        allow("kms:*", Principal=account), deny("kms:PutKeyPolicy", Principal=account)
    )
    assert outcome(kms.put_key_policy, Policy=no_change, **put) == refusal
    me = {"AWS": f"arn:aws:iam::{aws.account_id}:user/learner"}
    kms.put_key_policy(Policy=document(allow("kms:*", Principal=me)), **put)
    kms.put_key_policy(Policy=others, BypassPolicyLockoutSafetyCheck=True, **put)
    code, text = outcome(kms.get_key_policy, **put)
    assert code == "AccessDeniedException"
    assert text.endswith("because no resource-based policy allows the kms:GetKeyPolicy action")
