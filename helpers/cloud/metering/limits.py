"""On an account no function may run away: few environments at once, and logs that go by themselves.

A function that sets itself off (an upload that makes an upload) would otherwise use the account's
whole concurrency for as long as nobody looks. ``Limits(client).attach(session)`` gives every
function that is made, or loses its own limit, a reserved concurrency; ``keep_logs_short`` gives the
log groups of functions a retention, once Lambda has made them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.cloud.metering.made import name_of

#: As many environments as the liveliest cell of the notebooks needs, and not many more.
ENVIRONMENTS = 25
#: CloudWatch Logs knows 1, 3, 5, 7, … days.
#: Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
DAYS = 3


class Limits:
    """``client`` makes boto3 clients of the account."""

    def __init__(
        self, client: Callable[[str], Any], environments: int = ENVIRONMENTS, days: int = DAYS
    ) -> None:
        self._client, self._environments, self._days = client, environments, days
        self._lock = threading.Lock()
        self._functions: dict[str, bool] = {}  # name: whether its logs have a retention
        #: Functions that could not be limited, with AWS's reason: the account's limit holds alone.
        self.unlimited: dict[str, str] = {}

    def attach(self, session: Any) -> None:
        """Limit the functions that clients of this boto3 or botocore session make."""
        events = getattr(session, "events", None)
        if events is None:
            events = session.get_component("event_emitter")
        events.register_last("before-parameter-build.lambda", self._keep, "course-limits-keep")
        events.register_last("after-call.lambda", self._after_call, "course-limits")

    def keep_logs_short(self) -> None:
        """Give the logs of the functions made so far a retention; those that exist by now."""
        with self._lock:
            names = [name for name, done in self._functions.items() if not done]
        for name in names:
            try:
                self._client("logs").put_retention_policy(
                    logGroupName=f"/aws/lambda/{name}", retentionInDays=self._days
                )
            except (ClientError, BotoCoreError):
                continue  # nothing has run yet, so nothing made the log group
            with self._lock:
                self._functions[name] = True

    def _keep(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["course_limited"] = params

    def _after_call(self, http_response: Any, model: Any, context: Any, **_: Any) -> None:
        asked = context.get("course_limited") or {}
        if getattr(http_response, "status_code", 200) >= 300 or "FunctionName" not in asked:
            return
        name = name_of(str(asked["FunctionName"]))
        if model.name == "CreateFunction":
            with self._lock:
                self._functions[name] = False
            self._limit(name)
        elif model.name == "DeleteFunctionConcurrency" and name in self._functions:
            self._limit(name)
        elif model.name == "DeleteFunction" and "Qualifier" not in asked:
            with self._lock:
                self._functions.pop(name, None)
        elif model.name == "Invoke":
            self.keep_logs_short()

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
