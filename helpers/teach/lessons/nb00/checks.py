"""The first check: a sign over the shop's door, kept in a parameter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.words import short

NAME = "/shop/sign"
SIGN = "Sharp Prints"
RERUN = "Correct the cell, run it, then run this one again."


@contextlib.contextmanager
def _parameter(context: Context) -> Iterator[dict[str, Any]]:
    ssm = context.cloud.client("ssm")
    try:
        found: dict[str, Any] = ssm.get_parameter(Name=NAME)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        names = [entry["Name"] for entry in ssm.describe_parameters()["Parameters"]]
        near = [name for name in names if name.strip("/").lower() in (NAME.strip("/"), "sign")]
        if near:
            raise Slip(
                "other name",
                f'there is a parameter "{near[0]}", but none called "{NAME}".',
                f"Names are compared letter by letter, with the first slash. {RERUN}",
            ) from None
        raise NotAttempted(
            f'there is no parameter "{NAME}" yet. Run the cell with put_parameter, then this one.'
        ) from None
    if found["Value"].strip(". …") == "":
        raise NotAttempted(
            f'the sign still says "{found["Value"]}". Write the shop\'s name in its place, run '
            "that cell, then this one."
        )
    yield found


def _kind(parameter: dict[str, Any], case: Case) -> None:
    if parameter["Type"] != "String":
        raise Slip(
            "other type",
            f"the parameter's type is {parameter['Type']}, and a sign is plain text for all.",
            f'Write Type="String". {RERUN}',
        )


def _value(parameter: dict[str, Any], case: Case) -> None:
    value = parameter["Value"]
    if value == SIGN:
        return
    seen = f"the sign says {short(value)!s}."
    if value.strip("\"' ") == SIGN and value.strip() != SIGN:
        slip, advice = "quotes", "The quotation marks are on the sign too. One pair is enough."
    elif value.strip() == SIGN:
        slip, advice = "spaces", "There is a space before or after the name."
    elif value.lower() == SIGN.lower():
        slip, advice = "capitals", f"Capital letters count: {SIGN}."
    elif "".join(value.lower().split()) == "".join(SIGN.lower().split()):
        slip, advice = "spaces", f"Two words with one space between them: {SIGN}."
    else:
        slip, advice = "other text", f"The shop is called {SIGN}."
    raise Slip(slip, seen, f"{advice} {RERUN}")


CHECKS = {
    "00.sign": Check(
        key="00.sign",
        prepare=_parameter,
        requirements=(Requirement("is plain text", _kind), Requirement("says the name", _value)),
        hints=(
            "Only the text between the quotation marks after Value= has to change.",
            "The shop's name stands in bold just above the cell.",
            'It reads: Value="Sharp Prints"',
        ),
        solution="sign.py",
        praise="That is how every check in this course speaks.",
    )
}
