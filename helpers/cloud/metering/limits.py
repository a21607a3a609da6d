"""On an account no function may run away: few environments at once.

A function that sets itself off (an upload that makes an upload) would otherwise use the account's
whole concurrency for as long as nobody looks. ``Limits(client).attach(session)`` gives every
function that is made, or loses its own limit, a reserved concurrency. (That logs go by themselves:
see account/bounds.py.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud.metering.made import name_of

#: As many environments as the liveliest cell of the notebooks needs, and not many more.
ENVIRONMENTS = 25


class Limits:
    """``client`` makes boto3 clients of the account."""

    def __init__(self, client: Callable[[str], Any], environments: int = ENVIRONMENTS) -> None:
        self._client, self._environments = client, environments
        self._ours: set[str] = set()
        #: Functions that could not be limited, with AWS's reason: the account's limit holds alone.
        self.unlimited: dict[str, str] = {}

    def attach(self, session: Any) -> None:
        """Limit the functions that clients of this boto3 or botocore session make."""
        events = getattr(session, "events", None)
        if events is None:
            events = session.get_component("event_emitter")
        mine = f"course-limits-{id(self)}"
        events.register_last("before-parameter-build.lambda", self._keep, f"{mine}-keep")
        events.register_last("after-call.lambda", self._after_call, f"{mine}-after")

    def _keep(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["course_limited"] = params

    def _after_call(self, http_response: Any, model: Any, context: Any, **_: Any) -> None:
        asked = context.get("course_limited") or {}
        if getattr(http_response, "status_code", 200) >= 300 or "FunctionName" not in asked:
            return
        name = name_of(str(asked["FunctionName"]))
        if model.name == "CreateFunction":
            self._ours.add(name)
            self._limit(name)
        elif model.name == "DeleteFunctionConcurrency" and name in self._ours:
            self._limit(name)

    def _limit(self, name: str) -> None:
        """Reserve, which is also a limit. A new account with ten environments cannot: they are it.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        """
        try:
            self._client("lambda").put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=self._environments
            )
        except ClientError as problem:
            self.unlimited[name] = str(problem.response["Error"].get("Message", problem))
