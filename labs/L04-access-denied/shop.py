"""What differs from student to student: names, orders, and what is wrong in the two policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.teach.labs import CITIES, Seeded

ALIAS = "live"
ARTEFACT = "releases/contact-sheet-2.zip"

#: What can be wrong in each statement of the pipeline's policy and of the function's.
ARTEFACT_FAULTS = ("the bucket's ARN", "a folder that is not there")
DEPLOY_FAULTS = ("another region", "the function for tests", "three of five actions")
PASS_FAULTS = ("no statement", "another role")
PHOTO_FAULTS = ("the bucket's ARN", "a folder that is not there")
SHEET_FAULTS = ("the table for tests", "the wrong action")


@dataclass(frozen=True)
class Shop:
    """The branch that one student looks after.

    `orders` are number → photos, as they lie in the bucket `photos` under orders/. The five
    `*_fault` name what is wrong in each statement.
    """

    city: str
    number: int
    orders: Mapping[str, int]
    artefact_fault: str
    deploy_fault: str
    pass_fault: str
    photo_fault: str
    sheet_fault: str

    @property
    def pipeline(self) -> str:
        """The role that the pipeline works with."""
        return f"{self.city}-pipeline"

    @property
    def function(self) -> str:
        return f"{self.city}-contact-sheet"

    @property
    def role(self) -> str:
        """The function's execution role."""
        return f"{self.city}-contact-sheet-role"

    @property
    def table(self) -> str:
        return f"{self.city}-contact-sheets"

    # The names of buckets are shared by all accounts of the world, hence the number.

    @property
    def photos(self) -> str:
        return f"{self.city}-photos-{self.number}"

    @property
    def releases(self) -> str:
        return f"{self.city}-releases-{self.number}"


def shop(student: str) -> Shop:
    """The branch of one student."""
    seeded = Seeded("L04", student)
    city = seeded.pick("city", CITIES)
    first = seeded.number("first order", 1000, 8999)
    return Shop(
        city=city,
        number=seeded.number("number", 100_000, 999_999),
        orders={
            f"{city[0].upper()}-{first + place}": seeded.number(f"photos {place}", 2, 36)
            for place in range(3)
        },
        artefact_fault=seeded.pick("artefact", ARTEFACT_FAULTS),
        deploy_fault=seeded.pick("deploy", DEPLOY_FAULTS),
        pass_fault=seeded.pick("pass", PASS_FAULTS),
        photo_fault=seeded.pick("photo", PHOTO_FAULTS),
        sheet_fault=seeded.pick("sheet", SHEET_FAULTS),
    )


def facts(student: str) -> dict[str, str]:
    """What the ticket tells."""
    told = shop(student)
    return {
        "city": told.city.capitalize(),
        "pipeline": told.pipeline,
        "function": told.function,
        "role": told.role,
        "photos": told.photos,
        "releases": told.releases,
        "artefact": ARTEFACT,
        "table": told.table,
        "order": next(iter(told.orders)),
    }
