"""The four tags that everything carries which the course makes on an account."""

from __future__ import annotations

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
