"""Notebook 01: a first handler."""

from helpers.teach.lessons.nb01.checks import CHECKS
from helpers.teach.lessons.nb01.predictions import PREDICTIONS
from helpers.teach.lessons.nb01.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
