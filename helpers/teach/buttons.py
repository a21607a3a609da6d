"""Buttons and the line under them: what the boards have in common.

Buttons stay enabled while they work: a disabled one would lose the keyboard's focus. What is
pressed meanwhile comes next.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Any

from helpers.teach.output import emit, in_kernel


class Status:
    """One line of text, announced by screen readers when it changes. `widget` is what is shown."""

    def __init__(self, text: str = "") -> None:
        import ipywidgets

        self.widget = ipywidgets.HTML()
        self.say(text)

    def say(self, text: str) -> None:
        """Replace the line."""
        self.widget.value = f'<div role="status" style="line-height: 1.4">{html.escape(text)}</div>'


def button(
    label: str,
    press: Callable[[], None],
    status: Status,
    on_failure: Callable[[], None] | None = None,
) -> Any:
    """A button that calls `press`; what `press` raises is told by `status`.

    A callback's traceback would vanish in the log panel.
    """
    import ipywidgets

    made = ipywidgets.Button(
        description=label,
        # In a column it would be as wide as the page.
        layout=ipywidgets.Layout(width="auto", height="auto", align_self="flex-start"),
    )

    def pressed(_: Any) -> None:
        try:
            press()
        except Exception as error:
            if on_failure is not None:
                on_failure()
            status.say(f"That did not work: {error}")

    made.on_click(pressed)
    return made


def row(buttons: Iterable[Any]) -> Any:
    """Buttons side by side, in as many lines as they need."""
    import ipywidgets

    layout = ipywidgets.Layout(flex_flow="row wrap", overflow="visible")
    return ipywidgets.HBox(list(buttons), layout=layout)


def show_widget(text: str, make: Callable[[], Any]) -> None:
    """Show what `make` makes (it has a `widget`), or `text` where nothing can be drawn."""
    if not in_kernel():
        emit(text)
        return
    try:
        made = make()
    except ImportError:  # no ipywidgets: the text says what to type instead
        emit(text)
        return
    emit(text, widget=made.widget)
