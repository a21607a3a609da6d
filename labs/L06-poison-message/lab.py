"""L06: one bad order makes the printer give up on whole batches, again and again."""

from __future__ import annotations

from pathlib import Path

from helpers.teach.labs import Lab

from .check import CHECK
from .seed import seed
from .shop import facts

LAB = Lab(
    key="L06",
    title="The poison-message storm",
    folder=Path(__file__).parent,
    seed=seed,
    check=CHECK,
    facts=facts,
)
