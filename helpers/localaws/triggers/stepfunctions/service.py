"""Step Functions as a service: the state machines and executions of every account and region."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from helpers.localaws.triggers.stepfunctions import clients, interpreter
from helpers.localaws.triggers.stepfunctions.execution import Execution
from helpers.localaws.triggers.stepfunctions.logs import ExecutionLogger
from helpers.localaws.triggers.stepfunctions.machines import StateMachine
from helpers.localaws.triggers.stepfunctions.waiting import Deadlines

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

NAMESPACE = "AWS/States"
#: How many tokens of tasks that are over are remembered, to say so when they come late.
_KEPT_TOKENS = 10_000


class Store:
    """What one account has in one region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.lock = threading.RLock()
        self.machines: dict[str, StateMachine] = {}  #: by name
        self.executions: dict[str, Execution] = {}  #: of standard workflows, by ARN


class StepFunctions:
    """What the gateway, and other services that start executions, talk to."""

    def __init__(self, lambdas: LambdaService) -> None:
        self._lambdas = lambdas
        self._lock = threading.Lock()
        self._stores: dict[tuple[str, str], Store] = {}
        self._running: set[Execution] = set()
        self._spent_tokens: OrderedDict[str, None] = OrderedDict()
        self._expected = False
        self.deadlines = Deadlines()
        self.logger = ExecutionLogger(lambdas.logs)
        clients.use(self)

    @property
    def endpoint(self) -> str:
        """The URL under which this cloud answers."""
        return self._lambdas.endpoint

    def store(self, account: str, region: str) -> Store:
        with self._lock:
            key = account, region
            if key not in self._stores:
                self._stores[key] = Store(account, region)
            return self._stores[key]

    def started(self, execution: Execution) -> None:
        with self._lock:
            self._running.add(execution)
        self._count(execution, ExecutionsStarted=1.0)

    def ended(self, execution: Execution) -> None:
        """Called once, when an execution has its last event."""
        with self._lock:
            self._running.discard(execution)
            env = execution.env
            for token in list(env.callback_pool_manager._pool) if env else ():
                self._spent_tokens[token] = None
            while len(self._spent_tokens) > _KEPT_TOKENS:
                self._spent_tokens.popitem(last=False)
        kind = {"TIMED_OUT": "TimedOut"}.get(execution.status, execution.status.capitalize())
        milliseconds = ((execution.stopped or 0.0) - execution.started) * 1000
        self._count(execution, **{f"Executions{kind}": 1.0, "ExecutionTime": milliseconds})
        machine = execution.machine
        if machine.kind == "EXPRESS" or machine.deleting:
            with self._lock:
                if execution in machine.executions:
                    machine.executions.remove(execution)
            self.forget_if_deleted(machine)

    def running(self) -> list[Execution]:
        with self._lock:
            return list(self._running)

    def is_spent(self, token: str) -> bool:
        """Whether a task with this token was there once."""
        return token in self._spent_tokens

    def forget_if_deleted(self, machine: StateMachine) -> None:
        """A deleted state machine goes when the last of its executions has ended."""
        if not machine.deleting or any(one.status == "RUNNING" for one in machine.executions):
            return
        _, _, _, region, account, *_ = machine.arn.split(":")
        store = self.store(account, region)
        if store.machines.get(machine.name) is machine:
            del store.machines[machine.name]
        for arn, execution in list(store.executions.items()):
            if execution.machine is machine:
                del store.executions[arn]

    def end_all(self) -> None:
        """Stop every execution and forget every state machine."""
        with self._lock:
            self._stores.clear()
            self._spent_tokens.clear()
        self.deadlines.clear()
        for execution in self.running():
            execution.stop()
        clients.forget()
        self.logger.clear()

    def expect(self) -> None:
        """Somebody is about to use Step Functions: load the interpreter in the background."""
        if not self._expected:
            self._expected = True
            threading.Thread(target=interpreter.load, name="sfn-load", daemon=True).start()

    def _count(self, execution: Execution, **values: float) -> None:
        self._lambdas.metrics.of_service(
            execution.account,
            execution.region,
            NAMESPACE,
            {"StateMachineArn": execution.machine.arn},
            values,
        )
