"""Puts what is there at the start: a bucket with the price list."""

from __future__ import annotations

import json

from helpers.cloud import Cloud
from helpers.teach.labs import clearing, making

from .shop import KEY, shop


def seed(cloud: Cloud, student: str) -> None:
    """Put the price list into the cloud; what has the branch's names is taken away first."""
    branch = shop(student)
    clearing.no_function(cloud, branch.function)  # its role has a name of the student's own
    clearing.no_bucket(cloud, branch.bucket)
    making.bucket(cloud, branch.bucket, {KEY: json.dumps(dict(branch.prices))})
