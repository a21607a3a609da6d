"""A question with options: radio buttons where they can be drawn, and the same in plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from helpers.teach.errors import TeachError
from helpers.teach.output import emit, in_kernel, wrap


def letter(answer: object, options: Mapping[str, str], call: str) -> str:
    """The option that `answer` names, whatever its case. `call` is the call to repeat."""
    given = str(answer).strip().strip(")").lower()
    for option in options:
        if option.lower() == given:
            return option
    letters = ", ".join(options)
    raise TeachError(
        f'"{answer}" is not one of the options ({letters}). '
        f'Run {call}, answer="{next(iter(options))}") with one of these letters.'
    )


def as_text(heading: str, question: str, options: Mapping[str, str], call: str) -> str:
    """The question as plain text: the same for everybody, whatever they chose before."""
    lines = [wrap(f"{heading}: {question}")]
    lines += [wrap(text, first=f"  {option})  ", rest="      ") for option, text in options.items()]
    first = next(iter(options))
    lines.append("Run this cell, then choose with Tab and Space, or with the mouse.")
    lines.append(f'Or type: {call}, answer="{first}")')
    return "\n".join(lines)


# ipywidgets gives an option one line of fixed height. Ours are sentences: let them wrap, with the
# button in front.
_STYLE = """<style>
.course-options .widget-radio-box { max-width: 46em; }
.course-options .widget-radio-box label {
  height: auto; line-height: 1.4; margin: 2px 0; white-space: normal;
  display: flex; flex-direction: row-reverse; justify-content: flex-end; align-items: baseline;
}
.course-options .widget-radio-box input { flex: none; margin: 0 0.6em 0 0.2em; height: auto; }
.course-question, .course-status { max-width: 46em; line-height: 1.4; }
.course-question { font-weight: bold; }
</style>"""


class Chooser:
    """Radio buttons and a line of status under them.

    `choose` is called with the chosen letter and returns what the status line then says.
    """

    def __init__(
        self,
        question: str,
        options: Mapping[str, str],
        choose: Callable[[str], str],
        chosen: str | None = None,
        status: str = "",
        locked: bool = False,
    ) -> None:
        import ipywidgets

        self._choose = choose
        self._radio = ipywidgets.RadioButtons(
            options=[(f"{option})  {text}", option) for option, text in options.items()],
            value=chosen,
            disabled=locked,
            layout=ipywidgets.Layout(width="auto", height="auto"),
        )
        self._radio.add_class("course-options")
        self._status = ipywidgets.HTML()
        title = ipywidgets.HTML(f'{_STYLE}<div class="course-question">{_marked(question)}</div>')
        self.widget = ipywidgets.VBox([title, self._radio, self._status])
        self.say(status)
        self._radio.observe(self._changed, names="value")

    def say(self, status: str) -> None:
        """Put a sentence under the options, announced by screen readers."""
        self._status.value = f'<div class="course-status" role="status">{_marked(status)}</div>'

    def lock(self, status: str) -> None:
        """No more choosing: the answer has been shown."""
        self._radio.disabled = True
        self.say(status)

    def _changed(self, change: dict[str, Any]) -> None:
        if change["new"] is None:
            return
        try:
            self.say(self._choose(change["new"]))
        except Exception as error:  # a callback's traceback would vanish in the log panel
            self.say(f"Not recorded: {error}")


def _marked(text: str) -> str:
    """Text as HTML, with `code` between backticks set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def ask(text: str, make: Callable[[], Chooser]) -> Chooser | None:
    """Show the question, with radio buttons where they can be drawn."""
    if not in_kernel():
        emit(text)
        return None
    try:
        chooser = make()
    except ImportError:  # no ipywidgets: the text says how to answer by typing
        emit(text)
        return None
    emit(text, widget=chooser.widget)
    return chooser
