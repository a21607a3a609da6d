"""Finds a lab by its key: "L06" stands in labs/L06-poison-message/lab.py."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from helpers.teach.checking import Case
from helpers.teach.errors import unknown
from helpers.teach.labs.model import Lab

#: labs/ beside the package `helpers`.
FOLDER = Path(__file__).resolve().parents[3] / "labs"
#: A lab's folder is imported as a package of this name and its key: `labs_content_L06`. The
#: folder's own name has dashes, and so cannot be imported.
PREFIX = "labs_content_"


def keys() -> list[str]:
    """The labs that are here: ["L01", "L04", …]."""
    return sorted(path.parent.name.split("-")[0] for path in FOLDER.glob("L*-*/lab.py"))


def load(key: str) -> Lab:
    """The lab called `key`. Raises TeachError where there is none."""
    found: Lab = _package(key).LAB
    return found


def hidden_cases(lab: Lab) -> dict[str, tuple[Case, ...]]:
    """A grader's further cases for each requirement; {} in a copy that has none."""
    if not (lab.folder / "hidden.py").is_file():
        return {}
    _package(lab.key)
    module = importlib.import_module(f"{PREFIX}{lab.key}.hidden")
    return dict(module.HIDDEN)


def _package(key: str) -> ModuleType:
    name = f"{PREFIX}{key}"
    if name in sys.modules:
        return sys.modules[name]
    files = sorted(FOLDER.glob(f"{key}-*/lab.py")) if str(key).isalnum() else []
    if not files:
        raise unknown("lab", key, keys())
    # lab.py as the package's own module, so that its files import each other: `from .x import y`
    spec = importlib.util.spec_from_file_location(
        name, files[0], submodule_search_locations=[str(files[0].parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
