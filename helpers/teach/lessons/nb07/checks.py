"""The checks of notebook 07, each in a file of its own."""

from helpers.teach.lessons.nb07.express import EXPRESS
from helpers.teach.lessons.nb07.fulfil import FULFIL

CHECKS = {check.key: check for check in (FULFIL, EXPRESS)}
