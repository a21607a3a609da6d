"""How states run: what moto's interpreter does otherwise than AWS. ``moto_hooks`` puts these
functions in the place of its methods, which is why their first parameter is called ``self``.
"""

from __future__ import annotations

import copy
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from helpers.localaws.triggers.stepfunctions import waiting
from helpers.localaws.triggers.stepfunctions.moments import iso, now

#: How many iterations of an inline Map run at the same time.
#: Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
MAP_CONCURRENCY = 40

_NO_NEXT_STATE = "Failed to transition out of the state. The state does not point to a next state."


def run_program(self: Any, env: Any) -> None:
    """Run a program in the thread that asks. (moto starts another one, to count its seconds;
    here the course clock counts them.)"""
    from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent

    env.next_state_name = self.start_at.start_at_name
    EvalComponent.eval(self, env)


def note_catch(catch: Any) -> Any:
    """A Catch that matches has chosen the next state, also where it chooses its own once more."""

    def evaluate(self: Any, env: Any) -> None:
        env.caught = False
        catch(self, env)
        env.caught = bool(env.stack) and type(env.stack[-1]).__name__ == "CatcherOutcomeCaught"

    return evaluate


def keep_caught(set_next: Any) -> Any:
    """What follows a state: moto takes a Catch to the state itself for no choice at all."""

    def choose_next(self: Any, env: Any) -> None:
        if getattr(env, "caught", False):
            env.caught = False
        else:
            set_next(self, env)

    return choose_next


def state_data(EnteredTime: str, Name: str) -> dict[str, Any]:
    """``$$.State``, with the time written as AWS writes it."""
    return {"EnteredTime": iso(now()), "Name": Name}


def fail(env: Any, error: str, cause: str) -> Exception:
    """The exception that makes the state of ``env`` fail with this error."""
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )

    told: Any = {"error": error, "cause": cause}
    details: Any = {"taskFailedEventDetails": told}
    event = FailureEvent(env, ErrorName(error), HistoryEventType.TaskFailed, details)
    if error not in _TOLD_BY_MOTO:
        told["cause"] = (
            f"An error occurred while executing the state '{event.state_name}' "
            f"(entered at the event id #{event.source_event_id}). {cause}"
        )
    return FailureEventException(event)


#: With these moto says itself in which state they happened.
_TOLD_BY_MOTO = ("States.Runtime", "States.QueryEvaluationError")


def choose(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A Choice without a match and without Default."""

    def _eval_state(self: Any, env: Any) -> None:
        try:
            original(self, env)
        except RuntimeError as problem:
            if "No branching option" not in str(problem.args[0]):
                raise
            raise fail(env, "States.Runtime", _NO_NEXT_STATE) from None

    return _eval_state


def evaluate_with_timeout(self: Any, env: Any) -> None:
    """Run a Task, Parallel or Map in a thread of its own, for as long as its timeout allows.

    It is moto's own procedure, but for the clock that counts, for the end of the execution, which
    ends the wait, and for the field that a failing path is reported with.
    """
    from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
    from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

    self.timeout.eval(env=env)
    seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = copy.deepcopy(env.stack)
    problems: list[Exception] = []
    over = waiting.CourseEvent()

    def run() -> None:
        try:
            self._eval_execution(frame)
        except NoSuchJsonPathError as problem:
            problems.append(no_such_path(frame, problem))
        except Exception as problem:
            problems.append(problem)
        over.set()

    threading.Thread(target=run, name=f"sfn-{self.name}"[:60], daemon=True).start()
    in_time = over.wait(seconds)
    frame.set_ended()
    env.close_frame(frame)
    if not in_time:
        interrupt(frame)
        raise EvalTimeoutError()
    if problems:
        raise problems[0]
    env.stack.append(frame.stack.pop())
    if not self._is_language_query_jsonpath():
        env.states.set_result(env.stack[-1])
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_selector:
        self.result_selector.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)
    else:
        env.states.reset(input_value=env.stack.pop())


def without_limit(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Around ``from_state_props``: a HeartbeatSeconds alone does not bring a TimeoutSeconds of 60.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """

    def from_state_props(self: Any, state_props: Any) -> None:
        from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSeconds

        original(self, state_props)
        if self.timeout.is_default_value():
            self.timeout = TimeoutSeconds(TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS)

    return from_state_props


def interrupt(frame: Any) -> None:
    """Nobody waits any more for the answer to the token of this task."""
    token = frame.states.context_object.context_object_data.get("Task", {}).get("Token")
    endpoint = frame.callback_pool_manager.get(token) if token else None
    if endpoint is not None:
        endpoint.interrupt_all()


def no_such_path(env: Any, problem: Any) -> Exception:
    """States.Runtime, which names the field whose path found nothing."""
    from helpers.localaws.triggers.stepfunctions.json_text import dumps

    field = getattr(problem, "field", env.next_field_name)
    cause = (
        f"The JSONPath '{problem.json_path}' specified for the field '{field}' could "
        f"not be found in the input '{dumps(problem.data)}'"
    )
    return fail(env, "States.Runtime", cause)


def catches(self: Any, env: Any) -> None:
    """Whether an ErrorEquals names the error that was met.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    met = env.stack.pop().error_name
    names = {one.error_name for one in self.error_names}
    if met == "States.Runtime":
        caught = False  # never retried, never caught, also not by States.ALL
    elif met in names:
        caught = True
    elif met == "States.DataLimitExceeded":
        caught = False
    elif "States.ALL" in names:
        caught = True
    else:
        caught = "States.TaskFailed" in names and met not in _TIMEOUTS
        caught = caught or (met == "States.HeartbeatTimeout" and "States.Timeout" in names)
    env.stack.append(caught)


_TIMEOUTS = {"States.Timeout", "States.HeartbeatTimeout"}


def limit_map(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """At most 40 iterations of an inline Map at once (moto: a thread for each item)."""

    def _eval_body(self: Any, env: Any) -> None:
        asked = env.stack[-1]
        most = min(asked.max_concurrency or MAP_CONCURRENCY, MAP_CONCURRENCY)
        asked.max_concurrency = min(most, len(asked.input_items))
        original(self, env)

    return _eval_body


def work_through(self: Any, job: Any, worker_frame: Any) -> None:
    """One worker of a Map: item after item. (moto calls itself for each, which ends at Python's
    limit of 1,000 calls.)"""
    pool, frame = self._job_pool, None
    while job is not None:
        frame = worker_frame.open_inner_frame()
        self._eval_job(env=frame, job=job)
        worker_frame.close_frame(frame)
        failed = isinstance(job.job_output, Exception) or self.stopped()
        following = None if failed else pool.next_job()
        if following is None:
            if not failed:
                # The state that follows is entered because of this iteration's last event.
                last = frame.event_history_context.last_published_event_id
                worker_frame.event_history_context.source_event_id = last
            self._env.close_frame(worker_frame)
        pool.close_job(job)
        job = following
    if frame is None:
        self._env.close_frame(worker_frame)


def scope_of_language(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A state that names no QueryLanguage has the state machine's, also inside a Map or Parallel
    that names another one. (Whether a definition may name it was checked before.)"""

    def _open_query_language_scope(self: Any, parse_tree: Any) -> None:
        outer = self._query_language_per_scope
        machines = outer[:1]
        self._query_language_per_scope = list(machines)
        original(self, parse_tree)
        opened = self._query_language_per_scope[len(machines) :]
        self._query_language_per_scope = outer + opened

    return _open_query_language_scope


def timestamp(text: str) -> datetime | None:
    """RFC 3339 with a capital T, and Z or an offset; None: it is no such text."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", str(text)):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None


def seconds_until(self: Any, env: Any) -> float:
    """Of a Wait with Timestamp or TimestampPath: seconds of the course clock."""
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEventException,
    )

    self.string.eval(env=env)
    text = env.stack.pop()
    moment = timestamp(text)
    if moment is None:
        raise FailureEventException(self._create_failure_event(env, text))
    return moment.timestamp() - time.time()


def wait_interval(self: Any, env: Any, wait_seconds: float) -> None:
    """A Wait state: until the course clock is there, or the execution ends."""
    if wait_seconds > 0:
        env.program_state_event.wait(wait_seconds)


def matches(variable: Any, pattern: Any) -> bool:
    r"""StringMatches: ``*`` stands for any characters, ``\\*`` for itself; nothing else is special.

    Source: https://states-language.net/#choice-state
    """
    if not isinstance(variable, str) or not isinstance(pattern, str):
        return False
    pieces = re.findall(r"\\[*\\]|.", pattern, re.DOTALL)
    regular = "".join(
        ".*" if one == "*" else re.escape(one.removeprefix("\\") or one) for one in pieces
    )
    return re.fullmatch(regular, variable, re.DOTALL) is not None
