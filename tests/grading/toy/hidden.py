"""The numbers that only graders try."""

from helpers.teach.checking import Case

HIDDEN = {"every number is doubled": (Case(48611, 97222, hidden=True),)}
