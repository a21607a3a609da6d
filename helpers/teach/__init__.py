"""What a notebook teaches with: predict, check, quiz, and results that can be read and compared.

    from helpers.teach import check, hint, predict, quiz, reveal, show, solution

Everything here works with the keyboard alone, and everything that is drawn has a plain text beside
it: for a screen reader, for a terminal, and for the tests that compare stored outputs.
"""

from helpers.teach import lab, show
from helpers.teach.decision.board import DecisionBoard
from helpers.teach.errors import TeachError
from helpers.teach.exercising import check, hint, solution
from helpers.teach.predicting import predict, reveal
from helpers.teach.progress import start_again
from helpers.teach.quizzing import quiz

__all__ = [
    "DecisionBoard",
    "TeachError",
    "check",
    "hint",
    "lab",
    "predict",
    "quiz",
    "reveal",
    "show",
    "solution",
    "start_again",
]
