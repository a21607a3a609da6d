"""Programs that nobody here wrote: Powertools' batch processor, and the AWS CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aws_lambda_powertools
import pytest

from tests.fidelity import sources
from tests.fidelity.sqs_queue import WORK, Queue, batches, with_dead_letters

POWERTOOLS = "https://docs.aws.amazon.com/powertools/python/latest/utilities/batch/"
CLI = "https://docs.aws.amazon.com/cli/latest/reference/"

pytestmark = pytest.mark.aws_source(f"{sources.GUIDE}services-sqs-errorhandling.html")

PROCESSOR = """
import json
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor, EventType, SqsFifoPartialProcessor, process_partial_response)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

standard, fifo = BatchProcessor(event_type=EventType.SQS), SqsFifoPartialProcessor()

def one(record: SQSRecord):
    if record.json_body["copies"] < 1:
        raise ValueError(f"{record.json_body['order']} has nothing to print")
    print("PRINTED", record.json_body["order"], record.attributes.approximate_receive_count)

def handler(event, context):
    in_order = event["Records"][0]["eventSourceARN"].endswith(".fifo")
    return process_partial_response(
        event=event, record_handler=one, processor=fifo if in_order else standard, context=context)
"""


def powertools() -> dict[str, str | bytes]:
    """The library's files, as they lie beside a handler in a package."""
    folder = Path(aws_lambda_powertools.__file__).parent
    files: dict[str, str | bytes] = {"app.py": PROCESSOR}
    for package in (folder, folder.parent / "jmespath"):
        for path in package.rglob("*.py"):
            files[path.relative_to(folder.parent).as_posix()] = path.read_bytes()
    typing_extensions = folder.parent / "typing_extensions.py"
    files["typing_extensions.py"] = typing_extensions.read_bytes()
    return files


@pytest.mark.aws_source(POWERTOOLS)
def test_powertools_reports_what_failed(aws: Any, make: Any) -> None:
    """In a standard queue the failed one alone comes back, in a FIFO queue all after it too."""
    function = make(powertools(), Timeout=20)
    queue, dead = with_dead_letters(aws, 2)
    fifo = Queue(aws, FifoQueue="true", ContentBasedDeduplication="true")
    orders = {"a": 1, "b": 0, "c": 3}
    for order, copies in orders.items():
        queue.send(json.dumps({"order": order, "copies": copies}))
        body = json.dumps({"order": f"fifo-{order}", "copies": copies})
        fifo.send(body, MessageGroupId="one")
    for source in (queue, fifo):
        source.feeds(function, FunctionResponseTypes=["ReportBatchItemFailures"])
    aws.wait_until(lambda: queue.counts() == (0, 1, 0), what="one message is left")
    aws.wait_until(lambda: fifo.counts() == (0, 2, 0), what="the failed and its successor are left")
    printed = [one.split()[1:] for one in function.log_events() if one.startswith("PRINTED")]
    assert sorted(printed) == [["a", "1"], ["c", "1"], ["fifo-a", "1"]]
    # A batch in which everything fails is an exception there; it comes to the same.
    for _ in range(2):
        aws.clock.advance(seconds=31)
    aws.wait_until(lambda: dead.size() == 1 and queue.size() == 0, what="it is dead-lettered")
    [message] = dead.receive()
    assert json.loads(message["Body"]) == {"order": "b", "copies": 0}


@pytest.mark.aws_source(f"{CLI}sqs/", f"{CLI}lambda/create-event-source-mapping.html")
def test_the_aws_command(aws: Any, make: Any) -> None:
    """A queue is made, mapped, fed, looked at and deleted from a terminal."""

    def command(*words: str, fails: bool = False) -> Any:
        done = subprocess.run(
            [shutil.which("aws") or "aws", *words, "--output", "json"],
            capture_output=True,
            text=True,
            env=os.environ,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return done.stderr if fails else json.loads(done.stdout or "null")

    function = make(WORK, Timeout=20)
    url = command("sqs", "create-queue", "--queue-name", "from-a-terminal")["QueueUrl"]
    here = ("--queue-url", url)
    arn = f"arn:aws:sqs:us-east-1:{aws.account_id}:from-a-terminal"
    mapping = ("lambda", "create-event-source-mapping", "--function-name", function.name,
               "--event-source-arn", arn)  # fmt: skip
    made = command(*mapping, "--batch-size", "5", "--filter-criteria",
                   '{"Filters": [{"Pattern": "{\\"body\\": {\\"copies\\": [1]}}"}]}')  # fmt: skip
    assert made["State"] == "Creating"
    assert "already exists" in command(*mapping, fails=True)
    sent = command("sqs", "send-message", *here, "--message-body", '{"copies": 1}')
    assert len(sent["MD5OfMessageBody"]) == 32
    assert batches(function, 1) == [['{"copies": 1}']]
    counts = command("sqs", "get-queue-attributes", *here, "--attribute-names", "All")
    assert counts["Attributes"]["QueueArn"] == arn
