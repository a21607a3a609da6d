"""What the learner has chosen so far: predictions, quiz answers, hints read.

One small JSON file, `work/progress.json` beside the notebook (or the file that the environment
variable COURSE_PROGRESS names). It is read again before each write, so that two open notebooks do
not undo each other's lines.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


def path() -> Path:
    """The progress file. It need not exist."""
    return Path(os.environ.get("COURSE_PROGRESS") or "work/progress.json")


def read() -> dict[str, dict[str, Entry]]:
    """Everything recorded: `{"predictions": {key: entry}, "quizzes": …, "hints": …}`."""
    try:
        data = json.loads(path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, UnicodeDecodeError):
        # A half-written or hand-edited file must not stop a lesson. Keep it for whoever wants it.
        with contextlib.suppress(OSError):
            path().replace(path().with_suffix(".unreadable.json"))
        return {}
    if not isinstance(data, dict):
        return {}
    return {kind: entries for kind, entries in data.items() if isinstance(entries, dict)}


def entry(kind: str, key: str) -> Entry:
    """One entry, `{}` when there is none."""
    found = read().get(kind, {}).get(key)
    return dict(found) if isinstance(found, dict) else {}


def record(kind: str, key: str, **values: Any) -> Entry:
    """Add `values` and the time to an entry, and return it whole."""
    with _changing() as data:
        entries = data.setdefault(kind, {})
        before = entries.get(key)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entries[key] = {**(before if isinstance(before, dict) else {}), **values, "time": now}
        return dict(entries[key])


def start_again(notebook: str) -> None:
    """Forget what was predicted, answered and hinted in one notebook, e.g. `start_again("01")`.

    Files you wrote and resources in the cloud stay as they are.
    """
    number = str(notebook).split(".")[0]
    with _changing() as data:
        for entries in data.values():
            for key in [key for key in entries if key.split(".")[0] == number]:
                del entries[key]
    print(f"Notebook {number}: predictions, quiz answers and hints are forgotten. Run it again.")


@contextlib.contextmanager
def _changing() -> Iterator[dict[str, dict[str, Entry]]]:
    data = read()
    yield data
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved into place: a kernel that dies here leaves the old file whole.
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".progress", suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1, ensure_ascii=False)
        file.write("\n")
    Path(name).replace(target)
