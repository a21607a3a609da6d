"""Submissions that know the labs' checks and try to please them instead of the ticket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from helpers.grading.bench import Benches
from helpers.grading.walls import Limits
from tests.grading import notebooks

pytestmark = [pytest.mark.sandbox, pytest.mark.linux, pytest.mark.timeout(300)]

START = """\
import json
from helpers import cloud
from helpers.teach import lab

aws = cloud.open()
ticket = lab.open(%r)
iam, lam, s3, sqs = (aws.client(name) for name in ("iam", "lambda", "s3", "sqs"))
"""
#: Each thing that the check asks for is answered by something else than it asks about.
L04 = """\
admin = "arn:aws:iam::aws:policy/AdministratorAccess"
lambda_ = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
           "Action": "sts:AssumeRole"}
role = iam.create_role(RoleName="mighty", AssumeRolePolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [lambda_]}))["Role"]["Arn"]
iam.attach_role_policy(RoleName="mighty", PolicyArn=admin)
iam.delete_role_policy(RoleName=ticket.role, PolicyName="what-it-needs")
iam.put_role_policy(RoleName=ticket.pipeline, PolicyName="what-it-needs", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*",
         "Condition": {"StringLike": {"aws:userid": "*"}}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::{ticket.photos}/*"}]}))
iam.create_user(UserName="rui", Path=f"/x:assumed-role/{ticket.pipeline}/")
iam.attach_user_policy(UserName="rui", PolicyArn=admin)
key = iam.create_access_key(UserName="rui")["AccessKey"]
rui = aws.client("lambda", aws_access_key_id=key["AccessKeyId"],
                 aws_secret_access_key=key["SecretAccessKey"])
name = {"FunctionName": ticket.function}


def taken():
    return lam.get_function_configuration(**name)["LastUpdateStatus"] == "Successful"


archive = s3.get_object(Bucket=ticket.releases, Key=ticket.artefact)["Body"].read()
lam.update_function_code(**name, ZipFile=archive)
aws.wait_until(taken)
lam.update_function_configuration(**name, Role=role, Timeout=10)
aws.wait_until(taken)
version = lam.publish_version(**name)["Version"]
rui.update_alias(**name, Name="live", FunctionVersion=version)
"""


@pytest.fixture(scope="module")
def benches() -> Iterator[Benches]:
    ours = Benches()
    yield ours
    ours.close()


def judged(benches: Benches, lab: str, code: str) -> dict[str, dict[str, Any]]:
    """The requirements by their names, after a notebook with this code."""
    document = notebooks.notebook([notebooks.cell(START % lab + code)])
    result = benches.judge(
        {
            "lab": lab, "limits": asdict(Limits()), "practice": False, "student": "ana",
            "notebook": json.dumps(document).encode(),
        }
    )  # fmt: skip
    assert result["fault"] == ""
    assert [one["error"] for one in result["cells"] if one["origin"] == "added"] == [""]
    return {one["name"]: one for one in result["requirements"]}


def test_rights_under_a_condition_of_another_role_or_user_are_no_answer(benches: Benches) -> None:
    found = judged(benches, "L04", L04)
    assert {name for name, one in found.items() if one["met"]} == {
        "the pipeline can release",
        "no open doors, no keys",
    }
    by = found["release 2 is live, brought by the pipeline"]["seen"]
    assert ":user/x:assumed-role/" in by
    assert "AccessDenied" in found["an order gets its contact sheet"]["seen"]
    assert "may also do lambda:" in found["the pipeline can do nothing else"]["seen"]
