"""The board of permission decisions in a browser: filled in and decided by keyboard alone."""

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

BUILD = """
import json
from helpers import cloud
from helpers.deploy import ROLE_NAME, ensure_role
from helpers.teach import DecisionBoard

aws = cloud.open()
role = ensure_role(aws)
allow = {"Sid": "In", "Effect": "Allow", "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::shop-in"}
made = aws.client("iam").put_role_policy(
    RoleName=ROLE_NAME, PolicyName="label",
    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
)
"""
BOARD = 'DecisionBoard(ROLE_NAME, "s3:GetObject", "arn:aws:s3:::shop-in/A-17.txt")'
WAIT_MS = 30_000


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "board.ipynb"
    cells = [new_code_cell(text.strip()) for text in (BUILD, BOARD)]
    nbformat.write(new_notebook(cells=cells, metadata=stored.METADATA), path)
    return path


def says(page: Page, text: str) -> None:
    """The status line, which screen readers announce, comes to say that."""
    status = page.locator('.jp-OutputArea [role="status"]')
    expect(status).to_contain_text(text, timeout=WAIT_MS)


def test_a_decision_by_keyboard(desk: look.Desk, notebook: Path) -> None:
    with desk.opened(notebook) as seen:
        assert seen.run_all() == []
        page = seen.page
        says(page, "Nothing asked yet.")

        who = page.get_by_label("Who", exact=True)
        expect(who).to_have_value("course-function-role")
        who.focus()
        for _ in range(4):  # Action, Resource, Context, the button
            page.keyboard.press("Tab")
        button = page.get_by_role("button", name="Decide", exact=True)
        expect(button).to_be_focused()
        page.keyboard.press("Space")
        says(page, "Denied: because no identity-based policy allows the s3:GetObject action")
        steps = page.locator(".course-decision")
        expect(steps).to_contain_text("4 identity-based policies")
        expect(steps).to_contain_text("Its objects are arn:aws:s3:::shop-in/*")
        expect(button).to_be_focused()

        page.get_by_label("Resource", exact=True).fill("arn:aws:s3:::shop-in")
        button.focus()
        page.keyboard.press("Enter")
        says(page, 'Allowed: statement "In" of the inline policy label allows it')

        page.get_by_label("Action", exact=True).fill("GetObject")
        button.click()
        says(page, 'That did not work: "GetObject" is no action.')
        expect(steps).to_have_count(0)
        assert seen.failures == []
        assert seen.outside == []
