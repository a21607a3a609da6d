"""How policies of different kinds decide together, in one account and between two."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.localaws.iam import principal
from helpers.localaws.iam.policy import Kind, Policy
from helpers.localaws.iam.principal import Principal
from tests.fidelity.policies import (
    ACCOUNT,
    ALICE,
    FEDERATED,
    IAM,
    KEY,
    OTHER,
    ROLE_ARN,
    ROOT,
    ROOT_USER,
    S3,
    SESSION,
    STRANGE_ROOT,
    STRANGE_SESSION,
    STRANGER,
    allow,
    decided,
    deny,
    policy,
    resource_policy,
    statement,
    word,
)

ONE_ACCOUNT = f"{IAM}reference_policies_evaluation-logic_policy-eval-denyallow.html"
TWO_ACCOUNTS = f"{IAM}reference_policies_evaluation-logic-cross-account.html"
BASICS = f"{IAM}reference_policies_evaluation-logic_policy-eval-basics.html"
BOUNDARIES = f"{IAM}access_policies_boundaries.html"
SESSIONS = f"{IAM}access_policies.html"
SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"
RCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"
KEYS = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"
ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
RECORDED = (
    "https://dev.classmethod.jp/articles/"
    "access-denied-error-message-with-policy-type-vpce-and-cross-account/"
)

YES, NO, NEVER = allow(), allow(Action="ec2:*"), deny()


def own(names: Any, kind: Kind = Kind.RESOURCE, effect: str = "Allow") -> Policy:
    """The resource's own policy for somebody."""
    resource = None if kind is Kind.TRUST else "*"
    return resource_policy(statement(effect, Principal=names, Resource=resource), kind=kind)


def aws(*arns: str) -> dict[str, list[str]]:
    """A Principal element."""
    return {"AWS": list(arns)}


#: Identity-based, permissions boundary (None: none attached) → decision.
USER: list[tuple[list[Policy], Policy | None, str]] = [
    ([], None, "implicit: identity-based policy"),
    ([NO], None, "implicit: identity-based policy"),
    ([YES], None, "allowed"),
    ([NO, YES], None, "allowed"),
    ([YES, NEVER], None, "explicit: identity-based policy"),
    ([NEVER, YES], None, "explicit: identity-based policy"),
    ([NEVER], None, "explicit: identity-based policy"),
    ([YES], YES, "allowed"),
    ([YES], NO, "implicit: permissions boundary"),
    ([YES], NEVER, "explicit: permissions boundary"),
    ([NO], YES, "implicit: identity-based policy"),
    ([], YES, "implicit: identity-based policy"),
    ([NEVER], NEVER, "explicit: identity-based policy"),
]


@pytest.mark.aws_source(ONE_ACCOUNT, BOUNDARIES)
@pytest.mark.parametrize(("identity", "boundary", "expected"), USER)
def test_identity_policies_and_boundary(
    identity: list[Policy], boundary: Policy | None, expected: str
) -> None:
    boundary = boundary and Policy(boundary.document, Kind.BOUNDARY)
    assert word(decided(*identity, boundary=boundary)) == expected
    assert word(decided(*identity, boundary=boundary, who=SESSION)) == expected


@pytest.mark.aws_source(SESSIONS)
@pytest.mark.parametrize(
    ("identity", "session", "expected"),
    [
        ([YES], None, "allowed"),
        ([YES], [YES], "allowed"),
        ([YES], [NO, YES], "allowed"),
        ([YES], [NO], "implicit: session policy"),
        ([YES], [], "implicit: session policy"),
        ([YES], [NEVER], "explicit: session policy"),
        ([NO], [YES], "implicit: identity-based policy"),
    ],
)
def test_session_policies_limit_a_role(
    identity: list[Policy], session: list[Policy] | None, expected: str
) -> None:
    if session is not None:
        session = [Policy(one.document, Kind.SESSION) for one in session]
    assert word(decided(*identity, who=SESSION, session=session)) == expected


@pytest.mark.aws_source(ONE_ACCOUNT)
def test_a_federated_user_may_do_nothing_without_a_session_policy() -> None:
    assert word(decided(YES, who=FEDERATED)) == "implicit: session policy"
    assert word(decided(YES, who=FEDERATED, session=[YES])) == "allowed"
    assert word(decided(NO, who=FEDERATED, session=[YES])) == "implicit: identity-based policy"


#: AWS's table: who asks, whom the resource's policy names, the decision where identity-based
#: policy, boundary and session policy all fail to allow.
DIRECT: list[tuple[Principal, dict[str, list[str]] | str, str]] = [
    (SESSION, aws(ROLE_ARN), "implicit: permissions boundary"),
    (SESSION, aws(SESSION.arn), "allowed"),
    (ALICE, aws(ALICE.arn), "allowed"),
    (FEDERATED, aws(ALICE.arn), "implicit: permissions boundary"),
    (FEDERATED, aws(FEDERATED.arn), "allowed"),
    (ROOT_USER, aws(ROOT), "allowed"),
    # Everybody is named directly by a wildcard, too.
    (SESSION, "*", "allowed"),
    (ALICE, "*", "allowed"),
    # The account is not: somebody in it must allow.
    (ALICE, aws(ROOT), "implicit: identity-based policy"),
    (SESSION, aws(ACCOUNT), "implicit: identity-based policy"),
    # And nobody is nobody.
    (ALICE, aws(ROLE_ARN), "implicit: identity-based policy"),
]


@pytest.mark.aws_source(ONE_ACCOUNT)
@pytest.mark.parametrize(("who", "names", "expected"), DIRECT)
def test_resource_policy_with_implicit_denies_elsewhere(
    who: Principal, names: Any, expected: str
) -> None:
    limits: dict[str, Any] = {}
    if who is not ROOT_USER:
        limits["boundary"] = Policy(NO.document, Kind.BOUNDARY)
    if who.is_session:
        limits["session"] = [Policy(NO.document, Kind.SESSION)]
    assert word(decided(NO, who=who, own=own(names), **limits)) == expected


@pytest.mark.aws_source(ONE_ACCOUNT)
def test_naming_the_role_needs_no_identity_policy_but_both_limits() -> None:
    names = own(aws(ROLE_ARN))
    assert word(decided(who=SESSION, own=names)) == "allowed"
    assert word(decided(who=SESSION, own=names, boundary=YES, session=[YES])) == "allowed"
    assert word(decided(who=SESSION, own=names, boundary=NO)) == "implicit: permissions boundary"
    assert word(decided(who=SESSION, own=names, session=[NO])) == "implicit: session policy"
    assert word(decided(who=FEDERATED, own=own(aws(ALICE.arn)), session=[YES])) == "allowed"


@pytest.mark.aws_source(f"{IAM}reference_policies_elements_principal.html")
def test_a_condition_on_the_roles_arn_is_not_limited_by_the_boundary() -> None:
    """Unlike the role as the principal: everybody is named, so the session is named directly."""
    condition = {"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}
    anybody = resource_policy(statement(Principal="*", Condition=condition))
    context = {"aws:PrincipalArn": ROLE_ARN}
    result = decided(who=SESSION, own=anybody, boundary=NO, session=[NO], context=context)
    assert word(result) == "allowed"


@pytest.mark.aws_source(ONE_ACCOUNT)
@pytest.mark.parametrize("who", [ALICE, SESSION, FEDERATED, ROOT_USER])
def test_the_resources_deny_wins(who: Principal) -> None:
    own_policy = resource_policy(statement(Principal="*"), statement("Deny", Principal="*"))
    assert word(decided(YES, who=who, own=own_policy)) == "explicit: resource-based policy"


@pytest.mark.aws_source(ONE_ACCOUNT)
def test_root_needs_no_grant() -> None:
    assert word(decided(who=ROOT_USER)) == "allowed"
    assert word(decided(who=STRANGE_ROOT)) == "implicit: resource-based policy"


#: One list for each level: root, unit, account.
LEVELS: list[tuple[list[list[Policy]], str]] = [
    ([[YES]], "allowed"),
    ([[YES], [YES], [YES]], "allowed"),
    ([[YES], [NO], [YES]], "implicit: service control policy"),
    ([[NO], [YES]], "implicit: service control policy"),
    ([[YES], [NO, YES]], "allowed"),
    ([[YES], [YES, NEVER]], "explicit: service control policy"),
    ([[YES], []], "allowed"),
]


@pytest.mark.aws_source(SCP)
@pytest.mark.parametrize(("levels", "expected"), LEVELS)
@pytest.mark.parametrize("who", [ALICE, SESSION, ROOT_USER])
def test_service_control_policies(
    who: Principal, levels: list[list[Policy]], expected: str
) -> None:
    scps = [[Policy(one.document, Kind.SERVICE_CONTROL) for one in level] for level in levels]
    assert word(decided(YES, who=who, service_control=scps)) == expected


@pytest.mark.aws_source(SCP)
def test_service_control_policies_grant_nothing_and_do_not_touch_services() -> None:
    scps = [[Policy(YES.document, Kind.SERVICE_CONTROL)]]
    assert word(decided(service_control=scps)) == "implicit: identity-based policy"
    # A resource's policy cannot overrule them.
    none = [[Policy(NO.document, Kind.SERVICE_CONTROL)]]
    result = decided(own=own(aws(ALICE.arn)), service_control=none)
    assert word(result) == "implicit: service control policy"


@pytest.mark.aws_source(RCP)
def test_resource_control_policies_deny_also_strangers_and_services() -> None:
    rcp = policy(statement("Deny", Principal="*"), kind=Kind.RESOURCE_CONTROL)
    for who in (ALICE, SESSION, ROOT_USER, S3, STRANGER):
        result = decided(YES, who=who, own=own("*"), resource_control=[rcp])
        assert word(result) == "explicit: resource control policy"


@pytest.mark.aws_source(ENDPOINTS)
def test_an_endpoints_policy_must_allow() -> None:
    endpoint = policy(statement(Principal="*", Action="s3:Get*"), kind=Kind.ENDPOINT)
    assert word(decided(YES, endpoint=endpoint)) == "allowed"
    result = decided(YES, endpoint=endpoint, action="s3:PutObject")
    assert word(result) == "implicit: VPC endpoint policy"


@pytest.mark.aws_source(KEYS)
@pytest.mark.parametrize(
    ("identity", "names", "expected"),
    [
        ([YES], None, "implicit: resource-based policy"),
        ([YES], aws(SESSION.arn), "implicit: resource-based policy"),
        ([YES], aws(ROOT), "allowed"),
        ([NO], aws(ROOT), "implicit: identity-based policy"),
        ([], aws(ALICE.arn), "allowed"),
        ([YES, NEVER], aws(ALICE.arn), "explicit: identity-based policy"),
    ],
)
def test_a_key_policy_must_allow(
    identity: list[Policy], names: dict[str, list[str]] | None, expected: str
) -> None:
    key_policy = own(names) if names else None
    result = decided(*identity, action="kms:Decrypt", arn=KEY, own=key_policy)
    assert word(result) == expected


@pytest.mark.aws_source(KEYS)
def test_a_key_policy_can_shut_out_even_root() -> None:
    result = decided(who=ROOT_USER, action="kms:Decrypt", arn=KEY, own=own(aws(ALICE.arn)))
    assert word(result) == "implicit: resource-based policy"


TRUST = f"{IAM}id_roles_create_for-user_externalid.html"


@pytest.mark.aws_source(ONE_ACCOUNT, TRUST)
@pytest.mark.parametrize(
    ("who", "identity", "names", "expected"),
    [
        (ALICE, [YES], aws(SESSION.arn), "implicit: role trust policy"),
        (ALICE, [YES], aws(ROOT), "allowed"),
        (ALICE, [], aws(ROOT), "implicit: identity-based policy"),
        (ALICE, [], aws(ALICE.arn), "allowed"),
        (ALICE, [NEVER], aws(ALICE.arn), "explicit: identity-based policy"),
        (SESSION, [], aws(ROLE_ARN), "allowed"),
        (STRANGER, [YES], aws(OTHER), "allowed"),
        (STRANGER, [], aws(OTHER), "implicit: identity-based policy"),
        (STRANGER, [], aws(STRANGER.arn), "implicit: identity-based policy"),
        (STRANGER, [YES], aws(ROOT), "implicit: role trust policy"),
        (
            principal.service("lambda.amazonaws.com"),
            [],
            {"Service": "lambda.amazonaws.com"},
            "allowed",
        ),
        (S3, [], {"Service": "lambda.amazonaws.com"}, "implicit: role trust policy"),
        (
            principal.web_identity("accounts.google.com"),
            [],
            {"Federated": "accounts.google.com"},
            "allowed",
        ),
        (
            principal.web_identity("www.amazon.com"),
            [],
            {"Federated": "accounts.google.com"},
            "implicit: role trust policy",
        ),
    ],
)
def test_a_trust_policy_must_allow(
    who: Principal, identity: list[Policy], names: Any, expected: str
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/target"
    trust = own(names, Kind.TRUST)
    assert (
        word(decided(*identity, who=who, action="sts:AssumeRole", arn=role, own=trust)) == expected
    )


@pytest.mark.aws_source(TRUST)
def test_an_external_id_in_a_trust_policy() -> None:
    condition = {"StringEquals": {"sts:ExternalId": "12345"}}
    trust = resource_policy(
        statement(
            Principal=aws(OTHER), Resource=None, Action="sts:AssumeRole", Condition=condition
        ),
        kind=Kind.TRUST,
    )
    role = {"action": "sts:AssumeRole", "arn": f"arn:aws:iam::{ACCOUNT}:role/target", "own": trust}
    assert decided(YES, who=STRANGER, context={"sts:ExternalId": "12345"}, **role).allowed
    assert not decided(YES, who=STRANGER, context={"sts:ExternalId": "54321"}, **role).allowed
    assert not decided(YES, who=STRANGER, **role).allowed


@pytest.mark.aws_source(f"{IAM}reference_policies_elements_principal.html")
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"Service": "s3.amazonaws.com"}, "allowed"),
        ({"Service": "sns.amazonaws.com"}, "implicit: resource-based policy"),
        ("*", "allowed"),
        (aws(ROOT), "implicit: resource-based policy"),
    ],
)
def test_a_service_has_only_the_resources_policy(names: Any, expected: str) -> None:
    assert word(decided(who=S3, own=own(names), action="sqs:SendMessage")) == expected
    assert word(decided(who=S3)) == "implicit: resource-based policy"


@pytest.mark.aws_source(f"{IAM}confused-deputy.html")
def test_a_service_on_behalf_of_one_bucket() -> None:
    condition = {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::shop"}}
    only = resource_policy(
        statement(Principal={"Service": "s3.amazonaws.com"}, Condition=condition)
    )
    assert decided(who=S3, own=only, context={"aws:SourceArn": "arn:aws:s3:::shop"}).allowed
    assert not decided(who=S3, own=only, context={"aws:SourceArn": "arn:aws:s3:::mall"}).allowed


@pytest.mark.aws_source(f"{IAM}reference_policies_elements_principal.html")
def test_anonymous_only_where_everybody_may() -> None:
    assert decided(who=principal.ANONYMOUS, own=own("*")).allowed
    assert not decided(who=principal.ANONYMOUS, own=own(aws(ROOT))).allowed
    assert not decided(who=principal.ANONYMOUS).allowed


#: Identity-based policy, resource-based policy → decision. The last two columns of the source
#: name the policy that lacks, and the one that AWS's message names.
BETWEEN: list[tuple[list[Policy], Policy | None, str]] = [
    ([YES], own(aws(OTHER)), "allowed"),
    ([], own(aws(OTHER)), "implicit: identity-based policy"),
    ([], own(aws(STRANGER.arn)), "implicit: identity-based policy"),
    ([YES], None, "implicit: resource-based policy"),
    ([], None, "implicit: resource-based policy"),
    ([YES, NEVER], own(aws(OTHER)), "explicit: identity-based policy"),
    ([YES], own(aws(OTHER), effect="Deny"), "explicit: resource-based policy"),
    ([NEVER], own(aws(OTHER), effect="Deny"), "explicit: identity-based policy"),
    ([YES], own("*"), "allowed"),
    ([], own("*"), "implicit: identity-based policy"),
    ([YES], own(aws(STRANGER.arn)), "allowed"),
    ([YES], own(aws(ROOT)), "implicit: resource-based policy"),
]


@pytest.mark.aws_source(TWO_ACCOUNTS, RECORDED)
@pytest.mark.parametrize(("identity", "own_policy", "expected"), BETWEEN)
def test_between_accounts_both_must_allow(
    identity: list[Policy], own_policy: Policy | None, expected: str
) -> None:
    assert word(decided(*identity, who=STRANGER, own=own_policy)) == expected


@pytest.mark.aws_source(TWO_ACCOUNTS)
def test_between_accounts_a_named_session_still_needs_its_own_account() -> None:
    names = own(aws(STRANGE_SESSION.arn))
    assert word(decided(who=STRANGE_SESSION, own=names)) == "implicit: identity-based policy"
    assert word(decided(YES, who=STRANGE_SESSION, own=names)) == "allowed"
    limited = decided(YES, who=STRANGE_SESSION, own=names, boundary=NO)
    assert word(limited) == "implicit: permissions boundary"
    limited = decided(YES, who=STRANGE_SESSION, own=names, session=[NO])
    assert word(limited) == "implicit: session policy"


@pytest.mark.aws_source(BASICS)
def test_carlos_and_his_bucket() -> None:
    """AWS's example for one account."""
    carlos = principal.user("123456789012", "carlossalazar")
    mine = ["arn:aws:s3:::carlossalazar", "arn:aws:s3:::carlossalazar/*"]
    identity = policy(
        statement(
            Action=["s3:ListAllMyBuckets", "s3:GetBucketLocation"], Resource="arn:aws:s3:::*"
        ),
        statement(Action="s3:*", Resource=mine),
        statement("Deny", Action="s3:*", Resource="arn:aws:s3:::*log*"),
    )
    bucket = resource_policy(statement(Principal=aws(carlos.arn), Action="s3:*", Resource=mine))

    def may(arn: str, own_policy: Policy | None, *policies: Policy) -> str:
        return word(
            decided(
                *policies,
                who=carlos,
                owner="123456789012",
                action="s3:PutObject",
                arn=arn,
                own=own_policy,
            )
        )

    logs = "arn:aws:s3:::carlossalazar-logs/x"
    assert may(logs, None, identity) == "explicit: identity-based policy"
    assert may("arn:aws:s3:::carlossalazar/x", bucket, identity) == "allowed"
    assert may("arn:aws:s3:::carlossalazar/x", bucket) == "allowed"
    assert may("arn:aws:s3:::carlossalazar/x", None, identity) == "allowed"


@pytest.mark.aws_source(TWO_ACCOUNTS)
@pytest.mark.parametrize(
    ("arn", "own_policy_there", "expected"),
    [
        ("arn:aws:s3:::production-logs/x", False, "explicit: identity-based policy"),
        ("arn:aws:s3:::production/x", True, "allowed"),
        ("arn:aws:s3:::production/x", False, "implicit: resource-based policy"),
    ],
)
def test_carlos_and_the_bucket_of_another_account(
    arn: str, own_policy_there: bool, expected: str
) -> None:
    """AWS's example for two accounts."""
    carlos = principal.user("111111111111", "carlossalazar")
    identity = policy(
        statement(Action="s3:ListAllMyBuckets"),
        statement(Action="s3:*Object*", Resource="arn:aws:s3:::production/*"),
        statement("Deny", Action="s3:*", Resource=["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"]),
    )
    production = resource_policy(
        statement(
            Principal=aws(carlos.arn),
            Action=["s3:GetObject*", "s3:PutObject*"],
            Resource="arn:aws:s3:::production/*",
        )
    )
    result = decided(
        identity,
        who=carlos,
        owner="222222222222",
        action="s3:PutObject",
        arn=arn,
        own=production if own_policy_there else None,
    )
    assert word(result) == expected
