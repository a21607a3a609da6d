"""Which notebook this is, and what it will make."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

_PLANS = Path(__file__).with_name("notebooks.json")


def name(given: str | None) -> str:
    """The notebook's name without its ending, for tags; "none" outside of one.

    Jupyter tells a kernel which file it belongs to; ``given`` goes before that.
    """
    found = given or Path(os.environ.get("JPY_SESSION_NAME", "")).stem or "none"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", found)[:80]


def plan(notebook: str) -> dict[str, int]:
    """How many of each kind the notebook makes, read from a run of it; {} where nobody knows.

    tests/account/test_notebooks.py sees to it that no more than this is made.
    """
    plans: dict[str, dict[str, int]] = json.loads(_PLANS.read_text(encoding="utf-8"))
    return plans.get(notebook.partition("-")[0], {})


def in_words(plan: dict[str, int]) -> str:
    """ "7 functions, 4 buckets, 1 role"."""
    return ", ".join(f"{count} {_plural(kind, count)}" for kind, count in plan.items())


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return f"{kind[:-1]}ies" if kind.endswith("cy") else f"{kind}{'es' if kind[-1] == 's' else 's'}"
