"""`06.workflow`: a payment that is retried, refused, or left to people."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.words import short
from helpers.teach.lessons.nb06.till import Run, Till
from helpers.teach.workflow.history import tidy

FILE = "payment.asl.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
AGAIN = "Then run the %%writefile cell and this one again."
PLACES = ("${pay}", "${manual}")


@contextlib.contextmanager
def _till(context: Context) -> Iterator[Till]:
    path = attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise Slip(
            "no JSON",
            f"{FILE} is no JSON: {error}.",
            "A comma too many or too few, or a bracket that is not closed? None is Python; JSON "
            f"has null. {AGAIN}",
        ) from None
    for place in PLACES:
        if place not in text:
            raise Slip(
                "place",
                f"{place} is not in {FILE} any more.",
                f"The check puts its own function and its own queue there. {AGAIN}",
            )
    till = Till(context.cloud, text)
    try:
        try:
            _ = till.machine
        except ClientError as error:
            if "StateMachine" not in error.operation_name:
                raise
            raise _refused(error, definition) from error
        yield till
    finally:
        till.take_away()


def _refused(error: ClientError, definition: Any) -> Slip:
    said = error.response["Error"]
    advice = f"The message names the place. {AGAIN}"
    if "not reachable" in said["Message"]:
        advice = (
            "No state leads there yet. What follows an error stands in a Catch, with its own "
            f"Next. {AGAIN}"
        )
    elif "States.ALL" in json.dumps(definition):
        advice = f"States.ALL stands alone in its list, and in the last entry. {AGAIN}"
    return Slip(
        "refused",
        f"Step Functions does not take the definition: {said['Code']}, "
        f"{short(' '.join(said['Message'].split()), 240)}",
        advice,
    )


def _told(run: Run) -> str:
    """The path of an execution, for a sentence."""
    path = " → ".join(visit.name for visit in run.visits)
    end = "" if run.status == "SUCCEEDED" else f", and the execution {run.status}"
    return f"{path}{end}" + (f" with {run.error}" if run.error else "")


def _checked(run: Run) -> None:
    """What is wrong whatever the order."""
    if run.endless:
        raise Slip(
            "endless",
            f"the payment of the {run.order['card']} card failed more than twelve times, and was "
            "still tried again. The check has stopped it.",
            "A Retry has an end (MaxAttempts), and a Catch that leads back to Pay begins anew "
            f"every time. {AGAIN}",
            final=True,
        )
    misled = [error for error in run.failures if error in ("KeyError", "TypeError")]
    if misled:
        raise Slip(
            "payload",
            f"the bank was not given what it needs: it has raised {misled[0]}.",
            f"The Payload has to hold order and attempt, as it was given. {AGAIN}",
            final=True,
        )
    if run.status == "RUNNING" or "States.Runtime" in run.error:
        raise Slip(
            "runtime",
            f"{_told(run)}: {short(run.cause, 200)}",
            f"A path in the definition leads to something that is not there. {AGAIN}",
            final=True,
        )


def _works(till: Till, case: Case) -> None:
    run = till.run("fine")
    _checked(run)
    _arrived(run, "Ship", "a card that works")
    _order_kept(run, "Ship")
    receipt = "R-" + run.order["order"]
    got: Any = run.visit("Ship").went_in  # type: ignore[union-attr]
    payment = got.get("payment")
    if payment == {"receipt": receipt}:
        return
    if isinstance(payment, dict) and "Payload" in payment:
        raise Slip(
            "whole reply",
            f"under payment Ship gets all that Lambda's API answered: {short(tidy(payment))}",
            "The handler's result is its Payload alone. ResultSelector picks what to keep, as in "
            f"section 7. {AGAIN}",
        )
    raise Slip(
        "receipt",
        f"Ship gets the order, and under payment {short(payment)}. It should be "
        f"{short({'receipt': receipt})}.",
        f"ResultPath says where the result goes, ResultSelector what of it. {AGAIN}",
    )


def _busy(till: Till, case: Case) -> None:
    run = till.run("busy")
    _checked(run)
    if run.visit("Ship"):
        _order_kept(run, "Ship")
        return
    times = len(run.failures)
    if times < 2:
        raise Slip(
            "no retry",
            f"the bank was busy, and the payment was not tried again: {_told(run)}.",
            "A Retry with ErrorEquals BankBusy, beside the Task's Next. Where there is a Catch as "
            f"well, Retry comes first, and Catch when the tries are used up. {AGAIN}",
        )
    raise Slip(
        "too few tries",
        f"the payment would have worked at the third attempt; there were {times}: {_told(run)}.",
        f"MaxAttempts counts the tries after the first one. {AGAIN}",
    )


def _declined(till: Till, case: Case) -> None:
    run = till.run("declined")
    _checked(run)
    if len(run.failures) > 1:
        raise Slip(
            "declined again",
            f"a declined card was asked {len(run.failures)} times.",
            "It will be declined again, and some banks lock a card for that. States.ALL and "
            f"States.TaskFailed in a Retry mean any error, and so this one; name BankBusy. {AGAIN}",
        )
    if run.letters:
        raise Slip(
            "declined to people",
            "an order with a declined card went into the queue for people.",
            "Of several entries in Catch the first that fits is taken. CardDeclined comes before "
            f"States.ALL. {AGAIN}",
        )
    _arrived(run, "Refuse", "a declined card")
    _order_kept(run, "Refuse")
    _problem(run, run.visit("Refuse").went_in, "Refuse")  # type: ignore[union-attr]


def _unknown(till: Till, case: Case) -> None:
    run = till.run("broken")
    _checked(run)
    if run.visit("Refuse"):
        raise Slip(
            "refused for another reason",
            "a payment failed for a reason that nobody has thought of, and the customer was told "
            "that the card is declined.",
            f"Only CardDeclined leads to Refuse; a second entry in Catch takes the rest. {AGAIN}",
        )
    _arrived(run, "Manual", "an error that nobody has thought of")
    if not run.letters:
        raise Slip(
            "empty queue",
            f"the queue for people is empty: {_told(run)}.",
            f"Leave Manual as it was given: it sends its whole input. {AGAIN}",
        )
    _order_kept(run, "Manual")
    _problem(run, run.letters[0], "Manual")


def _arrived(run: Run, name: str, what: str) -> None:
    if run.visit(name) and run.status == "SUCCEEDED":
        return
    advice = {
        "Ship": "A payment without an error goes on with Next.",
        "Refuse": 'A Catch with ErrorEquals ["CardDeclined"] and Next Refuse.',
        "Manual": "States.ALL in a Catch stands for all that no entry before it has named. "
        "Beware of BankBusy: it, too, can last.",
    }[name]
    raise Slip(
        f"not to {name}",
        f"with {what} the order did not come to {name}: {_told(run)}.",
        f"{advice} {AGAIN}",
    )


def _order_kept(run: Run, name: str) -> None:
    visit = run.visit(name)
    got = visit.went_in if visit else None
    if isinstance(got, dict) and all(got.get(key) == run.order[key] for key in run.order):
        return
    raise Slip(
        "order lost",
        f"{name} does not get the order: it gets {short(tidy(got))}",
        "Without a ResultPath the result, or the error, takes the place of the whole input. A path "
        f"such as $.payment or $.problem puts it beside the order. {AGAIN}",
    )


def _problem(run: Run, got: Any, name: str) -> None:
    problem = got.get("problem") if isinstance(got, dict) else None
    if run.failures[-1] in json.dumps(problem):
        return
    raise Slip(
        "no problem",
        f"{name} gets the order, and under problem {short(tidy(problem))}. What went wrong "
        f"({run.failures[-1]}) should stand there.",
        f'In each entry of Catch: "ResultPath": "$.problem". {AGAIN}',
    )


WORKFLOW = Check(
    key="06.workflow",
    prepare=_till,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("a payment that works", _works),
        Requirement("a busy bank", _busy),
        Requirement("a declined card", _declined),
        Requirement("anything else", _unknown),
    ),
    hints=(
        "Only Pay has to change: it needs a Retry, a Catch with two entries, and something that "
        "puts the result beside the order. Sections 7 and 8 have one of each.",
        "Retry names BankBusy and nothing else. Catch names CardDeclined first, and then "
        "States.ALL, which stands for all the others.",
        'For the result: "ResultSelector": {"receipt.$": "$.Payload.receipt"} and "ResultPath": '
        '"$.payment". For an error: "ResultPath": "$.problem" in each entry of Catch.',
        'An entry of Catch: {"ErrorEquals": ["CardDeclined"], "ResultPath": "$.problem", "Next": '
        '"Refuse"}. Retry: [{"ErrorEquals": ["BankBusy"], "IntervalSeconds": 5, "MaxAttempts": 3}]',
    ),
    praise="Each kind of error goes its own way, and no order is lost on any of them.",
)
