"""The checks of notebook 01, each in a file of its own."""

from helpers.teach.lessons.nb01.receipt import RECEIPT
from helpers.teach.lessons.nb01.track import TRACK

CHECKS = {check.key: check for check in (TRACK, RECEIPT)}
