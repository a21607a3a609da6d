"""`07.express`: a desk that loses nothing and prints once; right in several ways, wrong in many."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpers.deploy import ROLE_NAME, deploy, ensure_role
from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb07 import batches
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "07.express"
NAME = "shop-express"
FOLDER = lessons.folder(KEY)
HANDLER, _, CELL = (
    (FOLDER / "solutions" / "express.py.txt").read_text().partition("# and in a cell of its own\n")
)
STARTER = (FOLDER / "starters" / "express.py.txt").read_text()
Judge = Callable[..., Result]


def but(old: str, new: str) -> str:
    """The right handler with one thing changed."""
    assert HANDLER.count(old) == 1, old
    return HANDLER.replace(old, new)


class Learner:
    """Somebody at work on the exercise."""

    def __init__(self, aws: Any, judge: Judge) -> None:
        self.aws, self._judge = aws, judge
        self.sqs, self.lam = aws.client("sqs"), aws.client("lambda")
        Path("work/07").mkdir(parents=True)
        aws.client("dynamodb").create_table(
            TableName="shop-printed",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        ensure_role(aws)
        iam = aws.client("iam")
        iam.attach_role_policy(RoleName=ROLE_NAME, PolicyArn=batches.POLICY)
        allow = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
        iam.put_role_policy(
            RoleName=ROLE_NAME,
            PolicyName="note-orders",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        )

    def make_queue(self, name: str, **attributes: str) -> tuple[str, str]:
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def switched(self, uuid: str, state: str) -> None:
        self.aws.wait_until(lambda: self.lam.get_event_source_mapping(UUID=uuid)["State"] == state)

    def handler(self, text: str) -> None:
        Path("work/07/express.py").write_text(code(text))

    def build(self, text: str = HANDLER, cell: str = CELL) -> None:
        """Write the handler and run the cell that builds the rest."""
        self.handler(text)
        names = {
            "deploy": deploy,
            "json": json,
            "lam": self.lam,
            "make_queue": self.make_queue,
            "sqs": self.sqs,
            "switched": self.switched,
        }
        exec(compile(cell, "the learner's cell", "exec"), names)

    def judged(self, more: dict[str, tuple[Case, ...]] | None = None) -> Result:
        return self._judge(KEY, None, more)


@pytest.fixture
def learner(aws: Any, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    monkeypatch.chdir(tmp_path)
    return Learner(aws, judge)


def test_nothing_and_the_starter_are_no_attempt(learner: Learner) -> None:
    is_not_attempted(learner.judged(), "neither a queue nor a function shop-express")
    learner.handler(STARTER)
    is_not_attempted(learner.judged(), "Write the handler, run its cell")


# -- right ---------------------------------------------------------------------------------------

SET = """
import json, os, boto3

table = boto3.client("dynamodb")


def handler(event, context):
    (record,) = event["Records"]
    order = json.loads(record["body"])
    if not isinstance(order["prints"], int) or order["prints"] < 1:
        raise ValueError(record["body"])
    reply = table.update_item(
        TableName=os.environ["TABLE"],
        Key={"id": {"S": order["order"]}},
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    if reply["Attributes"]["times"]["N"] == "1":
        print(f"printed {order['order']}: {order['prints']} prints")
"""


def one_at_a_time_and_counted(learner: Learner) -> None:
    """Batches of one need no report; a bad one raises. Names and times of their own."""
    cell = CELL.replace(
        'FunctionResponseTypes=["ReportBatchItemFailures"]',
        'BatchSize=1, ScalingConfig={"MaximumConcurrency": 2}',
    )
    cell = cell.replace('"shop-express-dead"', '"the-bin"').replace('="60"', '="120"')
    learner.build(SET, cell.replace("timeout=10", "timeout=5"))


def mended_afterwards(learner: Learner) -> None:
    """Begun wrong, changed with the calls that change."""
    wrong = CELL.replace(": 3}", ": 2}").replace('="60"', '="10"')
    learner.build(HANDLER, wrong.replace('["ReportBatchItemFailures"]', "[]"))
    url = learner.sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    _, arn = learner.make_queue("shop-express-dead")
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    learner.sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"VisibilityTimeout": "60", "RedrivePolicy": redrive}
    )
    (mapping,) = learner.lam.list_event_source_mappings(FunctionName=NAME)["EventSourceMappings"]
    learner.lam.update_event_source_mapping(
        UUID=mapping["UUID"], FunctionResponseTypes=["ReportBatchItemFailures"]
    )


@pytest.mark.parametrize("work", [one_at_a_time_and_counted, mended_afterwards])
def test_right(learner: Learner, work: Callable[[Learner], None]) -> None:
    work(learner)
    is_right(learner.judged())


def test_the_solution_is_right_and_asking_again_changes_nothing(learner: Learner) -> None:
    learner.build()
    for _ in range(2):
        is_right(learner.judged())
    for name in (NAME, "shop-express-dead"):
        url = learner.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        assert batches.counts(learner.sqs, url) == (0, 0)


# -- wrong: what was built -----------------------------------------------------------------------


def cell(old: str, new: str) -> str:
    assert CELL.count(old) == 1, old
    return CELL.replace(old, new)


BUILT: dict[str, tuple[str, tuple[str, ...]]] = {
    "no dead-letter queue": (
        cell(", RedrivePolicy=json.dumps(redrive)", ""),
        ("no dead-letter queue", "come back for four days", "RedrivePolicy"),
    ),
    "a dead-letter queue that is gone": (
        CELL + "\nsqs.delete_queue(QueueUrl=express_dead)\n",
        ("dead-letter queue gone", "names shop-express-dead, and there is no such queue"),
    ),
    "two retries": (
        cell('"maxReceiveCount": 3', '"maxReceiveCount": 2'),
        ("receive count", "tried 2 times, and it should be 3", "counts the first try as well"),
    ),
    "the default visibility timeout": (
        cell('VisibilityTimeout="60", ', ""),
        ("visibility", "hidden for 30 seconds, and the function may take 10", "60 seconds"),
    ),
    "a long timeout": (
        cell("timeout=10", "timeout=60"),
        ("timeout", "may take 60 seconds, and the desk allows 10"),
    ),
    "the function alone": (
        CELL[CELL.index("table =") : CELL.index("made =")],
        ("no queue", "there is no queue shop-express"),
    ),
    "the queues alone": (
        CELL[: CELL.index("table =")],
        ("no function", "there is no function shop-express"),
    ),
    "no mapping": (
        CELL[: CELL.index("made =")],
        ("no mapping", "nothing polls shop-express", "create_event_source_mapping"),
    ),
    "a mapping that is off": (
        CELL + '\nlam.update_event_source_mapping(UUID=made["UUID"], Enabled=False)\n'
        'switched(made["UUID"], "Disabled")\n',
        ("disabled", "Enabled=True"),
    ),
    "no TABLE": (
        cell(", environment=table", ""),
        ("no TABLE", "no environment variable TABLE"),
    ),
    "a report that nobody reads": (
        cell('["ReportBatchItemFailures"]', "[]"),
        ("swallowed", "deleted at their first try", 'FunctionResponseTypes=["Report'),
    ),
}


@pytest.mark.parametrize(("build", "expected"), BUILT.values(), ids=BUILT)
def test_built_wrong(learner: Learner, build: str, expected: tuple[str, ...]) -> None:
    learner.build(cell=build)
    slip, *said = expected
    result = learner.judged()
    is_wrong(result, slip, *said)
    assert result.points < result.of == 7


# -- wrong: the handler --------------------------------------------------------------------------

RAISES = """
        print_once(record)
"""
LOOP = HANDLER[HANDLER.index("        try:") : HANDLER.index("    return {")]
IS_NEW = HANDLER[HANDLER.index("def is_new") : HANDLER.index("def print_once")]
SEEN = """
seen = set()


def is_new(order):
    known = order in seen
    seen.add(order)
    return not known


"""
HANDLERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "as it was given": (STARTER, ("not printed", "of 3 good orders 0 were printed")),
    "an error in it": (
        but("type(prints) is not int", "type(print) is not integer"),
        ("reported", "of 3 good orders 0 were printed. 3 messages are hidden"),
    ),
    "raises for the whole batch": (
        HANDLER.replace(LOOP, RAISES.lstrip("\n")),
        ("held up", "five orders in one batch, two of them bad", "ValueError", "07.fulfil"),
    ),
    "raises in the end": (
        but('    return {"batchItemFailures": failed}', "    if failed: raise ValueError('some')"),
        ("dragged along", "of 3 good orders 3 lie in the dead-letter queue"),
    ),
    "swallows": (
        but('failed.append({"itemIdentifier": record["messageId"]})', "pass"),
        ("swallowed", "deleted at their first try", "taken for done"),
    ),
    "takes 0 for a number": (
        but(" or prints < 1", ""),
        ("accepted", "a bad order was printed: P-4"),
    ),
    "notes before it looks": (
        but(
            '    prints = order["prints"]\n',
            '    if not is_new(order["order"]):\n        return\n    prints = order["prints"]\n',
        ).replace('    if is_new(order["order"]):', "    if True:"),
        ("noted too early", "of 2 bad orders 0 lie", "Look first, note then, print last"),
    ),
    "notes nothing": (
        but('if is_new(order["order"]):', "if True:"),
        ("twice", "in a message of its own", "Note the order's number"),
    ),
    "notes the message's id": (
        but('is_new(order["order"])', 'is_new(record["messageId"])'),
        ("twice", "A message id is no good as a note"),
    ),
    "remembers in a variable": (HANDLER.replace(IS_NEW, SEEN), ("memory", "a quarter of an hour")),
    "takes a second order for a failure": (
        but("return False", "raise"),
        ("reported again", "What was printed before is done"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HANDLERS.values(), ids=HANDLERS)
def test_handled_wrong(learner: Learner, text: str, expected: tuple[str, ...]) -> None:
    learner.build(text)
    slip, *said = expected
    result = learner.judged()
    is_wrong(result, slip, *said)
    assert result.points < result.of == 7
