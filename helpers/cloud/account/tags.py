"""The four tags that everything carries which the course makes on an account.

What AWS gives no tags says in its description which run made it: its mark.
"""

from __future__ import annotations

import re
from typing import Any

COURSE, RUN, NOTEBOOK, DATE = "course", "course-run", "course-notebook", "course-date"
THIS_COURSE = "serverless-by-doing"


def tags_of(run: str, notebook: str, date: str) -> dict[str, str]:
    """The tags of one run: ``date`` as 2026-11-23, ``notebook`` as 05-files or "none"."""
    return {COURSE: THIS_COURSE, RUN: run, NOTEBOOK: notebook, DATE: date}


def with_tags(given: Any, tags: dict[str, str], keys: tuple[str, str] | None) -> Any:
    """What a creating call's tag parameter becomes: the learner's own tags and these.

    ``keys`` are the two members of one tag in a list of tags; None where tags are a map.
    """
    if keys is None:
        return {**(given or {}), **tags}
    key, value = keys
    own = [one for one in given or [] if one.get(key) not in tags]
    return own + [{key: name, value: text} for name, text in tags.items()]


def marked(description: str | None, run: str, most: int) -> str:
    """A description with the run's mark at its end; ``most`` characters are allowed."""
    mark = f"{RUN}={run}"
    if not description:
        return mark
    if description.endswith((mark, f"({mark})")):
        return description
    return f"{description[: most - len(mark) - 3]} ({mark})"


def mark_of(description: str | None) -> dict[str, str]:
    """The mark as if it were a tag; empty where there is none."""
    found = re.search(rf"{RUN}=([0-9a-z]+)\)?$", description or "")
    return {RUN: found[1]} if found else {}
