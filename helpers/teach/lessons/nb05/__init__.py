"""Notebook 05: files."""

from helpers.teach.lessons.nb05.checks import CHECKS
from helpers.teach.lessons.nb05.predictions import PREDICTIONS
from helpers.teach.lessons.nb05.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
