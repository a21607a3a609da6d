"""A `Watch` as a board with buttons: a card for each environment, its state in sign and word."""

from __future__ import annotations

import html
from collections.abc import Callable

from helpers.teach.buttons import Status, button, row, show_widget
from helpers.teach.environments import DOUBTFUL, FROZEN, GONE, Environment, Watch

SIGNS = {FROZEN: "❄", DOUBTFUL: "?", GONE: "✕"}
WORDS = {
    FROZEN: "frozen, ready for the next event",
    DOUBTFUL: "nobody can tell: AWS does not show it",
    GONE: "gone: a new one was started instead",
}
ACTIONS: tuple[tuple[str, str, Callable[..., None]], ...] = (
    ("Send one event", "send()", lambda watch, told: watch.send(1, told)),
    ("Send five at once", "send(5)", lambda watch, told: watch.send(5, told)),
    ("Let 15 minutes pass", "wait()", lambda watch, told: watch.wait()),
    ("Deploy new code", "new_code()", lambda watch, told: watch.new_code()),
)

# Border styles repeat what sign and word say, for those who see the board as a whole.
_STYLE = """<style>
.course-board ul { display: flex; flex-wrap: wrap; gap: 8px; padding: 0; margin: 8px 0; }
.course-board ul li { list-style: none; width: 13em; padding: 6px 10px; line-height: 1.4;
  border: 2px solid var(--jp-border-color1, #888); border-radius: 6px; }
.course-board ul li.latest { border-color: var(--jp-brand-color1, #1976d2); }
.course-board ul li.unknown { border-style: dashed; }
.course-board ul li.gone { border-style: dotted; }
.course-board ol { margin: 4px 0; padding-left: 0; list-style: none; line-height: 1.4; }
.course-board p { margin: 4px 0; }
</style>"""


def as_text(watch: Watch) -> str:
    """What stands in for the board where it cannot be drawn."""
    labels = " · ".join(label for label, _, _ in ACTIONS)
    calls = " · ".join(f"watch.{call}" for _, call, _ in ACTIONS)
    return (
        f"{_heading(watch)}\n{labels}\n"
        "Run this cell, then press a button with Tab and Space, or with the mouse.\n"
        f"Or type: {calls}"
    )


class Board:
    """The buttons, the cards and the lines. `widget` is what is shown."""

    def __init__(self, watch: Watch) -> None:
        import ipywidgets

        self._watch = watch
        self._flying = False  # events are in flight, and nobody knows yet where
        self._status = Status("Nothing sent yet.")
        pressed = [
            button(label, self._pressing(label, action), self._status, self._landed)
            for label, _, action in ACTIONS
        ]
        self._cards = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([row(pressed), self._status.widget, self._cards])
        self.draw()
        watch.watchers.append(self._acted)

    def draw(self) -> None:
        """Cards and lines as the watch has them now."""
        latest, flying = self._watch.latest, self._flying
        cards = "".join(
            _card(one, one.number in latest, flying) for one in self._watch.environments
        )
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in self._watch.lines)
        self._cards.value = (
            f'{_STYLE}<div class="course-board"><p><b>{html.escape(_heading(self._watch))}</b></p>'
            f"<ul>{cards}</ul><ol>{lines}</ol></div>"
        )

    def _pressing(self, label: str, action: Callable[..., None]) -> Callable[[], None]:
        events = 5 if "five" in label else 1 if "Send" in label else 0

        def told(answers: int) -> None:
            self._in_flight(events - answers, events)

        def pressed() -> None:
            if events:
                self._watch.latest = set()
                told(0)
            else:
                self._status.say(f"{label} …")
            with self._watch.quietly():
                action(self._watch, told)

        return pressed

    def _landed(self) -> None:
        self._flying = False
        self.draw()

    def _acted(self) -> None:
        self._landed()
        self._status.say(self._watch.lines[-1])

    def _in_flight(self, events: int, of: int) -> None:
        self._flying = events > 0
        self.draw()
        self._status.say(
            f"{'▶ ' * events}{events} of {of} in flight, each in an environment of its own"
        )


def show_board(watch: Watch) -> None:
    """Show a board for `watch`, or the text that says what to type instead."""
    show_widget(as_text(watch), lambda: Board(watch))


def _heading(watch: Watch) -> str:
    """How many there are is known only right after an event: say what has been seen."""
    return f"Environments of {watch.function.name} seen so far: {len(watch.environments)}"


def _card(one: Environment, latest: bool, flying: bool) -> str:
    served = "1 event" if one.served == 1 else f"{one.served} events"
    kind, sign, word = one.state, SIGNS[one.state], WORDS[one.state]
    if flying and not latest and one.state != GONE:
        sign, word = "▶", "perhaps serving: events are in flight"
    elif latest:
        kind, word = "latest", "served just now, and frozen again"
    return (
        f'<li class="{kind}"><b>environment {one.number}</b><br>{sign} {word}<br>'
        f"{served}, init {one.init_ms:.0f} ms<br>log stream …{one.stream[-6:]}</li>"
    )
