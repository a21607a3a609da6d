"""Tables that a screen reader can walk through, and plain text that a test can compare."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import helpers
from helpers.teach import TeachError, output, show

ROWS = [{"who": "AWS", "patches": "the <kernel>"}, {"who": "you", "patches": "your code"}]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is shown: (plain text, html)."""
    seen: list[tuple[str, str]] = []

    def emit(text: str, html: str = "", widget: object = None) -> None:
        seen.append((text, html))

    monkeypatch.setattr(show, "emit", emit)
    return seen


def test_a_table_as_text(shown: list[tuple[str, str]]) -> None:
    show.table(ROWS, "Who patches what")
    assert shown[0][0] == (
        "Who patches what\nwho  patches\n---  ------------\nAWS  the <kernel>\nyou  your code"
    )


def test_a_table_as_html_has_caption_and_scopes(shown: list[tuple[str, str]]) -> None:
    show.table(ROWS, "Who patches what")
    html = shown[0][1]
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Collect(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Collect().feed(html)
    assert "<caption" in html
    assert "Who patches what</caption>" in html
    assert [attrs["scope"] for tag, attrs in tags if tag == "th"] == ["col", "col", "row", "row"]
    assert "the &lt;kernel&gt;" in html


def test_rows_as_lists_and_as_a_dataframe(shown: list[tuple[str, str]]) -> None:
    show.table([["AWS", 1]], columns=["who", "n"])
    show.table(pd.DataFrame([{"who": "AWS", "n": 1}]))
    assert shown[0] == shown[1]
    with pytest.raises(TeachError, match="columns="):
        show.table([["AWS", 1]])


def test_a_link_is_a_link_and_its_title_in_plain_text(shown: list[tuple[str, str]]) -> None:
    show.table([{"a": 1, "source": "[The <docs>](https://docs.example.com/a?b=1&c=2)"}])
    text, html = shown[0]
    assert '<a href="https://docs.example.com/a?b=1&amp;c=2">The &lt;docs&gt;</a>' in html
    assert text.splitlines()[-1].split() == ["1", "The", "<docs>"]


def test_what_only_looks_like_a_link_is_text(shown: list[tuple[str, str]]) -> None:
    show.table([{"a": 1, "source": "[x](javascript:alert(1))"}])
    assert "<a" not in shown[0][1]


def test_counts(shown: list[tuple[str, str]]) -> None:
    show.counts([{"status": 200}, {"status": 429}, {"status": 200}], by="status")
    assert [line.split() for line in shown[0][0].splitlines()[2:]] == [["200", "2"], ["429", "1"]]


def test_lines_and_logs(capsys: pytest.CaptureFixture[str]) -> None:
    show.line("same environment", True)
    show.logs(["START\n", "", "a\tb\n"])
    show.logs([])
    assert capsys.readouterr().out == "same environment: True\nSTART\na\tb\n(no log lines)\n"


def test_the_ledger_is_built_from_the_data_file(
    shown: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = {
        "id": "x",
        "aws": "long",
        "local": "short",
        "source": "https://a/b/page.html",
        "test": "t::x",
    }
    (tmp_path / "fidelity.json").write_text(
        json.dumps([{**row, "area": "Time"}, {**row, "area": "Memory"}])
    )
    monkeypatch.setattr(helpers, "__file__", str(tmp_path / "__init__.py"))
    show.ledger()
    show.ledger("Time")
    assert shown[0][0].startswith("Fidelity ledger: 2 differences")
    assert re.search(r"Memory +long +short +page", shown[0][0])
    assert '<a href="https://a/b/page.html">page</a>' in shown[0][1]
    assert "Memory" not in shown[1][0]
    with pytest.raises(TeachError, match="It has: Memory, Time"):
        show.ledger("Space")


def test_without_a_kernel_everything_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit("text", html="<b>html</b>")
    assert capsys.readouterr().out == "text\n"


def test_a_picture_says_what_it_shows(shown: list[tuple[str, str]]) -> None:
    show.picture(b"\xff\xd8\xff\xe0jpeg", 'a "cake" & candles')
    show.picture(b"\x89PNG\r\n", "a cake")
    assert shown[0][0] == '[picture: a "cake" & candles]'
    assert shown[0][1] == (
        '<img src="data:image/jpeg;base64,/9j/4GpwZWc=" alt="a &quot;cake&quot; &amp; candles">'
    )
    assert 'src="data:image/png;base64,' in shown[1][1]


def test_what_is_no_picture_or_says_nothing() -> None:
    with pytest.raises(TeachError, match=r"no JPEG or PNG.*the right object"):
        show.picture(b"<Error><Code>NoSuchKey</Code>", "a cake")
    with pytest.raises(TeachError, match="Say what it shows"):
        show.picture(b"\xff\xd8\xff", " ")
