"""A batch: the messages of one invocation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

#: Lambda closes a batch before the event would be larger than an invocation takes.
MAX_BYTES = 6 * 1024 * 1024


@dataclass
class Batch:
    """Messages that were received together; ``queue`` is moto's."""

    queue: Any
    #: Each message with its record, already written as JSON.
    messages: list[tuple[Any, bytes]] = field(default_factory=list)
    size: int = len(b'{"Records":[]}')

    def __len__(self) -> int:
        return len(self.messages)

    def add(self, message: Any, record: dict[str, Any]) -> bool:
        """Put a message in; False: it does not fit any more."""
        written = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        if self.messages and self.size + len(written) + 1 > MAX_BYTES:
            return False
        self.messages.append((message, written))
        self.size += len(written) + 1
        return True

    @property
    def payload(self) -> bytes:
        """The event."""
        return b'{"Records":[' + b",".join(written for _, written in self.messages) + b"]}"

    @property
    def ids(self) -> set[str]:
        return {message.id for message, _ in self.messages}

    def delete(self, keep: set[str]) -> None:
        """Delete the messages from the queue, but not those whose ids are in ``keep``.

        One that was deleted by somebody else is gone already; one of a FIFO queue whose visibility
        timeout has passed stays, as SQS refuses to delete it.
        """
        from helpers.localaws.queues.contents import LOCK

        contents = self.queue.contents
        with LOCK:
            for message, _ in self.messages:
                if message.id in keep:
                    continue
                held = contents.find(message.receipt_handle)
                overdue = held is not None and held.handles[-1] != message.receipt_handle
                if held is not None and not (self.queue.fifo_queue and overdue):
                    contents.remove(held)
