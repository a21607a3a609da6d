"""The policies as the ticket finds them: five statements, and something wrong in each."""

from __future__ import annotations

from helpers.teach.labs.documents import Document, allow, document

from .shop import Shop

NAME = "what-it-needs"  #: both roles' inline policy
DEPLOY = (
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
    "lambda:UpdateAlias",
)


def elsewhere(region: str) -> str:
    """The region that somebody has written instead of ours."""
    return "eu-west-1" if region != "eu-west-1" else "us-east-1"


def of_pipeline(branch: Shop, account: str, region: str) -> Document:
    """What the pipeline's role may do, as somebody once wrote it."""
    bucket = f"arn:aws:s3:::{branch.releases}"
    artefacts = {
        "the bucket's ARN": bucket,
        "a folder that is not there": f"{bucket}/release/*",
    }[branch.artefact_fault]
    function = f"arn:aws:lambda:{region}:{account}:function:{branch.function}"
    deploy = {
        "another region": allow(
            "Deploy",
            DEPLOY,
            f"arn:aws:lambda:{elsewhere(region)}:{account}:function:{branch.function}",
        ),
        "the function for tests": allow("Deploy", DEPLOY, f"{function}-test"),
        "three of five actions": allow("Deploy", DEPLOY[:3], function),
    }[branch.deploy_fault]
    statements = [allow("Artefacts", ["s3:GetObject"], artefacts), deploy]
    if branch.pass_fault == "another role":
        printer = f"arn:aws:iam::{account}:role/{branch.city}-printer-role"
        statements.append(allow("Role", ["iam:PassRole"], printer))
    return document(*statements)


def of_function(branch: Shop, account: str, region: str) -> Document:
    """What the function's role may do beside writing its log."""
    bucket = f"arn:aws:s3:::{branch.photos}"
    photos = {
        "the bucket's ARN": bucket,
        "a folder that is not there": f"{bucket}/order/*",
    }[branch.photo_fault]
    table = f"arn:aws:dynamodb:{region}:{account}:table/{branch.table}"
    sheets = {
        "the table for tests": allow("Sheets", ["dynamodb:PutItem"], f"{table}-test"),
        "the wrong action": allow("Sheets", ["dynamodb:GetItem"], table),
    }[branch.sheet_fault]
    return document(allow("Orders", ["s3:GetObject"], photos), sheets)
