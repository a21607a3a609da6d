"""One operation, as it was asked for, and what it turns out to need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.localaws.iam.context import Values

#: Answers what only the state of the account tells: ``find("kms-alias", "alias/orders")`` is the
#: ARN of the key, or None. The kinds are listed in the room's docstring.
Find = Callable[[str, str], str | None]


def find_nothing(kind: str, name: str) -> str | None:
    """The Find of an account about which nothing is known."""
    return None


@dataclass(frozen=True)
class Needed:
    """A permission that an operation needs: all that it needs must be allowed.

    ``context`` holds the condition keys that the request's own parameters fill. ``item`` is set
    where AWS refuses only a part of the request: the key in DeleteObjects.
    """

    action: str
    resource: str
    context: Mapping[str, Values] = field(default_factory=dict)
    item: str = ""


@dataclass(frozen=True)
class Asked:
    """An operation with its parameters, by botocore's names, and where it was asked."""

    prefix: str  #: the service's name in policies: ``states``
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str
    find: Find = find_nothing
    caller: str = ""  #: the ARN of who asks, for operations that mean the caller by default
    partition: str = "aws"

    def get(self, name: str) -> Any:
        """A parameter; None where it is absent or empty."""
        return self.parameters.get(name) or None

    def texts(self, name: str) -> list[str]:
        """A parameter that is a text or a list of texts, as a list."""
        found = self.get(name)
        if found is None:
            return []
        return [str(one) for one in found] if isinstance(found, list) else [str(found)]

    def arn(
        self,
        resource: str,
        service: str = "",
        region: str | None = None,
        account: str | None = None,
    ) -> str:
        """The ARN of something in this account and region; what is an ARN already stays."""
        if resource.startswith("arn:"):
            return resource
        region = self.region if region is None else region
        account = self.account if account is None else account
        return f"arn:{self.partition}:{service or self.prefix}:{region}:{account}:{resource}"

    def first(self, *names: str) -> str | None:
        """The first of these parameters that is there."""
        return next((str(found) for name in names if (found := self.get(name))), None)
