"""Notebook 08: permissions I, roles and policies, and how a denial is read."""

from helpers.teach.lessons.nb08.checks import CHECKS
from helpers.teach.lessons.nb08.predictions import PREDICTIONS
from helpers.teach.lessons.nb08.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
