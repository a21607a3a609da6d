"""An open account: the same face as every cloud, and a teardown."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from helpers.cloud.account import place as places
from helpers.cloud.account import runs
from helpers.cloud.account.ledger import read
from helpers.cloud.account.place import Alive
from helpers.cloud.account.removing import Outcome, Pace, remove
from helpers.cloud.account.sessions import AccountPlace
from helpers.cloud.clock import Clock
from helpers.cloud.errors import CloudError
from helpers.cloud.face import Cloud, Found

_TRY_AGAIN = Config(retries={"mode": "standard", "total_max_attempts": 4})
#: AWS takes longer than a cloud on this machine: logs and metrics come late.
_SECONDS = 30.0
_SECONDS_ON_AWS = 180.0


class Account(Cloud):
    """A real account, or what stands in for one. ``run`` is the run's id."""

    def __init__(
        self,
        place: AccountPlace,
        run: str,
        alive: Alive,
        clock: Clock,
        on_close: Callable[[], None],
    ) -> None:
        super().__init__("account", place.endpoint or "", place.region, clock, _no_reset, on_close)
        self._account_id = place.number
        self.run, self._place, self._alive = run, place, alive
        self._owner = os.getpid()
        self._ended = False
        self.ledger = places.folder() / f"{run}.jsonl"
        self.pace = Pace()

    @property
    def has_ended(self) -> bool:
        """Whether the clean-up at the end has begun: nothing new is made from then on."""
        return self._ended or not self.is_open

    def teardown(self) -> Outcome:
        """Delete now what this run has made; the account stays open, and says what it did."""
        self._must_be_open()
        outcome = self._remove()
        print(outcome)
        return outcome

    def ending(self) -> None:
        """The clean-up at the end of a notebook, of a kernel, or before another cloud opens."""
        if self._ended or os.getpid() != self._owner:  # a forked child made nothing of its own
            return
        self._ended = True
        print(f"Cleaning up account {self.account_id} …")
        try:
            outcome = self._remove()
            print(outcome)
            if outcome.is_clean:
                runs.finish(read(self.ledger))
        except KeyboardInterrupt:
            print(
                "\nInterrupted: some of it may still be there, and cost money. Finish it with:\n"
                "  python3 start.py teardown"
            )
            raise
        finally:
            self._alive.release()

    def _remove(self) -> Outcome:
        return remove(self._place, read(self.ledger), self.pace)

    def rest_api_url(self, api_id: str, stage: str) -> str:
        if self.url:
            return f"{self.url}/_aws/execute-api/{api_id}/{stage}"
        return f"https://{api_id}.execute-api.{self.region}.amazonaws.com/{stage}"

    def wait_until(
        self, condition: Callable[[], Found], seconds: float = _SECONDS, what: str = "it is so"
    ) -> Found:
        if seconds == _SECONDS and not self.url:
            seconds = _SECONDS_ON_AWS
        return super().wait_until(condition, seconds, what)

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        given = super()._options(options)
        if not self.url:
            del given["endpoint_url"]
        return given

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of this cloud. AWS throttles, so most calls are tried again.

        Lambda's are not: a notebook shows who is refused, and no event is sent twice.
        """
        if service != "lambda":
            given = options.get("config")
            options["config"] = _TRY_AGAIN.merge(given) if given else _TRY_AGAIN
        return super().client(service, **options)

    def _sessions(self) -> boto3.session.Session:
        if self._session is None:
            self._session = boto3.session.Session(region_name=self.region)
        return self._session

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<account {self.account_id}, {state}, region {self.region}, run {self.run}>"


def _no_reset() -> None:
    raise CloudError(
        "An account is not emptied: other things may be in it. aws.teardown() deletes what this "
        "run has made; aws.close() does that too, and ends the run."
    )
