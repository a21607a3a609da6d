"""What opening an account says about a notebook is what was recorded of it."""

from __future__ import annotations

import json

from helpers.cloud.account import notebook
from tests.account.plans import PLANS, plans


def test_the_plans_are_up_to_date() -> None:
    kept = json.loads(PLANS.read_text(encoding="utf-8"))
    wanted = {number: one["makes"] for number, one in plans().items()}
    told = {number: one["makes"] for number, one in kept.items()}
    assert told == wanted, "write them anew: .venv/bin/python -m tests.account.plans"


def test_a_plan_in_words() -> None:
    said = " ".join(notebook.plan("05-files"))
    assert said.startswith("Notebook 05-files makes: 4 buckets,")
    assert "list prices of 2026-" in said
    assert notebook.plan("my-own") == []
    assert notebook.name("my own notebook") == "my-own-notebook"
