"""The requirements of the ticket."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from helpers.teach.checking import Case, Check, Context, Requirement, Slip

from .shop import Shop, shop


@contextlib.contextmanager
def prepare(context: Context) -> Iterator[tuple[Context, Shop]]:
    yield context, shop(context.student)


def _times(subject: tuple[Context, Shop], case: Case) -> None:
    context, branch = subject
    sqs, lambda_ = context.cloud.client("sqs"), context.cloud.client("lambda")
    url = sqs.get_queue_url(QueueName=branch.queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    hidden = int(found["Attributes"]["VisibilityTimeout"])
    timeout = lambda_.get_function_configuration(FunctionName=branch.function)["Timeout"]
    if hidden < 6 * timeout:
        raise Slip(
            "visibility",
            f"a message is hidden for {hidden} seconds, and the function may take {timeout}.",
            f"AWS advises six times the timeout: {6 * timeout} seconds.",
        )


CHECK = Check("L06", prepare, (Requirement("times that fit", _times),))
