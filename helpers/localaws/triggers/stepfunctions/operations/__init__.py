"""The operations of the API, a file for each subject."""

from __future__ import annotations

import importlib


def load() -> None:
    """Import every file here, which registers its operations."""
    for name in ("machines", "versions", "aliases", "executions", "tasks", "tags", "validation"):
        importlib.import_module(f"{__name__}.{name}")
