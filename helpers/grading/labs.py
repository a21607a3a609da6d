"""Which lab a word means: a key such as "L06", or the folder of a lab that stands elsewhere."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from pathlib import Path

from helpers.teach import labs
from helpers.teach.checking import Case
from helpers.teach.labs import Lab

_PACKAGE = "labs_elsewhere"
#: A lab is a package of modules, and a cluster's worker judges in several threads.
_importing = threading.Lock()


def find(word: str) -> Lab:
    """The lab. Raises TeachError where the key is unknown, FileNotFoundError for a folder."""
    with _importing:
        return _find(word) if _is_folder(word) else labs.load(word)


def _find(word: str) -> Lab:
    folder = Path(word).resolve()
    if _PACKAGE not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            _PACKAGE, folder / "lab.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[_PACKAGE] = module
        spec.loader.exec_module(module)
    found: Lab = sys.modules[_PACKAGE].LAB
    if found.folder != folder:
        raise FileNotFoundError(f"Another lab than {folder} is in use here already.")
    return found


def cases_for_graders(lab: Lab) -> dict[str, tuple[Case, ...]]:
    """The lab's hidden cases; {} in a copy that has none."""
    if not (lab.folder / "hidden.py").is_file():
        return {}
    if lab.folder.parent == labs.finding.FOLDER:
        return labs.hidden_cases(lab)
    return dict(importlib.import_module(f"{_PACKAGE}.hidden").HIDDEN)


def _is_folder(word: str) -> bool:
    return "/" in word or "\\" in word
