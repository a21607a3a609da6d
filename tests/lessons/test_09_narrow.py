"""`09.narrow`: policies that allow just the evidence, and each foreseen slip told apart."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers.deploy import ROLE_NAME, deploy, ensure_role
from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb09.policies import Call
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "09.narrow"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "invoices.json.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "invoices.json.txt").read_text(encoding="utf-8")
NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
BUCKET = "arn:aws:s3:::shop-prints-ACCOUNT"
LIST, READ, WRITE, MARK = range(4)
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: the check makes nothing."""
    return local_aws


def but(number: int, **elements: Any) -> str:
    """The solution with other elements in one statement; None takes an element out."""
    document = json.loads(SOLUTION)
    statement = document["Statement"][number]
    statement.update(elements)
    document["Statement"][number] = {k: v for k, v in statement.items() if v is not None}
    return json.dumps(document)


def without(number: int) -> str:
    document = json.loads(SOLUTION)
    del document["Statement"][number]
    return json.dumps(document)


def only(**statement: Any) -> str:
    """A policy of one statement that allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file invoices.json yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


def _two_for_the_bucket() -> str:
    """Reading and writing in one statement is right where each object is named apart."""
    document = copy.deepcopy(json.loads(SOLUTION))
    document["Statement"][LIST]["Condition"] = {"StringLike": {"s3:prefix": ["receipts/*"]}}
    document["Statement"][READ]["Resource"] = [f"{BUCKET}/receipts/*.json"]
    document["Statement"][MARK]["Action"] = ["dynamodb:updateitem"]
    return json.dumps(document)


def _with_numbers(account: str) -> str:
    return SOLUTION.replace("ACCOUNT", account)


@pytest.mark.parametrize("text", [SOLUTION, _two_for_the_bucket()], ids=["solution", "lists"])
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


def test_the_account_may_be_written_out(aws: Any, judge: Judge) -> None:
    is_right(judge(KEY, _with_numbers(aws.account_id)))


ALL = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "dynamodb:UpdateItem"]
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "no JSON": (SOLUTION.replace("]", "],"), ("no JSON", "A comma too many")),
    "no policy": ('{"Effect": "Allow"}', ("no statement", "Version and Statement")),
    "dots left": (but(MARK, Resource="..."), ("dots", 'there is still a "..."')),
    "a principal": (
        but(READ, Principal="*"),
        ("refused", "AWS does not take invoices.json", "no Principal"),
    ),
    "star action": (
        but(READ, Action="s3:*"),
        ("star action", "write receipts/A-17.json", "comes from the action s3:*"),
    ),
    "everything": (only(Action="*", Resource="*"), ("star action", "make a user")),
    "a star behind Get": (
        but(MARK, Action="dynamodb:*"),
        ("star action", "read the whole table", "dynamodb:*"),
    ),
    "star resource": (
        only(Action=ALL, Resource="*"),
        ("star resource", "read shop-payroll-ACCOUNT", "every resource there is"),
    ),
    "star resource for the table": (
        but(MARK, Resource="*"),
        ("star resource", "shop-payouts"),
    ),
    "all tables": (
        but(MARK, Resource="arn:aws:dynamodb:us-east-1:ACCOUNT:table/shop-*"),
        ("other tables", "the one table"),
    ),
    "a slash is missing": (
        but(READ, Resource=f"{BUCKET}/receipts*"),
        ("missing slash", "read receipts-old/A-1.json", "the slash before the star"),
    ),
    "the whole bucket": (
        but(READ, Resource=f"{BUCKET}/*"),
        ("whole bucket", "read customers/ada.json"),
    ),
    "all shop buckets": (
        but(READ, Resource="arn:aws:s3:::shop-*"),
        ("whole bucket", "read shop-payroll-ACCOUNT"),
    ),
    "read and write in one": (
        but(
            READ,
            Action=["s3:GetObject", "s3:PutObject"],
            Resource=[f"{BUCKET}/receipts/*", f"{BUCKET}/invoices/*"],
        ),
        ("crossed", "write receipts/A-17.json", "two statements"),
    ),
    "no list": (without(LIST), ("missing list", "list receipts/", "s3:ListBucket")),
    "the call's name": (
        but(LIST, Action="s3:ListObjectsV2"),
        ("event's name", "called s3:ListBucket"),
    ),
    "list of objects": (
        but(LIST, Resource=f"{BUCKET}/receipts/*", Condition=None),
        ("list of objects", "the bucket's ARN"),
    ),
    "the prefix without its slash": (
        but(LIST, Condition={"StringEquals": {"s3:prefix": "receipts"}}),
        ("condition on the list", "with the slash"),
    ),
    "a prefix that goes on": (
        but(LIST, Condition={"StringLike": {"s3:prefix": "receipts*"}}),
        ("prefix without slash", "list receipts-old/"),
    ),
    "no condition": (
        but(LIST, Condition=None),
        ("lists everything", "list customers/", "s3:prefix"),
    ),
    "no update": (without(MARK), ("missing action", "dynamodb:UpdateItem")),
    "bucket for objects": (
        but(READ, Resource=BUCKET),
        ("bucket for objects", "a slash and a key"),
    ),
    "one file": (
        but(READ, Resource=f"{BUCKET}/receipts/A-17.json"),
        ("only what was seen", "read receipts/B-1.json", "allow the folder"),
    ),
    "another table": (
        but(MARK, Resource="arn:aws:dynamodb:us-east-1:ACCOUNT:table/orders"),
        ("other resource", "letter by letter"),
    ),
    "everything but IAM": (
        only(NotAction=["iam:*", "s3:DeleteObject"], Resource="*"),
        ("NotAction", "read the whole table", "Name what is allowed"),
    ),
    "every resource but one": (
        only(Action=ALL, NotResource="arn:aws:s3:::shop-payroll-ACCOUNT/*"),
        ("NotResource", "shop-payouts"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_a_hidden_case_is_judged_and_not_shown(judge: Judge) -> None:
    hidden = Call("read drafts/1.json", "s3:GetObject", f"{BUCKET}/drafts/1.json")
    text = but(READ, Resource=[f"{BUCKET}/receipts/*", f"{BUCKET}/drafts/*"])
    is_right(judge(KEY, text))
    result = judge(KEY, text, {"nothing beside them": (Case(hidden, hidden=True),)})
    is_wrong(result, "too wide")
    assert "drafts/1.json" not in result.text()


def test_the_solution_is_enough_for_the_notebooks_function(aws: Any, tmp_path: Path) -> None:
    """For real: the handler of the notebook, with a role that has this policy."""
    notebook = json.loads(next(NOTEBOOKS.glob("09-*.ipynb")).read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    head = "%%writefile work/09/invoices.py\n"
    (tmp_path / "invoices.py").write_text(
        next(one.removeprefix(head) for one in sources if one.startswith(head)), encoding="utf-8"
    )
    s3, dynamodb = aws.client("s3"), aws.client("dynamodb")
    bucket = f"shop-prints-{aws.account_id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="receipts/A-17.json", Body=b'{"order": "A-17"}')
    dynamodb.create_table(
        TableName="shop-orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    role = ensure_role(aws, f"{ROLE_NAME}-invoices")
    function = deploy(
        "shop-invoices", tmp_path / "invoices.py", role=role, memory=1024, timeout=30,
        environment={"BUCKET": bucket}, cloud=aws,
    )  # fmt: skip
    month = {"month": "2026-11"}
    assert function.invoke(month, on_error="return")["errorType"] == "AccessDenied"
    aws.client("iam").put_role_policy(
        RoleName=f"{ROLE_NAME}-invoices",
        PolicyName="narrow",
        PolicyDocument=SOLUTION.replace("ACCOUNT", aws.account_id),
    )
    assert function.invoke(month, on_error="return") == {"invoiced": 1}
