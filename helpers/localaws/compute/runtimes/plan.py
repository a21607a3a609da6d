"""Which program runs a function, by its ``Runtime``."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

_HERE = Path(__file__).parent


def python_command(
    task_root: str, opt: str, clock_offset: float
) -> tuple[list[str], tuple[str, ...]]:
    """The command of the Python runtime, and the host folders it needs to see.

    The learner's own interpreter runs the handler, bare: only the packages that AWS's runtime
    brings can be imported from the course's environment.
    """
    python = os.path.realpath(sys.executable)
    site_packages = sysconfig.get_path("purelib")
    bootstrap = str(_HERE / "python_bootstrap.py")
    command = [python, "-I", "-S", "-u", bootstrap, site_packages, task_root, opt]
    command.append(repr(clock_offset))
    return command, (os.path.realpath(sys.base_prefix), site_packages, str(_HERE))
