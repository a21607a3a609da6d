"""Notebook 10: secrets, keys, networks, audit."""

from helpers.teach.lessons.nb10.checks import CHECKS
from helpers.teach.lessons.nb10.predictions import PREDICTIONS
from helpers.teach.lessons.nb10.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
