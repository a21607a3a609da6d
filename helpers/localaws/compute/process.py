"""Starts an execution environment's process: behind walls on Linux, plainly elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from helpers.localaws.compute.plain import Plain
from helpers.localaws.compute.planned import Plan
from helpers.localaws.compute.walled import SandboxUnavailable, Walled

_sandbox_allowed = sys.platform == "linux" and os.environ.get("LOCALAWS_SANDBOX") != "off"


def start(make_plan: Callable[[bool], Plan]) -> Walled | Plain:
    """Start a process: behind walls where the system allows it, else without.

    ``make_plan`` is told whether there are walls, because paths inside depend on them.
    """
    global _sandbox_allowed
    if _sandbox_allowed:
        try:
            return Walled(make_plan(True))
        except SandboxUnavailable as problem:
            _sandbox_allowed = False
            print(f"No sandbox on this system ({problem}): handlers run without.", file=sys.stderr)
    return Plain(make_plan(False))
