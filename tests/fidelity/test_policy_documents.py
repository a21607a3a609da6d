"""Which policy documents AWS refuses, and with which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.localaws.iam import checks, sizes
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind
from tests.fidelity.policies import ACCOUNT, BUCKET, IAM

GRAMMAR = f"{IAM}reference_policies_grammar.html"
QUOTAS = f"{IAM}reference_iam-quotas.html"
#: Recorded from AWS by the authors of moto.
RECORDED = "https://github.com/getmoto/moto/blob/master/tests/test_iam/test_iam_policies.py"
SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html"
BUCKETS = "https://github.com/versity/versitygw/blob/main/auth/bucket_policy.go"

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."


def one(drop: str = "", **elements: Any) -> dict[str, Any]:
    """A policy of one good statement, but for what is given or dropped."""
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET, **elements}
    statement.pop(drop, None)
    return {"Version": "2012-10-17", "Statement": statement}


def said(document: Any, kind: Kind = Kind.IDENTITY, **more: Any) -> str | None:
    """What AWS says of the document; None: it takes it."""
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        checks.check(text, kind, **more)
    except MalformedPolicy as problem:
        return problem.message
    return None


IDENTITY: list[tuple[str, Any, str | None]] = [
    ("good", one(), None),
    ("a list of statements", {**one(), "Statement": [one()["Statement"]]}, None),
    ("an Id", {**one(), "Id": "x"}, None),
    ("everything", one(Action="*", Resource="*"), None),
    (
        "numbers and booleans",
        one(Condition={"Bool": {"a:b": True}, "NumericEquals": {"a:c": 5}}),
        None,
    ),
    ("not JSON", "This is not a json document", SYNTAX),
    ("nothing", "", SYNTAX),
    ("a list", "[]", SYNTAX),
    ("a key twice", '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}', SYNTAX),
    ("an element twice", json.dumps(one()).replace('"Action"', '"Effect"'), SYNTAX),
    ("nested a thousand times", "[" * 100_000, SYNTAX),
    ("no statement", {"Version": "2012-10-17"}, SYNTAX),
    ("no statements", {"Version": "2012-10-17", "Statement": []}, SYNTAX),
    ("a statement of text", {"Version": "2012-10-17", "Statement": ["afd"]}, SYNTAX),
    ("unknown element", {**one(), "Comment": "x"}, SYNTAX),
    ("unknown element of a statement", one(Comment="x"), SYNTAX),
    ("unknown version", {**one(), "Version": "2013-10-17"}, SYNTAX),
    ("an Id that is a list", {**one(), "Id": ["x"]}, SYNTAX),
    ("a Sid that is a list", one(Sid=["x"]), SYNTAX),
    ("unknown effect", one(Effect="Perhaps"), SYNTAX),
    ("no effect", one(drop="Effect"), SYNTAX),
    ("Action and NotAction", one(NotAction="s3:*"), SYNTAX),
    ("Resource and NotResource", one(NotResource="*"), SYNTAX),
    ("actions in an object", one(Action={}), SYNTAX),
    ("actions in a list in a list", one(Action=[[]]), SYNTAX),
    ("resources in an object", one(Resource={"a": BUCKET}), SYNTAX),
    ("a condition of text", one(Condition="a"), SYNTAX),
    ("a condition of a list", one(Condition=[]), SYNTAX),
    ("an operator of text", one(Condition={"StringEquals": "b"}), SYNTAX),
    ("unknown operator", one(Condition={"StringIs": {"a:b": "c"}}), SYNTAX),
    ("an operator that cannot be negated", one(Condition={"NotBool": {"a:b": "c"}}), SYNTAX),
    ("NullIfExists", one(Condition={"NullIfExists": {"a:b": "true"}}), SYNTAX),
    ("a value in an object", one(Condition={"StringEquals": {"a:b": {}}}), SYNTAX),
    (
        "no version",
        {"Statement": one()["Statement"]},
        "Policy document must be version 2012-10-17 or greater.",
    ),
    (
        "an old version",
        {**one(), "Version": "2008-10-17"},
        "Policy document must be version 2012-10-17 or greater.",
    ),
    ("effect in small letters", one(Effect="allow"), LEGACY),
    ("a date that is none", one(Condition={"DateGreaterThan": {"a:b": "tomorrow"}}), LEGACY),
    ("an ARN too short", one(Resource="arn:aws:s3::shop"), LEGACY),
    (
        "Sids twice",
        {**one(), "Statement": [one(Sid="A")["Statement"]] * 2},
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    ("no action", one(drop="Action"), "Policy statement must contain actions."),
    ("no actions", one(Action=[]), "Policy statement must contain actions."),
    ("no resource", one(drop="Resource"), "Policy statement must contain resources."),
    ("no resources", one(Resource=[]), "Policy statement must contain resources."),
    (
        "neither",
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow"}},
        "Policy statement must contain actions.",
    ),
    ("action without a service", one(Action="ListBucket"), NO_VENDOR),
    ("action without a service, no resource", one(drop="Resource", Action="invalid"), NO_VENDOR),
    ("two colons", one(Action="s3:List:Bucket"), "Actions/Condition can contain only one colon."),
    ("a service with a blank", one(Action="a a:List"), "Vendor a a is not valid"),
    ("no ARN", one(Resource="shop"), 'Resource shop must be in ARN format or "*".'),
    ("empty", one(Resource=""), 'Resource  must be in ARN format or "*".'),
    (
        "no ARN before no service",
        one(Action="s3", Resource="shop"),
        'Resource shop must be in ARN format or "*".',
    ),
    (
        "unknown partition",
        one(Resource="arn:error:s3:::shop"),
        'Partition "error" is not valid for resource "arn:error:s3:::shop".',
    ),
    (
        "two faults",
        one(Resource=["arn:error:s3:::shop", "arn:error:s3::shop"]),
        'Partition "error" is not valid for resource "arn:error:s3:::shop".',
    ),
    (
        "no partition",
        one(Resource="aws:s3:::shop"),
        'Partition "s3" is not valid for resource "arn:s3:::shop:*".',
    ),
    (
        "a short ARN",
        one(Resource="a:b:cadfsdf"),
        'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".',
    ),
    (
        "the shortest ARN",
        one(Resource="a:bsdfdsafsad"),
        'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".',
    ),
    (
        "a service with a wildcard",
        one(Resource="arn:aws:s*:::shop"),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    (
        "no service",
        one(Resource="arn:aws"),
        "Resource vendor must be fully qualified and cannot contain regexes.",
    ),
    (
        "an IAM resource in a region",
        one(Resource="arn:aws:iam:us-east-1:1:user/a"),
        "IAM resource arn:aws:iam:us-east-1:1:user/a cannot contain region information.",
    ),
    (
        "a bucket in a region",
        one(Resource="arn:aws:s3:us-east-1::shop"),
        "Resource arn:aws:s3:us-east-1::shop can not contain region information.",
    ),
]


@pytest.mark.aws_source(RECORDED, GRAMMAR)
@pytest.mark.parametrize(
    ("document", "message"), [row[1:] for row in IDENTITY], ids=[row[0] for row in IDENTITY]
)
def test_identity_policy(document: Any, message: str | None) -> None:
    assert said(document) == message
    assert said(document, Kind.BOUNDARY) == message


@pytest.mark.aws_source(RECORDED)
def test_an_iam_resource_has_a_known_path() -> None:
    message = said(one(Resource="arn:aws:iam::111122223333:shop"))
    assert message is not None
    assert message.startswith('IAM resource path must either be "*" or start with user/, ')
    assert said(one(Resource="arn:aws:iam::111122223333:user/alice")) is None
    assert said(one(Resource="arn:aws:iam::111122223333:*")) is None


@pytest.mark.aws_source("https://github.com/hashicorp/terraform-provider-aws/issues/10419")
def test_an_identity_policy_names_no_principal() -> None:
    expected = "Policy document should not specify a principal."
    assert said(one(Principal="*")) == expected
    assert said(one(NotPrincipal={"AWS": ACCOUNT})) == expected


@pytest.mark.aws_source(GRAMMAR)
def test_sids_are_letters_and_digits() -> None:
    message = said(one(Sid="with blank"))
    assert message is not None
    assert message.startswith("Statement IDs (SID) must be alpha-numeric.")


def trust(drop: str = "", **elements: Any) -> dict[str, Any]:
    """A trust policy of one good statement, but for what is given or dropped."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **elements,
    }
    statement.pop(drop, None)
    return {"Version": "2012-10-17", "Statement": [statement]}


WRONG_ACTION = (
    "Trust Policy statement actions can only be sts:AssumeRole, "
    "sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity"
)
TRUST: list[tuple[str, Any, str | None]] = [
    ("good", trust(), None),
    ("an old version", {**trust(), "Version": "2008-10-17"}, None),
    ("with tags", trust(Action=["sts:AssumeRole", "sts:TagSession"]), None),
    ("an account", trust(Principal={"AWS": ACCOUNT}), None),
    ("not JSON", "{'Version'", "This policy contains invalid Json"),
    ("a resource", trust(Resource="*"), "Has prohibited field Resource"),
    ("no principal", trust(drop="Principal"), "Missing required field Principal"),
    ("no action", trust(drop="Action"), "Missing required field Action"),
    ("unknown field", trust(Comment="x"), "Unknown field Comment"),
    ("another action", trust(Action="s3:GetObject"), WRONG_ACTION),
    (
        "a wildcard in a principal",
        trust(Principal={"AWS": "arn:aws:iam::111122223333:role/*"}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*"',
    ),
    (
        "a principal that is none",
        trust(Principal={"AWS": "alice"}),
        'Invalid principal in policy: "AWS":"alice"',
    ),
]


@pytest.mark.aws_source(f"{IAM}id_roles_create_for-service.html", RECORDED)
@pytest.mark.parametrize(
    ("document", "message"), [row[1:] for row in TRUST], ids=[row[0] for row in TRUST]
)
def test_trust_policy(document: Any, message: str | None) -> None:
    assert said(document, Kind.TRUST) == message


@pytest.mark.aws_source(f"{IAM}reference_policies_elements_principal.html")
def test_a_principal_must_exist() -> None:
    gone = "arn:aws:iam::111122223333:role/gone"
    message = said(trust(Principal={"AWS": gone}), Kind.TRUST, known=lambda name: name != gone)
    assert message == f'Invalid principal in policy: "AWS":"{gone}"'


@pytest.mark.aws_source(SCP)
@pytest.mark.parametrize(
    ("document", "taken"),
    [
        (one(), True),
        (one(Effect="Deny", Condition={"StringNotEquals": {"aws:RequestedRegion": "x"}}), True),
        (one(Principal="*"), False),
        (one(drop="Resource"), False),
        ({"Version": "2008-10-17", "Statement": one()["Statement"]}, False),
        ("{", False),
    ],
)
def test_service_control_policy(document: Any, taken: bool) -> None:
    message = said(document, Kind.SERVICE_CONTROL)
    assert (message is None) is taken
    if message:
        assert message == (
            "The provided policy document does not meet the requirements of the specified policy "
            "type."
        )


def bucket(drop: str = "", **elements: Any) -> dict[str, Any]:
    """A bucket policy of one good statement, but for what is given or dropped."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
        **elements,
    }
    statement.pop(drop, None)
    return {"Version": "2012-10-17", "Statement": [statement]}


BUCKET_ROWS: list[tuple[str, Any, str | None]] = [
    ("good", bucket(), None),
    ("no version", {"Statement": bucket()["Statement"]}, None),
    ("all of it", bucket(Action="s3:*", Resource=[BUCKET, f"{BUCKET}/*"]), None),
    ("not JSON", "x", "Policies must be valid JSON and the first byte must be '{'"),
    ("half JSON", "{", "This policy contains invalid Json"),
    ("no statement", {"Version": "2012-10-17"}, "Missing required field Statement"),
    (
        "no statements",
        {"Version": "2012-10-17", "Statement": []},
        "Could not parse the policy: Statement is empty!",
    ),
    (
        "a version",
        {**bucket(), "Version": "2020-01-01"},
        "The policy must contain a valid version string",
    ),
    ("no principal", bucket(drop="Principal"), "Missing required field Principal"),
    ("no action", bucket(drop="Action"), "Missing required field Action"),
    ("no resource", bucket(drop="Resource"), "Missing required field Resource"),
    ("no effect", bucket(drop="Effect"), "Missing required field Effect"),
    ("a field", bucket(Comment="x"), "Unknown field Comment"),
    ("an effect", bucket(Effect="Maybe"), "Invalid effect: Maybe"),
    ("a principal", bucket(Principal={"AWS": "alice"}), "Invalid principal in policy"),
    ("another service", bucket(Action="sqs:SendMessage"), "Policy has invalid action"),
    ("another bucket", bucket(Resource="arn:aws:s3:::mall/*"), "Policy has invalid resource"),
    (
        "an object's action on a bucket",
        bucket(Resource=BUCKET),
        "Action does not apply to any resource(s) in statement",
    ),
    (
        "a bucket's action on objects",
        bucket(Action="s3:ListBucket"),
        "Action does not apply to any resource(s) in statement",
    ),
    (
        "unknown operator",
        bucket(Condition={"StringIs": {"a:b": "c"}}),
        "Invalid Condition type : StringIs",
    ),
]


@pytest.mark.aws_source(BUCKETS)
@pytest.mark.parametrize(
    ("document", "message"), [row[1:] for row in BUCKET_ROWS], ids=[row[0] for row in BUCKET_ROWS]
)
def test_bucket_policy(document: Any, message: str | None) -> None:
    assert said(document, Kind.RESOURCE, service="s3", resource=BUCKET) == message


@pytest.mark.aws_source("https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html")
def test_other_services_have_a_code_of_their_own() -> None:
    for service, code in (
        ("kms", "MalformedPolicyDocumentException"),
        ("secretsmanager", "MalformedPolicyDocumentException"),
        ("sqs", "InvalidAttributeValue"),
        ("sns", "InvalidParameter"),
    ):
        with pytest.raises(MalformedPolicy) as caught:
            checks.check("{", Kind.RESOURCE, service=service)
        assert caught.value.code == code
    nobody = bucket(Principal={"AWS": "alice"}, Action="kms:*", Resource="*")
    expected = "Policy contains a statement with one or more invalid principals."
    assert said(nobody, Kind.RESOURCE, service="kms") == expected


@pytest.mark.aws_source(QUOTAS)
def test_sizes_without_white_space() -> None:
    long = json.dumps(one(Resource=f"{BUCKET}/{'x' * 6000}"), indent=60)
    sizes.check_managed(long)
    longer = json.dumps(one(Resource=f"{BUCKET}/{'x' * 6144}"))
    cases = [
        (lambda: sizes.check_managed(longer), "Cannot exceed quota for PolicySize: 6144"),
        (lambda: sizes.check_trust(longer), "Cannot exceed quota for ACLSizePerRole: 2048"),
        (
            lambda: sizes.check_inline([longer], "user", "alice"),
            "Maximum policy size of 2048 bytes exceeded for user alice",
        ),
        (
            lambda: sizes.check_inline([longer, longer], "role", "printer"),
            "Maximum policy size of 10240 bytes exceeded for role printer",
        ),
    ]
    for call, message in cases:
        with pytest.raises(MalformedPolicy) as caught:
            call()
        assert (caught.value.message, caught.value.code, caught.value.status) == (
            message,
            "LimitExceeded",
            409,
        )
    sizes.check_inline([longer], "role", "printer")


@pytest.mark.aws_source("https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html")
def test_a_session_policy_has_2048_characters_with_white_space() -> None:
    sizes.check_session(" " * 2048)
    with pytest.raises(MalformedPolicy, match="less than or equal to 2048"):
        sizes.check_session(" " * 2049)
    assert said("{", Kind.SESSION) == "The policy is not in the valid JSON format."
