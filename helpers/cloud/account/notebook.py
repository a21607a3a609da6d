"""Which notebook this is, and what it will make."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

_PLANS = Path(__file__).with_name("notebooks.json")


def name(given: str | None) -> str:
    """The notebook's name without its ending, for tags; "none" outside of one.

    Jupyter tells a kernel which file it belongs to; ``given`` goes before that.
    """
    found = given or Path(os.environ.get("JPY_SESSION_NAME", "")).stem or "none"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", found)[:80]


def plan(notebook: str) -> list[str]:
    """What the notebook makes and what a run of it costs, in sentences; none where nobody knows."""
    plans: dict[str, Any] = json.loads(_PLANS.read_text(encoding="utf-8"))
    found = plans.get(notebook.partition("-")[0])
    if not found:
        return []
    said = []
    if found["makes"]:
        makes = ", ".join(
            f"{n or ''} {_plural(kind, n)}".strip() for kind, n in found["makes"].items()
        )
        said.append(f"Notebook {notebook} makes: {makes}, and the log groups of the functions.")
    if found["usd"]:
        said.append(
            f"A whole run of it used ${found['usd']} at the list prices of {found['priced']}."
        )
    return said


def _plural(kind: str, count: int) -> str:
    if count == 1:
        return kind
    return f"{kind[:-1]}ies" if kind.endswith("cy") else f"{kind}{'es' if kind[-1] == 's' else 's'}"
