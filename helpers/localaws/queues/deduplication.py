"""FIFO queues accept a message once, however often it is sent within five minutes.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

SECONDS = 300


class Deduplication:
    """Remembers what was sent, also when it has been received and deleted since."""

    def __init__(self) -> None:
        self._sent: OrderedDict[Hashable, tuple[float, str, str]] = OrderedDict()

    def is_repeated(self, message: Any, scope: str) -> bool:
        """Whether it was sent before; it then gets the first one's ids, as the sender is told.

        ``scope`` is the queue's DeduplicationScope.
        """
        now = time.time()
        while self._sent:
            key, (sent, _, _) = next(iter(self._sent.items()))
            if now - sent < SECONDS:
                break
            del self._sent[key]
        group = message.group_id if scope == "messageGroup" else None
        key = (group, message.deduplication_id)
        if key in self._sent:
            _, message.id, message.sequence_number = self._sent[key]
            return True
        self._sent[key] = (now, message.id, message.sequence_number)
        return False
