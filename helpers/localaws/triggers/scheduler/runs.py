"""A schedule at work: its times, its calls, their retries, its dead-letter queue and its end.

Sources: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
"""

from __future__ import annotations

import json
import random
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.localaws.triggers import roles
from helpers.localaws.triggers.recurring import Recurring
from helpers.localaws.triggers.schedule_expressions import At, Expression, Rate, parse
from helpers.localaws.triggers.scheduler import calls
from helpers.localaws.triggers.scheduler.checks import SERVICE

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Seconds before the first retry, and the most before a later one; each is about twice the last.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 600.0


@dataclass
class Occurrence:
    """One time that a schedule was due, and what has become of it so far."""

    due: datetime
    execution: str = field(default_factory=lambda: secrets.token_hex(8))
    retries: int = 0
    began: float = field(default_factory=time.time)

    @property
    def when(self) -> str:
        return self.due.strftime("%Y-%m-%dT%H:%M:%SZ")


class Run:
    """Follows one version of a (moto) schedule until it is changed, deleted or over."""

    def __init__(self, lambdas: LambdaService, backend: Any, schedule: Any) -> None:
        self._lambdas, self._backend, self._schedule = lambdas, backend, schedule
        self._open = 0  #: occurrences that are not decided yet
        self._over = False  #: no other one will come
        schedule.run = self
        if schedule.state == "DISABLED":
            return
        expression = parse(schedule.schedule_expression, schedule.schedule_expression_timezone)
        end = schedule.end_date if not isinstance(expression, At) else None
        Recurring(
            lambdas.timetable,
            expression,
            self._start(expression),
            self._fire,
            last=datetime.fromtimestamp(float(end), UTC) if end else None,
            when_over=self._end,
            delay=self._delay,
        )

    def _start(self, expression: Expression) -> datetime:
        """When the first occurrence may be; a rate is counted from there."""
        now = datetime.fromtimestamp(time.time(), UTC)
        given = self._schedule.start_date if not isinstance(expression, At) else None
        begin = datetime.fromtimestamp(float(given or self._schedule.creation_date), UTC)
        if isinstance(expression, Rate):
            # A new one begins at once; one that was changed goes on in its rhythm.
            recent = (now - begin).total_seconds() < 1
            return begin if begin >= now or recent else expression.skip_to(begin, now) or now
        return max(begin, now)

    def _delay(self) -> float:
        """Seconds after the due time, by chance, in a flexible window."""
        minutes = self._schedule.flexible_time_window.get("MaximumWindowInMinutes") or 0
        return random.uniform(0, minutes * 60)

    def _current(self) -> bool:
        group = self._backend.schedule_groups.get(self._schedule.group_name)
        kept = group is not None and group.schedules.get(self._schedule.name) is self._schedule
        return kept and self._schedule.run is self

    def _fire(self, due: datetime) -> bool:
        if not self._current():
            return False
        self._open += 1
        self._attempt(Occurrence(due))
        return True

    def _end(self) -> None:
        self._over = True
        self._delete_if_done()

    def _delete_if_done(self) -> None:
        done = self._over and not self._open and self._current()
        if done and self._schedule.action_after_completion == "DELETE":
            self._backend.delete_schedule(self._schedule.group_name, self._schedule.name)

    # -- one occurrence ------------------------------------------------------------------------

    def _attempt(self, occurrence: Occurrence) -> None:
        call = calls.call_for(
            self._schedule.target, self._schedule.arn, occurrence.when, occurrence.execution,
            occurrence.retries + 1,
        )  # fmt: skip
        self._count("InvocationAttemptCount")
        try:
            calls.make(self._client(call.service), call)
        except roles.RoleNotAssumable as problem:
            self._failed(occurrence, call, "AccessDeniedException", str(problem))
        except calls.EntryRefused as problem:
            self._failed(occurrence, call, problem.code, str(problem))
        except ClientError as problem:
            error = problem.response["Error"]
            self._failed(occurrence, call, error["Code"], error["Message"])
        except (BotoCoreError, NotImplementedError) as problem:
            self._failed(occurrence, call, type(problem).__name__, str(problem))
        else:
            self._decided()

    def _failed(self, occurrence: Occurrence, call: calls.Call, code: str, message: str) -> None:
        self._count("TargetErrorCount")
        policy = self._schedule.target["RetryPolicy"]
        pause = min(FIRST_PAUSE * 2**occurrence.retries, LONGEST_PAUSE) * random.uniform(0.5, 1)
        due = time.time() + pause
        if occurrence.retries >= policy.get("MaximumRetryAttempts", 185):
            self._give_up(occurrence, call, code, message, "MaximumRetryAttempts")
        elif due - occurrence.began > policy.get("MaximumEventAgeInSeconds", 86_400):
            self._give_up(occurrence, call, code, message, "MaximumEventAgeInSeconds")
        else:
            occurrence.retries += 1
            self._lambdas.timetable.at(due, partial(self._again, occurrence))

    def _again(self, occurrence: Occurrence) -> None:
        if self._current():
            self._attempt(occurrence)

    def _decided(self) -> None:
        self._open -= 1
        self._delete_if_done()

    def _give_up(
        self, occurrence: Occurrence, call: calls.Call, code: str, message: str, condition: str
    ) -> None:
        self._count("InvocationDroppedCount")
        queue = (self._schedule.target.get("DeadLetterConfig") or {}).get("Arn")
        if queue:
            attributes = {
                "ERROR_CODE": code,
                "ERROR_MESSAGE": message,
                "EXECUTION_ID": occurrence.execution,
                "EXHAUSTED_RETRY_CONDITION": condition,
                "IS_PAYLOAD_TRUNCATED": "false",
                "RETRY_ATTEMPTS": str(occurrence.retries),
                "SCHEDULED_TIME": occurrence.when,
                "SCHEDULE_ARN": self._schedule.arn,
                "TARGET_ARN": self._schedule.target["Arn"],
            }
            self._to_dead_letter_queue(queue, json.dumps(call.parameters), attributes)
        self._decided()

    def _to_dead_letter_queue(self, queue: str, body: str, attributes: dict[str, str]) -> None:
        message = calls.call_for({"Arn": queue, "Input": body}, self._schedule.arn, "", "", 1)
        message.parameters["MessageAttributes"] = {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        }
        try:
            calls.make(self._client("sqs"), message)
        except (roles.RoleNotAssumable, ClientError, BotoCoreError):
            self._count("InvocationsFailedToBeSentToDeadLetterCount")
        else:
            self._count("InvocationsSentToDeadLetterCount")

    def _client(self, service: str) -> Any:
        _, _, _, region, account, _ = self._schedule.arn.split(":", 5)
        role = self._schedule.target["RoleArn"]
        return roles.client(self._lambdas.endpoint, service, role, SERVICE, account, region)

    def _count(self, name: str) -> None:
        _, _, _, region, account, _ = self._schedule.arn.split(":", 5)
        dimensions = {"ScheduleGroup": self._schedule.group_name}
        self._lambdas.metrics.of_service(account, region, "AWS/Scheduler", dimensions, {name: 1.0})
