"""The requirements of the ticket, judged by what AWS shows and by what the two roles can do."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.functions import Reply
from helpers.teach.checking.principals import EVERYBODY, let_in, means

from . import programs, slips
from .desk import Desk, digest
from .neighbours import FUNCTION, PIPELINE, Pair, resource
from .pipeline import Refused
from .shop import shop

SHEET = "an order gets its contact sheet"
PIPELINE_NARROW = "the pipeline can do nothing else"
FUNCTION_NARROW = "the function can do nothing else"
#: What Lambda says where it may not take a function's role.
NOT_ASSUMED = "cannot be assumed by Lambda"
#: An order of a case without a name gets one that no program can know.
OWN = "OWN"


@dataclass
class Subject:
    """What was seen, once, before anything was put back."""

    desk: Desk
    released: Slip | None  #: what kept the pipeline from releasing
    live: frozenset[str] = frozenset()  #: digests of what was live
    stopped: bool = False  #: and nobody could call it
    brought_by: str = ""
    sheets: dict[str, Slip | None] = field(default_factory=dict)  #: by the case's order
    pipeline_read: str = ""  #: what the pipeline could read though it should not
    changes: set[str] = field(default_factory=set)  #: of rights, as the check began


@contextlib.contextmanager
def prepare(context: Context) -> Iterator[Subject]:
    """Release as the pipeline and order as a customer; put everything back."""
    desk = Desk(context.cloud, shop(context.student))
    try:
        if desk.untouched():
            raise NotAttempted(
                "both policies are as you found them, and release 1 is live. Let the pipeline "
                "release, read what it is told, mend it, and run this again."
            )
        changes = desk.changes_of_rights()
        given = [Case(OWN), *context.more.get(SHEET, ())]
        live, brought_by = frozenset(desk.live().values()), desk.brought_by()
        stopped = desk.is_stopped()
        with desk.as_it_was():
            released = _release(desk)
        names = [str(case.given) for case in given]
        try:
            sheets = _sheets(desk, names)
        except ClientError as error:
            if NOT_ASSUMED not in _message(error):
                raise
            sheets = dict.fromkeys(names, slips.not_for_lambda(desk.shop.role))
        read = _pipeline_read(desk)
        seen = Subject(desk, released, live, stopped, brought_by, sheets, read, changes)
    except ClientError as error:
        raise slips.gone(error.response["Error"].get("Message", str(error))) from error
    yield seen


def _release(desk: Desk) -> Slip | None:
    problem = desk.try_release()
    if problem is None:
        return None
    if not isinstance(problem, Refused):
        return slips.not_the_pipeline(_message(problem))
    message = _message(problem.error)
    if NOT_ASSUMED in message:
        return slips.not_for_lambda(desk.shop.role)
    slip = slips.passing if "iam:PassRole" in message else slips.step_refused
    return slip(problem.step, message)


def _sheets(desk: Desk, names: list[str]) -> dict[str, Slip | None]:
    """Order each, and take the check's orders and items away again."""
    s3, table = desk.cloud.client("s3"), desk.cloud.client("dynamodb")
    found: dict[str, Slip | None] = {}
    with desk.release_2() as function:
        for name in names:
            order = f"{name}-{secrets.token_hex(3)}"
            photos = 1 + secrets.randbelow(36)
            at = {"Bucket": desk.shop.photos, "Key": f"orders/{order}.json"}
            s3.put_object(**at, Body=json.dumps({"photos": photos}))
            try:
                reply, item = desk.order(function, order)
            finally:
                s3.delete_object(**at)
                with contextlib.suppress(ClientError):
                    table.delete_item(TableName=desk.shop.table, Key={"order": {"S": order}})
            found[name] = _judge_sheet(reply, item, order, photos)
    return found


def _judge_sheet(reply: Reply, item: dict[str, Any], order: str, photos: int) -> Slip | None:
    # Both: somebody else's function could have put the item there.
    if not reply.failed and item.get("photos", {}).get("N") == str(photos):
        return None
    message = reply.error_message
    if "GetObject" in message:
        return slips.cannot_read(message)
    if "PutItem" in message:
        return slips.cannot_write(message)
    return slips.failed(message or str(reply.value)) if reply.failed else slips.no_item(order)


def _pipeline_read(desk: Desk) -> str:
    """What the pipeline can read of the customers' bucket when it really tries."""
    try:
        s3 = desk.as_pipeline()("s3")
        s3.get_object(Bucket=desk.shop.photos, Key=f"orders/{next(iter(desk.shop.orders))}.json")
    except ClientError:
        return ""
    return f"an order in {desk.shop.photos}"


def _message(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", error))


# --- judges ---------------------------------------------------------------------------------------


def _can_release(subject: Subject, case: Case) -> None:
    if subject.released:
        raise subject.released


def _is_live(subject: Subject, case: Case) -> None:
    release_2 = digest(programs.package(programs.RELEASE_2))
    if release_2 not in subject.live:
        raise slips.another_release(can=not subject.released)
    if subject.live != {release_2}:
        raise slips.another_release_too()
    if not subject.brought_by.startswith(subject.desk.session_of_pipeline):
        raise slips.by_hand(subject.brought_by)
    if subject.stopped:
        raise slips.stopped()


def _gets_sheet(subject: Subject, case: Case) -> None:
    slip = subject.sheets[str(case.given)]
    if slip:
        raise slip


def _pipeline_narrow(subject: Subject, case: Case) -> None:
    if subject.released:
        raise slips.first_things_first("the pipeline")
    desk = subject.desk
    _narrow(subject, "the pipeline", desk.shop.pipeline, case)
    if subject.pipeline_read:
        raise slips.really_read("the pipeline", subject.pipeline_read)


def _function_narrow(subject: Subject, case: Case) -> None:
    if any(subject.sheets.values()):
        raise slips.first_things_first("the function")
    _narrow(subject, "the function", subject.desk.shop.role, case)


def _narrow(subject: Subject, who: str, role: str, case: Case) -> None:
    desk, pairs = subject.desk, tuple[Pair, ...](case.given)
    for action, words in pairs:
        arn = resource(desk, words)
        if desk.allowed(role, action, arn):
            raise slips.too_much(who, action, arn)
    # On an account the trail is minutes late, and would tell of what came before.
    if desk.cloud.kind == "local" and desk.changes_of_rights() - subject.changes:
        raise slips.rights_change(who)


def _no_doors(subject: Subject, case: Case) -> None:
    """Trust policies let in whom they let in, buckets have no open door, settings no keys."""
    desk = subject.desk
    account = desk.cloud.account_id
    allowed = {
        desk.shop.pipeline: {f"arn:aws:iam::{account}:root", account},
        desk.shop.role: {"lambda.amazonaws.com"},
    }
    for role, known in allowed.items():
        for one in sorted(let_in(desk.trust(role))):
            own_user = role == desk.shop.pipeline and _is_one_of_ours(one, account)
            if one not in known and not own_user:
                raise slips.trusted(role, one)
    roles = [desk.arn("iam", f"role/{name}") for name in (desk.shop.pipeline, desk.shop.role)]
    for bucket in (desk.shop.photos, desk.shop.releases):
        for one in sorted(let_in(desk.bucket_policy(bucket))):
            if one == EVERYBODY:
                raise slips.open_bucket(bucket)
            if "*" in one or not any(means(one, role) for role in roles):
                raise slips.guests(bucket, one)
    for version in ("$LATEST", *desk.live()):
        variables = desk.settings(version).get("Environment", {}).get("Variables", {})
        for name, value in variables.items():
            if re.search(r"\bA[KS]IA[A-Z0-9]{12,}", value):
                raise slips.access_key(name)
    if subject.released and any(subject.sheets.values()):
        raise slips.first_things_first("neither the pipeline nor the function")


def _is_one_of_ours(arn: str, account: str) -> bool:
    """Narrower than the whole account: one named user or role of it may be the pipeline."""
    return bool(re.fullmatch(rf"arn:aws:iam::{account}:(user|role)/[\w+=,.@/-]+", arn))


CHECK = Check(
    key="L04",
    prepare=prepare,
    requirements=(
        Requirement("the pipeline can release", _can_release, points=3),
        Requirement("release 2 is live, brought by the pipeline", _is_live),
        Requirement(SHEET, _gets_sheet, (Case(OWN),), points=3),
        Requirement(PIPELINE_NARROW, _pipeline_narrow, (Case(PIPELINE),), points=2),
        Requirement(FUNCTION_NARROW, _function_narrow, (Case(FUNCTION),), points=2),
        Requirement("no open doors, no keys", _no_doors),
    ),
    hints=(
        "Let the pipeline release and read what it is told: who, which action, on which resource, "
        "and why. Each refusal names one thing. After it is mended comes the next one.",
        "Print both policies (get_role_policy) and lay the ARN of the refusal beside the one in "
        "the policy. Bucket or object? Which folder, which region, whose name?",
        "update_function_configuration with Role= passes a role on. That takes iam:PassRole on "
        "the ARN of exactly that role.",
        "The function has a role of its own: s3:GetObject on the ARN of the bucket with /orders/* "
        "behind it, dynamodb:PutItem on the ARN of the table. Nothing else.",
        "The pipeline needs s3:GetObject on releases/*; lambda:GetFunctionConfiguration, "
        "UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion and UpdateAlias on the "
        "function; iam:PassRole on its role.",
    ),
    praise="A grader tries further neighbours. Fill in your runbook.",
)
