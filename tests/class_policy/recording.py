"""Runs notebooks on a local cloud and keeps which permissions their requests needed.

The notebooks are run as they are, in a folder of their own; nothing of them is written back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from nbclient import NotebookClient

from helpers.localaws.gateway.calls import VARIABLE
from tests.notebooks import stored

ROOT = Path(__file__).resolve().parents[2]
CALLS = Path(__file__).with_name("calls.json")
CELL_SECONDS = 180
#: What AWS makes up: the same for every run in what is kept. (The account's number stays.)
_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=[-/:])(?!123456789012)[0-9a-f]{8,}(?=[-/:]|$)"
    r"|\b\d{4}[-/]\d\d[-/]\d\d(?:[T/][\w:.-]*)?|(?<=-)[A-Za-z0-9]{6}$|(?<=/)[a-z0-9]{10}(?=/|$)"
)
#: The condition keys of requests that a policy of ours looks at.
_KEYS = ("iam:PassedToService", "iam:PolicyARN", "iam:PermissionsBoundary", "lambda:FunctionArn")


def record(notebook: Path) -> list[dict[str, Any]]:
    """Run one notebook; what it needed, each need once, in a stable order."""
    with tempfile.TemporaryDirectory(prefix="course-class-") as scratch:
        folder = Path(scratch, "notebooks")
        shutil.copytree(notebook.parent, folder, ignore=shutil.ignore_patterns("work"))
        calls = Path(scratch, "calls.jsonl")
        calls.touch()
        os.environ[VARIABLE] = str(calls)
        os.environ["COURSE_PROGRESS"] = str(Path(scratch, "progress.json"))
        client = NotebookClient(
            stored.read(folder / notebook.name),
            timeout=CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute()
        finally:
            del os.environ[VARIABLE]
        rows = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    return needs_of(rows)


def needs_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who needed which action on what, without what is new on every run."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        learner = ":user/learner" in row["who"]
        for need in row["needs"]:
            one: dict[str, Any] = {
                "who": "learner" if learner else "role",
                "action": need["action"],
                "resource": _MADE_UP.sub("0", need["resource"]),
            }
            if row["region"] not in ("", "us-east-1"):
                one["region"] = row["region"]
            context = {key: need["context"][key] for key in _KEYS if need["context"].get(key)}
            if context:
                one["context"] = context
            found[json.dumps(one, sort_keys=True)] = one
    return [found[key] for key in sorted(found)]


def load() -> dict[str, Any]:
    """What was recorded, by the notebooks' numbers."""
    return dict(json.loads(CALLS.read_text(encoding="utf-8"))) if CALLS.exists() else {}


def save(recorded: dict[str, Any]) -> None:
    """One need a line, so that a change shows what it is about."""
    lines = ["{"]
    for number in sorted(recorded):
        entry = recorded[number]
        lines.append(f'  "{number}": {{')
        lines.append(f'    "names": {json.dumps(entry["names"])},')
        lines.append('    "needs": [')
        lines.append(",\n".join(f"      {json.dumps(one)}" for one in entry["needs"]))
        lines.append("    ]")
        lines.append("  }" + ("" if number == max(recorded) else ","))
    CALLS.parent.mkdir(parents=True, exist_ok=True)
    CALLS.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8")
