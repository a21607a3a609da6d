"""API Gateway invokes a function: permission, limits, and the time it waits.

The caller is the service ``apigateway.amazonaws.com``, and the source is the method or route:
``arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path``.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import arn, lineage
from helpers.localaws.compute.errors import LambdaError, TooManyRequests
from helpers.localaws.compute.function import Function, Version
from helpers.localaws.compute.invocation import Invocation, Outcome
from helpers.localaws.compute.operations.invoke import MAX_SYNC_BYTES
from helpers.localaws.triggers.permission import may_invoke

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

SERVICE = "apigateway.amazonaws.com"
#: Seconds that the first invocation of an environment may take longer than the function's Timeout.
_INIT_SECONDS = 10


class Rejected(Exception):
    """Lambda does not run the function; the text is what API Gateway's log says about it."""


class NotPermitted(Rejected):
    """The function's resource policy does not let this API invoke it."""

    def __init__(self) -> None:
        super().__init__(
            "Execution failed due to configuration error: Invalid permissions on Lambda function"
        )


class Throttled(Rejected):
    """There is no room for one more invocation."""


class TooLarge(Rejected):
    """The event is larger than Lambda takes."""


class GaveUp(Exception):
    """The integration's timeout passed first. The function runs on."""


@dataclass(frozen=True)
class Source:
    """The API's method or route that invokes."""

    account: str
    region: str
    arn: str


def invoke(
    lambdas: LambdaService,
    target: str,
    event: dict[str, Any],
    source: Source,
    seconds: float,
    trace_id: str,
    *,
    by_role: bool = False,
) -> Outcome:
    """Invoke the function ``target`` (an ARN) and wait at most ``seconds``.

    ``by_role``: API Gateway takes on a role to invoke, so that the resource policy is not asked.
    Raises Rejected (or one of its kinds) and GaveUp.
    """
    function, version, qualifier = find(lambdas, target, source)
    if not by_role and not may_invoke(function, qualifier, SERVICE, source.arn, source.account):
        print(f"{SERVICE} may not invoke {target} for {source.arn}", file=sys.stderr)
        raise NotPermitted
    named = function.arn(qualifier)
    return run(lambdas, function, version, named, event, seconds, trace_id)


def find(
    lambdas: LambdaService, target: str, source: Source
) -> tuple[Function, Version, str | None]:
    """The function, the version that serves this invocation, and the qualifier that was named."""
    try:
        named = arn.parse(target)
        functions = lambdas.functions(
            named.account or source.account, named.region or source.region
        )
        function = functions.get(named.name)
        return function, function.route(named.qualifier), named.qualifier
    except LambdaError as problem:
        raise Rejected(f"Execution failed due to configuration error: {problem.message}") from None


def run(
    lambdas: LambdaService,
    function: Function,
    version: Version,
    named: str,
    event: dict[str, Any],
    seconds: float,
    trace_id: str,
    request_id: str | None = None,
) -> Outcome:
    """Invoke without asking for permission; the rest as ``invoke``."""
    payload = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    if len(payload) > MAX_SYNC_BYTES:
        raise TooLarge(f"Request must be smaller than {MAX_SYNC_BYTES} bytes")
    if version.state == "Pending":
        raise Rejected("The function is currently in the following state: Pending")
    trace, _ = lineage.extend(trace_id, function.latest.arn)
    invocation = Invocation(payload, named, trace_id=trace)
    if request_id:
        invocation.request_id = request_id

    def call() -> Outcome:
        try:
            return lambdas.invoke(function, version, invocation)
        except TooManyRequests as problem:
            raise Throttled(problem.message, problem.more.get("Reason", "")) from None

    if version.config["Timeout"] + _INIT_SECONDS <= seconds:
        return call()
    return _within(seconds, call)


def _within(seconds: float, call: Callable[[], Outcome]) -> Outcome:
    """Wait for ``call`` at most so long; it goes on when nobody waits any more."""
    result: Future[Outcome] = Future()

    def work() -> None:
        try:
            result.set_result(call())
        except BaseException as problem:
            result.set_exception(problem)

    threading.Thread(target=work, name="integration", daemon=True).start()
    try:
        return result.result(seconds)
    except TimeoutError:
        raise GaveUp from None
