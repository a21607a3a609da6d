"""Choices that differ from student to student, and are the same for one student each time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

#: Where the photo-print shop has branches: most labs play in one of them.
CITIES = ("aveiro", "braga", "coimbra", "evora", "faro", "leiria", "porto", "setubal")


@dataclass(frozen=True)
class Seeded:
    """Chance that a student's id decides, on every machine and with every Python alike.

    Each choice has a name of its own, so that one more choice in a lab changes none of the others.
    """

    key: str
    student: str

    def number(self, what: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        text = f"{self.key}/{self.student.strip()}/{what}"
        digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

    def pick(self, what: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.number(what, 0, len(options) - 1)]
