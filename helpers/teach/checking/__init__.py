"""The check engine: one definition that the learner's notebook and a grader both run."""

from helpers.teach.checking.context import Case, Context
from helpers.teach.checking.model import Check, NotAttempted, Requirement, Slip
from helpers.teach.checking.result import Outcome, Result
from helpers.teach.checking.run import run

__all__ = [
    "Case",
    "Check",
    "Context",
    "NotAttempted",
    "Outcome",
    "Requirement",
    "Result",
    "Slip",
    "run",
]
