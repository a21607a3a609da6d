"""Further cases, for graders only: every kind of bad order, not only the student's own."""

from __future__ import annotations

from helpers.teach.checking import Case

HIDDEN: dict[str, tuple[Case, ...]] = {}
