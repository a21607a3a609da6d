"""Makes the toy lab's notebooks: the learner's copy, and submissions with cells of one's choice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TOY = Path(__file__).with_name("toy")
SETUP = """\
import io, json, zipfile
import boto3
from helpers import RUNTIME, cloud

aws = cloud.open()
s3, lam, iam = (boto3.client(name) for name in ("s3", "lambda", "iam"))


def deploy(source, **settings):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
             "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
    lam.create_function(FunctionName="double", Runtime=RUNTIME, Handler="app.handler",
                        Role=role["Arn"], Code={"ZipFile": buffer.getvalue()}, **settings)
    aws.wait_until(lambda: lam.get_function(FunctionName="double")["Configuration"]["State"]
                   == "Active")
"""
STORE = """\
word = s3.get_object(Bucket="inbox", Key="word")["Body"].read()
s3.put_object(Bucket="inbox", Key="answer", Body=word)"""
DOUBLE = """\
deploy("def handler(event, context):\\n    return 2 * event\\n")"""
TODO = "# YOUR CODE HERE\nraise NotImplementedError()"


def cell(source: Any, name: str = "", kind: str = "code", **more: Any) -> dict[str, Any]:
    """One cell; with a name it is nbgrader's: a solution unless `locked` or `manual`."""
    found: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source}
    if kind == "code":
        found |= {"execution_count": None, "outputs": []}
    if name:
        locked = bool(more.pop("locked", False))
        found["metadata"]["nbgrader"] = {
            "grade": locked or kind == "markdown",
            "grade_id": name,
            "locked": locked,
            "points": 1,
            "schema_version": 3,
            "solution": not locked,
            "task": False,
        }
    return found | more


def notebook(cells: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "cells": cells,
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
        **more,
    }


def cells(store: str = STORE, double: str = DOUBLE) -> list[dict[str, Any]]:
    """The learner's copy, with these two answers."""
    return [
        cell(SETUP, id="setup"),
        cell(store, "store"),
        cell(double, "double"),
        cell("print('visible checks')", "check", locked=True),
        cell("YOUR ANSWER HERE", "story", "markdown"),
    ]


def submission(store: str = STORE, double: str = DOUBLE) -> bytes:
    return json.dumps(notebook(cells(store, double))).encode()


def as_text(cells: list[Any]) -> str:
    return json.dumps(notebook(cells))
