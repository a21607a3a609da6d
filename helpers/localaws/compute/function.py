"""What Lambda keeps of a function: its configuration, code, versions and tags."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from helpers.localaws.compute.arn import function_arn
from helpers.localaws.compute.code import Package
from helpers.localaws.compute.errors import ResourceConflict, ResourceNotFound
from helpers.localaws.compute.images import Image
from helpers.localaws.compute.urls import FunctionUrl

LATEST = "$LATEST"

#: How long a new function stays Pending and an update InProgress, in seconds. AWS takes longer and
#: promises nothing; what matters is that a caller who does not wait is refused here too.
PENDING_SECONDS = 0.15
UPDATE_SECONDS = 0.1

#: Draws lots for aliases with weights. LOCALAWS_SEED makes the draws repeatable in tests.
_lots = random.Random(os.environ.get("LOCALAWS_SEED"))


@dataclass
class Version:
    """One version of a function: ``$LATEST``, or a published, immutable copy of it.

    ``config`` holds members of FunctionConfiguration that were given or defaulted on creation:
    https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
    """

    name: str
    account: str
    region: str
    config: dict[str, Any]
    package: Package  #: of a function made from an image: empty
    layers: list[Package] = field(default_factory=list)  #: in the configuration's order
    image: Image | None = None  #: what a function of PackageType Image runs
    number: str = LATEST
    revision_id: str = field(default_factory=lambda: str(uuid4()))
    last_modified: str = field(default_factory=lambda: timestamp())
    #: The configuration of ``$LATEST`` when this version was published from it.
    source_config: dict[str, Any] | None = None
    active_at: float = 0.0  #: monotonic seconds; before that the state is Pending
    updated_at: float = 0.0  #: monotonic seconds; before that the last update is InProgress

    @property
    def arn(self) -> str:
        """Unqualified for ``$LATEST``, qualified for a published version."""
        qualifier = None if self.number == LATEST else self.number
        return function_arn(self.region, self.account, self.name, qualifier)

    @property
    def code_sha256(self) -> str:
        """Of the archive; of an image its digest without ``sha256:``."""
        return self.image.digest.partition(":")[2] if self.image else self.package.sha256

    @property
    def key(self) -> str:
        """Changes with every change of ``$LATEST``: what came before never serves what is after."""
        return f"{self.arn} {self.number} {self.revision_id}"

    @property
    def state(self) -> str:
        return "Active" if time.monotonic() >= self.active_at else "Pending"

    @property
    def last_update_status(self) -> str:
        return "Successful" if time.monotonic() >= self.updated_at else "InProgress"

    def configuration(self) -> dict[str, Any]:
        """FunctionConfiguration as the API answers it."""
        shown = {
            **self.config,
            "Layers": self._shown_layers(),
            "FunctionName": self.name,
            "FunctionArn": self.arn,
            "Version": self.number,
            "CodeSize": self.package.size,
            "CodeSha256": self.image.digest.partition(":")[2]
            if self.image
            else self.package.sha256,
            "LastModified": self.last_modified,
            "RevisionId": self.revision_id,
            "State": self.state,
            "LastUpdateStatus": self.last_update_status,
        }
        if self.last_update_status == "InProgress" and self.state == "Active":
            shown["LastUpdateStatusReason"] = "The function is being created."
            shown["LastUpdateStatusReasonCode"] = "Creating"
        if self.state == "Pending":
            shown |= {
                "StateReason": "The function is being created.",
                "StateReasonCode": "Creating",
            }
            del shown["LastUpdateStatus"]
        return shown

    def _shown_layers(self) -> list[dict[str, Any]]:
        arns = self.config.get("Layers", [])
        return [
            {"Arn": arn, "CodeSize": layer.size}
            for arn, layer in zip(arns, self.layers, strict=True)
        ]

    def changed(self, *, seconds: float = UPDATE_SECONDS) -> None:
        """Note a change of ``$LATEST``: new revision, update in progress for a moment."""
        self.revision_id = str(uuid4())
        self.last_modified = timestamp()
        self.updated_at = time.monotonic() + seconds


@dataclass
class Alias:
    """A name for one version, or for two with weights."""

    name: str
    version: str
    description: str = ""
    weights: dict[str, float] = field(default_factory=dict)  #: of the second version
    revision_id: str = field(default_factory=lambda: str(uuid4()))


@dataclass
class Function:
    """A function with all its versions, and what is set for it as a whole."""

    latest: Version
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    last_number: int = 0  #: of the last published version; numbers are never given twice
    reserved: int | None = None  #: reserved concurrency
    provisioned_total: int = 0  #: provisioned concurrency of all qualifiers together
    recursive_loop: str = "Terminate"
    #: By qualifier: what EventInvokeConfig says, and the statements of the resource policy.
    invoke_configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: Function URLs, by alias; "" for the function's own.
    urls: dict[str, FunctionUrl] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.latest.name

    def arn(self, qualifier: str | None = None) -> str:
        """The function's ARN, with ``qualifier`` at its end where one is given."""
        return function_arn(self.latest.region, self.latest.account, self.name, qualifier)

    def version(self, qualifier: str | None) -> Version:
        """The version that ``qualifier`` names, an alias with weights chosen by its first.

        Raises ResourceNotFound.
        """
        if qualifier in (None, LATEST):
            return self.latest
        if qualifier in self.aliases:
            return self.version(self.aliases[qualifier].version)
        if qualifier in self.versions:
            return self.versions[qualifier]
        raise ResourceNotFound(f"Function not found: {self.arn(qualifier)}")

    def route(self, qualifier: str | None) -> Version:
        """The version that serves one invocation: an alias with weights draws lots.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
        """
        alias = self.aliases.get(qualifier or "")
        if alias is not None:
            drawn = _lots.random()
            for number, weight in alias.weights.items():
                if drawn < weight:
                    return self.version(number)
                drawn -= weight
        return self.version(qualifier)

    def publish(self, description: str | None = None) -> Version:
        """A new version with ``$LATEST``'s code and configuration, or the last one if unchanged.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
        """
        last = self.versions.get(str(self.last_number))
        latest = self.latest
        if last is not None and (last.code_sha256, last.source_config) == (
            latest.code_sha256,
            latest.config,
        ):
            return last
        self.last_number += 1
        config = dict(latest.config)
        if description is not None:
            config["Description"] = description
        version = replace(
            latest,
            number=str(self.last_number),
            config=config,
            source_config=latest.config,
            revision_id=str(uuid4()),
            active_at=time.monotonic(),
            updated_at=0.0,
        )
        self.versions[version.number] = version
        return version

    def everything(self) -> list[Version]:
        """``$LATEST`` and every published version, in order."""
        return [self.latest, *self.versions.values()]

    def must_be_settled(self) -> None:
        """Refuse a change while an earlier one is in progress, as AWS does."""
        if self.latest.state == "Pending":
            raise ResourceConflict(
                "The operation cannot be performed at this time. The function is currently in the "
                "following state: Pending"
            )
        if self.latest.last_update_status == "InProgress":
            raise ResourceConflict(
                "The operation cannot be performed at this time. An update is in progress for "
                f"resource: {self.latest.arn}"
            )


class Functions:
    """The functions of one account in one region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.lock = threading.RLock()
        self._by_name: dict[str, Function] = {}

    def add(self, function: Function) -> None:
        """Keep a new function; raises ResourceConflict where the name is taken."""
        with self.lock:
            if function.name in self._by_name:
                raise ResourceConflict(f"Function already exist: {function.name}")
            self._by_name[function.name] = function

    def get(self, name: str, qualifier: str | None = None) -> Function:
        """The function of that name; raises ResourceNotFound with the ARN that was asked for."""
        try:
            return self._by_name[name]
        except KeyError:
            arn = function_arn(self.region, self.account, name, qualifier)
            raise ResourceNotFound(f"Function not found: {arn}") from None

    def remove(self, name: str) -> Function:
        with self.lock:
            function = self.get(name)
            del self._by_name[name]
            return function

    def all(self) -> list[Function]:
        """Every function, by name."""
        return [self._by_name[name] for name in sorted(self._by_name)]


def timestamp() -> str:
    """Now, in the form of LastModified: ``2026-11-23T08:16:23.123+0000``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
