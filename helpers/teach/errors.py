"""What goes wrong in a teaching call, said in a sentence instead of a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TeachError(Exception):
    """A call that the learner can put right. The message ends in what to do next."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the sentence is the whole story."""
        return [str(self)]


def unknown(what: str, given: object, known: Iterable[str]) -> TeachError:
    """The error for a key that does not exist, with the one that was probably meant.

    `what` is the noun with its article ("a prediction").
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5)
    if close:
        advice = f'Did you mean "{close[0]}"?'
    elif names:
        advice = "These exist: " + ", ".join(names) + "."
    else:
        advice = "Look at the key in the notebook's own cell and copy it from there."
    return TeachError(f'There is no {what} called "{given}". {advice}')
