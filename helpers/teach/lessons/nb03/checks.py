"""The checks of notebook 03."""

from helpers.teach.lessons.nb03.parcels import PARCELS

CHECKS = {check.key: check for check in (PARCELS,)}
