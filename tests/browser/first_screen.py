"""Make the picture on the README's first screen: .venv/bin/python tests/browser/first_screen.py

Goes through notebook 01 as a learner does, up to the first answered prediction.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.browser import look
from tests.notebooks.stored import ROOT

NOTEBOOK = ROOT / "notebooks" / "01-a-first-handler.ipynb"
PICTURE = ROOT / "docs" / "first-screen.png"
SECTION = "Nothing runs before the event"
QUESTION = "How many execution environments are there?"
ANSWERED = "Active means ready to be started"


def main() -> None:
    with look.desk() as desk, desk.opened(NOTEBOOK) as seen:
        page = seen.page
        page.set_viewport_size({"width": 1180, "height": 1010})
        page.keyboard.press("ControlOrMeta+b")  # the notebook alone, without the list of files
        page.locator(".jp-Notebook .jp-Cell").first.click()
        for _ in range(60):
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(700)
            if page.get_by_text(ANSWERED).count():
                break
            choice = page.get_by_label("a) none")
            if page.get_by_text(QUESTION).count() and choice.count() and not choice.is_checked():
                choice.check()
                page.locator(".jp-Notebook .jp-Cell.jp-mod-selected .jp-InputPrompt").first.click()
        else:
            raise RuntimeError(f"{ANSWERED!r} was never shown: has the notebook changed?")
        heading = page.get_by_role("heading", name=SECTION).first
        heading.evaluate("element => element.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1500)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
    print(PICTURE)


if __name__ == "__main__":
    main()
