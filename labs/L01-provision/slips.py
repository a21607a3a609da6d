"""What can be wrong, told from what AWS shows, each with what to do next."""

from __future__ import annotations

from typing import Any

from helpers.teach.checking import Slip
from helpers.teach.checking.words import short


def refused(operation: str, code: str) -> Slip:
    return Slip(
        "refused",
        f"AWS refuses {operation} with {code}, so the check cannot look.",
        "Is the price list still in its bucket? lab.reset() puts the start back.",
        final=True,
    )


def unreadable_prices() -> Slip:
    return Slip(
        "unreadable prices",
        "the price list in its bucket is no longer JSON.",
        "It is the office's, and the function only reads it. lab.reset() puts it back.",
        final=True,
    )


def behind(slip: Slip, alias: str, version: str) -> Slip:
    return Slip(
        slip.name,
        slip.seen,
        f"{slip.advice} And look at the alias: {alias} leads to version {version}, and $LATEST has "
        "been changed since that was published. Publish again and update_alias, or the web shop "
        "never sees it.",
        slip.final,
    )


# -- what it answers -------------------------------------------------------------------------------


def not_invocable(message: str) -> Slip:
    return Slip(
        "not invocable",
        f"AWS did not run it: {short(message)}",
        "Wait until get_function_configuration says Active, and invoke it yourself once.",
    )


def crashed(event: Any, message: str) -> Slip:
    return Slip(
        "crashed",
        f"the event {short(event)} makes it fail: {short(message)}",
        "The log of the function has the traceback. Invoke it with that event yourself.",
    )


def may_not_read(message: str) -> Slip:
    return Slip(
        "may not read",
        f"it cannot read the price list: {short(message)}",
        "Its role needs s3:GetObject on the ARN of the object: bucket, slash, key.",
    )


def no_total(event: Any, value: Any) -> Slip:
    return Slip(
        "no total",
        f"the event {short(event)} gives {short(value)}.",
        'The web shop reads {"total": cents}: one member, a whole number. It invokes the function '
        "itself: statusCode and body are for API Gateway.",
    )


def wrong_total(event: Any, value: Any, expected: int) -> Slip:
    return Slip(
        "wrong total",
        f"the event {short(event)} gives {short(value)}, and the total is {expected}.",
        "Price times copies, in cents; from the number of copies in the ticket on (that number "
        "included) less the discount; what is left of a cent is dropped.",
    )


def refuses_good_orders(event: Any, value: Any) -> Slip:
    return Slip(
        "refuses good orders",
        f"the event {short(event)} is an order like many, and gives {short(value)}.",
        "Compare what comes in with what you test for.",
    )


def priced_nonsense(event: Any, value: Any) -> Slip:
    return Slip(
        "priced nonsense",
        f"the event {short(event)} is no order, and gives {short(value)}.",
        'Look at the format and at the type of copies before you calculate, and answer {"error": '
        '"…"}. True and 2.0 are no whole numbers that anybody typed; "2" is text.',
    )


def failed_on_nonsense(event: Any, message: str) -> Slip:
    return Slip(
        "failed on nonsense",
        f"the event {short(event)} makes it fail: {short(message)}",
        'Anything may be missing, or be of another type. Answer {"error": "…"} instead.',
    )


def old_prices(value: Any, expected: int) -> Slip:
    return Slip(
        "old prices",
        f"the price list was changed, six minutes passed, and the total is still {short(value)} "
        f"instead of {expected}.",
        "What is read outside of the handler is read once for each environment, and a warm one "
        "can live for hours. Remember when you read it, and read it again.",
    )


# -- how it is made --------------------------------------------------------------------------------


def not_its_own(role: str, function: str) -> Slip:
    return Slip(
        "shared role",
        f"its role {role} is also the role of {function}.",
        "What one of them needs, both may do. Make a role for this function alone.",
    )


def too_much(action: str, resource: str) -> Slip:
    return Slip(
        "too much",
        f"its role may also do {action} on {resource}.",
        "Name the action and the one object. AWSLambdaBasicExecutionRole is enough for the log.",
    )


def too_little() -> Slip:
    return Slip(
        "too little",
        "its role may not read the price list, so there is no credit for what it may not do "
        "besides.",
        "Let it read first; then take away what it does not need.",
    )


def no_log(action: str) -> Slip:
    return Slip(
        "no log",
        f"its role may not do {action}, so nobody will ever see its log.",
        "Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.",
    )


def no_setting(name: str, value: Any, bucket: str) -> Slip:
    return Slip(
        "no setting",
        f"the environment variable {name} is {short(value)}, and the bucket is {bucket}.",
        f"Give the function Environment={{'Variables': {{'{name}': …}}}} and read it in the "
        "handler's module with os.environ.",
    )


def setting_not_read(name: str, value: Any, price: int) -> Slip:
    return Slip(
        "setting not read",
        f"a copy of it for the next branch, with that branch's bucket in {name}, answers "
        f"{short(value)}, and one copy costs {price} there.",
        "Read the bucket's name from os.environ: the next branch gets the same code, and has "
        "prices of its own.",
    )


def fails_elsewhere(name: str, message: str) -> Slip:
    return Slip(
        "fails elsewhere",
        f"a copy of it for the next branch, with that branch's bucket in {name} and a role that "
        f"may read it, fails: {short(message)}",
        "Does the code hold a name of this branch, of its bucket or its function? Read the "
        "bucket's name from os.environ: the next branch gets the same code.",
    )


def memory(is_: int, most: int) -> Slip:
    return Slip(
        "memory",
        f"it has {is_} MB of memory, and the ticket allows {most}.",
        "update_function_configuration(MemorySize=…), then publish again.",
    )


def timeout(is_: int) -> Slip:
    return Slip(
        "timeout",
        f"its timeout is {is_} seconds, and the ticket asks for 5 to 15.",
        "update_function_configuration(Timeout=…), then publish again. 3 is what you get when you "
        "say nothing.",
    )


def no_log_group(name: str) -> Slip:
    return Slip(
        "no log group",
        f"there is no log group {name}.",
        "create_log_group makes it before the first invocation, put_retention_policy says how "
        "long its events are kept.",
    )


def retention(is_: int | None, wanted: int, name: str) -> Slip:
    kept = "for ever" if is_ is None else f"for {is_} days"
    return Slip(
        "retention",
        f"its log is kept {kept}, and the ticket says {wanted} days.",
        f"It has to stand on the log group that the function writes to: {name}. "
        "put_retention_policy does that; the group is there since the first invocation.",
    )


def no_alias(name: str) -> Slip:
    return Slip(
        "no alias",
        f"it has no alias {name}.",
        "publish_version gives a number, create_alias a name to it.",
    )


def latest(name: str) -> Slip:
    return Slip(
        "latest",
        f"the alias {name} leads to $LATEST.",
        "$LATEST changes with every upload, under the feet of the web shop. Publish a version.",
    )


def no_tag(is_: str | None, wanted: str) -> Slip:
    return Slip(
        "tag",
        f"its tag cost-centre is {is_ or 'not there'}, and has to be {wanted}.",
        "tag_resource takes the function's ARN, create_function takes Tags.",
    )


def concurrency(is_: int | None, wanted: int) -> Slip:
    seen = "nothing bounds" if is_ is None else f"{is_} is the bound for"
    return Slip(
        "concurrency",
        f"{seen} how many run at once, and the ticket says {wanted}.",
        "put_function_concurrency with ReservedConcurrentExecutions.",
    )
