"""Notebook 09: permissions II."""

from helpers.teach.lessons.nb09.checks import CHECKS
from helpers.teach.lessons.nb09.predictions import PREDICTIONS
from helpers.teach.lessons.nb09.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
