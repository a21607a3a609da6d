"""Watch execution environments come, freeze, serve and go, as far as AWS shows it.

AWS has no list of environments. Three things tell of them, and nothing else is used here: the log
stream's name, which a handler can return (each environment has one of its own), the REPORT line
(Init Duration: a new environment was started), and who was not asked. Where a new one was started
although an older one was free, the older one is gone.

The watched handler returns {"stream": context.log_stream_name}, and takes a moment, so that
events sent at once overlap.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from helpers import cloud
from helpers.deploy import Function, zip_source
from helpers.teach.errors import TeachError

FROZEN, DOUBTFUL, GONE = "frozen", "unknown", "gone"
_UNTOLD = "AWS does not say which environments are left"


@dataclass
class Environment:
    """One environment: its number on the board, its log stream, and what is known of it."""

    number: int
    stream: str
    init_ms: float
    served: int = 0
    state: str = FROZEN


@dataclass(frozen=True)
class Answer:
    """What came back for one event. `init_ms` is set where a new environment was started."""

    stream: str
    init_ms: float | None


class Watch:
    """Sends events to a function and keeps what is known of its environments.

    Every action prints one line that says what was seen: the same on every run. `environments` are
    in the order in which they appeared, `lines` are the lines so far, `latest` the numbers of the
    environments that served last, and each of `watchers` is called after every action.
    """

    def __init__(self, function: Function, source: str | Path) -> None:
        self.function, self.source = function, Path(source)
        self.environments: list[Environment] = []
        self.lines: list[str] = []
        self.latest: set[int] = set()
        self.watchers: list[Callable[[], None]] = []
        self._quiet = False
        self._releases = 0
        self._lambda = cloud.current().client("lambda")

    def send(self, events: int = 1, on_answer: Callable[[int], None] | None = None) -> None:
        """Send so many events at once. `on_answer` is called with the number of answers so far."""
        known = {one.number for one in self.environments}
        self.latest = set()
        for answers, answer in enumerate(self._answers(events), 1):
            self._note(answer)
            if on_answer is not None:
                on_answer(answers)
        self._say(self._seen(events, known))

    def board(self) -> None:
        """Show the environments with buttons; in plain text where nothing can be drawn."""
        from helpers.teach.environment_board import show_board

        show_board(self)

    def wait(self, minutes: float = 15) -> None:
        """Let time pass without an event."""
        cloud.current().clock.advance(minutes=minutes)
        self._doubt()
        self._say(f"{minutes:g} minutes pass: {_UNTOLD}")

    def new_code(self) -> None:
        """Deploy the same handler with one comment more."""
        self._releases += 1
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, self.source.name)
            text = self.source.read_text(encoding="utf-8")
            file.write_text(f"{text}\n# release {self._releases}\n", encoding="utf-8")
            package = zip_source(file)
        self._lambda.update_function_code(FunctionName=self.function.name, ZipFile=package)
        waiter = self._lambda.get_waiter("function_updated_v2")
        waiter.config.delay = 0.1 if cloud.current().kind == "local" else 1
        waiter.wait(FunctionName=self.function.name)
        self._doubt()
        self._say(f"new code is deployed: {_UNTOLD}")

    def _answers(self, events: int) -> Iterator[Answer]:
        with ThreadPoolExecutor(max_workers=max(1, events)) as together:
            for done in as_completed([together.submit(self._ask) for _ in range(events)]):
                yield done.result()

    def _ask(self) -> Answer:
        reply = self._lambda.invoke(
            FunctionName=self.function.name, Payload=json.dumps({}), LogType="Tail"
        )
        payload = json.load(reply["Payload"])
        if "FunctionError" in reply or not isinstance(payload, dict) or "stream" not in payload:
            raise TeachError(
                f"{self.function.name} answered {payload}. The watched handler has to return "
                '{"stream": context.log_stream_name}: run its %%writefile cell and deploy again.'
            )
        tail = base64.b64decode(reply["LogResult"]).decode(errors="replace")
        init = re.search(r"\tInit Duration: ([\d.]+) ms", tail)
        return Answer(payload["stream"], float(init[1]) if init else None)

    def _note(self, answer: Answer) -> None:
        """One environment has answered: one that is known, or a new one."""
        for one in self.environments:
            if one.stream == answer.stream:
                break
        else:
            one = Environment(len(self.environments) + 1, answer.stream, answer.init_ms or 0.0)
            self.environments.append(one)
        one.served += 1
        one.state = FROZEN
        self.latest.add(one.number)

    def _seen(self, events: int, known: set[int]) -> str:
        """What all answers together tell; `known` are the environments from before."""
        warm = self.latest & known
        new = self.latest - known
        gone = set()
        if new:  # a free one would have been taken first
            for one in self.environments:
                if one.number not in self.latest and one.state != GONE:
                    one.state = GONE
                    gone.add(one.number)
        sent = "one event" if events == 1 else f"{events} events at once"
        told = {"warm": warm, "new": new, "gone": gone}
        return f"{sent}: " + ", ".join(f"{_many(some)} {be}" for be, some in told.items() if some)

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """Nothing is printed meanwhile: a button's line stands on the board."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _doubt(self) -> None:
        self.latest = set()
        for one in self.environments:
            if one.state == FROZEN:
                one.state = DOUBTFUL

    def _say(self, text: str) -> None:
        self.lines.append(f"{len(self.lines) + 1}. {text}")
        for tell in self.watchers:
            tell()
        if not self._quiet:
            print(self.lines[-1])


def _many(some: set[int]) -> str:
    """ "environment 1", "environments 2, 3 and 4"."""
    *numbers, last = map(str, sorted(some))
    return f"environments {', '.join(numbers)} and {last}" if numbers else f"environment {last}"
