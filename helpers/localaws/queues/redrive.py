"""Dead-letter queues: the policy that names one, and moving messages back out of it.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from helpers.localaws.queues.contents import LOCK, QUEUES_CHANGED

#: Tasks that a queue remembers.
KEPT_TASKS = 10
MAX_RATE = 500


def queue_of(arn: str) -> Any:
    """moto's queue of that ARN, or None."""
    from moto.sqs.models import sqs_backends

    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sqs":
        return None
    return sqs_backends[parts[4]][parts[3]].queues.get(parts[5])


def sources_of(queue: Any) -> list[Any]:
    """The queues whose redrive policy names this one."""
    from moto.sqs.models import sqs_backends

    others = sqs_backends[queue.account_id][queue.region].queues.values()
    return [
        one
        for one in list(others)
        if one.redrive_policy and one.redrive_policy["deadLetterTargetArn"] == queue.queue_arn
    ]


def check_policy(policy: Any, fifo: bool) -> None:
    """Raise InvalidParameterValue for a RedrivePolicy that SQS refuses; empty means none."""
    if not policy:
        return
    shown = policy if isinstance(policy, str) else json.dumps(policy)
    try:
        given = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        given = None
    if given == {}:
        return
    if not isinstance(given, dict):
        raise _refused(shown, "Redrive policy is not a valid JSON map.")
    missing = {"deadLetterTargetArn", "maxReceiveCount"} - given.keys()
    if missing:
        raise _refused(
            shown, f"Redrive policy does not contain mandatory attribute: {max(missing)}."
        )
    arn, count = str(given["deadLetterTargetArn"]), str(given["maxReceiveCount"])
    if len(arn.split(":")) != 6:
        raise _refused(shown, "Invalid value for deadLetterTargetArn.")
    if not count.isdecimal() or not 1 <= int(count) <= 1000:
        raise _refused(
            shown,
            f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both "
            "inclusive.",
        )
    target = queue_of(arn)
    if target is None:
        raise _refused(shown, "Dead letter target does not exist.")
    if bool(target.fifo_queue) != fifo:
        raise _refused(shown, "Dead-letter queue must be same type of queue as the source.")


def _refused(policy: str, why: str) -> Exception:
    from moto.sqs.exceptions import InvalidParameterValue

    return InvalidParameterValue(
        f"Value {policy} for parameter RedrivePolicy is invalid. Reason: {why}"
    )


# -- moving messages out of a dead-letter queue ------------------------------------------------


@dataclass
class MoveTask:
    """One StartMessageMoveTask; times are those of the course clock."""

    source: Any  #: moto's queue
    source_arn: str
    destination_arn: str | None  #: None: each message goes back where it came from
    rate: int | None  #: messages a second; None: at once
    id: str = field(default_factory=lambda: str(uuid4()))
    started: float = field(default_factory=time.time)
    status: str = "RUNNING"
    moved: int = 0
    to_move: int = 0
    failure: str | None = None

    @property
    def handle(self) -> str:
        """Names the task to CancelMessageMoveTask."""
        text = json.dumps({"taskId": self.id, "sourceArn": self.source_arn})
        return base64.b64encode(text.encode()).decode()

    def shown(self) -> dict[str, Any]:
        """One of the ``Results`` of ListMessageMoveTasks."""
        given = {
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source_arn,
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure,
            "StartedTimestamp": int(self.started * 1000),
        }
        return {name: value for name, value in given.items() if value is not None}


def start_task(source_arn: str, destination_arn: str | None, rate: int | None) -> MoveTask:
    """Begin to move messages; raises SQSException."""
    from moto.sqs.exceptions import InvalidParameterValue

    source = _existing(source_arn, "SourceArn")
    if not sources_of(source):
        raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    if destination_arn is not None:
        _existing(destination_arn, "DestinationArn")
    if rate is not None and not 1 <= rate <= MAX_RATE:
        raise InvalidParameterValue(
            f"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must "
            f"enter a value that is between 1 and {MAX_RATE}."
        )
    with LOCK:
        tasks = source.move_tasks
        if any(one.status == "RUNNING" for one in tasks):
            raise InvalidParameterValue(
                "There is already a task running. Only one active task is allowed for a source "
                "queue arn at a given time."
            )
        task = MoveTask(source, source_arn, destination_arn, rate)
        task.to_move = len(source.contents.waiting())
        tasks.insert(0, task)
        del tasks[KEPT_TASKS:]
    threading.Thread(target=_run, args=(task,), name=f"move-{source.name}", daemon=True).start()
    return task


def list_tasks(source_arn: str, most: int) -> list[dict[str, Any]]:
    """The latest tasks of a queue, newest first."""
    source = _existing(source_arn, "SourceArn")
    with LOCK:
        return [task.shown() for task in source.move_tasks[:most]]


def cancel_task(handle: str) -> int:
    """Stop a task; returns how many messages it has moved."""
    from moto.sqs.exceptions import InvalidParameterValue, SQSException

    try:
        named = json.loads(base64.b64decode(handle, validate=True))
        task_id, source_arn = named["taskId"], named["sourceArn"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise InvalidParameterValue("Value for parameter TaskHandle is invalid.") from None
    source = _existing(source_arn, "SourceArn")
    with LOCK:
        task = next((one for one in source.move_tasks if one.id == task_id), None)
        if task is None:
            raise SQSException("ResourceNotFoundException", "Task does not exist.")
        if task.status != "RUNNING":
            raise InvalidParameterValue("Only active tasks can be cancelled.")
        task.status = "CANCELLED"
        QUEUES_CHANGED.notify_all()
        return int(task.moved)


def _existing(arn: str, parameter: str) -> Any:
    from moto.sqs.exceptions import SQSException

    queue = queue_of(arn)
    if queue is None:
        raise SQSException(
            "ResourceNotFoundException",
            f"The resource that you specified for the {parameter} parameter doesn't exist.",
        )
    return queue


def _run(task: MoveTask) -> None:
    """Move what waits, as fast as the task's rate allows."""
    with LOCK:
        while task.status == "RUNNING":
            waiting = task.source.contents.waiting()
            if queue_of(task.source_arn) is not task.source or not waiting:
                task.status = "COMPLETED"
                return
            passed = time.time() - task.started
            allowed = len(waiting) if task.rate is None else int(passed * task.rate) - task.moved
            for held in waiting[:allowed]:
                _move(task, held)
                if task.status != "RUNNING":
                    return
            if task.rate is not None:
                next_at = task.started + (task.moved + 1) / task.rate
                QUEUES_CHANGED.wait(max(next_at - time.time(), 0.01))


def _move(task: MoveTask, held: Any) -> None:
    """To the destination a moved message is a new one: new id, new time, never received."""
    arn = task.destination_arn or held.dead_letter_source
    target = queue_of(arn) if arn else None
    if target is None:
        task.status = "FAILED"
        task.failure = (
            "AWS.SimpleQueueService.NonExistentQueue" if arn else "CouldNotDetermineMessageSource"
        )
        return
    message = copy.copy(held.message)
    message.id = str(uuid4())
    message.receipt_handle = None
    message.approximate_receive_count = 0
    message.approximate_first_receive_timestamp = None
    message.sent_timestamp = int(time.time() * 1000)
    task.source.contents.remove(held)
    target.contents.add(message)
    task.moved += 1
