"""Notebook 07: queues and streams."""

from helpers.teach.lessons.nb07.checks import CHECKS
from helpers.teach.lessons.nb07.predictions import PREDICTIONS
from helpers.teach.lessons.nb07.quizzes import QUIZZES

__all__ = ["CHECKS", "PREDICTIONS", "QUIZZES"]
