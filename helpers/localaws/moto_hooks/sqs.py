"""Amazon SQS."""

from __future__ import annotations

from typing import Any


def keep_what_lies_in_queues() -> None:
    """Reasons: for each call moto looks at every message of a queue (a batch of ten sent to a
    queue of a thousand takes it 80 ms); it loses messages where calls meet; it forgets what was
    sent twice as soon as the first is deleted, lets later messages of a FIFO group overtake, and
    moves messages to the queue that a dead-letter queue's name meant once. Unknown attributes,
    values out of range and oversized batches pass, and StartMessageMoveTask is missing.
    """
    from moto.sqs.models import Queue, SQSBackend
    from moto.sqs.responses import SQSResponse

    from helpers.localaws.queues import operations, redrive, sending, settings

    def give(place: Any, **methods: Any) -> None:
        for name, method in methods.items():
            setattr(place, name, method)

    make, create, configure = Queue.__init__, SQSBackend.create_queue, Queue._set_attributes
    receive = SQSResponse.receive_message

    def __init__(self: Any, *arguments: Any, **more: Any) -> None:
        make(self, *arguments, **more)
        operations.furnish(self)

    def create_queue(self: Any, name: str, tags: Any = None, **attributes: Any) -> Any:
        return operations.create_queue(self, create, name, tags, attributes)

    def set_queue_attributes(self: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
        queue = self.get_queue(queue_name)
        settings.check(attributes, queue.fifo_queue)
        configure(queue, attributes)
        return queue

    give(
        Queue,
        __init__=__init__,
        BASE_ATTRIBUTES=[*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"],
        redrive_allow_policy=None,
        add_message=sending.add,
        messages=property(lambda self: [one.message for one in self.contents.waiting()]),
        approximate_number_of_messages=property(lambda self: self.contents.counts()[0]),
        approximate_number_of_messages_not_visible=property(lambda self: self.contents.counts()[1]),
        approximate_number_of_messages_delayed=property(lambda self: self.contents.counts()[2]),
    )
    give(
        SQSBackend,
        create_queue=create_queue,
        set_queue_attributes=set_queue_attributes,
        delete_queue=operations.delete_queue,
        purge_queue=operations.purge_queue,
        send_message=operations.send_message,
        send_message_batch=operations.send_message_batch,
        receive_message=operations.receive_message,
        delete_message=operations.delete_message,
        delete_message_batch=operations.delete_message_batch,
        change_message_visibility=operations.change_message_visibility,
        change_message_visibility_batch=operations.change_message_visibility_batch,
        list_dead_letter_source_queues=lambda self, name: redrive.sources_of(self.get_queue(name)),
    )
    give(
        SQSResponse,
        receive_message=lambda self: operations.answer_receive_message(self, receive),
        start_message_move_task=operations.answer_start_message_move_task,
        list_message_move_tasks=operations.answer_list_message_move_tasks,
        cancel_message_move_task=operations.answer_cancel_message_move_task,
    )


def keep_trace_of_messages() -> None:
    """Reason: a message remembers the request that sent it, so that a loop through a queue is seen.

    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
    """
    from moto.sqs.models import Queue

    from helpers.localaws.gateway.call import current_trace

    add_message = Queue.add_message

    def add_with_trace(self: Any, message: Any) -> None:
        if current_trace() and "AWSTraceHeader" not in message.system_attributes:
            message.system_attributes = {
                **message.system_attributes,
                "AWSTraceHeader": {"DataType": "String", "StringValue": current_trace()},
            }
        add_message(self, message)

    Queue.add_message = add_with_trace
