"""One local AWS for all test files of a worker, emptied between them instead of started anew.

A start takes seconds of a processor, emptying a few milliseconds. Everything else is what
``cloud.open()`` and ``close()`` do: variables, guard and meter come and go with each file. Tests
about opening and closing use ``cloud.open()`` itself.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from helpers import cloud
from helpers.cloud import opening
from helpers.cloud.clock import control
from helpers.cloud.errors import CloudError
from helpers.cloud.local import LocalServer

_kept: _Kept | None = None


@contextmanager
def opened() -> Iterator[cloud.Cloud]:
    """An empty local cloud, open as ``cloud.open()`` opens it."""
    with mock.patch.object(opening, "LocalServer", _lend):
        aws = cloud.open()
    try:
        yield aws
    finally:
        aws.close()


class _Kept(LocalServer):
    """A server that closing a cloud empties, and does not end."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        self.started_with = _settings(access_key, secret_key)
        super().__init__(access_key, secret_key)

    def stop(self) -> None:
        try:
            control(self.url, self.token, "POST", "reset")
        except CloudError:
            self.end()  # a test has killed it
            raise

    def end(self) -> None:
        super().stop()


def _lend(access_key: str, secret_key: str) -> LocalServer:
    global _kept
    if _kept is not None and not (
        _kept.started_with == _settings(access_key, secret_key) and _kept.is_running
    ):
        _end()
    if _kept is None:
        _kept = _Kept(access_key, secret_key)
    return _kept


def _settings(access_key: str, secret_key: str) -> dict[str, str]:
    """All that a server learns when it starts, and never again."""
    ours = {k: v for k, v in os.environ.items() if k.startswith(("LOCALAWS_", "MOTO_"))}
    return {**ours, "access": access_key, "secret": secret_key, "path": os.environ["PATH"]}


@atexit.register
def _end() -> None:
    global _kept
    server, _kept = _kept, None
    if server is not None:
        server.end()
