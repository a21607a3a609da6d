"""The meter: listens to every request of this process, prices it, and stops before the limit."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.cloud import bill as bills
from helpers.cloud.errors import CloudError
from helpers.cloud.metering import reports, requests
from helpers.cloud.metering.beside import Beside
from helpers.cloud.metering.budget import Budget, BudgetReached, passes_always
from helpers.cloud.metering.lifetimes import Lifetimes
from helpers.cloud.metering.made import Made, name_of
from helpers.cloud.metering.observed import Observer
from helpers.cloud.prices import Prices

Used = dict[str, Decimal]

#: Asks AWS for what handlers and triggers spent at most so often, in seconds.
EVERY = 60.0
#: Refused requests that DynamoDB bills all the same.
_BILLED_REFUSALS = ("ConditionalCheckFailedException", "TransactionCanceledException")
_INVOKES = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
#: They cost nothing, and functions that were stopped would go on spending.
_SETTING_FREE = ("DeleteFunctionConcurrency", "PutFunctionConcurrency")
_OTHERS = "requests of the AWS CLI and of other programs"
#: On an account the CLI tells the run's meter.
_OTHERS_ON_AN_ACCOUNT = "requests of other programs than the notebook and the AWS CLI in its cells"
_LEFT_OUT = (
    "what handlers read and write in S3, KMS, Secrets Manager and Parameter Store",
    _OTHERS,
    "data events of trails",
    "custom metrics that handlers make",
    "storage, which costs next to nothing in an hour",
    "taxes",
)
#: On AWS the metrics of queues and tables tell of it.
_NOT_SHOWN_LOCALLY = (
    "what handlers read and write in tables",
    "the requests with which Lambda asks queues, full or empty",
)


class Meter:
    """Meters one run.

    ``client`` makes boto3 clients of the cloud (needed for what is not seen here), ``now`` gives
    the cloud's time, ``everything`` says that all in the cloud belongs to this run, ``real`` that
    somebody pays for it. ``warn`` is given the one sentence when half of the budget is spent.
    ``beside``: where the AWS CLI tells what it used; in the CLI's own process, ``tells`` it there.
    """

    def __init__(
        self,
        prices: Prices | None = None,
        budget_usd: Decimal | float | str | None = None,
        region: str = "us-east-1",
        *,
        client: Callable[[str], Any] | None = None,
        now: Callable[[], datetime] | None = None,
        everything: bool = False,
        real: bool = True,
        every: float = EVERY,
        warn: Callable[[str], None] = print,
        beside: Beside | None = None,
        tells: bool = False,
    ) -> None:
        self.prices = prices or Prices.load(region)
        self.warn = warn
        self._limit = _dollars(budget_usd)
        self._client, self._now = client, now or (lambda: datetime.now(UTC))
        self._everything, self._real, self._every = everything, real, every
        self._beside, self._tells = beside, tells
        self._lock = threading.RLock()
        self._quiet = threading.local()
        self._mark = f"course-meter-{id(self)}"  # what is this meter's own, where there are two
        self.restart()

    # -- what others use -------------------------------------------------------------------------

    def restart(self) -> None:
        """Forget what was used: a new run begins, in an empty cloud."""
        with self._lock:
            self._budget = Budget(self._limit)
            self._counted: Used = {}  # by what passed here
            self._observed: Used = {}  # by what AWS showed when it was last asked
            self._looking: Used = {}  # by asking for that
            self._in_flight = Decimal(0)  # what is under way could cost so much
            self._lifetimes = Lifetimes()
            self.made = Made(self._everything)
            self._since = self._now()
            self._observer = (
                Observer(self._client, self.made, self._since) if self._client else None
            )
            self._asked_at = time.monotonic()
            self._stopped = False

    def attach(self, session: Any) -> None:
        """Meter every client that is made of this boto3 or botocore session from now on."""
        events = getattr(session, "events", None)  # boto3's
        if events is None:
            events = session.get_component("event_emitter")
        mine = self._mark  # once for each session, however often it is attached
        events.register_first("before-call", self._before_call, f"{mine}-before")
        events.register_last("before-parameter-build", self._keep_parameters, f"{mine}-keep")
        events.register_last("after-call", self._after_call, f"{mine}-after")
        events.register_last("after-call-error", self._after_error, f"{mine}-error")

    @property
    def spent(self) -> Decimal:
        """US dollars at list price, by all that is known now; nothing is asked from AWS."""
        return self._cost(self._used())

    @property
    def budget(self) -> Decimal | None:
        """US dollars, or None."""
        return self._budget.limit

    def bill(self) -> bills.Bill:
        """What the run has used so far. Asks AWS for what handlers and triggers did."""
        self._listen()
        self.observe()
        self.publish()
        beside = self._beside is not None
        left_out = [
            _OTHERS_ON_AN_ACCOUNT if beside and one == _OTHERS else one for one in _LEFT_OUT
        ]
        return bills.make(
            self._used(),
            self.prices,
            real=self._real,
            since=self._since,
            until=self._now(),
            left_out=left_out if self._real else (*_NOT_SHOWN_LOCALLY, *left_out),
        )

    def observe(self) -> None:
        """Ask AWS now what handlers, triggers and callers from outside have used."""
        self._asked_at = time.monotonic()
        if self._observer is None:
            return
        with self.paused():
            seen = self._observer.read(self._now())
        if self._real:  # asking costs something itself
            self._looking = {
                "cloudwatch.get_metric_data": Decimal(self._observer.asked_metrics),
                "cloudwatch.requests": Decimal(self._observer.asked_requests),
            }
        with self._lock:
            self._observed = seen

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within it this thread's requests are neither metered nor refused: for cleaning up."""
        before = getattr(self._quiet, "on", False)
        self._quiet.on = True
        try:
            yield
        finally:
            self._quiet.on = before

    # -- botocore's events -----------------------------------------------------------------------

    def _keep_parameters(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["course_parameters"] = params

    def _before_call(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        if getattr(self._quiet, "on", False):
            return
        service, operation = _which(model)
        asked = context.get("course_parameters") or {}
        self._listen()
        context["course_began"] = time.monotonic()
        if self.budget is None:
            return
        if time.monotonic() - self._asked_at >= self._every and self.made.functions():
            self.observe()
        worst = self._at_most(service, operation, asked)
        with self._lock:
            spent = self.spent + self._in_flight
            starts = worst > 0 or operation.startswith(("Create", "Put", "Start", "Update"))
            full = self._budget.is_passed_by(spent + worst) and starts
            frees = self._stopped and operation in _SETTING_FREE
            if not frees and (not full or passes_always(operation)):
                self._in_flight += worst
                context[self._mark] = worst
                return
        if self._budget.is_nearly_gone(self.spent):
            self._stop_functions()
        name = model.service_model.service_id
        raise BudgetReached(
            f"{name} {operation}", self.budget, self.spent, stopped=self._stopped
        ) from None

    def _after_call(
        self, http_response: Any, parsed: Mapping[str, Any], model: Any, context: Any, **_: Any
    ) -> None:
        if getattr(self._quiet, "on", False):
            return
        self._release(context)
        service, operation = _which(model)
        asked = context.get("course_parameters") or {}
        refused = getattr(http_response, "status_code", 200) >= 300
        if refused and parsed.get("Error", {}).get("Code") not in _BILLED_REFUSALS:
            return
        used = requests.used(service, operation, asked, {} if refused else parsed)
        if service == "lambda" and operation in _INVOKES:
            used = self._invoked(
                asked, parsed, time.monotonic() - context.get("course_began", time.monotonic())
            )
        self._add(used)
        if not refused:
            self._note(service, operation, asked, parsed, self._now)
        if self._beside is not None and self._tells:
            begun = {} if refused else self._lifetimes.first_step(service, operation, asked)
            spent = self._cost(used) + self._cost(begun)
            told = {} if refused else parsed
            if used or not operation.startswith(("Get", "List", "Describe", "Head")):
                self._beside.tell(spent, used, service, operation, asked, told)
        self.publish()
        if self.budget is not None and (said := self._budget.warning(self.spent)):
            self.warn(said)

    def _after_error(self, context: Any, **_: Any) -> None:
        self._release(context)

    # -- sums ------------------------------------------------------------------------------------

    def _used(self) -> Used:
        """By price: what passed here or what AWS shows of it, whichever is more.

        Both count the notebook's own requests, so that adding them up would count those twice.
        """
        with self._lock:
            sums = {
                key: max(self._counted.get(key, Decimal(0)), self._observed.get(key, Decimal(0)))
                for key in self._counted.keys() | self._observed.keys()
            }
        more = (*self._looking.items(), *self._lifetimes.used(self._now()).items())
        for key, quantity in more:
            sums[key] = sums.get(key, Decimal(0)) + quantity
        return sums

    def _add(self, used: Mapping[str, Decimal]) -> None:
        with self._lock:
            for key, quantity in used.items():
                self._counted[key] = self._counted.get(key, Decimal(0)) + quantity

    def _release(self, context: dict[str, Any]) -> None:
        with self._lock:
            self._in_flight -= context.pop(self._mark, Decimal(0))

    def publish(self) -> None:
        """Let the AWS CLI, beside this process, know what is left of the budget."""
        if self._beside is None or self._tells:
            return
        with self._lock, suppress(OSError):  # no reason to fail a call that AWS has answered
            self._beside.publish(self.spent, self.budget)

    def _listen(self) -> None:
        """Count what the AWS CLI has used meanwhile."""
        if self._beside is None or self._tells:
            return
        with self._lock:
            for fact in self._beside.told():
                self._add({key: Decimal(quantity) for key, quantity in fact["used"].items()})
                at = datetime.fromisoformat(fact["at"])
                self._note(
                    fact["service"], fact["operation"], fact["asked"], fact["reply"],
                    partial(_itself, at),
                )  # fmt: skip

    def _note(
        self, service: str, operation: str, asked: Any, reply: Any, now: Callable[[], datetime]
    ) -> None:
        self.made.note(service, operation, asked, reply)
        self._lifetimes.note(service, operation, asked, reply, now)
        if service == "lambda":
            settings = self.made.settings(str(asked.get("FunctionName", "")))
            self._lifetimes.note_provisioned(
                operation, asked, settings.memory_mb, settings.architecture, now
            )

    def _at_most(self, service: str, operation: str, asked: Any) -> Decimal:
        """The most that one request can cost, in US dollars."""
        used = dict(requests.used(service, operation, asked, {}))
        used |= self._lifetimes.first_step(service, operation, asked)
        if service == "lambda" and operation in _INVOKES:
            settings = self.made.settings(str(asked.get("FunctionName", "")))
            seconds = Decimal(settings.timeout_s)
            used = _duration(settings.architecture, seconds * settings.memory_mb / 1024)
        return self._cost(used)

    def _cost(self, used: Mapping[str, Decimal]) -> Decimal:
        return sum((self.prices.cost(key, quantity) for key, quantity in used.items()), Decimal(0))

    def _invoked(self, asked: Any, reply: Any, took: float) -> Used:
        """What an invocation cost, by its own report, or else by the time that we waited for it.

        An asynchronous one is not known yet: it is counted as a request alone.
        """
        settings = self.made.settings(str(asked.get("FunctionName", "")))
        found = reports.read(_tail(reply).splitlines())
        if found:
            return _duration(settings.architecture, found[-1].gb_seconds)
        waited = took if asked.get("InvocationType", "RequestResponse") == "RequestResponse" else 0
        return _duration(settings.architecture, Decimal(str(waited)) * settings.memory_mb / 1024)

    def _stop_functions(self) -> None:
        """No environment for any function of this run: triggers cannot go on spending."""
        if self._stopped or self._client is None or not self._real:
            return
        names = self.made.functions()
        stopped, again = False, False
        with self.paused():
            for name in names:
                try:
                    self._client("lambda").put_function_concurrency(
                        FunctionName=name_of(name), ReservedConcurrentExecutions=0
                    )
                except (ClientError, BotoCoreError) as problem:
                    known = getattr(problem, "response", {}).get("Error", {}).get("Code")
                    again = again or known != "ResourceNotFoundException"  # that one is gone
                    continue
                stopped = True
        self._stopped = stopped and not again


def _itself(moment: datetime) -> datetime:
    return moment


def _which(model: Any) -> tuple[str, str]:
    """botocore's name of the service, and the operation."""
    return model.service_model.service_name, model.name


def _duration(architecture: str, gb_seconds: Decimal) -> Used:
    return {"lambda.requests": Decimal(1), f"lambda.duration.{architecture}": gb_seconds}


def _tail(reply: Mapping[str, Any]) -> str:
    try:
        return base64.b64decode(reply.get("LogResult") or "").decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""


def _dollars(given: Decimal | float | str | None) -> Decimal | None:
    if given is None:
        return None
    try:
        amount = Decimal(str(given))
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise CloudError(
            f"A budget is a number of US dollars above 0, not {given!r}. For example: budget_usd=1"
        )
    return amount
