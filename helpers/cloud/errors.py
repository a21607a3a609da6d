"""What can go wrong with a cloud, in words that say what to do next."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError


class CloudError(Exception):
    """Something about the open cloud; the message ends in what to do next."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this instead of a traceback through our own files."""
        return [f"{type(self).__name__}: {self}"]


class NoCloudOpen(CloudError):
    """A call needed an open cloud."""

    def __init__(self) -> None:
        super().__init__("No cloud is open. Open one first: aws = cloud.open()")


class WaitedTooLong(CloudError, TimeoutError):
    """What was waited for did not come in time."""


def _service(host: str) -> str:
    """boto3's name of the service at ``host``, or one as an example."""
    known = botocore.session.Session().get_available_services()
    named = [label for label in host.lower().split(".") if label in known]
    return named[-1] if named else "sts"


class RealAWSRefused(BotoCoreError):
    """A request to real AWS, stopped before it was sent because a local cloud is open."""

    fmt = (
        "A local cloud is open, so nothing was sent to {host}. Make the client without "
        "endpoint_url, as in boto3.client('{service}'), and it will reach the local one. AWS "
        "itself is reached from a Python in which no cloud was opened."
    )

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(host=host, service=_service(host))

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> Any:
        return type(self), (self.host,)


class NothingAfterClose(RealAWSRefused):
    """A request to real AWS from a process whose cloud was closed: a cell that was run again."""

    fmt = (
        "The cloud is closed, so nothing was sent to {host}: with keys that this machine may have, "
        "it would have reached an account of yours. Open a cloud again: aws = cloud.open(). AWS "
        "itself is reached from a Python in which no cloud was opened."
    )
