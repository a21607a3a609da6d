"""The operations of SQS that look into queues, in the form in which moto calls them.

``queues`` is always moto's SQSBackend: the queues of one account in one region.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import time
from typing import Any

from helpers.localaws.gateway.call import current_call
from helpers.localaws.queues import handles, redrive, sending, settings
from helpers.localaws.queues.contents import IN_FLIGHT, LOCK, QUEUES_CHANGED, Contents

MAX_VISIBILITY = 43_200
PURGE_SECONDS = 60
_RECEIVE_LIMITS = {
    "MaxNumberOfMessages": (1, 10, "Must be between 1 and 10, if provided."),
    "WaitTimeSeconds": (0, 20, "Must be >= 0 and <= 20, if provided."),
    "VisibilityTimeout": (0, MAX_VISIBILITY, "Must be >= 0 and <= 43200, if provided."),
}


def furnish(queue: Any) -> None:
    """What a new queue of moto's needs from us."""
    queue.contents = Contents(queue)
    queue.move_tasks = []


# -- queues ------------------------------------------------------------------------------------


def create_queue(queues: Any, create: Any, name: str, tags: Any, attributes: dict[str, Any]) -> Any:
    """``create`` is moto's own, which does the rest."""
    from moto.sqs.exceptions import QueueAlreadyExists

    if "region" in attributes:  # CloudFormation, with properties of its own
        return create(queues, name, tags, **attributes)
    settings.check_new(name, attributes)
    existing = queues.queues.get(name)
    if existing is not None:
        if differs := settings.first_difference(existing, attributes):
            raise QueueAlreadyExists(
                "A queue already exists with the same name and a different value for attribute "
                f"{differs}"
            )
        return existing
    queue = create(queues, name, tags, **attributes)
    with LOCK:
        QUEUES_CHANGED.notify_all()
    return queue


def delete_queue(queues: Any, name: str) -> None:
    queue = queues.get_queue(name)
    with LOCK:
        queues.queues.pop(name, None)
        queue.contents.clear()
        queue.contents.changed.notify_all()  # who waits for its messages finds it gone
        QUEUES_CHANGED.notify_all()


def purge_queue(queues: Any, name: str) -> None:
    from moto.sqs.exceptions import PurgeQueueInProgress

    queue = queues.get_queue(name)
    if queue.last_purged_at is not None and time.time() - queue.last_purged_at < PURGE_SECONDS:
        raise PurgeQueueInProgress(name)
    queue.last_purged_at = time.time()
    queue.contents.clear()


# -- messages ----------------------------------------------------------------------------------


def send_message(
    queues: Any,
    queue_name: str,
    message_body: str,
    message_attributes: dict[str, Any] | None = None,
    delay_seconds: int | None = None,
    deduplication_id: str | None = None,
    group_id: str | None = None,
    system_attributes: dict[str, Any] | None = None,
    validate_group_id: bool = True,
) -> Any:
    queue = queues.get_queue(queue_name)
    call = current_call()
    if not queue.fifo_queue and (call is None or call.service != "sqs"):
        deduplication_id = None  # SNS passes on what a FIFO topic was given
    return sending.send(
        queue,
        message_body,
        message_attributes,
        delay_seconds,
        deduplication_id,
        group_id,
        system_attributes,
    )


def send_message_batch(
    queues: Any, queue_name: str, entries: dict[str, dict[str, Any]]
) -> tuple[list[Any], list[dict[str, Any]]]:
    return sending.send_batch(queues.get_queue(queue_name), list(entries.values()))


def receive_message(
    queues: Any,
    queue_name: str,
    count: int,
    wait_seconds_timeout: int,
    visibility_timeout: int,
    message_attribute_names: list[str] | None = None,
) -> list[Any]:
    from moto.sqs.models import _filter_message_attributes

    contents = queues.get_queue(queue_name).contents
    until = time.time() + wait_seconds_timeout
    with LOCK:
        while not (received := contents.receive(count, visibility_timeout)):
            gone = queues.queues.get(queue_name) is None
            if gone or time.time() >= until:
                break
            contents.wait(until)
    for message in received:
        _filter_message_attributes(message, message_attribute_names or [])
    return list(received)


def delete_message(queues: Any, queue_name: str, receipt_handle: str) -> None:
    """A message that is gone can be deleted again, as on AWS."""
    from moto.sqs.exceptions import InvalidParameterValue

    queue = queues.get_queue(queue_name)
    with LOCK:
        held = _find(queue, receipt_handle)
        if held is None:
            return
        current = held.state == IN_FLIGHT and held.handles[-1] == receipt_handle
        if queue.fifo_queue and not current:
            raise InvalidParameterValue(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: The "
                "receipt handle has expired."
            )
        queue.contents.remove(held)


def change_message_visibility(
    queues: Any, queue_name: str, receipt_handle: str, visibility_timeout: int
) -> None:
    from moto.sqs.exceptions import InvalidParameterValue, SQSException

    queue = queues.get_queue(queue_name)
    if not 0 <= visibility_timeout <= MAX_VISIBILITY:
        raise InvalidParameterValue(
            f"Value {visibility_timeout} for parameter VisibilityTimeout is invalid. Reason: "
            f"VisibilityTimeout must be an integer between 0 and {MAX_VISIBILITY}."
        )
    with LOCK:
        held = _find(queue, receipt_handle)
        if held is None:
            raise InvalidParameterValue(
                f"Value {receipt_handle} for parameter ReceiptHandle is invalid. Reason: Message "
                "does not exist or is not available for visibility timeout change."
            )
        if held.state != IN_FLIGHT:
            raise SQSException(
                "AWS.SimpleQueueService.MessageNotInflight",
                "The specified message isn't in flight.",
            )
        if time.time() + visibility_timeout - held.received_at > MAX_VISIBILITY:
            raise InvalidParameterValue(
                f"Value {visibility_timeout} for parameter VisibilityTimeout is invalid. Reason: "
                "Total VisibilityTimeout for the message is beyond the limit "
                f"[{MAX_VISIBILITY} seconds]"
            )
        queue.contents.hide(held, visibility_timeout)


def _find(queue: Any, receipt_handle: str) -> Any:
    from moto.sqs.exceptions import SQSException

    if not handles.belongs_to(receipt_handle, queue.queue_arn):
        raise SQSException(
            "ReceiptHandleIsInvalid",
            f'The input receipt handle "{receipt_handle}" is not a valid receipt handle.',
        )
    return queue.contents.find(receipt_handle)


# -- batches: each entry succeeds or fails by itself ---------------------------------------------


def delete_message_batch(
    queues: Any, queue_name: str, receipts: list[dict[str, Any]]
) -> tuple[list[str], list[dict[str, Any]]]:
    return _each(receipts, lambda entry: delete_message(queues, queue_name, entry["ReceiptHandle"]))


def change_message_visibility_batch(
    queues: Any, queue_name: str, entries: list[dict[str, Any]]
) -> tuple[list[str], list[dict[str, Any]]]:
    def change(entry: dict[str, Any]) -> None:
        seconds = int(entry.get("VisibilityTimeout") or 0)
        change_message_visibility(queues, queue_name, entry["ReceiptHandle"], seconds)

    return _each(entries, change)


def _each(entries: list[dict[str, Any]], action: Any) -> tuple[list[str], list[dict[str, Any]]]:
    from moto.sqs.exceptions import SQSException

    sending.check_entries(entries)
    succeeded, failed = [], []
    for entry in entries:
        try:
            action(entry)
            succeeded.append(entry["Id"])
        except SQSException as problem:
            failed.append(sending.refusal(entry["Id"], problem))
    return succeeded, failed


# -- answers -----------------------------------------------------------------------------------


def answer_receive_message(response: Any, receive: Any) -> Any:
    """moto's answer to ReceiveMessage, with the error's text and the attribute that it lacks."""
    from moto.sqs.exceptions import InvalidParameterValue

    for name, (least, most, reason) in _RECEIVE_LIMITS.items():
        value = response._get_param(name)
        if value is not None and not least <= int(value) <= most:
            raise InvalidParameterValue(
                f"Value {value} for parameter {name} is invalid. Reason: {reason}"
            )
    answer = receive(response)
    asked = {
        *(response._get_param("AttributeNames") or []),
        *(response._get_param("MessageSystemAttributeNames") or []),
    }
    if asked & {"All", "DeadLetterQueueSourceArn"}:
        contents = response.sqs_backend.get_queue(response._get_queue_name()).contents
        for shown in answer.result.get("Messages", []):
            held = contents.find(shown["ReceiptHandle"])
            if held is not None and held.dead_letter_source:
                shown.setdefault("Attributes", {})["DeadLetterQueueSourceArn"] = (
                    held.dead_letter_source
                )
    return answer


def answer_start_message_move_task(response: Any) -> Any:
    from moto.core.responses import ActionResult

    task = redrive.start_task(
        response._get_param("SourceArn"),
        response._get_param("DestinationArn"),
        response._get_param("MaxNumberOfMessagesPerSecond"),
    )
    return ActionResult({"TaskHandle": task.handle})


def answer_list_message_move_tasks(response: Any) -> Any:
    from moto.core.responses import ActionResult

    most = response._get_param("MaxResults") or 1
    return ActionResult({"Results": redrive.list_tasks(response._get_param("SourceArn"), most)})


def answer_cancel_message_move_task(response: Any) -> Any:
    from moto.core.responses import ActionResult

    moved = redrive.cancel_task(response._get_param("TaskHandle"))
    return ActionResult({"ApproximateNumberOfMessagesMoved": moved})
