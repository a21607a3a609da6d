"""What Lambda keeps of a function URL.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionUrlConfig.html
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_SIGNS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass
class FunctionUrl:
    """One function URL: of the function itself, or of an alias."""

    qualifier: str | None
    auth_type: str
    cors: dict[str, Any] | None
    invoke_mode: str | None  #: None: never given, which means BUFFERED
    id: str = field(default_factory=lambda: "".join(secrets.choice(_SIGNS) for _ in range(32)))
    created: str = field(default_factory=lambda: now())
    modified: str = field(default_factory=lambda: now())


def now() -> str:
    """``2026-11-23T08:16:23.123456Z``, on the course clock."""
    return datetime.fromtimestamp(time.time(), UTC).isoformat().replace("+00:00", "Z")
