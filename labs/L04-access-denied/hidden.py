"""Further cases, for graders only: more neighbours, and an order with a name of its own."""

from __future__ import annotations

from helpers.teach.checking import Case

from .check import FUNCTION_NARROW, PIPELINE_NARROW, SHEET

HIDDEN = {
    SHEET: (Case("HIDDEN-1", hidden=True),),
    PIPELINE_NARROW: (
        Case(
            (
                ("lambda:UpdateFunctionCode", "the function elsewhere"),
                ("lambda:CreateFunction", "another function"),
                ("s3:GetObject", "a secret beside the releases"),
                ("s3:PutObject", "the release"),
                ("s3:GetObject", "another bucket"),
                ("iam:AttachRolePolicy", "the function's role"),
                ("iam:UpdateAssumeRolePolicy", "the function's role"),
                ("dynamodb:Scan", "the table"),
                ("iam:CreateUser", "another role"),
            ),
            hidden=True,
        ),
    ),
    FUNCTION_NARROW: (
        Case(
            (
                ("s3:GetObject", "another bucket"),
                ("s3:GetObject", "the release"),
                ("dynamodb:Scan", "the table"),
                ("dynamodb:DeleteTable", "the table"),
                ("lambda:UpdateFunctionCode", "the function"),
                ("iam:PassRole", "another role"),
            ),
            hidden=True,
        ),
    ),
}
