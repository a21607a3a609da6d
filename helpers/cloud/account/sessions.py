"""Sessions: every one that boto3 or botocore makes while an account is open is watched.

``boto3.client(…)`` uses boto3's default session, ``boto3.Session()`` and ``botocore.session`` make
new ones: botocore calls its initializers with each.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver
from botocore.loaders import Loader

from helpers.cloud import guard

#: An AWS_ENDPOINT_URL that lies around would have another server say who we are, and what is left.
_PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=10,
    read_timeout=60,
    ignore_configured_endpoint_urls=True,
)
_attach: Callable[[botocore.session.Session], None] | None = None
_ours = threading.local()
#: AWS's descriptions of its services, read once for all of our own sessions: it takes a while.
_MODELS = Loader()


def watch_new_sessions(attach: Callable[[botocore.session.Session], None]) -> None:
    """From now on call ``attach`` with every session that is made in this process."""
    global _attach
    if _attach is None:
        botocore.register_initializer(_initialize)
    _attach = attach


def stop_watching() -> None:
    """New sessions are left alone again; those that were made stay as they are."""
    global _attach
    if _attach is not None:
        botocore.unregister_initializer(_initialize)
    _attach = None


def _initialize(session: botocore.session.Session) -> None:
    if _attach is not None and not getattr(_ours, "private", False):
        _attach(session)


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """Sessions that this thread makes within it are left alone."""
    before = getattr(_ours, "private", False)
    _ours.private = True
    try:
        yield
    finally:
        _ours.private = before


class Lender(CredentialProvider):
    """A provider in botocore's chain that always has the account's credentials."""

    METHOD = CANONICAL_NAME = "course"

    def __init__(self, credentials: Any) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials


def lend(session: botocore.session.Session, credentials: Any) -> None:
    """Give the account's credentials to a session that brings none of its own."""
    session.register_component("credential_provider", CredentialResolver([Lender(credentials)]))


class AccountPlace:
    """The account and the region, through clients of our own that nobody watches.

    ``endpoint`` is None on AWS; for a stand-in it is the URL on this machine.
    """

    def __init__(
        self, number: str, region: str, credentials: Any, endpoint: str | None = None
    ) -> None:
        self.number, self.region, self.endpoint = number, region, endpoint
        self.credentials = credentials
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()
        self._session: boto3.session.Session | None = None

    def client(self, service: str) -> Any:
        """A boto3 client, made once."""
        with self._making:
            if service not in self._made:
                self._made[service] = self._own_session().client(
                    service, endpoint_url=self.endpoint, config=_PATIENT
                )
            return self._made[service]

    def client_in(self, region: str, service: str, config: Config) -> Any:
        """A new client of another region."""
        with self._making:
            return self._own_session().client(
                service, region_name=region, endpoint_url=self.endpoint, config=config
            )

    def _own_session(self) -> boto3.session.Session:
        if self._session is None:
            self._session = boto3.session.Session(
                botocore_session=self._private(), region_name=self.region
            )
        return self._session

    def account_of(self, keys: Any) -> str:
        """The number of the account that these keys belong to; more than that for its root user."""
        ours = self.credentials.get_frozen_credentials()
        if keys.access_key == ours.access_key:
            return self.number
        session = boto3.session.Session(
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
            botocore_session=self._private(),
            region_name=self.region,
        )
        sts = session.client("sts", endpoint_url=self.endpoint, config=_PATIENT)
        told = sts.get_caller_identity()
        return f"{told['Account']}{' (its root user)' if told['Arn'].endswith(':root') else ''}"

    def _private(self) -> botocore.session.Session:
        """A session that is not watched, and passes the guard."""
        with unwatched():
            session = botocore.session.Session()
        session.register_component("data_loader", _MODELS)
        lend(session, self.credentials)
        emitter = session.get_component("event_emitter")
        emitter.register("before-send", guard.mark)
        return session
