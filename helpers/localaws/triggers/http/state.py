"""What an API has besides what moto keeps of it. It lives and dies with moto's own object."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from helpers.localaws.triggers.http.throttle import Throttles

_lock = threading.Lock()
#: Results of authorisers that an API remembers at most; the oldest go first.
_MOST = 1_000


@dataclass
class ApiState:
    """Token buckets, and what is remembered: authorisers' decisions, issuers' keys."""

    throttles: Throttles = field(default_factory=Throttles)
    _decisions: dict[tuple[Any, ...], tuple[float, Any]] = field(default_factory=dict)

    def decision(self, key: tuple[Any, ...]) -> Any:
        """What was remembered under this key, while it is still to be."""
        until, decision = self._decisions.get(key, (0.0, None))
        return decision if time.time() < until else None

    def remember(self, key: tuple[Any, ...], decision: Any, seconds: int) -> None:
        """Remember a decision for ``seconds`` of the course clock; 0: not at all."""
        if seconds <= 0:
            return
        with _lock:
            self._decisions.pop(key, None)
            self._decisions[key] = (time.time() + seconds, decision)
            while len(self._decisions) > _MOST:
                self._decisions.pop(next(iter(self._decisions)))

    def forget(self) -> None:
        """An authoriser was changed: what it said before no longer counts."""
        with _lock:
            self._decisions.clear()


def of(api: Any) -> ApiState:
    """The state of one of moto's APIs."""
    with _lock:
        state: ApiState | None = getattr(api, "localaws_state", None)
        if state is None:
            state = api.localaws_state = ApiState()
        return state
