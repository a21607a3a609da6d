"""What can be wrong with the express desk, told from what AWS and the function's log show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from helpers.teach.checking import Slip
from helpers.teach.checking.words import short

QUEUE = FUNCTION = "shop-express"
TRIES = 3
MOST_SECONDS = 10
AGAIN = "Then run this cell again."


def no_queue() -> Slip:
    return Slip(
        "no queue",
        f"there is no queue {QUEUE}.",
        f'make_queue("{QUEUE}", …) makes it. {AGAIN}',
        final=True,
    )


def no_dead_letter_queue() -> Slip:
    return Slip(
        "no dead-letter queue",
        f"{QUEUE} has no dead-letter queue: a bad order would come back for four days.",
        "Make a second queue, and name its ARN in the first one's RedrivePolicy (section 4). "
        + AGAIN,
        final=True,
    )


def dead_letter_queue_gone(name: str) -> Slip:
    return Slip(
        "dead-letter queue gone",
        f"the RedrivePolicy of {QUEUE} names {name}, and there is no such queue.",
        f"Make it, or name another one. {AGAIN}",
        final=True,
    )


def other_count(most: int) -> Slip:
    why = "maxReceiveCount counts the first try as well. " if most == TRIES - 1 else ""
    return Slip(
        "receive count",
        f"an order is tried {most} times, and it should be {TRIES}.",
        f"{why}set_queue_attributes changes the RedrivePolicy of a queue that is there. {AGAIN}",
    )


def no_function() -> Slip:
    return Slip(
        "no function",
        f"there is no function {FUNCTION}.",
        f'deploy("{FUNCTION}", "work/07/express.py", …) makes it. {AGAIN}',
        final=True,
    )


def long_timeout(timeout: int) -> Slip:
    return Slip(
        "timeout",
        f"the function may take {timeout} seconds, and the desk allows {MOST_SECONDS}.",
        f"deploy(…, timeout={MOST_SECONDS}). {AGAIN}",
    )


def short_visibility(visibility: int, timeout: int, times: int) -> Slip:
    return Slip(
        "visibility",
        f"a message is hidden for {visibility} seconds, and the function may take {timeout}.",
        f"AWS advises {times} times the timeout: {times * timeout} seconds (section 6). "
        f"set_queue_attributes changes it. {AGAIN}",
    )


def no_mapping(others: int) -> Slip:
    seen = f"{QUEUE} feeds another function." if others else f"nothing polls {QUEUE}."
    return Slip(
        "no mapping",
        seen,
        "create_event_source_mapping connects the queue's ARN with the function. " + AGAIN,
        final=True,
    )


def disabled(state: str) -> Slip:
    return Slip(
        "disabled",
        f"the mapping between queue and function is {state}.",
        f"update_event_source_mapping(UUID=…, Enabled=True) switches it on. {AGAIN}",
        final=True,
    )


def not_printed(times: Counter[str], log: Sequence[str], hidden: int) -> Slip:
    """Good orders were sent, and not all were printed and deleted."""
    done = sum(1 for many in times.values() if many)
    error = _error(log)
    if "AccessDenied" in error:
        return Slip(
            "denied",
            f"the function may not use the table: {short(error)}",
            f"Run the cell that puts the policy note-orders. {AGAIN}",
            final=True,
        )
    if "KeyError: 'TABLE'" in error:
        return Slip(
            "no TABLE",
            f"the function has no environment variable TABLE: {error}",
            f'deploy(…, environment={{"TABLE": "shop-printed"}}). {AGAIN}',
            final=True,
        )
    if done == len(times):
        return Slip(
            "not deleted",
            f"{len(times)} good orders were printed, and their messages were not deleted.",
            "What is done must end without an exception and without being reported. " + _look(log),
            final=True,
        )
    seen = f"of {len(times)} good orders {done} were printed."
    if error:
        return Slip("raised", f"{seen} The log has {short(error)}.", _look(log), final=True)
    if hidden:
        return Slip(
            "reported",
            f"{seen} {hidden} messages are hidden: the handler reported them as failed.",
            "Print the exception where you catch it; then the log says why. " + _look(log),
            final=True,
        )
    return Slip(
        "not printed",
        seen,
        "The check looks for the line `printed N-1: 4 prints` in the log of shop-express, for each "
        "record of the event. " + _look(log),
        final=True,
    )


def held_up(times: Counter[str], log: Sequence[str]) -> Slip:
    """Bad orders in the batch, and good ones beside them were not printed."""
    done = sum(1 for many in times.values() if many)
    error = _error(log)
    why = f" The log has {short(error, 80)}." if error else ""
    return Slip(
        "held up",
        f"five orders in one batch, two of them bad, and of the three good ones {done} were "
        f"printed.{why}",
        "Print each order in a try of its own, and report those that failed; an exception stops "
        "the others too (07.fulfil).",
        final=True,
    )


def swallowed(times: Counter[str], bad: Sequence[str]) -> Slip:
    """Bad orders were deleted at their first try."""
    if any(times.values()):
        order = next(order for order in bad if times[order])
        return Slip(
            "accepted",
            f"a bad order was printed: {order}.",
            "prints has to be a whole number from 1 on; `many` and 0 are none.",
            final=True,
        )
    return Slip(
        "swallowed",
        "five orders in one batch, two of them bad, and bad ones were deleted at their first try.",
        "They were taken for done. Either the handler does not report them, or the mapping does "
        'not read the report: FunctionResponseTypes=["ReportBatchItemFailures"].',
        final=True,
    )


def dragged_along(orders: Sequence[str], good: int) -> Slip:
    """Good orders lie in the dead-letter queue."""
    return Slip(
        "dragged along",
        f"of {good} good orders {len(orders)} lie in the dead-letter queue, beside the bad ones.",
        "They were printed, but their messages came back with the bad ones. Report the bad ones "
        "alone, and let the mapping read the report: "
        'FunctionResponseTypes=["ReportBatchItemFailures"].',
        final=True,
    )


def noted_too_early(dead: int, bad: int) -> Slip:
    """Bad orders came back, and were deleted at a later try."""
    return Slip(
        "noted too early",
        f"of {bad} bad orders {dead} lie in the dead-letter queue. The others were hidden after "
        "their first try, and deleted at a later one, without having been printed.",
        "Is an order noted before it is clear that it can be printed? Then its second try finds "
        "the note, and takes it for printed. Look first, note then, print last.",
        final=True,
    )


def printed_again(times: Counter[str]) -> Slip:
    order, many = times.most_common(1)[0]
    return Slip(
        "printed again",
        f"{order} was sent once and printed {many} times.",
        "Look into the log of shop-express: was its message tried again, and why?",
        final=True,
    )


def twice() -> Slip:
    return Slip(
        "twice",
        "an order that had been printed came again, in a message of its own, and was printed "
        "a second time.",
        "Note the order's number in the table, with a condition (section 7), and print only what "
        "is new. A message id is no good as a note: each message has another one.",
        final=True,
    )


def memory() -> Slip:
    return Slip(
        "memory",
        "an order that had been printed came again a quarter of an hour later, and was printed "
        "a second time.",
        "What is noted in a variable or a file goes with its environment (notebook 02), and no "
        "other environment sees it. Note it in the table.",
        final=True,
    )


def reported_again() -> Slip:
    return Slip(
        "reported again",
        "an order that had been printed came again, and its message was not deleted.",
        "What was printed before is done. If it raises, or is reported, it ends in the dead-letter "
        "queue: return for it as for a good one.",
        final=True,
    )


def _error(log: Iterable[str]) -> str:
    """The last error that the runtime logged, on one line."""
    found = [line for line in log if line.startswith("[ERROR]")]
    return found[-1].splitlines()[0].removeprefix("[ERROR] ") if found else ""


def _look(log: Iterable[str]) -> str:
    if any(re.search(r"\bStatus: timeout", line) for line in log):
        return "The function ran into its timeout: what does it wait for?"
    return "Its log says more: logs() of what deploy gave you."
