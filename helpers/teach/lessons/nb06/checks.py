"""The checks of notebook 06, each in a file of its own."""

from helpers.teach.lessons.nb06.pattern import PATTERN
from helpers.teach.lessons.nb06.payment import WORKFLOW

CHECKS = {check.key: check for check in (PATTERN, WORKFLOW)}
