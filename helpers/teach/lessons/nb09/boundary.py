"""`09.boundary`: a ceiling for all roles of the print lab."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb09 import policies
from helpers.teach.lessons.nb09.policies import AGAIN, Call, Desk

FILE = "boundary.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
BUCKET = "arn:aws:s3:::shop-lab-ACCOUNT"
FUNCTION = "arn:aws:lambda:REGION:ACCOUNT:function:lab-crop"
LOGS = "arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/lab-crop"

NEEDS = (
    Call("make its log group", "logs:CreateLogGroup", LOGS),
    Call("make a log stream", "logs:CreateLogStream", f"{LOGS}:log-stream:today"),
    Call("write its log", "logs:PutLogEvents", f"{LOGS}:log-stream:today"),
    Call("list the lab's bucket", "s3:ListBucket", BUCKET, {"s3:prefix": "in/"}),
    Call("read an object of the lab's bucket", "s3:GetObject", f"{BUCKET}/in/1.jpg"),
    Call("delete an object of the lab's bucket", "s3:DeleteObject", f"{BUCKET}/in/1.jpg"),
    Call("send to lab-jobs", "sqs:SendMessage", "arn:aws:sqs:REGION:ACCOUNT:lab-jobs"),
    Call("receive from lab-jobs", "sqs:ReceiveMessage", "arn:aws:sqs:REGION:ACCOUNT:lab-jobs"),
    Call("invoke lab-crop", "lambda:InvokeFunction", FUNCTION),
)
UNBOUND = Call(
    "take the boundary off", "iam:DeleteRolePermissionsBoundary", "arn:aws:iam::ACCOUNT:role/lab"
)
PASSES = Call("pass a strong role on", "iam:PassRole", "arn:aws:iam::ACCOUNT:role/shop-deployer")
USERS = Call("make a user", "iam:CreateUser", "arn:aws:iam::ACCOUNT:user/print-support")
TRAIL = Call("stop the audit trail", "cloudtrail:StopLogging",
             "arn:aws:cloudtrail:REGION:ACCOUNT:trail/shop-audit")  # fmt: skip
TABLE = Call(
    "read the shop's orders", "dynamodb:Scan", "arn:aws:dynamodb:REGION:ACCOUNT:table/shop-orders"
)
CODE = Call("put other code into lab-crop", "lambda:UpdateFunctionCode", FUNCTION)
PAYOUT = Call("invoke shop-payout", "lambda:InvokeFunction",
              "arn:aws:lambda:REGION:ACCOUNT:function:shop-payout")  # fmt: skip
QUEUE = Call(
    "send to the queue shop-orders", "sqs:SendMessage", "arn:aws:sqs:REGION:ACCOUNT:shop-orders"
)
PAYROLL = Call("read the payroll", "s3:GetObject", "arn:aws:s3:::shop-payroll-ACCOUNT/november.csv")
BUCKETS = Call("list all buckets", "s3:ListAllMyBuckets", "*")
OUTSIDE = (USERS, UNBOUND, PASSES, TRAIL, TABLE, PAYROLL, QUEUE, PAYOUT, CODE, BUCKETS)


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Desk]:
    yield policies.read(context, FILE, STARTER, as_boundary=True)


def _inside(desk: Desk, case: Case) -> None:
    call: Call = case.given
    if not desk.allows(call):
        raise _why_denied(desk, call)


def _why_denied(desk: Desk, call: Call) -> Slip:
    seen = f"a role with AdministratorAccess and this boundary cannot {call.what}."
    if not any(desk.allowing()):
        return Slip(
            "only deny",
            seen,
            "A boundary is the list of what is possible at most. What no statement of it allows "
            "is not possible, so a boundary of denials alone lets nothing through. Write what is "
            f"allowed. {AGAIN}",
            final=True,
        )
    if any(one.get("Effect") == "Deny" for one in desk.statements) and desk.names(call.action):
        return Slip(
            "denied",
            seen,
            "Is it one of your Deny statements? A Deny wins over every Allow. What you do not "
            f"allow needs no Deny. {AGAIN}",
        )
    if call.action.startswith("logs:"):
        return Slip(
            "no logs",
            seen,
            "Without it every function is blind: no log, and no error that says so. A boundary "
            "has to allow the everyday things too: logs:CreateLogGroup, logs:CreateLogStream and "
            f"logs:PutLogEvents. {AGAIN}",
        )
    if not desk.names(call.action):
        return Slip(
            "missing",
            seen,
            f"No statement of the boundary allows {call.action}, and what a boundary does not "
            f"allow no policy can give. {AGAIN}",
        )
    arns = desk.resources_for(call.action)
    if call.action == "s3:ListBucket" and BUCKET not in arns:
        return Slip(
            "objects only",
            seen,
            f"{BUCKET}/* is what lies in the bucket. Listing needs the bucket itself, {BUCKET}, so "
            f"Resource is a list of both. {AGAIN}",
        )
    if call.action.startswith("s3:") and BUCKET in arns:
        return Slip(
            "bucket only",
            seen,
            f"{BUCKET} is the bucket, and not what lies in it: add {BUCKET}/*, in a list. {AGAIN}",
        )
    return Slip(
        "other resource",
        seen,
        f"{call.action} is allowed on {short(', '.join(arns) or 'nothing')}; the call is about "
        f"{call.resource}. {AGAIN}",
    )


def _outside(desk: Desk, case: Case) -> None:
    call: Call = case.given
    if desk.allows(call):
        raise _why_allowed(desk, call)


def _why_allowed(desk: Desk, call: Call) -> Slip:
    seen = f"a role with AdministratorAccess and this boundary can {call.what}."
    for element in ("NotAction", "NotResource"):
        if desk.has(element):
            return Slip(
                element,
                seen,
                f"Allow with {element} lets everything through but what it names, and that is "
                f"nearly all of AWS. List what the lab needs instead. {AGAIN}",
                final=True,
            )
    wide = [name for name in desk.actions() if policies.matches(name, call.action)]
    if "*" in wide:
        denies = any(one.get("Effect") == "Deny" for one in desk.statements)
        return Slip(
            "everything but",
            seen,
            (
                "Allow everything and deny the bad things: then somebody has to think of every "
                "bad thing, today's and next year's. "
                if denies
                else "This boundary allows everything, so it is no ceiling. "
            )
            + f"List what the lab needs; all else is outside. {AGAIN}",
            final=True,
        )
    if call in (CODE, BUCKETS) or (call is UNBOUND and wide):
        return Slip(
            "star action",
            seen,
            f"That comes from {wide[0]}. For the lab's functions lambda:InvokeFunction is enough, "
            f"and s3:* has its place beside the one bucket only. {AGAIN}",
        )
    arns = desk.resources_for(call.action)
    if "*" in arns:
        return Slip(
            "star resource",
            seen,
            f"{wide[0]} is allowed on everything. The lab's things have names by which you can "
            f"tell them: the one bucket, and what begins with lab-. {AGAIN}",
        )
    return Slip(
        "too many names",
        seen,
        f"{short(', '.join(arns))} fits more names than the lab's own. {AGAIN}",
    )


BOUNDARY = Check(
    key="09.boundary",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("the lab can work", _inside, tuple(map(Case, NEEDS)), points=2),
        Requirement("nothing else is possible", _outside, tuple(map(Case, OUTSIDE)), points=3),
    ),
    hints=(
        "A boundary is written like any other policy. Take the four things that the lab may do, "
        "and make an Allow statement of each. There is nothing to deny.",
        "Logs: the three actions, on *. The bucket: s3:* on a list of two ARNs, the bucket's own "
        "and the one with /* behind it.",
        "Names that begin alike: arn:aws:sqs:*:ACCOUNT:lab-* for queues, "
        "arn:aws:lambda:*:ACCOUNT:function:lab-* for functions, and there lambda:InvokeFunction "
        "only.",
    ),
    praise="Whatever anybody attaches to a role of the lab, this is the most that it can do.",
)
