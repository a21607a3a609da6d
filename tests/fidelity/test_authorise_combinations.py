"""Policies that meet: two accounts, roles that are passed, keys with grants, and denials on record.

Each decision is asked for with a real call.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from helpers import RUNTIME
from tests.fidelity.conftest import zipped
from tests.fidelity.roles import Role, Session, allow, assume, document, is_denied, outcome

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
TRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"

pytestmark = pytest.mark.aws_source(f"{IAM}reference_policies_evaluation-logic.html")


@pytest.mark.aws_source(f"{IAM}reference_policies_evaluation-logic-cross-account.html")
def test_two_accounts_must_agree(aws: Any) -> None:
    """A bucket, a queue and a function of ours, asked for by a role of another account."""
    organizations = aws.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="partner", Email="p@example.com")
    account = made["CreateAccountStatus"]["AccountId"]
    partner = assume(aws, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole")
    iam = partner.client("iam")
    trust = allow("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{account}:root"})
    del trust["Resource"]
    role = iam.create_role(RoleName="buyer", AssumeRolePolicyDocument=document(trust))["Role"]
    buyer = assume(aws, role["Arn"], by=partner.client("sts"))

    s3, bucket = aws.client("s3"), "arn:aws:s3:::shared-prices"
    s3.create_bucket(Bucket="shared-prices")
    s3.put_object(Bucket="shared-prices", Key="list", Body=b"1")

    def get(who: Session = buyer) -> tuple[str, str]:
        return outcome(who.client("s3").get_object, Bucket="shared-prices", Key="list")

    def theirs(*statements: dict[str, Any]) -> None:
        policy = document(*statements)
        iam.put_role_policy(RoleName="buyer", PolicyName="may", PolicyDocument=policy)

    def ours(principal: str) -> None:
        policy = document(allow("s3:GetObject", f"{bucket}/*", Principal={"AWS": principal}))
        s3.put_bucket_policy(Bucket="shared-prices", Policy=policy)

    theirs(allow("s3:*"))
    code, text = get()
    assert code == "AccessDenied"
    assert text.endswith("because no resource-based policy allows the s3:GetObject action")
    assert get(partner)[0] == "AccessDenied"  # an administrator, but of the other account
    ours(f"arn:aws:iam::{account}:root")
    assert get() == ("", "")
    theirs(allow("s3:ListBucket"))
    assert get()[0] == "AccessDenied"
    # Even to be named is not enough: between accounts the role's own account must agree.
    ours(role["Arn"])
    code, text = get()
    assert code == "AccessDenied"
    assert text.endswith("because no identity-based policy allows the s3:GetObject action")
    theirs(allow("s3:GetObject", f"{bucket}/*"))
    assert get() == ("", "")
    s3.delete_bucket_policy(Bucket="shared-prices")
    assert get()[0] == "AccessDenied"

    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="shared")["QueueUrl"]
    queue = f"arn:aws:sqs:{aws.region}:{aws.account_id}:shared"
    theirs(allow("sqs:SendMessage", queue))
    send = {"QueueUrl": url, "MessageBody": "x"}
    assert outcome(buyer.client("sqs").send_message, **send)[0] == "AccessDenied"
    policy = document(allow("sqs:SendMessage", queue, Principal={"AWS": account}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert outcome(buyer.client("sqs").send_message, **send) == ("", "")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "x"


@pytest.mark.aws_source(f"{IAM}reference_policies_elements_notaction.html")
def test_everything_but(aws: Any) -> None:
    """NotAction with Allow grants all the rest; with Deny it leaves only what it names."""
    everything_else = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    who = Role(aws, everything_else)
    sqs, iam = who.client("sqs"), who.client("iam")
    assert outcome(sqs.list_queues) == ("", "")
    assert outcome(iam.list_users)[0] == "AccessDenied"
    who.may(allow("*"), {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"})
    assert outcome(sqs.list_queues) == ("", "")
    code, text = outcome(iam.list_users)
    assert (code, "with an explicit deny in an identity-based policy" in text) == (
        "AccessDenied",
        True,
    )


@pytest.mark.aws_source(f"{IAM}id_roles_use_passrole.html")
def test_a_role_must_be_passed(aws: Any) -> None:
    """To make a function takes iam:PassRole for its role, and for Lambda."""
    iam = aws.client("iam")
    trust = allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    del trust["Resource"]
    weak, strong = (
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        for name in ("weak", "strong")
    )
    who = Role(aws, allow("lambda:*"))
    client = who.client("lambda")

    def create(role: str, name: str = "passed") -> tuple[str, str]:
        code = {"ZipFile": zipped({"app.py": "def handler(event, context): pass"})}
        return outcome(
            client.create_function, FunctionName=name, Runtime=RUNTIME,
            Handler="app.handler", Role=role, Code=code,
        )  # fmt: skip

    code, text = create(weak)
    session = f"arn:aws:sts::{aws.account_id}:assumed-role/{who.name}/anna"
    assert (code, text) == (
        "AccessDeniedException",
        f"User: {session} is not authorized to perform: iam:PassRole on resource: {weak} "
        "because no identity-based policy allows the iam:PassRole action",
    )
    for service, passes in (("ec2", False), ("lambda", True)):
        limit = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
        who.may(allow("lambda:*"), allow("iam:PassRole", weak, Condition=limit))
        assert (create(weak)[0] == "") is passes
    assert create(strong, "escalated")[0] == "AccessDeniedException"
    aws.wait_until(
        lambda: client.get_function_configuration(FunctionName="passed")["State"] == "Active"
    )
    code, text = outcome(client.update_function_configuration, FunctionName="passed", Role=strong)
    assert (code, f"iam:PassRole on resource: {strong}" in text) == ("AccessDeniedException", True)


@pytest.mark.aws_source(f"{KMS}grants.html", f"{KMS}conditions-kms.html")
def test_grants_and_the_encryption_context(aws: Any) -> None:
    """A grant gives what no policy gives, as long as it is there, for its context alone."""
    kms, who = aws.client("kms"), Role(aws)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    client, orders = who.client("kms"), {"department": "orders"}
    sealed = {
        name: kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"department": name})
        for name in ("orders", "salaries")
    }

    def decrypt(name: str) -> tuple[str, str]:
        context = {"department": name}
        blob = sealed[name]["CiphertextBlob"]
        return outcome(client.decrypt, CiphertextBlob=blob, EncryptionContext=context)

    assert is_denied(decrypt("orders")[0])
    grant = kms.create_grant(
        KeyId=key, GranteePrincipal=who.arn, Operations=["Decrypt"],
        Constraints={"EncryptionContextEquals": orders},
    )["GrantId"]  # fmt: skip
    assert decrypt("orders") == ("", "")
    assert is_denied(decrypt("salaries")[0])
    assert is_denied(outcome(client.encrypt, KeyId=key, Plaintext=b"x")[0])
    kms.revoke_grant(KeyId=key, GrantId=grant)
    assert is_denied(decrypt("orders")[0])
    limit = {"StringEquals": {"kms:EncryptionContext:department": "orders"}}
    who.may(allow("kms:Decrypt", key, Condition=limit))
    assert decrypt("orders") == ("", "")
    code, text = decrypt("salaries")
    assert code == "AccessDeniedException"
    assert text.endswith("because no identity-based policy allows the kms:Decrypt action")
    # Who may use it meets the key's state all the same.
    kms.disable_key(KeyId=key)
    assert decrypt("orders") == ("DisabledException", f"{key} is disabled.")
    assert is_denied(decrypt("salaries")[0])


@pytest.mark.aws_source(f"{SECRETS}security-encryption.html")
def test_a_secret_under_a_key_of_ones_own_takes_two_permissions(aws: Any) -> None:
    kms, secrets = aws.client("kms"), aws.client("secretsmanager")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secret = secrets.create_secret(Name="till", SecretString="4711", KmsKeyId=key)["ARN"]
    read, use = allow("secretsmanager:GetSecretValue", secret), allow("kms:Decrypt", key)
    who = Role(aws, read)
    client = who.client("secretsmanager")

    def get() -> tuple[str, str]:
        return outcome(client.get_secret_value, SecretId="till")

    assert get() == ("AccessDeniedException", "Access to KMS is not allowed")
    who.may(use)
    code, text = get()
    assert (code, "secretsmanager:GetSecretValue" in text) == ("AccessDeniedException", True)
    who.may(read, use)
    assert get() == ("", "")
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{aws.region}.amazonaws.com"}}
    who.may(read, allow("kms:Decrypt", key, Condition=through))
    assert get() == ("", "")
    mine = {"StringEquals": {"kms:EncryptionContext:SecretARN": f"{secret}-neighbour"}}
    who.may(read, allow("kms:Decrypt", key, Condition=mine))
    assert get()[1] == "Access to KMS is not allowed"


@pytest.mark.aws_source(f"{TRAIL}cloudtrail-event-reference-record-contents.html")
def test_a_denied_call_is_on_record(aws: Any) -> None:
    who = Role(aws)
    text = outcome(who.client("dynamodb").list_tables)[1]
    outcome(who.client("sqs").create_queue, QueueName="forbidden")
    found: dict[str, Any] = {}
    for name in ("ListTables", "CreateQueue"):
        attributes = [{"AttributeKey": "EventName", "AttributeValue": name}]
        answer = aws.client("cloudtrail").lookup_events(LookupAttributes=attributes)
        found[name] = json.loads(answer["Events"][0]["CloudTrailEvent"])
    assert all("AccessDenied" in one["errorCode"] for one in found.values())
    assert found["ListTables"]["errorMessage"] == text
    assert found["CreateQueue"]["userIdentity"]["arn"].endswith(f":assumed-role/{who.name}/anna")
    assert found["CreateQueue"]["responseElements"] is None


@pytest.mark.aws_source(
    f"{IAM}id_credentials_access-keys.html",
    "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
)
def test_keys_that_are_inactive_or_deleted(aws: Any) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="gone")
    policy = document(allow(["sqs:*", "dynamodb:*", "s3:*"]))
    iam.put_user_policy(UserName="gone", PolicyName="may", PolicyDocument=policy)
    made = iam.create_access_key(UserName="gone")["AccessKey"]
    key = {"UserName": "gone", "AccessKeyId": made["AccessKeyId"]}
    session = Session(aws, made)
    calls = {
        "sts": session.client("sts").get_caller_identity,
        "dynamodb": session.client("dynamodb").list_tables,
        "s3": session.client("s3").list_buckets,
    }
    refusals = {
        "sts": ("InvalidClientTokenId", "The security token included in the request is invalid."),
        "dynamodb": (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        "s3": (
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
    }
    assert {name: outcome(call) for name, call in calls.items()} == dict.fromkeys(calls, ("", ""))
    iam.update_access_key(Status="Inactive", **key)
    assert {name: outcome(call) for name, call in calls.items()} == refusals
    iam.update_access_key(Status="Active", **key)
    assert outcome(calls["sts"]) == ("", "")
    iam.delete_access_key(**key)
    assert {name: outcome(call) for name, call in calls.items()} == refusals
    never = boto3.client("sts", aws_access_key_id="AKIA" + "B" * 16, aws_secret_access_key="x")
    assert outcome(never.get_caller_identity) == refusals["sts"]
