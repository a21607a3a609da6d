"""The one face of every cloud: what ``cloud.open()`` returns, whatever is behind it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config

from helpers.cloud.clock import Clock
from helpers.cloud.errors import CloudError, WaitedTooLong

if TYPE_CHECKING:
    from helpers.cloud.bill import Bill
    from helpers.cloud.metering import Meter

Found = TypeVar("Found")

#: Longer than any handler may run in a notebook, so that boto3 does not send an event twice.
_READ_TIMEOUT = 910


class Cloud:
    """An open cloud.

    ``kind`` is "local" or "endpoint", ``url`` where it answers, ``account_id`` twelve digits,
    ``region`` the region that clients use.
    """

    def __init__(
        self,
        kind: str,
        url: str,
        region: str,
        clock: Clock,
        on_reset: Callable[[], None],
        on_close: Callable[[], None],
    ) -> None:
        self.kind, self.url, self.region, self.clock = kind, url, region, clock
        self._on_reset, self._on_close = on_reset, on_close
        #: What meters this cloud's bill; set by whoever opens it.
        self.meter: Meter | None = None
        self._account_id: str | None = None
        # One for all clients, because it keeps the service models it has read; boto3 says that
        # two threads must not make clients of one session at once.
        self._session: boto3.session.Session | None = None
        self._making = threading.Lock()
        self.is_open = True

    @property
    def account_id(self) -> str:
        """The account's twelve digits, as STS tells them."""
        if self._account_id is None:
            self._account_id = str(self.client("sts").get_caller_identity()["Account"])
        return self._account_id

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this cloud: ``aws.client("lambda")``."""
        given = self._options(options)
        with self._making:
            return self._sessions().client(service, **given)

    def resource(self, service: str, **options: Any) -> Any:
        """A boto3 resource of this cloud: ``aws.resource("dynamodb")``."""
        given = self._options(options)
        with self._making:
            return self._sessions().resource(service, **given)

    def rest_api_url(self, api_id: str, stage: str) -> str:
        """The URL of a REST API's stage, without a slash at its end; AWS's own API returns none.

        An HTTP API's URL is its ``ApiEndpoint``, a function's its ``FunctionUrl``.
        """
        if self.kind == "account":
            return f"https://{api_id}.execute-api.{self.region}.amazonaws.com/{stage}"
        return f"{self.url}/_aws/execute-api/{api_id}/{stage}"

    def wait_until(
        self, condition: Callable[[], Found], seconds: float = 30, what: str = "it is so"
    ) -> Found:
        """Call ``condition`` again and again until it gives something true; return that.

        Waits at most ``seconds`` of real time, then raises WaitedTooLong. AWS answers many calls
        before their work is done, so most results have to be waited for.
        """
        deadline = time.monotonic() + seconds
        pause = 0.02 if self.kind == "local" else 0.5
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() >= deadline:
                raise WaitedTooLong(
                    f"Waited {seconds:g} seconds until {what}, and it never was. Look at the "
                    "function's log: did the event arrive, and what did the handler do with it?"
                )
            time.sleep(pause)

    def bill(self) -> Bill:
        """What was used since this cloud was opened or emptied, and what AWS asks for that.

        On an account it is what the run cost, elsewhere what it would have cost.
        """
        self._must_be_open()
        if self.meter is None:
            raise CloudError("Nothing was metered on this cloud. Open it again: aws = cloud.open()")
        return self.meter.bill()

    def reset(self) -> None:
        """Empty the cloud: every resource and every environment is gone, the clock is back."""
        self._must_be_open()
        self._on_reset()
        if self.meter is not None:
            self.meter.restart()

    def close(self) -> None:
        """End the cloud and restore the environment variables. Closing twice does no harm."""
        if self.is_open:
            self._on_close()
            self.is_open = False

    def ending(self) -> None:
        """What has to be done while the cloud can still be reached, right before it is closed."""

    def _sessions(self) -> boto3.session.Session:
        if self._session is None:
            self._session = boto3.session.Session()
        return self._session

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        self._must_be_open()
        config = Config(read_timeout=_READ_TIMEOUT, retries={"total_max_attempts": 1})
        given = options.pop("config", None)
        return {
            "region_name": self.region,
            "endpoint_url": self.url,
            "config": config.merge(given) if given else config,
            **options,
        }

    def _must_be_open(self) -> None:
        if not self.is_open:
            raise CloudError("This cloud is closed. Open a new one: aws = cloud.open()")

    def __enter__(self) -> Cloud:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<{self.kind} cloud, {state}, region {self.region}>"
