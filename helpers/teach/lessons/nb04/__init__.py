"""Notebook 04: HTTP."""

from helpers.teach.lessons.nb04.checks import CHECKS
from helpers.teach.lessons.nb04.predictions import PREDICTIONS
from helpers.teach.lessons.nb04.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
