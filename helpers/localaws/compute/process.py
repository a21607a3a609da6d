"""Starts an execution environment's process: behind walls on Linux, plainly elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from helpers.localaws.compute.plain import Plain
from helpers.localaws.compute.planned import Plan
from helpers.localaws.compute.walled import SandboxUnavailable, Walled

_sandbox_allowed = sys.platform == "linux" and os.environ.get("LOCALAWS_SANDBOX") != "off"
_walls_have_stood = False
#: How often walls are tried where they have stood before: a busy machine can be short of something.
ATTEMPTS = 3


def start(make_plan: Callable[[bool], Plan]) -> Walled | Plain:
    """Start a process: behind walls where the system allows it, else without.

    ``make_plan`` is told whether there are walls, because paths inside depend on them. The first
    process decides it for all: a function that ran behind walls once never runs without. Raises
    OSError where walls that stood before cannot be built now.
    """
    global _sandbox_allowed, _walls_have_stood
    if not _sandbox_allowed:
        return Plain(make_plan(False))
    plan = make_plan(True)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            walled = Walled(plan)
            _walls_have_stood = True
            return walled
        except SandboxUnavailable as problem:
            if not _walls_have_stood:
                _sandbox_allowed = False
                text = f"No sandbox on this system ({problem}): handlers run without."
                print(text, file=sys.stderr)
                break
            if attempt == ATTEMPTS:
                raise OSError(None, f"no new sandbox ({problem})", plan.argv[0]) from None
    return Plain(make_plan(False))
