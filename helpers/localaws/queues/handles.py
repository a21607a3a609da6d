"""Receipt handles: what a consumer is given with a message, to delete it or to hide it longer.

A handle says which queue and message it belongs to, so that one can be told from any other text
without remembering all that were ever given out.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
"""

from __future__ import annotations

import base64
import binascii
import secrets


def new(queue_arn: str, message_id: str) -> str:
    """A handle for one receive of a message."""
    text = f"{queue_arn} {message_id} {secrets.token_hex(8)}"
    return base64.b64encode(text.encode()).decode()


def belongs_to(handle: str, queue_arn: str) -> bool:
    """Whether this queue can have given the handle out."""
    try:
        text = base64.b64decode(handle, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return text.startswith(f"{queue_arn} ")
