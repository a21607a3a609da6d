"""The course clock: one time for the whole local AWS, which can be moved forward.

moto reads ``time.time()`` and ``datetime.now()``; time_machine moves both for this process, so
that visibility timeouts, token expiry and timestamps follow. ``time.monotonic()`` is never moved:
a handler's timeout is measured in real seconds.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

_changed = threading.Condition()
_offset = 0.0
_travel: Any = None  # time_machine.travel, once the clock has been moved
_moving: Any = None  # its Coordinates
_listeners: list[Callable[[], None]] = []


def offset() -> float:
    """How many seconds the course clock is ahead of the machine's clock."""
    return _offset


def advance(seconds: float) -> float:
    """Move the clock forward by ``seconds``; return the new offset.

    Raises ValueError for a negative number: AWS's time never runs backwards, and neither moto
    nor a handler could cope with it.
    """
    global _offset, _travel, _moving
    if not seconds >= 0:
        raise ValueError("The clock only moves forward: give a number of seconds that is 0 or more")
    with _changed:
        if _travel is None:
            machine = time_machine()
            _travel = machine.travel(time.time() + seconds, tick=True)
            _moving = _travel.start()
            # Exactly, whatever time the line above took.
            _moving.shift(machine.escape_hatch.time.time() + seconds - time.time())
        else:
            _moving.shift(seconds)  # no thread ever sees the machine's own time in between
        _offset += seconds
        _changed.notify_all()
    for listener in list(_listeners):
        listener()
    return _offset


def reset() -> None:
    """Put the clock back to the machine's time (only together with an empty cloud)."""
    global _offset, _travel
    with _changed:
        if _travel is not None:
            _travel.stop()
        _offset, _travel = 0.0, None
        _changed.notify_all()


def on_change(listener: Callable[[], None]) -> None:
    """Call ``listener`` (quick, in the advancing thread) whenever the clock has been moved."""
    _listeners.append(listener)


def time_machine() -> ModuleType:
    """The library that moves the time, loaded when it is needed for the first time.

    It imports pytest where that is installed, which takes longer than starting this server.
    """
    if "time_machine" not in sys.modules and "pytest" not in sys.modules:
        sys.modules["pytest"] = None  # type: ignore[assignment]  # "not installed"
        try:
            import time_machine
        finally:
            del sys.modules["pytest"]
    import time_machine

    return time_machine
