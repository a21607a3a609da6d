"""``open()`` and ``current()``: one cloud at a time in a process."""

from __future__ import annotations

import atexit
import threading
import urllib.parse
from typing import Any

import botocore

from helpers.cloud import account, guard, relay, variables
from helpers.cloud.account import checks
from helpers.cloud.clock import MovableClock, RealClock, control
from helpers.cloud.errors import CloudError, NoCloudOpen
from helpers.cloud.face import Cloud
from helpers.cloud.local import LocalServer
from helpers.cloud.metering import Meter

#: Made-up credentials: the local AWS knows their owner as the account's administrator.
ACCESS_KEY, SECRET_KEY = "AKIALOCALAWSLEARNER0", "made-up-and-good-for-nothing-but-the-local-AWS"
REGION = "us-east-1"

_DEFAULTS = {"budget_usd": account.BUDGET_USD}

_lock = threading.RLock()
_open: Cloud | None = None
_metered: Meter | None = None
_server: LocalServer | None = None


def open(
    kind: str = "local",
    *,
    url: str | None = None,
    region: str = REGION,
    access_key: str = ACCESS_KEY,
    secret_key: str = SECRET_KEY,
    number: str | None = None,
    **account_options: Any,
) -> Cloud:
    """Open a cloud and make it the one that boto3 and the AWS CLI reach.

    ``"local"`` starts a local AWS in the background, or returns the one that is open already, so a
    cell may be run again; in a notebook that is being judged it is the judge's (``relay``).
    ``"endpoint"`` uses any AWS-compatible endpoint at ``url``. ``"account"`` is a real account, and
    only that of ``number``; its options are ``budget_usd``, ``profile``, ``in_use`` and
    ``endpoint`` (see ``helpers.cloud.account``). While it is open, ``cloud.open()`` returns it, so
    that one cell before a notebook's first switches the whole notebook.
    Raises CloudError where the cloud cannot be opened.
    """
    global _open, _server
    if kind == "account":
        return _open_account(number, region, account_options)
    if number is not None or account_options:
        named = ", ".join(["number"] * (number is not None) + list(account_options))
        raise CloudError(f'{named}: only an account takes that, as in cloud.open("account", …).')
    with _lock:
        if kind == "local" and url is None and _open is not None and _open.kind == "account":
            return _open
        if kind == "local":
            if url is not None:
                raise CloudError('A url goes with cloud.open("endpoint", url=…).')
            judged = relay.url()
            running = judged is not None or (_server is not None and _server.is_running)
            if _open is not None and running and _open.region == region:
                return _open
            _close()
            if judged is not None:
                _open = Cloud("local", judged, region, relay.JudgesClock(), relay.no_reset, _close)
            else:
                _server = server = LocalServer(access_key, secret_key)
                clock = MovableClock(server.url, server.token)

                def reset() -> None:
                    control(server.url, server.token, "POST", "reset")

                _open = Cloud("local", server.url, region, clock, reset, _close)
        elif kind == "endpoint":
            address = _checked(url)
            _close()
            _open = Cloud("endpoint", address, region, RealClock(), _no_reset, _close)
        else:
            raise CloudError(
                f"There is no cloud '{kind}'. There are: cloud.open() for a local one, "
                'cloud.open("endpoint", url="http://localhost:4566"), and '
                'cloud.open("account", number="123456789012").'
            )
        variables.point_at(_open.url, region, access_key, secret_key)
        guard.lock()
        _meter(_open)
        return _open


def current() -> Cloud:
    """The cloud that is open; raises NoCloudOpen."""
    if _open is None or not _open.is_open:
        raise NoCloudOpen
    return _open


def teardown() -> Any:
    """Delete all that the open account's run has made; returns what became of it.

    Raises CloudError where no account is open: then ``python3 start.py teardown`` is the way.
    """
    if not isinstance(_open, account.Account) or not _open.is_open:
        raise CloudError(
            "No account is open here, and a local cloud is gone when it is closed. What an earlier "
            "run has left on an account: python3 start.py teardown"
        )
    return _open.teardown()


def _open_account(number: str | None, region: str, options: dict[str, Any]) -> Cloud:
    """The account of that number; the same one again where it is open already."""
    global _open
    wanted = checks.number(number)  # before anything is closed, and with it deleted
    checks.region(region)
    with _lock:
        if isinstance(_open, account.Account) and _open.account_id == wanted:
            if _open.region != region:
                raise CloudError(
                    f"Account {wanted} is open in {_open.region}, and you asked for {region}. "
                    "aws.close() deletes what was made there; then open it again."
                )
            return _open
        _close()
        _open = account.open_account(
            number=number, region=region, on_close=_close, **{**_DEFAULTS, **options}
        )
        return _open


def _meter(opened: Cloud) -> None:
    """Price what is used from now on: every boto3 session that is made later is listened to."""
    global _metered
    opened.meter = _metered = Meter(
        region=opened.region,
        client=opened.client,
        now=opened.clock.now,
        everything=opened.kind == "local",
        real=False,
    )
    botocore.register_initializer(_metered.attach)


def _close() -> None:
    """Close whatever is open; never leaves half of it behind."""
    with _lock:
        if _open is not None and _open.is_open:
            try:
                _open.ending()
            finally:
                _open.is_open = False
                _restore()
        else:
            _restore()


def _restore() -> None:
    """Everything in this process as it was before a cloud was opened, but for the guard."""
    global _metered, _open, _server
    with _lock:
        account.close_account()
        if _metered is not None:
            botocore.unregister_initializer(_metered.attach)
            _metered = None
        _open, server, _server = None, _server, None
        guard.after_close()
        variables.restore()
        if server is not None:
            server.stop()


atexit.register(_close)


def _no_reset() -> None:
    raise CloudError(
        "Only a local cloud can be emptied at once. Delete what you made here one by one."
    )


def _checked(url: str | None) -> str:
    wanted = CloudError(
        'An endpoint needs its url, for example cloud.open("endpoint", url="http://localhost:4566").'
    )
    try:
        parts = urllib.parse.urlsplit(url or "")
    except ValueError:
        raise wanted from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wanted
    if guard.is_real_aws(parts.hostname):
        raise CloudError(
            f"{parts.hostname} is real AWS. A real account is never reached through an endpoint."
        )
    return str(url).rstrip("/")
