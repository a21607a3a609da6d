"""A person marks in nbgrader's Formgrader, in a browser; the marks reach the exports.

    NBGRADER=/tmp/nbgrader/bin/python .venv/bin/pytest -q tests/grading/test_formgrader.py

(tests/grading/test_gradebook.py says how to get it.) COURSE_SHOTS=folder keeps a picture.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from helpers.grading.gradebook import MARKED, WAITING
from helpers.grading.labs import find
from tests.browser import look
from tests.browser.test_notebooks import pytestmark as _pytestmark
from tests.grading.test_gradebook import NBGRADER, Course
from tests.jupyter_server import wait_for_an_answer

pytestmark = [
    *_pytestmark,
    pytest.mark.skipif(
        not NBGRADER, reason="Formgrader in a browser; tests/grading/test_formgrader.py says how"
    ),
]


@contextmanager
def formgrader(course: Path, own: Path) -> Iterator[str]:
    """JupyterLab with nbgrader on the course folder; yields its address. Its settings are `own`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    python = Path(NBGRADER)
    folders = {f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
    with (own / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(
            [python, "-m", "jupyterlab", *words, "--IdentityProvider.token=t"],
            cwd=course, env=kept | folders | {"PATH": path}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_for_an_answer(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}/formgrader"
        finally:
            process.terminate()
            process.wait(30)


def open_submission(page: Page, address: str, student: str) -> None:
    page.goto(f"{address}?token=t")  # as JupyterLab's menu does: it reads the folder's settings
    page.wait_for_url("**/manage_assignments")
    page.goto(f"{address}/gradebook/toy/toy")
    expect(page.get_by_role("link", name="Submission #1")).to_be_visible(timeout=45_000)
    page.locator("#toggle_names").click()
    page.get_by_role("link", name=student).click()
    # Formgrader has its marks when it shows the judge's.
    expect(page.locator("#check")).to_have_attribute("placeholder", "2", timeout=60_000)


def test_a_mark_is_entered_and_nothing_of_a_student_acts(tmp_path: Path, toy: Path) -> None:
    course = Course(tmp_path, find(str(toy)))
    course.run()
    own = tmp_path / "jupyter"
    own.mkdir()
    asked: list[str] = []
    with formgrader(course.place, own) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=look.find_chromium(), args=look.FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1100})
        page.on("request", lambda request: asked.append(request.url))
        open_submission(page, address, "cy-")
        assert page.evaluate("window.owned") is None
        assert not page.locator(
            "#notebook script, #notebook img, #notebook .MathJax, #notebook a[href^=javascript]"
        ).count()
        expect(page.locator("#notebook").first).to_contain_text("<script>window.owned=1</script>")
        assert not [url for url in asked if "example.org" in url]
        open_submission(page, address, "Hara")
        with page.expect_response(lambda answer: "/api/grade/" in answer.url):
            page.locator("#story").fill("0.5")
            page.locator("#story").press("Tab")
        with page.expect_response(lambda answer: "/api/comment/" in answer.url):
            page.locator("#story-comment").fill("Say when.")
            page.locator("#story-comment").press("Tab")
        if "COURSE_SHOTS" in os.environ:
            page.screenshot(path=Path(os.environ["COURSE_SHOTS"], "formgrader.png"), full_page=True)
        browser.close()
    course.run(formgrader=False, manual=True)
    assert course.part("ana") == {
        "name": "story", "of": 1, "points": 0.5, "state": MARKED, "comment": "Say when.",
    }  # fmt: skip
    assert course.part("=cy")["state"] == WAITING
    assert ",2.25\r\n" in (course.out / "canvas.csv").read_bytes().decode()
