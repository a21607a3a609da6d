"""L04: it works on the developer's laptop, and the pipeline is told AccessDenied."""

from __future__ import annotations

from pathlib import Path

from helpers.teach.labs import Lab

from .check import CHECK
from .seed import seed
from .shop import facts

LAB = Lab(
    key="L04",
    title="Works on my laptop, AccessDenied in the pipeline",
    folder=Path(__file__).parent,
    seed=seed,
    check=CHECK,
    facts=facts,
)
