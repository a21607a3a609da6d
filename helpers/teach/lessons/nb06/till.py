"""What `06.workflow` runs the learner's state machine against: a bank, a queue and four orders."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong
from helpers.deploy import deploy
from helpers.teach.workflow import history

BANK = Path(__file__).parent / "bank.py.txt"
#: How often a payment may fail before the check takes it for endless.
ENDLESS = 12
#: Seconds (of real time) for the next thing to happen in an execution.
PATIENCE = 30
#: Seconds for whatever follows a failure without any waiting.
MOMENT = 0.4


@dataclass
class Run:
    """One order's execution: how it ended, and what its history tells."""

    order: dict[str, Any]
    status: str
    error: str = ""
    cause: str = ""
    visits: list[history.Visit] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  #: the payment's errors, in order
    endless: bool = False
    letters: list[Any] = field(default_factory=list)  #: what lies in the manual queue

    def visit(self, name: str) -> history.Visit | None:
        """The execution in this state, if it came there."""
        return next((visit for visit in self.visits if visit.name == name), None)


@dataclass
class Till:
    """A state machine of the learner's definition, with a role for exactly what it needs."""

    cloud: Cloud
    text: str  #: the definition as the learner wrote it
    mark: str = field(default_factory=lambda: f"check-{uuid.uuid4().hex[:8]}")
    runs: dict[str, Run] = field(default_factory=dict)  #: by the kind of card

    @cached_property
    def states(self) -> Any:
        return self.cloud.client("stepfunctions")

    @cached_property
    def sqs(self) -> Any:
        return self.cloud.client("sqs")

    @cached_property
    def iam(self) -> Any:
        return self.cloud.client("iam")

    @cached_property
    def queue(self) -> str:
        return str(self.sqs.create_queue(QueueName=self.mark)["QueueUrl"])

    @cached_property
    def machine(self) -> str:
        """The state machine's ARN. Raises ClientError where AWS does not take the definition."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "bank.py")
            file.write_text(BANK.read_text(encoding="utf-8"), encoding="utf-8")
            bank = deploy(f"{self.mark}-bank", file, timeout=10, cloud=self.cloud)
        definition = self.text.replace("${pay}", bank.name).replace("${manual}", self.queue)
        made = self.states.create_state_machine(
            name=self.mark, definition=definition, roleArn=self._role(bank.arn)
        )
        return str(made["stateMachineArn"])

    def _role(self, bank: str) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        queue = f"arn:aws:sqs:{self.cloud.region}:{self.cloud.account_id}:{self.mark}"
        rights: list[dict[str, Any]] = [
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": [bank, f"{bank}:*"]},
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue},
        ]
        role = self.iam.create_role(RoleName=self.mark, AssumeRolePolicyDocument=_policy([trust]))
        self.iam.put_role_policy(
            RoleName=self.mark, PolicyName=self.mark, PolicyDocument=_policy(rights)
        )
        self.cloud.clock.advance(seconds=15)  # until AWS knows the role everywhere
        return str(role["Role"]["Arn"])

    def run(self, card: str) -> Run:
        """Send one order with this kind of card through it, once; what came of it."""
        if card not in self.runs:
            self.runs[card] = self._run(card)
        return self.runs[card]

    def _run(self, card: str) -> Run:
        order = {"order": f"A-{card}", "card": card, "prints": 20, "total": 30.0}
        begun = self.states.start_execution(stateMachineArn=self.machine, input=json.dumps(order))
        execution, endless = begun["executionArn"], False
        while self._is_running(execution):
            failures = len(self._failures(execution))
            if failures > ENDLESS:
                endless = True
                self.states.stop_execution(executionArn=execution)
                break
            self._something_happens(execution, failures)
        told = self.states.describe_execution(executionArn=execution)
        events = self._events(execution)
        run = Run(order, told["status"], told.get("error", ""), told.get("cause", ""))
        run.visits, run.failures = history.visits(events), self._failures(execution)
        run.endless, run.letters = endless, self._letters()
        return run

    def _something_happens(self, execution: str, failures: int) -> None:
        """Until it ends or has failed once more. What waits to be tried again need not wait."""

        def over() -> bool:
            running = self._is_running(execution)
            return not running or len(self._failures(execution)) > failures

        with contextlib.suppress(WaitedTooLong):
            self.cloud.wait_until(over, seconds=MOMENT if failures else PATIENCE)
        if self._is_running(execution):
            self.cloud.clock.advance(seconds=30)

    def _is_running(self, execution: str) -> bool:
        told = self.states.describe_execution(executionArn=execution)
        return bool(told["status"] == "RUNNING")

    def _events(self, execution: str) -> list[dict[str, Any]]:
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def _failures(self, execution: str) -> list[str]:
        return [
            str(details.get("error", ""))
            for event in self._events(execution)
            if event["type"] in ("TaskFailed", "LambdaFunctionFailed")
            for name, details in event.items()
            if name.endswith("EventDetails")
        ]

    def _letters(self) -> list[Any]:
        """What lies in the queue now, taken out."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(_read(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def take_away(self) -> None:
        machine = f"arn:aws:states:{self.cloud.region}:{self.cloud.account_id}:stateMachine"
        with contextlib.suppress(ClientError):
            self.states.delete_state_machine(stateMachineArn=f"{machine}:{self.mark}")
        with contextlib.suppress(ClientError):
            self.cloud.client("lambda").delete_function(FunctionName=f"{self.mark}-bank")
        with contextlib.suppress(ClientError):
            self.cloud.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{self.mark}-bank")
        with contextlib.suppress(ClientError):
            self.sqs.delete_queue(QueueUrl=self.queue)
        with contextlib.suppress(ClientError):
            self.iam.delete_role_policy(RoleName=self.mark, PolicyName=self.mark)
        with contextlib.suppress(ClientError):
            self.iam.delete_role(RoleName=self.mark)


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
