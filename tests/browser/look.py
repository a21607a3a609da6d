"""Open a notebook in JupyterLab in a headless Chromium, run all its cells, and look at it.

    .venv/bin/python tests/browser/look.py notebooks/01*.ipynb --out /tmp/shots

JupyterLab is started by start.py's own code, on a copy of the notebooks in a temporary folder, so
that nothing of the repository or of a learner's work changes. Stored outputs are removed from the
copy first: all that is seen was made by this run.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import start
from tests.jupyter_server import end_kernels, wait_for_an_answer
from tests.notebooks import stored
from tests.notebooks.stored import ROOT

SCREEN = {"width": 1280, "height": 900}
START_SECONDS = 60
RUN_SECONDS = 240

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: start.py's `lab`, with the learner's folder elsewhere than .venv.
LAB = """
import argparse, os, sys
import start
start.ROOT = sys.argv[1]
start.COURSE = os.path.join(start.ROOT, ".course")
start.lab(argparse.Namespace(port=int(sys.argv[2]), no_browser=True))
"""


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome on this machine; the variable CHROMIUM names another."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    places = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        os.path.expandvars(r"%ProgramFiles%\Google\Chrome\Application\chrome.exe"),
    ]
    wanted = [os.environ.get("CHROMIUM")]
    wanted += [shutil.which(name) for name in names]
    wanted += [place for place in places if Path(place).is_file()]
    return next((path for path in wanted if path), None)


@contextmanager
def jupyterlab(folder: Path, port: int = 8950) -> Iterator[str]:
    """JupyterLab on `folder`, which holds a notebooks/ folder; yields its URL with the token.

    On leaving it is ended as Ctrl-C would, and its end is waited for. RuntimeError where .venv is
    not what requirements.txt pins: start.py would make it anew under everybody's feet.
    """
    if not start.is_ready(start.COURSE_SET):
        raise RuntimeError(
            "The environment is outdated. Renew it first: python3 start.py test -k x"
        )
    for name in ("requirements.txt", "requirements-test.txt"):
        shutil.copy(ROOT / name, folder)
    log = folder / "jupyterlab.log"
    with log.open("w") as output:
        process = psutil.Popen(
            [sys.executable, "-c", LAB, str(folder), str(port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield read_url(process, log)
    finally:
        family = [process, *process.children(recursive=True)] if process.is_running() else []
        for member in family[
            : 2 if os.name == "nt" else 1
        ]:  # on Windows, start.py waits for a child
            member.terminate()
        for member in psutil.wait_procs(family, timeout=20)[1]:
            member.kill()


def read_url(process: psutil.Popen, log: Path) -> str:
    """The address that JupyterLab prints; RuntimeError with what it said where it prints none."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"http://localhost:\d+/\S*token=\w+", log.read_text()):
            wait_for_an_answer(found.group())
            return found.group()
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@dataclass
class Seen:
    """A notebook open in a browser, and what happened there."""

    page: Page
    copy: Path
    outside: list[str] = field(default_factory=list)  # URLs asked for that are not this machine's
    failures: list[str] = field(default_factory=list)  # errors of the page's own scripts

    def run_all(self, seconds: float = RUN_SECONDS) -> list[str]:
        """Run > Run All Cells, wait for the end, save; returns what went wrong, a line each."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(1500)
            self.save()
            try:
                cells = stored.code_cells(stored.read(self.copy))
            except nbformat.reader.NotJSONError:  # it is being written at this moment
                continue
            unexpected = [problem(cell) for cell in cells if problem(cell)]
            if unexpected or all(cell.execution_count for cell in cells):
                return [text for text in unexpected if text]
        return [f"the cells did not end within {seconds:.0f} s"]

    def save(self) -> None:
        """Ctrl+S, done once the file on disk is newer."""
        before = self.copy.stat().st_mtime_ns
        self.page.keyboard.press("ControlOrMeta+s")
        for _ in range(20):
            self.page.wait_for_timeout(50)
            if self.copy.stat().st_mtime_ns != before:
                return

    def screenfuls(self, out: Path) -> list[Path]:
        """Scroll from the top to the end, and save a picture of each screenful in `out`."""
        out.mkdir(parents=True, exist_ok=True)
        scroller = self.page.locator(".jp-Notebook .jp-WindowedPanel-outer").first
        if not scroller.count():
            scroller = self.page.locator(".jp-Notebook").first
        scroller.evaluate("element => element.scrollTo(0, 0)")
        pictures: list[Path] = []
        while len(pictures) < 60:
            self.page.wait_for_timeout(400)
            pictures.append(out / f"{self.copy.stem}-{len(pictures) + 1:02}.png")
            self.page.screenshot(path=pictures[-1])
            at_end = scroller.evaluate(
                """element => {
                    const before = element.scrollTop
                    element.scrollBy(0, element.clientHeight - 60)
                    return element.scrollTop <= before + 1
                }"""
            )
            if at_end:
                break
        return pictures


def problem(cell: nbformat.NotebookNode) -> str | None:
    """One line on a cell that ended in an error it is not tagged to show, else None."""
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in stored.tags(cell):
            first = cell.source.strip().splitlines()[0]
            return f"cell [{cell.execution_count}] {first!r}: {output.ename}: {output.evalue}"
    return None


@dataclass
class Desk:
    """JupyterLab and a browser, where one notebook is opened after the other."""

    folder: Path
    url: str
    browser: Browser

    @contextmanager
    def opened(self, notebook: Path) -> Iterator[Seen]:
        """The notebook open and ready, in a browser profile that is new and empty.

        Nothing of an earlier one is left: its files are gone, and its kernel has ended.
        """
        copy = copy_course(notebook, self.folder)
        context = self.browser.new_context(
            viewport={"width": SCREEN["width"], "height": SCREEN["height"]}
        )
        try:
            page = context.new_page()
            seen = Seen(page, copy)
            page.on("request", lambda request: note_outside(request.url, seen))
            page.on("pageerror", lambda error: seen.failures.append(str(error)))
            token = urlsplit(self.url).query
            host = urlsplit(self.url).netloc
            page.goto(f"http://{host}/lab/tree/notebooks/{copy.name}?reset&{token}")
            page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=START_SECONDS * 1000)
            page.get_by_text("| Idle").first.wait_for(timeout=START_SECONDS * 1000)
            yield seen
        finally:
            context.close()
            end_kernels(self.url)


@contextmanager
def desk() -> Iterator[Desk]:
    """A desk without any notebook on it."""
    chromium = find_chromium()
    if not chromium:
        raise RuntimeError("No Chromium found. Install one (apt-get install chromium).")
    with (
        tempfile.TemporaryDirectory(prefix="course-look-", ignore_cleanup_errors=True) as scratch,
        sync_playwright() as playwright,
    ):
        folder = Path(scratch, "a course")
        folder.mkdir()
        with jupyterlab(folder) as url:
            browser = playwright.chromium.launch(
                executable_path=chromium, headless=True, args=FLAGS
            )
            try:
                yield Desk(folder, url, browser)
            finally:
                browser.close()


def copy_course(notebook: Path, folder: Path) -> Path:
    """notebooks/ without learner files, anew in `folder`; returns the copy, outputs removed."""
    shutil.rmtree(folder / "notebooks", ignore_errors=True)
    ignore = shutil.ignore_patterns("work", ".ipynb_checkpoints")
    shutil.copytree(notebook.resolve().parent, folder / "notebooks", ignore=ignore)
    copy = folder / "notebooks" / notebook.name
    content = stored.read(copy)
    for cell in stored.code_cells(content):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(content, copy)
    return copy


def note_outside(url: str, seen: Seen) -> None:
    parts = urlsplit(url)
    if parts.scheme.startswith(("http", "ws")) and parts.hostname not in ("localhost", "127.0.0.1"):
        seen.outside.append(url)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("shots"), help="folder for the pictures")
    parser.add_argument("--unrun", action="store_true", help="do not run the cells")
    arguments = parser.parse_args()
    failed = False
    with desk() as ours:
        for notebook in arguments.notebooks:
            with ours.opened(notebook) as seen:
                problems = [] if arguments.unrun else seen.run_all()
                pictures = seen.screenfuls(arguments.out)
                problems += seen.failures + [f"asked for {url}" for url in seen.outside]
            print(f"{notebook}: {len(pictures)} pictures in {arguments.out}")
            for text in problems:
                print(f"  {text}")
            failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
