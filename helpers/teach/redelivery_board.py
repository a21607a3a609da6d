"""A `RedeliveryWatch` as a board with buttons: the queues, the function and each message."""

from __future__ import annotations

import html
from collections.abc import Callable

from helpers.teach.buttons import Status, button, row, show_widget
from helpers.teach.redelivery import DEAD, DELETED, HIDDEN, Message, RedeliveryWatch, name_of

SIGNS = {HIDDEN: "◌", DELETED: "✓", DEAD: "✕"}
WORDS = {
    HIDDEN: "hidden: received, and not deleted",
    DELETED: "deleted: its invocation succeeded",
    DEAD: "in the dead-letter queue: handed out no more",
}

# Border styles repeat what sign and word say, for those who see the board as a whole.
_STYLE = """<style>
.course-queues ul { display: flex; flex-wrap: wrap; gap: 8px; padding: 0; margin: 8px 0; }
.course-queues ul li { list-style: none; width: 17em; padding: 6px 10px; line-height: 1.4;
  border: 2px solid var(--jp-border-color1, #888); border-radius: 6px; }
.course-queues ul.places li { background: var(--jp-layout-color2, #eee); }
.course-queues ul li.hidden { border-style: dashed; }
.course-queues ul li.deleted { border-style: dotted; }
.course-queues ol { margin: 4px 0; padding-left: 0; list-style: none; line-height: 1.4; }
.course-queues p { margin: 4px 0; }
</style>"""

Action = tuple[str, str, Callable[[RedeliveryWatch], None]]


def actions(watch: RedeliveryWatch) -> tuple[Action, ...]:
    """A button's label, the call that does the same, and what it does."""
    return (
        ("Send a bad order", "send_bad()", RedeliveryWatch.send_bad),
        ("Send a good order", "send_good()", RedeliveryWatch.send_good),
        (f"Let {watch.visibility} seconds pass", "wait()", RedeliveryWatch.wait),
        ("Empty both queues", "empty()", RedeliveryWatch.empty),
    )


def as_text(watch: RedeliveryWatch) -> str:
    """What stands in for the board where it cannot be drawn."""
    labels = " · ".join(label for label, _, _ in actions(watch))
    calls = " · ".join(f"watch.{call}" for _, call, _ in actions(watch))
    return (
        f"{_heading(watch)}\n{labels}\n"
        "Run this cell, then press a button with Tab and Space, or with the mouse.\n"
        f"Or type: {calls}"
    )


class Board:
    """The buttons, the cards and the lines. `widget` is what is shown."""

    def __init__(self, watch: RedeliveryWatch) -> None:
        import ipywidgets

        self._watch = watch
        self._status = Status("Nothing sent yet.")
        pressed = [
            button(label, self._pressing(label, action), self._status)
            for label, _, action in actions(watch)
        ]
        self._cards = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([row(pressed), self._status.widget, self._cards])
        self.draw()
        watch.watchers.append(self._acted)

    def draw(self) -> None:
        """Cards and lines as the watch has them now."""
        watch = self._watch
        places = "".join(
            f"<li><b>{html.escape(name)}</b><br>{text}</li>" for name, text in _places(watch)
        )
        cards = "".join(_card(number, one) for number, one in enumerate(watch.messages, 1))
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in watch.lines)
        self._cards.value = (
            f'{_STYLE}<div class="course-queues"><p><b>{html.escape(_heading(watch))}</b></p>'
            f'<ul class="places">{places}</ul><ul>{cards}</ul><ol>{lines}</ol></div>'
        )

    def _pressing(
        self, label: str, action: Callable[[RedeliveryWatch], None]
    ) -> Callable[[], None]:
        def pressed() -> None:
            self._status.say(f"{label} …")
            with self._watch.quietly():
                action(self._watch)

        return pressed

    def _acted(self) -> None:
        self._status.say(self._watch.lines[-1])
        self.draw()


def show_board(watch: RedeliveryWatch) -> None:
    """Show a board for `watch`, or the text that says what to type instead."""
    show_widget(as_text(watch), lambda: Board(watch))


def _heading(watch: RedeliveryWatch) -> str:
    return (
        f"{name_of(watch.queue)}, hidden for {watch.visibility} seconds after each try, "
        f"at most {watch.most} tries"
    )


def _places(watch: RedeliveryWatch) -> list[tuple[str, str]]:
    """The queue, the function and the dead-letter queue: a name, and what AWS says of it."""
    (visible, hidden), dead = watch.counts
    tries = sum(one.received for one in watch.messages)
    return [
        (f"queue {name_of(watch.queue)}", f"{visible} visible<br>{hidden} hidden"),
        (f"function {watch.function.name}", f"{tries} tries in its log"),
        (f"dead-letter queue {name_of(watch.dead)}", f"{sum(dead)} in it"),
    ]


def _card(number: int, one: Message) -> str:
    return (
        f'<li class="{one.state}"><b>message {number}: order {html.escape(one.order)}</b><br>'
        f"{SIGNS[one.state]} {WORDS[one.state]}<br>"
        f"ApproximateReceiveCount {one.received}<br>message id …{one.id[-6:]}</li>"
    )
