"""`09.narrow`: a policy that allows what the evidence shows, and none of its neighbours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb09 import policies
from helpers.teach.lessons.nb09.policies import AGAIN, Call, Desk

FILE = "invoices.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
BUCKET = "arn:aws:s3:::shop-prints-ACCOUNT"
TABLE = "arn:aws:dynamodb:REGION:ACCOUNT:table/shop-orders"

LISTS = Call("list receipts/", "s3:ListBucket", BUCKET, {"s3:prefix": "receipts/"})
READS = Call("read receipts/A-17.json", "s3:GetObject", f"{BUCKET}/receipts/A-17.json")
READS_NEXT = Call("read receipts/B-1.json", "s3:GetObject", f"{BUCKET}/receipts/B-1.json")
WRITES = Call("write invoices/2026-11.json", "s3:PutObject", f"{BUCKET}/invoices/2026-11.json")
WRITES_NEXT = Call("write invoices/2026-12.json", "s3:PutObject", f"{BUCKET}/invoices/2026-12.json")
MARKS = Call("update an item of shop-orders", "dynamodb:UpdateItem", TABLE)
NEEDS = (LISTS, READS, READS_NEXT, WRITES, WRITES_NEXT, MARKS)

CARDS = Call("read customers/ada.json", "s3:GetObject", f"{BUCKET}/customers/ada.json")
OLD = Call("read receipts-old/A-1.json", "s3:GetObject", f"{BUCKET}/receipts-old/A-1.json")
PAYROLL = Call(
    "read shop-payroll-ACCOUNT", "s3:GetObject", "arn:aws:s3:::shop-payroll-ACCOUNT/november.csv"
)
LISTS_CARDS = Call("list customers/", "s3:ListBucket", BUCKET, {"s3:prefix": "customers/"})
LISTS_OLD = Call("list receipts-old/", "s3:ListBucket", BUCKET, {"s3:prefix": "receipts-old/"})
FORGES = Call("write receipts/A-17.json", "s3:PutObject", f"{BUCKET}/receipts/A-17.json")
DELETES = Call("delete an invoice", "s3:DeleteObject", f"{BUCKET}/invoices/2026-11.json")
SCANS = Call("read the whole table shop-orders", "dynamodb:Scan", TABLE)
OTHER_TABLE = Call("update an item of shop-payouts", "dynamodb:UpdateItem",
                   "arn:aws:dynamodb:REGION:ACCOUNT:table/shop-payouts")  # fmt: skip
USERS = Call("make a user", "iam:CreateUser", "arn:aws:iam::ACCOUNT:user/print-support")
NEIGHBOURS = (USERS, DELETES, SCANS, PAYROLL, OTHER_TABLE, CARDS, OLD, FORGES)


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Desk]:
    yield policies.read(context, FILE, STARTER, as_boundary=False)


def _needs(desk: Desk, case: Case) -> None:
    call: Call = case.given
    if not desk.allows(call):
        raise _why_denied(desk, call)


def _why_denied(desk: Desk, call: Call) -> Slip:
    seen = f"shop-invoices has to {call.what}, and the policy denies it."
    written = desk.actions()
    if call is LISTS and any(policies.matches("s3:listobjects*", name) for name in written):
        return Slip(
            "event's name",
            seen,
            "There is no permission s3:ListObjects: that is the name of the call. The permission "
            f"is called s3:ListBucket. {AGAIN}",
        )
    if not desk.names(call.action):
        name = "missing list" if call is LISTS else "missing action"
        return Slip(name, seen, f"No statement allows {call.action}. Compare the evidence line by "
                    f"line with your statements. {AGAIN}")  # fmt: skip
    arns = desk.resources_for(call.action)
    if call is LISTS and BUCKET not in arns and any("/" in arn for arn in arns):
        return Slip(
            "list of objects",
            seen,
            "Listing is done to the bucket, so its resource is the bucket's ARN, without a slash "
            f"and without a star. {AGAIN}",
        )
    if call is LISTS and any("Condition" in one for one in desk.allowing()):
        return Slip(
            "condition on the list",
            seen,
            'The call says Prefix="receipts/", with the slash. A condition compares all of it: '
            f'{{"StringEquals": {{"s3:prefix": "receipts/"}}}}. {AGAIN}',
        )
    if call.action.startswith("s3:") and BUCKET in arns:
        return Slip(
            "bucket for objects",
            seen,
            f"{BUCKET} is the bucket and not what lies in it. Objects have ARNs with a slash and "
            f"a key: {BUCKET}/… {AGAIN}",
        )
    if call in (READS_NEXT, WRITES_NEXT):
        return Slip(
            "only what was seen",
            seen,
            "The evidence shows the names of one day. Tomorrow's receipts and next month's "
            f"invoices have other names: allow the folder, …/*, and not the file. {AGAIN}",
        )
    return Slip(
        "other resource",
        seen,
        f"{call.action} is allowed, but on {short(', '.join(arns) or 'nothing')}. Compare that "
        f"with the ARN in the evidence, letter by letter. {AGAIN}",
    )


def _beside(desk: Desk, case: Case) -> None:
    call: Call = case.given
    if desk.allows(call):
        raise _why_allowed(desk, call)


def _why_allowed(desk: Desk, call: Call) -> Slip:
    seen = f"whoever has this role may also {call.what}."
    for element in ("NotAction", "NotResource"):
        if desk.has(element):
            return Slip(
                element,
                seen,
                f"Allow with {element} allows all but what it names: today's other actions and "
                "all that AWS will ever add. Name what is allowed instead. " + AGAIN,
                final=True,
            )
    wide = [name for name in desk.actions() if "*" in name and policies.matches(name, call.action)]
    if wide:
        return Slip(
            "star action",
            seen,
            f"That comes from the action {wide[0]}. The evidence names four actions; write those. "
            + AGAIN,
            final=True,
        )
    arns = desk.resources_for(call.action)
    if "*" in arns:
        return Slip(
            "star resource",
            seen,
            f"{call.action} is allowed on every resource there is. Each action has a resource in "
            f"the evidence; write that. {AGAIN}",
            final=True,
        )
    if call is OLD:
        return Slip(
            "missing slash",
            seen,
            "receipts* means: whatever begins with these letters. With the slash before the star, "
            f"receipts/*, it means what lies in the folder. {AGAIN}",
        )
    if call is FORGES:
        return Slip(
            "crossed",
            seen,
            "Within one statement every action goes with every resource. Two that do not belong "
            f"together need two statements. {AGAIN}",
        )
    if call is OTHER_TABLE:
        return Slip("other tables", seen, f"Name the one table, shop-orders. {AGAIN}")
    if call in (CARDS, PAYROLL):
        return Slip(
            "whole bucket",
            seen,
            "The evidence shows one folder that is read and one that is written. Say so in the "
            f"ARN: {BUCKET}/receipts/* for reading. {AGAIN}",
        )
    return Slip("too wide", seen, f"Nothing in the evidence asks for {call.action}. {AGAIN}")


def _lists(desk: Desk, case: Case) -> None:
    call: Call = case.given
    if not desk.allows(call):
        return
    seen = f"whoever has this role may also {call.what}, and so learn every key there."
    if call is LISTS_OLD and not desk.allows(LISTS_CARDS):
        raise Slip(
            "prefix without slash",
            seen,
            'The condition takes "receipts" and whatever follows it. The call says "receipts/"; '
            f"compare with that, slash included. {AGAIN}",
        )
    raise Slip(
        "lists everything",
        seen,
        "s3:ListBucket is about the whole bucket. What is listed is the parameter Prefix, and the "
        'condition key s3:prefix sees it: {"StringEquals": {"s3:prefix": …}}. ' + AGAIN,
    )


NARROW = Check(
    key="09.narrow",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("invoices are made", _needs, tuple(map(Case, NEEDS)), points=2),
        Requirement("nothing beside them", _beside, tuple(map(Case, NEIGHBOURS)), points=2),
        Requirement("lists receipts/ alone", _lists, (Case(LISTS_CARDS), Case(LISTS_OLD))),
    ),
    hints=(
        "One statement for each line of the evidence: its action, its resource. Four in all.",
        "A file's ARN becomes its folder's: …/receipts/A-17.json is allowed as …/receipts/*. The "
        "bucket's ARN (for listing) and the table's stay as they are.",
        "s3:ListBucket on the bucket would list customers/ as well. Give its statement a "
        '"Condition" with the operator StringEquals and the key s3:prefix.',
        '{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": '
        '"arn:aws:s3:::shop-prints-ACCOUNT", "Condition": {"StringEquals": {"s3:prefix": '
        '"receipts/"}}}',
    ),
    praise="What it does is allowed, and each of its neighbours is not. Whoever steals this role "
    "can make invoices, and nothing else.",
)
