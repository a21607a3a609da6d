"""The Markdown files of the repository: their links lead somewhere, their lists are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("labs/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\[[^\]]*\]\(([^)\s#]+)", text):
        if not re.match(r"\w+:", target):
            assert (document.parent / target).exists(), target


def test_the_first_screen_is_described_in_words() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]", README)
    assert pictures
    assert all(len(alt) > 40 for alt in pictures)


def test_the_map_links_every_notebook_and_no_other() -> None:
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"\(notebooks/([^)]+)\)", README)) == there


def test_every_command_is_in_the_readme() -> None:
    for command in ("lab --no-browser", "aws", "test", "bench", "grade"):
        assert f"python3 start.py {command}" in README
