"""Notebook 00: how this course works."""

from helpers.teach.lessons.nb00.checks import CHECKS
from helpers.teach.lessons.nb00.predictions import PREDICTIONS
from helpers.teach.lessons.nb00.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
