"""One execution of a state machine, from its start to its end.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-executions.html
"""

from __future__ import annotations

import json
import math
import sys
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.triggers.stepfunctions import interpreter, waiting
from helpers.localaws.triggers.stepfunctions.history import ENDINGS, History, details_of
from helpers.localaws.triggers.stepfunctions.machines import Settings, StateMachine
from helpers.localaws.triggers.stepfunctions.moments import now

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.service import StepFunctions

#: Seconds that an execution may take.
#: Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
EXPRESS_SECONDS = 300
STANDARD_SECONDS = 365 * 86_400
#: Seconds after its end in which an execution can still be asked for.
KEPT_SECONDS = 90 * 86_400


class Execution:
    """Runs in a thread of its own, unless ``run`` is called by who waits for it."""

    def __init__(
        self,
        service: StepFunctions,
        machine: StateMachine,
        settings: Settings,
        name: str,
        given: str,
        *,
        version: str | None = None,
        alias: str | None = None,
        trace: str | None = None,
    ) -> None:
        self._service = service
        self.machine, self.settings, self.name, self.input = machine, settings, name, given
        self.version, self.alias, self.trace = version, alias, trace
        _, _, _, self.region, self.account, _, machine_name = machine.arn.split(":")
        kind = "execution" if machine.kind == "STANDARD" else "express"
        self.arn = f"arn:aws:states:{self.region}:{self.account}:{kind}:{machine_name}:{name}"
        if kind == "express":
            self.arn += f":{uuid4()}"
        self.status = "RUNNING"
        self.started = now()
        self.stopped: float | None = None
        self.output: str | None = None
        self.error: str | None = None
        self.cause: str | None = None
        self.done = threading.Event()
        overflow = self._fail_with if kind == "execution" else None
        self.history = History(self._happened, self._is_running, overflow)
        self.env: Any = None  # the interpreter's, while it runs
        self._forget_deadline: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Run it in the background."""
        threading.Thread(target=self.run, name=f"sfn-{self.name}"[:60], daemon=True).start()

    def run(self) -> None:
        """Run it to its end in this thread."""
        try:
            program = interpreter.parse(self.settings.definition)
            self.env = interpreter.environment(self, json.loads(self.input))
            self._set_deadline(program)
            self._service.started(self)
            self._say_started()
            if not self.history.closed:  # somebody may have stopped it already
                program.eval(self.env)
        except Exception as problem:
            traceback.print_exc(file=sys.stderr)
            self._fail(f"{type(problem).__name__}: {problem}")
        else:
            if not self.history.closed:
                self._fail("The interpreter ended without a result")
        self.env = None  # large, and of no use any more

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """StopExecution: it is over at once, whatever it waits for."""
        given = {"error": error, "cause": cause}
        details = {name: text for name, text in given.items() if text is not None}
        self._end("ExecutionAborted", details)

    def time_out(self) -> None:
        """The time of the state machine's TimeoutSeconds is up."""
        self._end("ExecutionTimedOut", {})

    def _end(self, kind: str, details: dict[str, Any]) -> None:
        name = f"{kind[0].lower()}{kind[1:]}EventDetails"
        if self.history.end(kind, {name: details}):
            interpreter.release(self.env)

    def is_kept(self) -> bool:
        """Whether it can still be asked for."""
        return self.stopped is None or now() < self.stopped + KEPT_SECONDS

    def _fail(self, cause: str) -> None:
        self._fail_with({"error": "States.Runtime", "cause": cause})

    def _fail_with(self, details: dict[str, Any]) -> None:
        self._end("ExecutionFailed", details)

    def _is_running(self) -> bool:
        return self.env is not None and bool(self.env.is_running())

    def _set_deadline(self, program: Any) -> None:
        most = EXPRESS_SECONDS if self.machine.kind == "EXPRESS" else STANDARD_SECONDS
        seconds = min(interpreter.timeout(program) or most, most)
        self._forget_deadline = self._service.deadlines.put(seconds, self.time_out)

    def _say_started(self) -> None:
        details = {
            "input": self.input,
            "inputDetails": {"truncated": False},
            "roleArn": self.settings.role,
        }
        interpreter.say_started(self.env, {"executionStartedEventDetails": details})

    def _happened(self, event: dict[str, Any]) -> None:
        """Each event of the history; the last one says how the execution ended."""
        self._service.logger.write(self, event)
        if event["type"] in ENDINGS:
            details = details_of(event)
            self.stopped = event["timestamp"]
            self.output = details.get("output")
            self.error, self.cause = details.get("error"), details.get("cause")
            self.status = ENDINGS[event["type"]]
            self._forget_deadline()
            self._service.ended(self)
            self.done.set()
            waiting.announce_end()
        elif event["type"].endswith("StateEntered") and self.machine.deleting:
            # A deleted state machine's executions end at their next transition.
            threading.Thread(target=self.stop, daemon=True).start()

    def billing(self) -> dict[str, int]:
        """billingDetails of an express workflow: rounded up to 100 ms and 64 MB."""
        seconds = (self.stopped or now()) - self.started
        return {
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": max(1, math.ceil(seconds * 10)) * 100,
        }
