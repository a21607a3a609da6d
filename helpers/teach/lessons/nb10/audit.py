"""`10.audit`: findings and requests, each matched with one id of notebook 10's two tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.words import short

FILE = "audit.json"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
#: Every id of the tables, to tell a slip of the pen from a slip of the mind.
TECHNIQUES = ("T1552", "T1555.006", "T1078.004", "T1530", "T1567", "T1562.008")
CONTROLS = {
    "PCI DSS": ("8.6.2", "8.6.3", "7.2.5", "3.5.1", "3.6.1", "1.3.2", "10.2.1", "10.2.1.4",
                "3.2.1", "10.5.1"),
    "NIST CSF": ("PR.AA-01", "PR.AA-05", "PR.DS-01", "PR.IR-01", "PR.PS-04", "DE.CM-03",
                 "ID.AM-08"),
    "ISO 27001": ("5.17", "5.15", "8.3", "8.24", "8.20", "8.22", "8.15", "8.16", "5.33", "8.10"),
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One sentence of the list: its number, the right ids, and what leads astray."""

    number: str
    right: tuple[str, ...]
    advice: str
    standard: str = ""  #: "" for a finding
    astray: dict[str, str] | None = None


ITEMS = (
    Item(
        "F1",
        ("T1552",),
        "The password lies open, where whoever comes by can read it.",
        astray={
            "T1555.006": "That one empties a store of secrets. Here the password never was in one.",
            "T1078.004": "That comes after: the password is used. The finding is where it lies.",
        },
    ),
    Item(
        "F2",
        ("T1555.006",),
        "The star in that role opens the store in which the secrets are kept.",
        astray={
            "T1552": "That one is about secrets that nobody has put away. These are in a store, "
            "and the store is asked.",
            "T1530": "That one is about files in a bucket.",
        },
    ),
    Item(
        "F3",
        ("T1562.008",),
        "Whoever stops the trail does not want to be seen in it.",
        astray={"T1078.004": "He uses his own account. The finding is what he can switch off."},
    ),
    Item(
        "R1",
        ("10.2.1.4", "10.2.1"),
        "Requirement 10 is about logs; one of its numbers names invalid access attempts.",
        standard="PCI DSS",
        astray={"7.2.5": "That one asks that they are refused, not that the refusal is noted."},
    ),
    Item(
        "R2",
        ("PR.AA-05",),
        "Permissions and least privilege are in the category PR.AA.",
        standard="NIST CSF",
        astray={
            "PR.AA-01": "That one is about identities and credentials; this one about what they "
            "may do.",
            "PR.IR-01": "That one is about networks.",
        },
    ),
    Item(
        "R3",
        ("8.10",),
        "The control's name has the word deletion in it.",
        standard="ISO 27001",
        astray={
            "5.33": "That one protects records from being lost too early. She asks when they go.",
            "8.15": "That one asks that there are logs. She asks when they go.",
        },
    ),
)


@contextlib.contextmanager
def _list(context: Context) -> Iterator[dict[str, str]]:
    """What the learner wrote, by the number of each sentence."""
    path = attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        written = {str(name).split()[0]: _id(value) for name, value in given.items()}
    except (ValueError, AttributeError, IndexError) as problem:
        raise Slip(
            "not JSON",
            f"{FILE} cannot be read: {short(str(problem))}.",
            "Keep the form of the list: each line a text in quotation marks, a colon, an id in "
            "quotation marks, and a comma but in the last line.",
            final=True,
        ) from None
    if all(value in ("", "?") for value in written.values()):
        raise NotAttempted("every answer is still a question mark. Write an id in their place.")
    yield written


def _id(value: Any) -> str:
    """An id as the tables write it: of "8.10 Information deletion" the number alone."""
    words = str(value).split()
    return words[0].strip(".,;").removeprefix("A.").upper() if words else ""


def _matches(written: dict[str, str], case: Case) -> None:
    item: Item = case.given
    value = written.get(item.number)
    if value is None:
        raise Slip(
            "line missing",
            f"there is no line that begins with {item.number}.",
            "Take the list as it was given, and change the question marks alone.",
        )
    if value in item.right:
        return
    if value in ("", "?"):
        raise Slip(f"{item.number} open", f"{item.number} is still open.", item.advice)
    allowed = CONTROLS[item.standard] if item.standard else TECHNIQUES
    column = f"the column of {item.standard}" if item.standard else "the table of techniques"
    if value not in allowed:
        raise Slip(
            f"{item.number} elsewhere",
            f"{item.number}: {short(value)} is not in {column}.",
            f"An F wants a technique, an R a control of the standard that it names. {item.advice}",
        )
    more = (item.astray or {}).get(value, f"{value} is about something else.")
    raise Slip(f"{item.number} mixed up", f"{item.number}: {value}. {more}", item.advice)


AUDIT = Check(
    key="10.audit",
    prepare=_list,
    files=(FILE,),
    solution=FILE,
    requirements=tuple(Requirement(item.number, _matches, (Case(item),)) for item in ITEMS),
    hints=(
        "An F is what an attacker would do: look in the second table. An R names its standard: "
        "look in that column of the first one.",
        "F1 and F2 differ in where the secret lies: open in a configuration, or in a store.",
        "R1 has a number with four parts, R2 begins with PR.AA, R3 has the word deletion.",
    ),
    praise="Numbers to find the subject with. What counts is the evidence behind them.",
)
