"""The checks of notebook 09, each in a file of its own."""

from helpers.teach.lessons.nb09.boundary import BOUNDARY
from helpers.teach.lessons.nb09.narrow import NARROW

CHECKS = {check.key: check for check in (NARROW, BOUNDARY)}
