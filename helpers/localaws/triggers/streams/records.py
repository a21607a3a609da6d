"""One record of a stream, in the form that mappings work with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass
class Record:
    """``event`` is the record as handlers get it."""

    sequence: int
    arrived: float  #: on the course clock
    key: str  #: records of one key stay in order: the item's key, or the partition key
    event: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """``event`` as JSON."""
        return json.dumps(self.event, separators=(",", ":"))
