"""Desk 5: what the audit trail and the bill need. Nothing reads it yet, so nothing is kept."""

from __future__ import annotations

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import Call


def record(call: Call, response: Response) -> None:
    """Note who did what, with which outcome."""
