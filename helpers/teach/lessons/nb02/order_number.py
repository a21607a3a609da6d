"""`02.order_number`: a number for each order, right also when many orders come at once."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from helpers.deploy import ROLE_NAME, ensure_role
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.functions import Deployed, deployed
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb02 import number_slips

FILE = "order_number.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
EVENT = {"customer": "Ada"}
AT_ONCE = 8
#: The first round meets new environments, which start at different moments; the others meet warm
#: ones, where the gap between reading and writing is hit.
ROUNDS = 5


@dataclass
class Desk:
    """The learner's function, the table that it is given, and the numbers so far."""

    function: Deployed
    table: str
    given: list[int] = field(default_factory=list)

    def take(self) -> int:
        """The next number, taken alone."""
        reply = self.function.invoke(EVENT)
        if reply.failed:
            raise number_slips.failed(self.function, reply)
        self.given.append(number_slips.number(reply.value))
        return self.given[-1]

    def kept(self) -> list[int]:
        """The whole numbers that stand in the table now."""
        items = self.function.cloud.resource("dynamodb").Table(self.table).scan()["Items"]
        values = [value for item in items for value in item.values()]
        return [int(value) for value in values if not isinstance(value, str | bool | bytes)]


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Desk]:
    """Deploy with an empty table of the check's own, and take both away afterwards."""
    table = f"shop-check-{uuid.uuid4().hex[:6]}"
    with (
        _may_use(context, table),
        deployed(
            context, FILE, STARTER, environment={"TABLE": table}, timeout=10, memory=1769
        ) as f,
        _made(context, table),
    ):
        yield Desk(f, table)


@contextlib.contextmanager
def _made(context: Context, table: str) -> Iterator[None]:
    dynamodb = context.cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        yield
    finally:
        with contextlib.suppress(ClientError):
            dynamodb.delete_table(TableName=table)


@contextlib.contextmanager
def _may_use(context: Context, table: str) -> Iterator[None]:
    """The functions' role may use this table, for as long as the check runs."""
    iam = context.cloud.client("iam")
    ensure_role(context.cloud)
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:*",
        "Resource": f"arn:aws:dynamodb:*:*:table/{table}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=ROLE_NAME, PolicyName=table, PolicyDocument=policy)
    try:
        yield
    finally:
        with contextlib.suppress(ClientError):
            iam.delete_role_policy(RoleName=ROLE_NAME, PolicyName=table)


def _starts(desk: Desk, case: Case) -> None:
    """The first order of all gets number 1."""
    first = desk.take()
    if first != 1:
        raise number_slips.start(first, desk.function.cloud.clock.now(), desk.kept())


def _goes_on(desk: Desk, case: Case) -> None:
    """In turn, each number is one more than the one before."""
    for _ in range(3):
        before = desk.given[-1]
        now = desk.take()
        if now != before + 1:
            raise number_slips.step(before, now)


def _holds(desk: Desk, case: Case) -> None:
    """At once, no number comes twice and none is left out."""
    last = desk.given[-1]
    for _ in range(ROUNDS):
        replies = desk.function.invoke_at_once([EVENT] * AT_ONCE)
        wrong = [reply for reply in replies if reply.failed]
        if wrong:
            raise number_slips.failed_at_once(desk.function, wrong, AT_ONCE)
        numbers = sorted(number_slips.number(reply.value) for reply in replies)
        desk.given += numbers
        again = [one for one, times in Counter(desk.given).items() if times > 1]
        if again:
            old = min(numbers) <= last
            raise number_slips.twice(again, AT_ONCE, old, counted=len(desk.given) in desk.kept())
        if numbers != list(range(last + 1, last + 1 + AT_ONCE)):
            raise Slip(
                "left out",
                f"{AT_ONCE} orders at once, after number {last}, got {short(numbers)}.",
                "No number came twice, but some were left out. Add one for each order, once.",
            )
        last = numbers[-1]


ORDER_NUMBER = Check(
    key="02.order_number",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("starts at 1", _starts),
        Requirement("goes on in turn", _goes_on),
        Requirement("holds at once", _holds, points=2),
    ),
    hints=(
        "A number that every environment sees has to live outside all of them: in the table.",
        "Reading, adding and writing are three steps, and another environment may come in between. "
        "update_item can do all three as one, as in the example above.",
        'UpdateExpression="ADD given_out :one" adds; ReturnValues="UPDATED_NEW" gives back the '
        "number after the addition.",
        'The answer holds it as reply["Attributes"]["given_out"], a Decimal: make an int of it.',
    ),
    praise="However many environments there are, the number lives in one place, and adding to it "
    "is one step.",
)
