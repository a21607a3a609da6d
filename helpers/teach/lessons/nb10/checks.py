"""The checks of notebook 10, each in a file of its own."""

from helpers.teach.lessons.nb10.archive import ARCHIVE
from helpers.teach.lessons.nb10.audit import AUDIT
from helpers.teach.lessons.nb10.pay import PAY

CHECKS = {check.key: check for check in (PAY, ARCHIVE, AUDIT)}
