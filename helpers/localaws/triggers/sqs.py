"""Amazon SQS: polls a queue and invokes a function with batches of its messages.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import lineage
from helpers.localaws.compute.errors import LambdaError, TooManyRequests
from helpers.localaws.compute.invocation import Invocation
from helpers.localaws.triggers.filters import passes

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.triggers.mappings import Mapping

#: Seconds between looks into an empty queue.
POLL = 0.05
#: Batches in flight at once, where ScalingConfig sets no other number.
WORKERS = 10
#: Bytes of one event.
MAX_EVENT_BYTES = 6_000_000


class QueuePoller:
    """One thread that looks for messages, and a few that invoke the function with them."""

    def __init__(self, service: LambdaService, mapping: Mapping) -> None:
        self._service, self._mapping = service, mapping
        _, _, _, self._region, self._account, self._name = mapping.source_arn.split(":")
        most = (mapping.config.get("ScalingConfig") or {}).get("MaximumConcurrency") or WORKERS
        self._places = threading.Semaphore(most)
        self._workers = ThreadPoolExecutor(most, thread_name_prefix=f"sqs-{self._name}")
        self._stopped = threading.Event()
        threading.Thread(target=self._poll, name=f"poll-{self._name}", daemon=True).start()

    def stop(self) -> None:
        """Take no more messages; batches in flight are finished."""
        self._stopped.set()
        self._workers.shutdown(wait=False)

    # -- taking messages -----------------------------------------------------------------------

    def _poll(self) -> None:
        while not self._stopped.is_set():
            self._places.acquire()
            batch: list[Any] = []
            try:
                batch = self._next_batch()
            except Exception:
                traceback.print_exc(file=sys.stderr)
            if batch:
                self._workers.submit(self._process, batch)
            else:
                self._places.release()
                self._stopped.wait(POLL)

    def _next_batch(self) -> list[Any]:
        """Messages for one invocation: as many as fit, waiting for more within the window."""
        size = self._mapping.config["BatchSize"]
        window = self._mapping.config.get("MaximumBatchingWindowInSeconds") or 0
        batch = self._receive(size)
        deadline = time.time() + window
        while batch and len(batch) < size and time.time() < deadline:
            if self._stopped.wait(POLL):
                break
            batch += self._receive(size - len(batch))
        return batch

    def _receive(self, most: int) -> list[Any]:
        """Up to ``most`` messages that pass the filter; the others are deleted, as on AWS."""
        queue = self._queue()
        if queue is None or not queue.messages:
            return []
        timeout = int(queue.visibility_timeout)
        messages = self._backend().receive_message(self._name, most, 0, timeout, ["All"])
        criteria = self._mapping.config.get("FilterCriteria")
        kept = []
        for message in messages:
            if passes(criteria, self._record(message), "body"):
                kept.append(message)
            else:
                self._delete(message)
        return kept

    # -- invoking ------------------------------------------------------------------------------

    def _process(self, batch: list[Any]) -> None:
        try:
            self._invoke(batch)
        except LambdaError as problem:
            self._mapping.last_result = f"PROBLEM: {problem.message}"
        except Exception:
            traceback.print_exc(file=sys.stderr)
        finally:
            self._places.release()

    def _invoke(self, batch: list[Any]) -> None:
        mapping = self._mapping
        records = [self._record(message) for message in batch]
        payload = json.dumps({"Records": records}, separators=(",", ":")).encode()
        function = mapping.function
        version = function.route(mapping.qualifier)
        trace, count = lineage.extend(_trace(batch), function.latest.arn)
        if count > lineage.LIMIT and function.recursive_loop == "Terminate":
            # Not run, and not deleted: the redrive policy takes the messages in the end.
            self._service.metrics.count(function, "RecursiveInvocationsDropped")
            mapping.last_result = "PROBLEM: Recursive loop detected"
            return
        invocation = Invocation(payload, function.arn(mapping.qualifier), trace_id=trace)
        try:
            outcome = self._service.invoke(function, version, invocation)
        except TooManyRequests:
            # The messages come back after their visibility timeout and are tried again.
            mapping.last_result = "PROBLEM: Function call was throttled"
            return
        if outcome.error:
            mapping.last_result = "PROBLEM: Function call failed"
            return
        failed = self._failed(outcome.payload, batch)
        for message in batch:
            if message.id not in failed:
                self._delete(message)
        mapping.last_result = "OK" if not failed else "PROBLEM: Partial batch failure"

    def _failed(self, payload: bytes, batch: list[Any]) -> set[str]:
        """The ids of messages that shall be tried again, as the handler reported them.

        A report that cannot be understood means all of them.
        Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
        """
        if "ReportBatchItemFailures" not in self._mapping.config.get("FunctionResponseTypes", []):
            return set()
        everything = {message.id for message in batch}
        try:
            reply = json.loads(payload)
        except ValueError:
            return everything
        if reply is None or reply == {}:
            return set()
        if not isinstance(reply, dict):
            return everything
        failures = reply.get("batchItemFailures")
        if failures is None or failures == []:
            return set()
        if not isinstance(failures, list):
            return everything
        failed = {
            str(one.get("itemIdentifier")) if isinstance(one, dict) else "" for one in failures
        }
        return failed if failed <= everything else everything

    # -- moto's queue --------------------------------------------------------------------------

    def _backend(self) -> Any:
        from moto.sqs.models import sqs_backends

        return sqs_backends[self._account][self._region]

    def _queue(self) -> Any:
        return self._backend().queues.get(self._name)

    def _delete(self, message: Any) -> None:
        from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid

        # It may have been deleted by somebody else, with or without its queue.
        with contextlib.suppress(QueueDoesNotExist, ReceiptHandleIsInvalid):
            self._backend().delete_message(self._name, message.receipt_handle)

    def _record(self, message: Any) -> dict[str, Any]:
        attributes = {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": str(message.sender_id),
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        }
        for name, value in (
            ("MessageGroupId", message.group_id),
            ("MessageDeduplicationId", message.deduplication_id),
            ("SequenceNumber", message.sequence_number),
        ):
            if value:
                attributes[name] = str(value)
        record = {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": attributes,
            "messageAttributes": {
                name: _attribute(value) for name, value in message.message_attributes.items()
            },
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.source_arn,
            "awsRegion": self._region,
        }
        if message.message_attributes:
            record["md5OfMessageAttributes"] = message.attribute_md5
        return record


def _trace(batch: list[Any]) -> str:
    """The trace header of the request that sent the batch's first message, if it had one."""
    header = batch[0].system_attributes.get("AWSTraceHeader") or {}
    return str(header.get("stringvalue") or header.get("StringValue") or "")


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    """A message attribute in the form that events use."""
    shown: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    if value.get("BinaryValue") is not None:
        content = value["BinaryValue"]
        shown["binaryValue"] = content.decode() if isinstance(content, bytes) else content
    else:
        shown["stringValue"] = value.get("StringValue")
    return {**shown, "dataType": value["DataType"]}
