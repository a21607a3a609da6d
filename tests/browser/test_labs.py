"""A lab as a learner meets it in JupyterLab: the ticket, a first check, part of the way, all of it.

COURSE_SHOTS=folder keeps a picture of each step.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from helpers.teach import labs
from tests.browser import look
from tests.browser.test_notebooks import pytestmark as _pytestmark
from tests.labs import answers

pytestmark = _pytestmark

#: The cells that bring a first part of the points, by lab; then come the others.
FIRST = {
    "L01": ["handler", "role", "function"],
    "L04": ["pipeline"],
    "L06": ["printer", "install"],
}


class Learner:
    """Somebody with a mouse and a keyboard."""

    def __init__(self, page: Page, key: str) -> None:
        self.page, self.key = page, key
        self.cells = page.locator(".jp-Notebook .jp-Cell")
        self.pictures = 0

    def cell(self, text: str | re.Pattern[str]) -> Locator:
        """The code cell whose input holds this text."""
        found = self.page.locator(".jp-Notebook .jp-CodeCell").filter(
            has=self.page.locator(".jp-InputArea-editor", has_text=text)
        )
        found.first.scroll_into_view_if_needed()
        return found.first

    def run(self, cell: Locator) -> None:
        """Click into the cell and press Shift+Enter."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def write(self, cell: Locator, source: str) -> None:
        """Replace what is in the cell, and run it."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")

    def check(self, expected: str) -> Locator:
        """Run the cell with lab.check(), and wait until its output says this."""
        cell = self.cell(re.compile(r"^\s*lab\.check\(\)\s*$"))
        self.run(cell)
        output = cell.locator(".jp-OutputArea")
        expect(output).to_contain_text(expected, timeout=60_000)
        return output

    def look(self, at: Locator, what: str) -> None:
        """Keep a picture with this in the middle of the screen, where somebody wants pictures."""
        if "COURSE_SHOTS" in os.environ:
            at.evaluate("element => element.scrollIntoView({block: 'center'})")
            self.page.wait_for_timeout(500)
            self.pictures += 1
            folder = Path(os.environ["COURSE_SHOTS"])
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{self.key}-{self.pictures}-{what}.png")


@pytest.mark.parametrize("key", answers.KEYS)
def test_from_the_ticket_to_green(desk: look.Desk, key: str) -> None:
    lab = labs.load(key)
    solution, given = answers.solutions(lab), answers.starters(lab)
    first = FIRST.get(key, [])
    with desk.opened(lab.notebook) as seen:
        learner = Learner(seen.page, key)
        assert seen.run_all() == []
        learner.look(learner.cell(re.compile(r"^\s*ticket\s*$")), "ticket")
        output = learner.check("not attempted")
        learner.look(output, "not-attempted")
        for part, expected, what in (
            (first, "Visible checks passed: ", "part-of-the-way"),
            (
                [name for name in solution if name not in first],
                "Visible checks passed, all ",
                "green",
            ),
        ):
            for name in part:
                learner.write(learner.cell(_beginning(given[name])), solution[name])
            if part:
                learner.look(learner.check(expected), what)
        assert seen.failures == []
        assert seen.outside == [], "nothing on the page comes from elsewhere"


def _beginning(source: str) -> re.Pattern[str]:
    """How the cell begins."""
    return re.compile(r"^\s*" + re.escape(source.splitlines()[0]))
