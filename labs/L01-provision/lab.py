"""L01: nothing is there yet but a list of prices, and a list of requirements."""

from __future__ import annotations

from pathlib import Path

from helpers.teach.labs import Lab

from .check import CHECK
from .seed import seed
from .shop import facts

LAB = Lab(
    key="L01",
    title="Provision from requirements",
    folder=Path(__file__).parent,
    seed=seed,
    check=CHECK,
    facts=facts,
)
