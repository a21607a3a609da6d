"""Predict before the cell runs, and read afterwards what the prediction was worth."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.teach import lessons, progress
from helpers.teach.chooser import Chooser, as_text, ask, letter
from helpers.teach.errors import TeachError
from helpers.teach.output import wrap

# The radio buttons on the page, so that `reveal` can close them. A view, not the record: the
# record is the progress file.
_open: dict[str, Chooser] = {}


def predict(key: str, options: Mapping[str, str], answer: str | None = None) -> None:
    """Ask what will happen, and record the choice with its time.

    Choose with the radio buttons, or by typing: `predict("01.reply", {...}, answer="b")`.
    The choice can be changed until `reveal(key)` has shown the answer.
    """
    prediction = lessons.prediction(key)
    if set(options) != set(prediction.replies):
        raise TeachError(
            f'The options of "{key}" are {", ".join(prediction.replies)}, but the call has '
            f"{', '.join(options)}. Take the cell as it was given."
        )
    call = f'predict("{key}", {{…}}'

    def choose(option: str) -> str:
        return _record(key, option)

    said = choose(letter(answer, options, call)) if answer is not None else ""
    recorded = progress.entry("predictions", key)
    chosen = recorded.get("answer")
    chooser = ask(
        as_text("Predict", prediction.question, options, call),
        lambda: Chooser(
            prediction.question,
            options,
            choose,
            chosen=chosen if chosen in options else None,
            status=_status(key),
            locked=bool(recorded.get("revealed")),
        ),
    )
    if chooser is not None:
        _open[key] = chooser
    if said:
        print(wrap(said))


def reveal(key: str) -> None:
    """Show the answer, and what there is to say to the recorded prediction.

    From here on the recorded prediction can no longer be changed.
    """
    prediction = lessons.prediction(key)
    chosen = progress.entry("predictions", key).get("answer")
    progress.record("predictions", key, revealed=True)
    if key in _open:
        _open[key].lock(_status(key))
    lines = []
    if chosen == prediction.right:
        lines.append(f"You predicted {chosen}, and it is {chosen}. {prediction.replies[chosen]}")
    elif chosen in prediction.replies:
        lines.append(f"You predicted {chosen}; it is {prediction.right}.")
        lines.append(prediction.replies[chosen])
    else:
        lines.append(f"The answer is {prediction.right}. {prediction.replies[prediction.right]}")
    lines.append(prediction.because)
    print("\n".join(wrap(line) for line in lines if line))


def _record(key: str, option: str) -> str:
    if progress.entry("predictions", key).get("revealed"):
        return _status(key)
    progress.record("predictions", key, answer=option)
    return _status(key)


def _status(key: str) -> str:
    recorded = progress.entry("predictions", key)
    chosen = recorded.get("answer")
    if recorded.get("revealed"):
        again = f'To start this notebook again: start_again("{key.split(".")[0]}")'
        if chosen:
            return f"Your prediction {chosen} stands; the answer has been shown. {again}"
        return f"The answer has been shown, and nothing was recorded before it. {again}"
    if chosen:
        return f"Recorded: {chosen}. You can change it until the answer is shown."
    return "Nothing recorded yet."
