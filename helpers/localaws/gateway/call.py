"""One AWS request on its way past the desks."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from moto.core.request import Request

from helpers.localaws.gateway import operations
from helpers.localaws.triggers.http.front import LAMBDA_URL, Front

#: Where the gateway keeps the body it has read, in the WSGI environment.
BODY = "localaws.body"


@dataclass
class Caller:
    """Who signed the request."""

    account_id: str
    access_key: str | None  #: None: the request is not signed


@dataclass
class Call:
    """A request, with what the desks have found out about it."""

    environ: dict[str, Any]  #: the WSGI environment
    caller: Caller
    service: str | None  #: the name in the signature ("sqs", "states", …); None: not signed
    region: str
    front: Front | None = None  #: the API or function URL that the request is for
    request_id: str = field(default_factory=lambda: str(uuid4()))
    #: Parts of the request that are refused while the rest is done (keys of DeleteObjects, secrets
    #: of BatchGetSecretValue), each with AWS's code and text.
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: AWS's text where the caller may not do an action on a resource; None: they may. For what only
    #: turns out while the request is served.
    why_not: Callable[[str, str], str | None] = lambda action, resource: None

    @property
    def body(self) -> bytes:
        """The request's body."""
        content: bytes = self.environ[BODY]
        return content

    def request(self) -> Request:
        """The request as moto's tools want it, with a body that has not been read yet."""
        self.rewind()
        return Request(self.environ)

    def rewind(self) -> dict[str, Any]:
        """The WSGI environment with a body that has not been read yet."""
        self.environ["wsgi.input"] = io.BytesIO(self.body)
        return self.environ

    @property
    def operation(self) -> str | None:
        """The API's name for what is asked, for example ``SendMessage``; None: unknown."""
        if self.front is not None:  # what the caller must be allowed to do there
            return "InvokeFunctionUrl" if self.front.kind == LAMBDA_URL else "Invoke"
        return operations.name_of(self)

    @property
    def what(self) -> str:
        """The request in a few characters, for messages: ``sqs:SendMessage``."""
        if operation := self.operation:
            return f"{self.service}:{operation}" if self.service else operation
        return f"{self.environ['REQUEST_METHOD']} {self.environ['PATH_INFO']}"


_current: ContextVar[Call | None] = ContextVar("current_call", default=None)


def note_current(call: Call) -> None:
    """Remember the request that this thread is serving."""
    _current.set(call)


def current_call() -> Call | None:
    """The request that this thread is serving: what moto does inside it happens because of it."""
    return _current.get()


_carried: ContextVar[str | None] = ContextVar("carried_trace", default=None)


@contextmanager
def carrying(trace: str) -> Iterator[None]:
    """Go on with the chain of an earlier request, in a thread that serves none."""
    before = _carried.set(trace)
    try:
        yield
    finally:
        _carried.reset(before)


def current_trace() -> str:
    """The trace header of that request, which carries the chain of invocations on."""
    carried = _carried.get()
    if carried is not None:
        return carried
    call = _current.get()
    return str(call.environ.get("HTTP_X_AMZN_TRACE_ID", "")) if call else ""
