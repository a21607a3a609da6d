"""`08.archive`: three policies that fit, in two ways, and what is wrong or too wide with each.

A wrong answer is judged by the one requirement that it misses: each invocation of a new function
takes a second, and most of these mistakes are none of the handler's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers.deploy import deploy, ensure_role
from helpers.teach import lessons
from helpers.teach.checking import Context, Result, run
from tests.lessons.proof import is_not_attempted, is_right, is_wrong

KEY = "08.archive"
FOLDER = lessons.folder(KEY)
CELL = (FOLDER / "solutions" / "archive.py.txt").read_text()
HANDLER = (FOLDER / "given" / "archive.py.txt").read_text()


def but(old: str, new: str) -> str:
    """The cell with one thing changed."""
    assert CELL.count(old) == 1, old
    return CELL.replace(old, new)


class Learner:
    """Somebody at work on the exercise, with the names that the notebook has."""

    def __init__(self, aws: Any) -> None:
        self.aws = aws
        Path("work/08").mkdir(parents=True)
        Path("work/08/archive.py").write_text(HANDLER)
        for name in ("orders", "archive"):
            aws.client("s3").create_bucket(Bucket=f"shop-{name}-{aws.account_id}")
        self.names = {
            "allow": self.allow,
            "aws": aws,
            "course_role": lambda: ensure_role(aws),
            "deploy": deploy,
            "document": self.document,
            "iam": aws.client("iam"),
            "json": json,
            "lam": aws.client("lambda"),
            "trust": self.trust,
        }

    @staticmethod
    def document(*statements: dict[str, Any]) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

    @staticmethod
    def allow(action: Any, resource: Any) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": action, "Resource": resource}

    def trust(self, *services: str) -> str:
        principal = {"Service": list(services)}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        return self.document(statement)

    def builds(self, cell: str, requirement: str = "") -> Result:
        """Run the learner's cell; what the check says then, or one requirement of it."""
        exec(compile(cell, "the learner's cell", "exec"), dict(self.names))
        check = lessons.check(KEY)
        asked = tuple(one for one in check.requirements if requirement in ("", one.name))
        return run(replace(check, requirements=asked), Context(self.aws, Path("work/08")))


@pytest.fixture
def learner(aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    monkeypatch.chdir(tmp_path)
    return Learner(aws)


def test_nothing_is_no_attempt(learner: Learner) -> None:
    is_not_attempted(learner.builds(""), "neither a role nor a function shop-archive")


RIGHT = {
    "the solution": CELL,
    "logs by a statement, orders by their folder, a managed policy": but(
        """iam.attach_role_policy(
    RoleName="shop-archive",
    PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
""",
        """
group = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:/aws/lambda/shop-archive:*"
actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
own = iam.create_policy(
    PolicyName="logs", PolicyDocument=document(allow(actions, group)))["Policy"]["Arn"]
iam.attach_role_policy(RoleName="shop-archive", PolicyArn=own)
""",
    ).replace("{bucket}/*", "{bucket}/orders/*"),
}


@pytest.mark.parametrize("cell", RIGHT.values(), ids=RIGHT)
def test_right_and_the_buckets_are_left_as_they_were(learner: Learner, cell: str) -> None:
    is_right(learner.builds(cell))
    s3 = learner.aws.client("s3")
    for name in ("orders", "archive"):
        assert "Contents" not in s3.list_objects_v2(Bucket=f"shop-{name}-{learner.aws.account_id}")


READ, WRITE = "arn:aws:s3:::{bucket}/*", "arn:aws:s3:::{archive}/*"
MORE = 'lam.add_permission(FunctionName="shop-archive", StatementId="more", '
WRONG: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "the role alone": (
        "trust",
        CELL.partition("deploy(")[0],
        ("no function", 'deploy("shop-archive"'),
    ),
    "the function alone": (
        "trust",
        'deploy("shop-archive", "work/08/archive.py")',
        ("no role", "and no role shop-archive"),
    ),
    "the course's role": (
        "trust",
        but('made["Role"]["Arn"]', "course_role()"),
        ("another role", "works with the role course-function-role"),
    ),
    "servers may become it too": (
        "trust",
        but('"lambda.amazonaws.com"', '"lambda.amazonaws.com", "ec2.amazonaws.com"'),
        ("trusts others", "ec2.amazonaws.com", "Whoever is named there"),
    ),
    "the bucket for its objects": (
        "copies",
        but(READ, READ.removesuffix("/*")),
        ("denied", "s3:GetObject", "That is the bucket. Its objects are"),
    ),
    "the buckets exchanged": (
        "copies",
        CELL.replace(READ, "X").replace(WRITE, READ).replace("X", WRITE),
        ("denied", "s3:GetObject", "It is another bucket"),
    ),
    "only reading": (
        "copies",
        but(f'allow("s3:PutObject", f"{WRITE}"),', ""),
        ("denied", "s3:PutObject", "No statement comes close"),
    ),
    "no permission for the log": (
        "copies",
        but("iam.attach_role_policy", "dict"),
        ("no log", "no line in its log"),
    ),
    "both ways": (
        "nothing else",
        CELL.replace('"s3:GetObject"', '["s3:GetObject", "s3:PutObject"]').replace(
            '"s3:PutObject", f', '["s3:GetObject", "s3:PutObject"], f'
        ),
        ("too much", "may also do s3:PutObject on arn:aws:s3:::shop-orders-"),
    ),
    "all of S3": ("nothing else", but('"s3:GetObject"', '"s3:*"'), ("whole service", '"s3:*"')),
    "every bucket": (
        "nothing else",
        but(f'f"{WRITE}"', '"*"'),
        ("every resource", 's3:PutObject on "*"'),
    ),
    "every action": (
        "nothing else",
        but('"s3:GetObject"', '"*"'),
        ("every action", "and so does everything"),
    ),
    "an administrator": (
        "nothing else",
        but("service-role/AWSLambdaBasicExecutionRole", "AdministratorAccess"),
        ("every action",),
    ),
    "AWS's policy for all of S3": (
        "nothing else",
        but("service-role/AWSLambdaBasicExecutionRole", "AmazonS3FullAccess"),
        ("whole service", "s3:*"),
    ),
    "a door that stays shut": (
        "door",
        CELL.partition("lam.add_permission(")[0],
        ("door closed", "has no resource policy"),
    ),
    "the objects at the door": (
        "door",
        but('SourceArn=f"arn:aws:s3:::{bucket}"', 'SourceArn=f"arn:aws:s3:::{bucket}/*"'),
        ("door closed", "without a slash and a star"),
    ),
    "a door for every bucket": (
        "door",
        but('SourceArn=f"arn:aws:s3:::{bucket}",\n', ""),
        ("any bucket", "for every bucket there is"),
    ),
    "a door for whoever owns the name": (
        "door",
        but(",\n    SourceAccount=aws.account_id)", ")"),
        ("any account", "Say SourceAccount too"),
    ),
    "a door for everybody": (
        "door",
        f'{CELL}{MORE}Action="lambda:InvokeFunction", Principal="*")\n',
        ("everybody", "another account may invoke"),
    ),
    "a door for a topic too": (
        "door",
        f'{CELL}{MORE}Action="lambda:InvokeFunction", Principal="sns.amazonaws.com")\n',
        ("other services", "sns.amazonaws.com may invoke"),
    ),
    "the archive not named": (
        "copies",
        but('environment={"ARCHIVE": archive}', 'environment={"ARCHIVE": bucket}'),
        ("denied", "s3:PutObject"),
    ),
}


@pytest.mark.parametrize(("requirement", "cell", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(learner: Learner, requirement: str, cell: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(learner.builds(cell, requirement), slip, *said)
