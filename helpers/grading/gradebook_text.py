"""What students wrote, in a form in which Formgrader shows it and cannot be made to act on it.

Formgrader renders Markdown with raw HTML and any address in a link, on the page from which the
instructor's Jupyter server can be told to run things; and it puts ids and names into its pages as
they are. nbgrader's own converter passes a student's `<script>` through.
Source: https://nbconvert.readthedocs.io/en/latest/config_options.html (sanitize_html, off)
"""

from __future__ import annotations

import re
import string

from helpers.grading.store import file_name

#: So much of one cell is shown; a runbook is read by a person.
MOST_SHOWN = 20_000
_AS_IT_IS = frozenset(string.ascii_letters + string.digits + " ")
_PLAIN = re.compile(r"[^\W_][\w.@ -]{0,98}[\w-]|[^\W_]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_STYLE = "white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; font: inherit"
_CUT = "\n… cut here: the rest is in the file that was submitted."


class PathTrick(Exception):
    """A student's id that could lead out of the folder of its student."""


def identity(student: str) -> str:
    """The id under which a student stands in the gradebook: also the name of a folder.

    A plain id stays as it is. One with other signs gets a harmless name that is nobody else's.
    Raises PathTrick for an id that is, or holds, a way through folders.
    """
    if not student.strip() or any(sign in student for sign in "/\\\0") or student.startswith("."):
        raise PathTrick(f"{student[:60]!r} is no id that may become the name of a folder")
    if _PLAIN.fullmatch(student) and not _DEVICES.match(student):
        return student
    return file_name(student)


def name(said: str) -> str:
    """A person's name, without what HTML or a script would take for its own."""
    kept = "".join(one if one.isprintable() else " " for one in said.replace("'", "\u2019"))
    return re.sub(r"[<>&\"`\\{}$]+", "", kept)[:100].strip()


def literal(said: str) -> str:
    """A Markdown cell that shows `said` sign for sign: nothing in it is Markdown, HTML or math.

    Every sign that could mean something is written as a number, the ends of lines too, so that
    neither the Markdown reader nor the browser finds anything to act on; MathJax keeps out of
    <pre> and of what is marked.
    """
    signs = "".join(
        one if one in _AS_IT_IS or ord(one) > 127 else f"&#{ord(one)};" for one in printable(said)
    )
    return f'<pre class="tex2jax_ignore mathjax_ignore" style="{_STYLE}">{signs}</pre>'


def printable(said: str) -> str:
    """Text without control signs, and not longer than a person reads."""
    cut = said[:MOST_SHOWN] + _CUT if len(said) > MOST_SHOWN else said
    cut = cut.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in cut
    )
