"""The policies as the ticket finds them: five statements, and something wrong in each."""

from __future__ import annotations

from typing import Any

from .shop import Shop

NAME = "what-it-needs"  #: both roles' inline policy
DEPLOY = (
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
    "lambda:UpdateAlias",
)


def trust(principal: dict[str, str]) -> dict[str, Any]:
    """A trust policy that lets one principal assume the role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return _document(statement)


def of_pipeline(branch: Shop, account: str, region: str) -> dict[str, Any]:
    """What the pipeline's role may do, as somebody once wrote it."""
    bucket = f"arn:aws:s3:::{branch.releases}"
    artefacts = {
        "the bucket's ARN": bucket,
        "a folder that is not there": f"{bucket}/release/*",
    }[branch.artefact_fault]
    elsewhere = "eu-west-1" if region != "eu-west-1" else "us-east-1"
    function = f"arn:aws:lambda:{region}:{account}:function:{branch.function}"
    deploy: dict[str, Any] = {
        "another region": _allow(
            "Deploy", DEPLOY, f"arn:aws:lambda:{elsewhere}:{account}:function:{branch.function}"
        ),
        "the function for tests": _allow("Deploy", DEPLOY, f"{function}-test"),
        "three of five actions": _allow("Deploy", DEPLOY[:3], function),
    }[branch.deploy_fault]
    statements = [_allow("Artefacts", ["s3:GetObject"], artefacts), deploy]
    if branch.pass_fault == "another role":
        printer = f"arn:aws:iam::{account}:role/{branch.city}-printer-role"
        statements.append(_allow("Role", ["iam:PassRole"], printer))
    return _document(*statements)


def of_function(branch: Shop, account: str, region: str) -> dict[str, Any]:
    """What the function's role may do beside writing its log."""
    bucket = f"arn:aws:s3:::{branch.photos}"
    photos = {
        "the bucket's ARN": bucket,
        "a folder that is not there": f"{bucket}/order/*",
    }[branch.photo_fault]
    table = f"arn:aws:dynamodb:{region}:{account}:table/{branch.table}"
    sheets = {
        "the table for tests": _allow("Sheets", ["dynamodb:PutItem"], f"{table}-test"),
        "the wrong action": _allow("Sheets", ["dynamodb:GetItem"], table),
    }[branch.sheet_fault]
    return _document(_allow("Orders", ["s3:GetObject"], photos), sheets)


def _allow(sid: str, actions: Any, resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
