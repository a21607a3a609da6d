"""Run notebooks through the account path against a stand-in, with no cell changed.

    .venv/bin/python tests/account/notebooks.py notebooks/01*.ipynb
    .venv/bin/python tests/account/notebooks.py --endpoint URL --number 123456789012 …

One cell is put before the notebook's first: it opens the account, as a learner would. After it,
``cloud.open()`` in the notebook returns that account. On a stand-in of ours the clock is its own
and moves; elsewhere long waits are left out. Each cell's outputs are compared with the stored ones,
and the stand-in's state before, with neighbours in it, with that after.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.account.everything import make_everything  # noqa: E402
from tests.account.proxy import Proxy, identity, json_error, on  # noqa: E402
from tests.account.snapshot import snapshot  # noqa: E402
from tests.account.standin import NUMBER, Standin  # noqa: E402
from tests.notebooks import stored  # noqa: E402

FIRST = """\
from helpers import cloud
from helpers.cloud.account.removing import Pace
from helpers.cloud.clock import MovableClock

_account = cloud.open("account", number={number!r}, endpoint={endpoint!r}, in_use=True,
                      notebook_name={name!r}, pace=Pace(patience=20, pause=0.1, longest=1))
if {token!r}:
    _account.clock = MovableClock({endpoint!r}, {token!r})
else:
    import socket

    _found = socket.getaddrinfo  # few systems know that every name in .localhost is this machine
    socket.getaddrinfo = lambda host, *more, **named: _found(
        "127.0.0.1" if str(host).endswith(".localhost") else host, *more, **named)
    _account.clock.advance = lambda really=False, **duration: _account.clock.now()
    _account.wait_until = lambda condition, seconds=30, what="": (
        type(_account).wait_until(_account, condition, min(seconds, 8), what))
"""


@dataclass
class Difference:
    """A cell whose outputs are not the stored ones. ``error`` is the last line of its exception."""

    cell: int
    source: str
    wanted: str
    got: str
    error: str


def run(
    path: Path, endpoint: str, number: str, token: str, seconds: int = 60, more: str = ""
) -> list[Difference]:
    """The cells that came out otherwise; os.environ is what the kernel gets.

    The notebook runs in a copy of its folder. ``more`` is code that follows the opening.
    """
    notebook = stored.read(path)
    cells = stored.code_cells(notebook)
    wanted = [_text(cell) for cell in cells]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    words = {"endpoint": endpoint, "number": number, "token": token, "name": path.stem}
    notebook.cells.insert(0, nbformat.v4.new_code_cell(FIRST.format(**words) + more))
    with tempfile.TemporaryDirectory(prefix="course-account-") as scratch:
        os.environ["COURSE_PROGRESS"] = str(Path(scratch, "progress.json"))
        folder = Path(scratch, "notebooks")
        shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("work", "*.ipynb"))
        client = NotebookClient(
            notebook,
            timeout=seconds,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute()
        except (CellTimeoutError, DeadKernelError) as ended:
            print(f"{path.name}: ended early: {str(ended)[:200]}", file=sys.stderr)
    problem = _error(notebook.cells[0])
    if problem:
        raise RuntimeError(f"The account could not be opened: {problem}")
    found = []
    for position, (cell, want) in enumerate(zip(cells, wanted, strict=True), 1):
        tags = stored.tags(cell)
        got = _text(cell)
        error = "" if "raises-exception" in tags else _error(cell)
        same = "nbval-ignore-output" in tags or _masked(got) == _masked(want)
        if error or not same:
            found.append(Difference(position, cell.source, want, got, error))
    return found


def _text(cell: Any) -> str:
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif "data" in output:
            parts.append(output.data.get("text/plain", ""))
    return "".join(parts)


def _error(cell: Any) -> str:
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"[:400]
    return ""


def _masked(text: str) -> str:
    """As nbval compares: without what AWS makes up anew each time, and without the course's own
    lines about waiting and cleaning up."""
    config = (ROOT / "tests" / "notebooks" / "sanitize.cfg").read_text(encoding="utf-8")
    rules = re.findall(r"^regex: (.*)\nreplace: (.*)$", config, re.MULTILINE)
    for pattern, replacement in rules:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"\d{12}", "ACCOUNT", text)
    text = text.split("Cleaning up account")[0]
    return re.sub(r"\s+", " ", text).strip()


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--endpoint")
    parser.add_argument("--number", default=NUMBER)
    parser.add_argument("--json", type=Path, help="where to write the differences")
    options = parser.parse_args(words)
    everything: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="course-standin-") as scratch:
        standin = Standin(Path(scratch))
        environment = standin.environment
        os.environ.clear()
        os.environ.update(environment)
        make_everything(standin.client, "prod-shop")
        neighbours = snapshot(standin)
        for path in options.notebooks:
            if options.endpoint:
                # Servers that call everybody root would be refused at the door, rightly.
                door = Proxy(options.endpoint)
                user = f"arn:aws:iam::{options.number}:user/learner"
                door.rules.append(on("GetCallerIdentity", identity(options.number, user)))
                # … and so would one that says it manages an organisation.
                denied = json_error(400, "AccessDeniedException", "no")
                door.rules.append(on("DescribeOrganization", denied))
                found = run(path, door.url, options.number, "", seconds=90)
                door.close()
            else:
                found = run(path, standin.url, NUMBER, standin.token)
                unharmed = snapshot(standin) == neighbours
                print(f"{path.name}: only the neighbours are left, unharmed: {unharmed}")
            if options.json and options.json.exists():
                everything = json.loads(options.json.read_text()) | everything
            everything[path.stem] = [vars(one) for one in found]
            if options.json:
                options.json.write_text(json.dumps(everything, indent=1, ensure_ascii=False))
            print(f"{path.name}: {len(found)} cells differ", flush=True)
            for one in found:
                print(f"  cell {one.cell}: {one.error or 'other output'}", flush=True)
        standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
