"""HTML for people: what a student wrote can stand in it, and never acts in it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

#: A browser runs no script and loads nothing in these pages, should an escape ever be missed.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border-bottom: 1px solid #8886; padding: .4rem .6rem; text-align: left;
         vertical-align: top; overflow-wrap: anywhere }
td.number, th.number { text-align: right; white-space: nowrap }
.note { border-left: .3rem solid #b58900; padding: .3rem .8rem; margin: 1rem 0 }
"""


def text(value: Any) -> str:
    """A value as text in a page."""
    said = "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}"
        for one in str(value)
    )
    return html.escape(said)


def page(title: str, *parts: str) -> str:
    """A whole page; `parts` are HTML already."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{text(title)}</h1>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def paragraph(said: str) -> str:
    return f"<p>{text(said)}</p>" if said else ""


def notes(said: Iterable[str]) -> str:
    return "\n".join(f'<p class="note">{text(one)}</p>' for one in said)


def heading(said: str) -> str:
    return f"<h2>{text(said)}</h2>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; a cell that is a number stands at the right."""
    lines = ["<tr>" + "".join(_cell("td", value) for value in row) + "</tr>" for row in rows]
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in columns)
    return (
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody></table>"
    )


def _cell(tag: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<{tag} class="number">{value:g}</{tag}>'
    return f"<{tag}>{text(value)}</{tag}>"
