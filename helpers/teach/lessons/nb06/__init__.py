"""Notebook 06: events and workflows."""

from helpers.teach.lessons.nb06.checks import CHECKS
from helpers.teach.lessons.nb06.predictions import PREDICTIONS
from helpers.teach.lessons.nb06.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
