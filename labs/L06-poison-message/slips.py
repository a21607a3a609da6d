"""What can be wrong, told from what AWS shows, each with what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from helpers.teach.checking import Slip
from helpers.teach.checking.words import short

#: How the log begins where Lambda could not load the code.
NOT_LOADED = (
    "[ERROR] Runtime.UserCodeSyntaxError",
    "[ERROR] Runtime.ImportModuleError",
    "[ERROR] Runtime.HandlerNotFound",
)
PARTIAL = 'FunctionResponseTypes=["ReportBatchItemFailures"]'
#: Lambda takes an answer without this key for an empty report.
SPELT = "Its key is batchItemFailures, spelt exactly so: any other one reports nothing."


# -- what is there -------------------------------------------------------------------------------


def no_queue(name: str) -> Slip:
    return Slip(
        "no queue",
        f"there is no queue {name} any more, and the web shop has nowhere to send orders to.",
        "lab.reset() puts the start back. The queue has to stay the one that it is.",
        final=True,
    )


def no_function(name: str) -> Slip:
    return Slip(
        "no function",
        f"there is no function {name} any more.",
        "lab.reset() puts the start back, or make a function that takes the orders.",
    )


def no_mapping(queue: str) -> Slip:
    return Slip(
        "no mapping",
        f"nothing takes orders from {queue}: there is no event source mapping any more.",
        "The storm is over because the printer has no work. create_event_source_mapping connects "
        "queue and function again.",
    )


def switched_off(state: str) -> Slip:
    return Slip(
        "switched off",
        f"the event source mapping is {state}, so nothing is printed.",
        "Switching it off is a good first step: it stops the costs. Mend the rest, then "
        "update_event_source_mapping(UUID=…, Enabled=True).",
    )


def cannot_start(error: str) -> Slip:
    text = error.removeprefix("[ERROR] ")
    return Slip(
        "cannot start",
        f"the function's code cannot be loaded, so nothing is printed: {short(text, 160)}",
        "Mend the file, run its cell, and bring it to the function again.",
    )


def refused(code: str, operation: str) -> Slip:
    return Slip(
        "refused",
        f"AWS refuses {operation} with {code}, so the check cannot look.",
        "Is there a policy that keeps everybody out of the queue? Take it away, or lab.reset().",
        final=True,
    )


# -- settings ------------------------------------------------------------------------------------


def short_visibility(visibility: int, timeout: int, times: int) -> Slip:
    return Slip(
        "visibility",
        f"the function may take {timeout} seconds, and a message is hidden for {visibility}.",
        f"AWS advises at least {times} times the function's timeout: {times * timeout} seconds. "
        "set_queue_attributes changes VisibilityTimeout; the function's timeout may change too.",
    )


def long_visibility(visibility: int, most: int) -> Slip:
    return Slip(
        "long visibility",
        f"an order that failed is tried again after {visibility} seconds, and the ticket allows "
        f"{most}.",
        "Six times the function's timeout is enough.",
    )


def small_batches(size: int, least: int) -> Slip:
    return Slip(
        "small batches",
        f"an invocation gets at most {size} {'order' if size == 1 else 'orders'}; the ticket asks "
        f"for batches of {least} or more.",
        "With small batches the good orders no longer wait for the bad one, but the shop pays "
        f"for many more invocations. {PARTIAL} frees the good ones at any size.",
    )


def few_tries(most: int, least: int) -> Slip:
    return Slip(
        "few tries",
        f"maxReceiveCount is {most}: an order is set aside after {most} "
        f"{'try' if most == 1 else 'tries'}, and the ticket asks for at least {least}.",
        "A printer that is out of paper for a minute must not cost anybody an order: a higher "
        "maxReceiveCount gives it time.",
    )


def many_tries(most: int, limit: int) -> Slip:
    return Slip(
        "many tries",
        f"maxReceiveCount is {most}: a bad order is tried {most} times, each one paid, and the "
        f"ticket allows {limit}.",
        "Lower maxReceiveCount in the RedrivePolicy of the orders' queue.",
    )


def endless() -> Slip:
    return Slip(
        "endless",
        "nothing ends the tries of an order that fails: the orders' queue has no RedrivePolicy, "
        "and no bad order has been set aside in another way.",
        "A dead-letter queue with a maxReceiveCount ends them, or a handler that puts what it can "
        "never print into another queue.",
    )


def dead_letter_queue_gone(name: str) -> Slip:
    return Slip(
        "dead-letter queue gone",
        f"the RedrivePolicy names {name}, and there is no such queue.",
        "Make it, or name another one.",
    )


def short_retention(days: float, name: str, least: int) -> Slip:
    return Slip(
        "retention",
        f"{name} forgets an order after {days:g} days, and the ticket asks for {least}.",
        "MessageRetentionPeriod is in seconds, and at most 14 days. It counts from the moment "
        "when the order was sent, not from when it was set aside.",
    )


def no_place() -> Slip:
    return Slip(
        "no place",
        "no queue keeps bad orders, so none is kept for as long as the ticket asks.",
        "Make a queue for them first.",
    )


# -- the orders of the ticket --------------------------------------------------------------------


def dragged_along(aside: int, of: int) -> Slip:
    return Slip(
        "dragged along",
        f"of {of} good orders of the ticket {aside} lie among the bad ones.",
        "Their batch failed with the bad order until maxReceiveCount was reached. "
        "Let only the bad one fail (a handler that reports it, and a mapping with "
        f"{PARTIAL}), then bring them back: start_message_move_task, or lab.reset() and again.",
    )


def still_waiting(done: int, of: int, log: Sequence[str]) -> Slip:
    return Slip(
        "still waiting",
        f"of {of} good orders of the ticket {done} were printed, and the others still wait."
        + _error(log),
        "An exception makes a whole batch come back. Try each order by itself, and report "
        "what failed.",
    )


def come_back(again: int, of: int, log: Sequence[str]) -> Slip:
    return Slip(
        "come back",
        f"all {of} good orders of the ticket were printed, but {again} of them came back and were "
        "printed once more." + _error(log),
        "A message is deleted only if its batch succeeds, or if it is not among the reported ones. "
        "What does the handler return, and does the mapping read it?",
    )


def lost(done: int, of: int) -> Slip:
    return Slip(
        "lost",
        f"of {of} good orders of the ticket {done} were printed; the others were not, and they "
        "are in no queue.",
        "They are gone: a queue was emptied, or a handler that printed nothing was taken for a "
        "success. Only lab.reset() brings them back.",
    )


def bad_deleted() -> Slip:
    return Slip(
        "deleted",
        "the bad order of the ticket is gone: it is in no queue.",
        "The customer has paid. Was it deleted by hand, or did the handler swallow it, so that "
        f"Lambda took it for done? The handler's report counts only with {PARTIAL} on the mapping. "
        f"{SPELT} lab.reset() brings it back.",
    )


def bad_changed() -> Slip:
    return Slip(
        "changed",
        "the bad order of the ticket is in no queue as it came, though another queue names it.",
        "Keep the record's body, character by character: a workshop cannot mend what is not there.",
    )


def bad_comes_back(rounds: int) -> Slip:
    return Slip(
        "storm",
        f"the bad order of the ticket still comes back after {rounds} more tries: the storm is not "
        "over.",
        "Something has to take it out of the queue: a dead-letter queue (RedrivePolicy with a "
        "maxReceiveCount), or the handler itself, which puts it into another queue.",
    )


def bad_printed(order: str) -> Slip:
    return Slip(
        "bad printed",
        f"the bad order {order} was printed.",
        "Nobody knows how many prints the customer wants. Do not guess: set it aside.",
    )


# -- the orders of the check ---------------------------------------------------------------------


def held_up(done: int, of: int, log: Sequence[str]) -> Slip:
    if any("Status: timeout" in line for line in log):
        return Slip(
            "timeout",
            f"the check sent {of} good orders in one batch with a bad one, and the function ran "
            "into its timeout.",
            "What does the handler wait for, or which loop never ends?",
        )
    return Slip(
        "held up",
        f"the check sent {of} good orders in one batch with a bad one; at the first try {done} of "
        f"them were printed." + _error(log),
        "Catch what goes wrong with one order, for every kind of exception, and go on with the "
        "next one.",
    )


def printed_again(order: str, times: int, log: Sequence[str]) -> Slip:
    wrong_id = "" if "batchItemFailures" not in " ".join(log) else " "
    return Slip(
        "printed again",
        f"a good order of the check was printed {times} times: {order}.{wrong_id}".rstrip(),
        "Its message came back with the bad one. Two things have to fit: the handler returns "
        '{"batchItemFailures": [{"itemIdentifier": messageId}, …]} with the ids of the failed '
        f"messages alone, and the mapping reads it: {PARTIAL}.",
    )


def swallowed(missing: int, of: int) -> Slip:
    return Slip(
        "swallowed",
        f"the check sent {of} bad {'order' if of == 1 else 'orders'} among good ones; {missing} "
        "of them are in no queue as they came.",
        "They were deleted as if they had been printed. A handler that catches an exception must "
        f"still report the message (and the mapping needs {PARTIAL}), or keep the body in another "
        f"queue. {SPELT}",
    )


def never_aside(missing: int, of: int, rounds: int) -> Slip:
    return Slip(
        "never set aside",
        f"the check sent {of} bad {'order' if of == 1 else 'orders'} among good ones; after "
        f"{rounds} more tries {missing} of them still came back.",
        "The next bad order starts the next storm, whatever it looks like. End its tries with a "
        "dead-letter queue, or let the handler put it into another queue.",
    )


def good_aside(aside: int, of: int) -> Slip:
    return Slip(
        "good set aside",
        f"of {of} good orders of the check {aside} were set aside with the bad ones.",
        f"Only the bad ones may fail: report them one by one, and let the mapping read it: "
        f"{PARTIAL}.",
    )


def not_sent() -> Slip:
    return Slip(
        "not tried",
        "the check did not send these orders, because those before them were not printed as they "
        "should be.",
        "First bring the batches before this one in order.",
    )


def _error(log: Iterable[str]) -> str:
    """The last error in the log, as half a sentence; "" where there is none."""
    found = [line for line in log if re.match(r"\[ERROR\]", line)]
    if not found:
        return ""
    text = found[-1].splitlines()[0].removeprefix("[ERROR] ")
    return f" The last error in the log: {short(text, 80)}."
