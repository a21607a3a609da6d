"""The checks of notebook 05, each in a file of its own."""

from helpers.teach.lessons.nb05.keys import KEYS
from helpers.teach.lessons.nb05.thumbnails import THUMBNAILS

CHECKS = {check.key: check for check in (KEYS, THUMBNAILS)}
