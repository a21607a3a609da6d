"""The bucket that a request to S3 names: in its host, or as the first part of its path.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import sys
from typing import Any

from helpers.localaws.triggers.http.front import raw_path


def bucket_of(environ: dict[str, Any]) -> str | None:
    """The bucket's name; None: no bucket that there is."""
    models = sys.modules.get("moto.s3.models")
    if models is None:  # nobody has asked for a bucket yet
        return None
    labels = environ.get("HTTP_HOST", "").lower().partition(":")[0].split(".")
    in_host = [".".join(labels[:many]) for many in range(1, len(labels))]
    in_path = raw_path(environ).lstrip("/").partition("/")[0]
    for backends in list(models.s3_backends.values()):
        for name in (*in_host, in_path):
            if name in backends["aws"].buckets:
                return name
    return None
