"""Notebook 03: package and configure."""

from helpers.teach.lessons.nb03.checks import CHECKS
from helpers.teach.lessons.nb03.predictions import PREDICTIONS
from helpers.teach.lessons.nb03.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
