"""Does something to a module when, and only if, it is imported.

Some of moto's services take long to import; they are changed without making every start wait.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


def when_imported(
    name: str, then: Callable[[ModuleType], None], before: Callable[[], None] | None = None
) -> None:
    """Call ``then`` with the module ``name`` as soon as it has been imported (now, if it was).

    ``before`` is called before its own code runs.
    """
    if name in sys.modules:
        then(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, then, before))


class _Finder:
    """Finds one module, as Python would have, and stands between it and its loading."""

    def __init__(
        self, name: str, then: Callable[[ModuleType], None], before: Callable[[], None] | None
    ) -> None:
        self._name, self._then, self._before = name, then, before

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            load = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                if self._before is not None:
                    self._before()
                load(module)
                self._then(module)

            loader.exec_module = exec_module
        return spec
