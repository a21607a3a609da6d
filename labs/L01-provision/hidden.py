"""Further cases, for graders only: other formats and numbers, and more that people type."""

from __future__ import annotations

from helpers.teach.checking import Case

from .check import ANSWERS, NARROW, NONSENSE

HIDDEN = {
    ANSWERS: tuple(
        Case(given, hidden=True)
        for given in (
            ("20x30", "many"),
            ("13x18", "many less one"),
            ("9x13", 999),
            ("10x15", "many and one"),
            ("20x30", "fraction"),
        )
    ),
    NONSENSE: tuple(
        Case(given, hidden=True)
        for given in (
            {"format": "13x18", "copies": True},
            {"format": "13x18", "copies": 2.5},
            {"format": ["13x18"], "copies": 2},
            {"format": "13x18", "copies": None},
            {"format": "13x18", "copies": -1},
            ["13x18", 2],
            None,
        )
    ),
    NARROW: (
        Case(
            (
                ("s3:PutObject", "the price list"),
                ("s3:GetObject", "another bucket"),
                ("lambda:UpdateFunctionCode", "the function"),
                ("dynamodb:Scan", "a table"),
            ),
            hidden=True,
        ),
    ),
}
