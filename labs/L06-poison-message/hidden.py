"""Further cases, for graders only: bad orders of every kind, not only the student's own."""

from __future__ import annotations

from helpers.teach.checking import Case

from .check import ASIDE, WAIT

#: ORDER stands for the order's number. They come in one batch, with good orders between them.
SHAPES = {
    "a word": '{"order": "ORDER", "prints": "a dozen"}',
    "no number": '{"order": "ORDER", "colour": "sepia"}',
    "null": '{"order": "ORDER", "prints": null}',
    "not JSON": "ORDER, 12 prints, please",
}
CASE = Case(SHAPES, hidden=True)

HIDDEN = {WAIT: (CASE,), ASIDE: (CASE,)}
