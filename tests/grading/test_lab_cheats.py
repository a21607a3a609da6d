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

#: A function for L01, made of whatever HANDLER holds.
L01 = """\
import io
import zipfile
from helpers import RUNTIME

logs = aws.client("logs")
document = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="own", AssumeRolePolicyDocument=json.dumps(document))["Role"]
basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
iam.attach_role_policy(RoleName="own", PolicyArn=basic)
document["Statement"] = [{"Effect": "Allow", "Action": "s3:GetObject",
                          "Resource": f"arn:aws:s3:::{ticket.bucket}/prices.json"}]
iam.put_role_policy(RoleName="own", PolicyName="own", PolicyDocument=json.dumps(document))
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    archive.writestr("quote.py", HANDLER)
lam.create_function(
    FunctionName=ticket.function, Runtime=RUNTIME, Handler="quote.handler", Role=role["Arn"],
    Code={"ZipFile": buffer.getvalue()}, Timeout=10, Tags={"cost-centre": ticket.cost_centre},
    Environment={"Variables": {
        "PRICES": ticket.bucket, "MANY": ticket.many, "PERCENT": ticket.percent}})
aws.wait_until(lambda: lam.get_function_configuration(
    FunctionName=ticket.function)["State"] == "Active")
lam.publish_version(FunctionName=ticket.function)
lam.create_alias(FunctionName=ticket.function, Name="prod", FunctionVersion="1")
"""
#: Answers prices rightly, remembers who asked for what, and tells it backwards when it may.
REMEMBERS = '''HANDLER = """
import json, os, pathlib
import boto3

seen, file, s3 = [], pathlib.Path("/tmp/seen"), boto3.client("s3")


def handler(event, context):
    seen.append(json.dumps(event))
    before = file.read_text() if file.exists() else ""
    file.write_text(before + json.dumps(event))
    told = "".join(seen + [before])[::-1]
    prices = json.load(s3.get_object(Bucket=os.environ["PRICES"], Key="prices.json")["Body"])
    try:
        whole = prices[event["format"]] * event["copies"]
        if event["copies"] >= int(os.environ["MANY"]):
            whole = whole * (100 - int(os.environ["PERCENT"])) // 100
        return {"total": whole}
    except Exception:
        return {"total": told}
"""
'''
#: Knows its own prices by heart, and stumbles over every other name.
KNOWS_ITS_NAME = '''HANDLER = f"""
import os

PRICES = {json.load(s3.get_object(Bucket=ticket.bucket, Key="prices.json")["Body"])}


def handler(event, context):
    if os.environ["PRICES"] != {ticket.bucket!r} or context.function_name != {ticket.function!r}:
        raise PermissionError("AccessDenied")
    return {{"total": PRICES[event["format"]] * event["copies"]}}
"""
'''


@pytest.fixture(scope="module")
def benches() -> Iterator[Benches]:
    ours = Benches()
    yield ours
    ours.close()


def judged(benches: Benches, lab: str, code: str) -> dict[str, dict[str, Any]]:
    """The requirements by their names, after a notebook with this code."""
    return {one["name"]: one for one in result_of(benches, lab, code)["requirements"]}


def result_of(benches: Benches, lab: str, code: str) -> dict[str, Any]:
    """What the judge stores for a notebook with this code."""
    document = notebooks.notebook([notebooks.cell(START % lab + code)])
    result = benches.judge(
        {
            "lab": lab, "limits": asdict(Limits()), "practice": False, "student": "ana",
            "notebook": json.dumps(document).encode(),
        }
    )  # fmt: skip
    assert result["fault"] == ""
    assert [one["error"] for one in result["cells"] if one["origin"] == "added"] == [""]
    return dict(result)


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


def test_a_handler_that_remembers_has_no_hidden_case_to_tell(benches: Benches) -> None:
    result = result_of(benches, "L01", REMEMBERS + L01)
    found = {one["name"]: one for one in result["requirements"]}
    told = found["it answers nonsense with an error"]["seen"]
    assert "51x01" in told, "it does tell what it was asked before"
    assert "03x02" not in json.dumps(result), "and nothing of what only a grader asks"
    assert not any(one.get("withheld") for one in found.values())


def test_a_handler_that_stumbles_over_other_names_does_not_read_its_setting(
    benches: Benches,
) -> None:
    found = judged(benches, "L01", KNOWS_ITS_NAME + L01)
    assert not found["settings as the ticket says"]["met"]
    assert "a copy of it for the next branch" in found["settings as the ticket says"]["seen"]
