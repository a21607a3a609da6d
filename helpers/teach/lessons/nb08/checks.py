"""The checks of notebook 08, each in a file of its own."""

from helpers.teach.lessons.nb08.archive import ARCHIVE
from helpers.teach.lessons.nb08.desk import DESK

CHECKS = {check.key: check for check in (DESK, ARCHIVE)}
