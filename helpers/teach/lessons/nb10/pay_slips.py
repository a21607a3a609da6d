"""What can be wrong with the till of `10.pay`, told from what AWS, the bank and the log show."""

from __future__ import annotations

from helpers.teach.checking import Slip
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.words import short

AGAIN = "Then run the %%writefile cell and this one again."
REFUSED = "ConditionalCheckFailedException"


def malformed(said: str) -> Slip:
    return Slip(
        "malformed policy",
        f"IAM does not take pay_policy.json: {short(said)}",
        "Compare its brackets and commas with how it was given: statements stand in a list, with "
        f"commas between them. {AGAIN}",
        final=True,
    )


def failed(function: Deployed, reply: Reply) -> Slip:
    """The first payment failed."""
    message = reply.error_message
    if "Access to KMS is not allowed" in message:
        return Slip(
            "no key permission",
            f"the secret's first lock opened, the second did not: {short(message)}",
            "kms:Decrypt on KEY_ARN is missing, or its condition does not fit. The encryption "
            f"context of a secret is SecretARN. {AGAIN}",
            final=True,
        )
    if "secretsmanager:GetSecretValue" in message:
        return Slip(
            "no read permission",
            "the role may not read the secret: no statement allows secretsmanager:GetSecretValue "
            "on it.",
            f'Add one, with "Resource": "SECRET_ARN". {AGAIN}',
            final=True,
        )
    if "dynamodb:" in message and "not authorized" in message:
        return Slip(
            "no bank permission",
            "the role may not book at the bank any more.",
            f"Leave the statement that was given, and add yours behind it. {AGAIN}",
            final=True,
        )
    if reply.error_type == "KeyError" and "SECRET" not in message:
        return Slip(
            "variable",
            f"the handler looks for a variable that is not there: {short(message)}.",
            "The password is in no variable, that is the point. SECRET holds the ARN of the "
            f"secret; ask Secrets Manager for its value. {AGAIN}",
            final=True,
        )
    if REFUSED in message or REFUSED in reply.error_type:
        return Slip(
            "not the secret",
            "the bank refused the password of the first payment.",
            'The password is get_secret_value(…)["SecretString"] of the secret that SECRET names. '
            "One that is written into the code is wrong here, and known to all who read it. "
            + AGAIN,
            final=True,
        )
    if "Unsupported type" in message and "ellipsis" not in message:
        return Slip(
            "whole answer",
            f"the bank was given something that is no text: {short(message)}",
            'get_secret_value answers with a dictionary; the password is its "SecretString". '
            + AGAIN,
            final=True,
        )
    slip = function.explain(reply)
    slip.final = True
    return slip


def other_reply(value: object, amount: int) -> Slip:
    return Slip(
        "reply",
        f"a payment of {amount} was booked, and the handler returned {short(value)}.",
        f'It should return {{"paid": {amount}}}. {AGAIN}',
    )


def not_booked(booked: int, wanted: int) -> Slip:
    if booked > wanted:
        return Slip(
            "twice",
            f"the bank has booked {booked}, and {wanted} were to be paid.",
            f"Pay again only after the bank has refused, never after it has booked. {AGAIN}",
            final=True,
        )
    return Slip(
        "not booked",
        f"the handler says paid, and the bank has booked {booked} instead of {wanted}.",
        f"Leave the call of pay(…) as it was given. {AGAIN}",
        final=True,
    )


def every_time(reads: int, payments: int) -> Slip:
    return Slip(
        "every time",
        f"{payments} payments in a row asked for the secret {reads} times.",
        "Keep what was read in a variable outside the handler, with the time until which it is "
        f"good. A warm environment still has it (notebook 02). {AGAIN}",
    )


def for_ever(minutes: int) -> Slip:
    return Slip(
        "for ever",
        f"the password was rotated, {minutes} minutes went by, and the bank still got the old one.",
        "A value that is kept needs an end: note time.time() + 300 beside it, and read again when "
        f"that has passed. Or read again when the bank refuses. {AGAIN}",
    )


def other_failure(function: Deployed, reply: Reply) -> Slip:
    """After the rotation something else went wrong."""
    slip = function.explain(reply)
    slip.seen = f"after a rotation: {slip.seen}"
    return slip


def too_wide(what: str) -> Slip:
    return Slip(
        "too wide",
        f"with this policy the till may {what}.",
        'Name SECRET_ARN and KEY_ARN as resources instead of "*", and let the key be used for '
        "this secret alone, with a condition on kms:EncryptionContext:SecretARN. " + AGAIN,
    )


def pretends(value: object) -> Slip:
    return Slip(
        "pretends",
        f"the bank refused a payment, and the handler returned {short(value)}.",
        "Who catches the refusal has to try once more, and let the second one through: a payment "
        f"that was not booked is an error. {AGAIN}",
    )


def leaked(where: str) -> Slip:
    name, text = {
        "log": ("printed", "the password stands in the function's log."),
        "reply": ("returned", "the password stands in the handler's answer."),
        "error": ("in the error", "the password stands in the message of an error."),
    }[where]
    return Slip(
        name,
        text,
        "Logs and errors are read by many, and kept for long. Say which secret was used, never "
        f"what was in it. {AGAIN}",
    )
