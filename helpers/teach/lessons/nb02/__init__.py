"""Notebook 02: the life of an execution environment."""

from helpers.teach.lessons.nb02.checks import CHECKS
from helpers.teach.lessons.nb02.predictions import PREDICTIONS
from helpers.teach.lessons.nb02.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
