"""Showing things: a rich form for the notebook, always with a plain text beside it."""

from __future__ import annotations

import textwrap
from typing import Any

WIDTH = 88


def in_kernel() -> bool:
    """True where a front end can draw widgets and HTML."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def emit(
    text: str, html: str | None = None, widget: Any = None, mermaid: str | None = None
) -> None:
    """Show `text`, and for a front end the `html`, `widget` or Mermaid drawing that says the same.

    `mermaid` is a diagram's source: JupyterLab draws it without the internet.
    """
    if not in_kernel():
        print(text)
        return
    from IPython.display import display

    bundle: dict[str, Any] = {"text/plain": text}
    if html is not None:
        bundle["text/html"] = html
    if mermaid is not None:
        bundle["text/vnd.mermaid"] = mermaid
    if widget is not None:
        view = "application/vnd.jupyter.widget-view+json"
        bundle[view] = widget._repr_mimebundle_()[view]
    display(bundle, raw=True)


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """`text` in lines of at most WIDTH columns; its own line breaks are kept."""
    lines = text.splitlines() or [""]
    wrapped = []
    for number, line in enumerate(lines):
        wrapped += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=first if number == 0 else rest,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [rest.rstrip()]
    return "\n".join(wrapped)
