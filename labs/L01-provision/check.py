"""The requirements of the ticket, judged by what the function answers and what AWS shows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.model import Judge

from . import slips
from .desk import Desk, Invoked
from .elsewhere import asked_elsewhere
from .shop import ALIAS, SETTING, shop

ANSWERS = "it answers with the price"
NONSENSE = "it answers nonsense with an error"
NARROW = "its role is its own, and small"
#: The ticket: seconds that the function may take at least and at most.
LEAST_TIMEOUT, MOST_TIMEOUT = 5, 15
#: The ticket says five minutes; the check is a little late.
MINUTES = 6


@contextlib.contextmanager
def prepare(context: Context) -> Iterator[Desk]:
    """Raises NotAttempted while there is no function."""
    desk = Desk(context.cloud, shop(context.student))
    try:
        try:
            desk.price_list()
        except ValueError as error:  # of JSON, or of its text's encoding
            raise slips.unreadable_prices() from error
        if not desk.settings:
            raise NotAttempted(
                f"there is no function {desk.shop.function} yet. Write the handler, make a role, "
                "create the function, and run this again."
            )
    except ClientError as error:
        raise slips.refused(error.operation_name, error.response["Error"]["Code"]) from error
    yield desk


def _as_published(judge: Judge) -> Judge:
    """The judge; what it says of an old version says so, where $LATEST has been changed since."""

    def judged(desk: Desk, case: Case) -> None:
        try:
            judge(desk, case)
        except Slip as slip:
            version = desk.behind()
            if version:
                raise slips.behind(slip, ALIAS, version) from None
            raise

    return judged


def _answered(desk: Desk, event: Any) -> Invoked:
    reply = desk.invoke(event)
    if reply.refused:
        raise slips.not_invocable(reply.refused)
    return reply


def _total(desk: Desk, event: dict[str, Any], expected: int) -> None:
    reply = _answered(desk, event)
    if reply.failed:
        denied = "GetObject" in reply.message or "AccessDenied" in reply.message
        raise slips.may_not_read(reply.message) if denied else slips.crashed(event, reply.message)
    value, total = reply.value, _told(reply)
    if isinstance(value, dict) and "error" in value:
        raise slips.refuses_good_orders(event, value)
    if type(total) is not int:
        raise slips.no_total(event, value)
    if total != expected:
        raise slips.wrong_total(event, value, expected)


def _answers(desk: Desk, case: Case) -> None:
    """A case's copies are a number, or a place relative to the discount."""
    format_, copies = case.given
    number = desk.copies(format_, copies)
    _total(desk, {"format": format_, "copies": number}, desk.shop.total(format_, number))


def _nonsense(desk: Desk, case: Case) -> None:
    reply = _answered(desk, case.given)
    if reply.failed:
        raise slips.failed_on_nonsense(case.given, reply.message)
    value = reply.value
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, str) or not error.strip() or "total" in value:
        raise slips.priced_nonsense(case.given, value)


def _nonsense_and_sense(desk: Desk, case: Case) -> None:
    """Who answers everything with an error has not understood the question."""
    _total(desk, {"format": "10x15", "copies": 1}, desk.shop.total("10x15", 1))
    _nonsense(desk, case)


def _new_prices(desk: Desk, case: Case) -> None:
    """A changed price list holds after a while, in environments that are warm already too."""
    event = {"format": "13x18", "copies": 1}
    _total(desk, event, desk.shop.total("13x18", 1))  # it is warm, and has read the list
    prices = {name: price + 2 for name, price in desk.shop.prices.items()}
    expected = desk.shop.total("13x18", 1, prices)
    try:
        desk.change_prices(prices)
        desk.cloud.clock.advance(minutes=MINUTES)
        _total(desk, event, expected)
    except Slip as slip:
        if slip.name == "wrong total":
            raise slips.old_prices(desk.invoke(event).value, expected) from None
        raise
    finally:
        desk.put_back()


def _narrow(desk: Desk, case: Case) -> None:
    role = desk.role
    for other in desk.functions_of(role):
        if other != desk.shop.function:
            raise slips.not_its_own(role, other)
    if not desk.can_read():
        raise slips.too_little()
    for action, words in case.given:
        arn = desk.resource(words)
        if desk.reach.allows(action, arn):
            raise slips.too_much(action, arn)
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not desk.allowed(action, desk.resource("its log")):
            raise slips.no_log(action)


def _told(reply: Invoked) -> Any:
    return reply.value.get("total") if isinstance(reply.value, dict) else None


def _settings(desk: Desk, case: Case) -> None:
    settings, branch = desk.settings, desk.shop
    named = settings.get("Environment", {}).get("Variables", {}).get(SETTING)
    if named != branch.bucket:
        raise slips.no_setting(SETTING, named, branch.bucket)
    if settings["MemorySize"] > branch.most_memory:
        raise slips.memory(settings["MemorySize"], branch.most_memory)
    if not LEAST_TIMEOUT <= settings["Timeout"] <= MOST_TIMEOUT:
        raise slips.timeout(settings["Timeout"])
    event = {"format": "13x18", "copies": 1}
    if _told(desk.invoke(event)) != desk.shop.total("13x18", 1):
        return  # what it answers is another requirement's concern
    reply, price = asked_elsewhere(desk, event)
    if _told(reply) != price:
        if reply.failed or reply.refused:
            raise slips.fails_elsewhere(SETTING, reply.refused or reply.message)
        raise slips.setting_not_read(SETTING, reply.value, price)


def _log(desk: Desk, case: Case) -> None:
    found, days = desk.retention()
    if not found:
        raise slips.no_log_group(desk.log_group)
    if days != desk.shop.days:
        raise slips.retention(days, desk.shop.days, desk.log_group)


def _alias(desk: Desk, case: Case) -> None:
    versions = desk.versions_behind_alias()
    if not versions:
        raise slips.no_alias(ALIAS)
    if "$LATEST" in versions:
        raise slips.latest(ALIAS)
    _total(desk, {"format": "9x13", "copies": 1}, desk.shop.total("9x13", 1))


def _bounded(desk: Desk, case: Case) -> None:
    tag, bound = desk.tag("cost-centre"), desk.concurrency()
    if tag != desk.shop.cost_centre:
        raise slips.no_tag(tag, desk.shop.cost_centre)
    if bound != desk.shop.at_once:
        raise slips.concurrency(bound, desk.shop.at_once)


CHECK = Check(
    key="L01",
    prepare=prepare,
    requirements=(
        Requirement(
            ANSWERS, _as_published(_answers), (Case(("10x15", 2)), Case(("9x13", "many"))), points=3
        ),
        Requirement(
            NONSENSE,
            _as_published(_nonsense_and_sense),
            (
                Case({"format": "1x1", "copies": 2}),
                Case({"format": "10x15", "copies": "two"}),
                Case({"format": "10x15", "copies": 0}),
                Case({}),
            ),
            points=2,
        ),
        Requirement("new prices hold after five minutes", _as_published(_new_prices)),
        Requirement(
            NARROW,
            _narrow,
            (
                Case(
                    (
                        ("s3:GetObject", "another object"),
                        ("s3:DeleteObject", "the price list"),
                        ("iam:PassRole", "a role"),
                    )
                ),
            ),
            points=2,
        ),
        Requirement("settings as the ticket says", _as_published(_settings)),
        Requirement("its log is kept and then goes", _log),
        Requirement("the alias leads to a published version", _alias),
        Requirement("somebody pays, and not too much", _bounded),
    ),
    hints=(
        "Begin with the handler, and try it here in the notebook with a few events before you "
        "deploy it. Then the role, then the function, then the rest of the list.",
        "whole = copies * prices[format]; with the discount it is "
        "whole * (100 - percent) // 100. In Python True is an int too: ask type(copies) is int.",
        "A role is create_role with a trust policy for lambda.amazonaws.com, attach_role_policy "
        "for the log, put_role_policy for s3:GetObject on arn:aws:s3:::BUCKET/prices.json.",
        "create_function takes Environment, MemorySize, Timeout, Tags and Publish=True in one "
        "call. What you change later needs a new version, and the alias has to follow.",
        "For new prices the simplest handler reads the list each time. A quicker one keeps it "
        "with time.time() beside it, and reads again after a few minutes.",
    ),
    praise="A grader tries other orders and more nonsense. Write down your reasons.",
    hidden_last=True,  # its handler is the student's, and could tell what it was asked before
)
