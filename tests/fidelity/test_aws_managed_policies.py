"""AWS's own policies belong to AWS: everybody may attach them, nobody may change them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.aws_source(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
)

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)


def test_nobody_changes_a_policy_of_aws(aws: Any) -> None:
    iam = aws.client("iam")
    before = iam.get_policy(PolicyArn=BASIC)["Policy"]
    for change, parameters in (
        (iam.create_policy_version, {"PolicyDocument": NOTHING, "SetAsDefault": True}),
        (iam.set_default_policy_version, {"VersionId": "v1"}),
        (iam.delete_policy_version, {"VersionId": "v1"}),
        (iam.tag_policy, {"Tags": [{"Key": "a", "Value": "b"}]}),
        (iam.untag_policy, {"TagKeys": ["a"]}),
        (iam.delete_policy, {}),
    ):
        with pytest.raises(ClientError) as refused:
            change(PolicyArn=BASIC, **parameters)
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert iam.get_policy(PolicyArn=BASIC)["Policy"] == before


def test_a_policy_of_ones_own_can_be_changed(aws: Any) -> None:
    iam = aws.client("iam")
    own = iam.create_policy(PolicyName="own", PolicyDocument=NOTHING)["Policy"]["Arn"]
    made = iam.create_policy_version(PolicyArn=own, PolicyDocument=NOTHING, SetAsDefault=True)
    assert made["PolicyVersion"]["VersionId"] == "v2"
    iam.tag_policy(PolicyArn=own, Tags=[{"Key": "a", "Value": "b"}])
