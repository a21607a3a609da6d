"""The checks of notebook 04, each in a file of its own."""

from helpers.teach.lessons.nb04.validate import VALIDATE
from helpers.teach.lessons.nb04.vouchers import API

CHECKS = {check.key: check for check in (VALIDATE, API)}
