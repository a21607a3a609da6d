"""Notebook 07's board in a browser: its buttons pressed with mouse and keyboard.

The board stands in a small notebook of its own, with a queue, a function and a mapping that are
really there; what the page then says was reported by them.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from tests.browser import look
from tests.notebooks import stored

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(2 * look.START_SECONDS + 120),
    pytest.mark.skipif(
        not look.find_chromium(),
        reason="no Chromium for the browser tests; to run them: sudo apt-get install chromium, "
        "or set CHROMIUM to the path of a Chrome",
    ),
]

HANDLER = """%%writefile fulfil.py
import json


def handler(event, context):
    for record in event["Records"]:
        received = record["attributes"]["ApproximateReceiveCount"]
        print(f"{record['messageId']} ApproximateReceiveCount {received}")
        int(json.loads(record["body"])["prints"])
"""
BUILD = """
import json
from helpers import cloud
from helpers.deploy import ROLE_NAME, deploy
from helpers.teach.redelivery import RedeliveryWatch

aws = cloud.open()
sqs = aws.client("sqs")
dead = sqs.create_queue(QueueName="orders-dead")["QueueUrl"]
asked = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
redrive = {"deadLetterTargetArn": asked["Attributes"]["QueueArn"], "maxReceiveCount": 2}
settings = {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(redrive)}
orders = sqs.create_queue(QueueName="orders", Attributes=settings)["QueueUrl"]
asked = sqs.get_queue_attributes(QueueUrl=orders, AttributeNames=["QueueArn"])
function = deploy("fulfil", "fulfil.py", timeout=10)
aws.client("iam").attach_role_policy(
    RoleName=ROLE_NAME,
    PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
)
made = aws.client("lambda").create_event_source_mapping(
    FunctionName="fulfil", EventSourceArn=asked["Attributes"]["QueueArn"], BatchSize=1
)
"""
BOARD = "RedeliveryWatch(function, orders, dead).board()"
WAIT_MS = 30_000


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "board.ipynb"
    cells = [new_code_cell(text.strip()) for text in (HANDLER, BUILD, BOARD)]
    nbformat.write(new_notebook(cells=cells, metadata=stored.METADATA), path)
    return path


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()


def says(page: Page, text: str) -> None:
    """The status line, which screen readers announce, comes to say that."""
    status = page.locator('.jp-OutputArea [role="status"]')
    expect(status).to_contain_text(text, timeout=WAIT_MS)


def test_a_message_is_walked_into_the_dead_letter_queue(desk: look.Desk, notebook: Path) -> None:
    with desk.opened(notebook) as seen:
        assert seen.run_all() == []
        page = seen.page
        cards = page.locator(".course-queues")
        says(page, "Nothing sent yet.")
        expect(cards).to_contain_text("0 visible0 hidden")

        press(page, "Send a bad order")
        says(page, "X-1 is tried, ApproximateReceiveCount 1: failed, hidden")
        expect(cards).to_contain_text("0 visible1 hidden")
        expect(cards).to_contain_text("◌ hidden: received, and not deleted")

        press(page, "Send a good order")
        says(page, "G-2 is tried, ApproximateReceiveCount 1: done, deleted")
        expect(cards).to_contain_text("✓ deleted: its invocation succeeded")

        button = page.get_by_role("button", name="Let 60 seconds pass", exact=True)
        button.focus()
        page.keyboard.press("Space")
        says(page, "X-1 is tried, ApproximateReceiveCount 2: failed, hidden again")
        expect(button).to_be_focused()  # a second press needs no search for the button
        page.keyboard.press("Space")
        says(page, "X-1 is not handed out again after 2 tries, it is in the dead-letter queue")
        expect(cards).to_contain_text("1 in it")
        expect(cards).to_contain_text("✕ in the dead-letter queue")

        press(page, "Empty both queues")
        says(page, "both queues are emptied")
        expect(cards).not_to_contain_text("message 1")
        assert seen.failures == []
        assert seen.outside == []
