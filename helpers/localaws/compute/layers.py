"""Layers: archives that are unpacked to /opt, one over the other.

Source: https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.localaws.compute.code import MAX_UNZIPPED_BYTES, Package
from helpers.localaws.compute.errors import InvalidParameterValue, ResourceNotFound
from helpers.localaws.compute.function import timestamp


@dataclass
class LayerVersion:
    """One published version of a layer; immutable."""

    name: str
    number: int
    account: str
    region: str
    package: Package
    details: dict[
        str, Any
    ]  #: Description, CompatibleRuntimes, CompatibleArchitectures, LicenseInfo
    created: str = field(default_factory=timestamp)

    @property
    def layer_arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.name}"

    @property
    def arn(self) -> str:
        return f"{self.layer_arn}:{self.number}"


class Layers:
    """The layers of one account in one region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self._lock = threading.Lock()
        self._by_name: dict[str, dict[int, LayerVersion]] = {}
        self._last: dict[str, int] = {}

    def publish(self, name: str, package: Package, details: dict[str, Any]) -> LayerVersion:
        """A new version; numbers are never given twice."""
        with self._lock:
            number = self._last[name] = self._last.get(name, 0) + 1
            version = LayerVersion(name, number, self.account, self.region, package, details)
            self._by_name.setdefault(name, {})[number] = version
            return version

    def get(self, name: str, number: int) -> LayerVersion:
        """Raises ResourceNotFound."""
        try:
            return self._by_name[name][number]
        except KeyError:
            raise ResourceNotFound("The resource you requested does not exist.") from None

    def delete(self, name: str, number: int) -> None:
        self._by_name.get(name, {}).pop(number, None)

    def versions(self, name: str) -> list[LayerVersion]:
        """Newest first."""
        return [v for _, v in sorted(self._by_name.get(name, {}).items(), reverse=True)]

    def names(self) -> list[str]:
        return sorted(name for name, versions in self._by_name.items() if versions)

    def resolve(self, arns: list[str]) -> list[LayerVersion]:
        """The layer versions that a function's configuration names, in its order.

        Raises InvalidParameterValue in AWS's words.
        """
        found: list[LayerVersion] = []
        for one in arns:
            match = re.fullmatch(r"arn:aws[a-z-]*:lambda:[^:]+:\d{12}:layer:([^:]+):(\d+)", one)
            version = match and self._by_name.get(match[1], {}).get(int(match[2]))
            if not version:
                raise InvalidParameterValue(f"Layer version {one} does not exist.")
            for other in found:
                if other.name == version.name:
                    raise InvalidParameterValue(
                        "Two different versions of the same layer are not allowed to be referenced "
                        f"in the same function. {other.arn} and {version.arn} are versions of the "
                        "same layer."
                    )
            found.append(version)
        return found


def check_size(package: Package, layers: list[LayerVersion]) -> None:
    """Raise InvalidParameterValue where code and layers together are too large."""
    total = package.unzipped_size + sum(layer.package.unzipped_size for layer in layers)
    if layers and total > MAX_UNZIPPED_BYTES:
        raise InvalidParameterValue(
            "Function code combined with layers exceeds the maximum allowed size of "
            f"{MAX_UNZIPPED_BYTES} bytes. The actual size is {total} bytes."
        )


_merging = threading.Lock()


def merge(layers: list[Package], store: Path) -> Path | None:
    """The folder that becomes /opt: all layers in order, later ones over earlier ones."""
    if not layers:
        return None
    key = hashlib.sha256("".join(one.sha256 for one in layers).encode()).hexdigest()
    target = store / f"opt-{key}"
    with _merging:
        if not target.exists():
            half_done = store / f"opt-{key}.part"
            shutil.rmtree(half_done, ignore_errors=True)
            half_done.mkdir()
            for layer in layers:
                shutil.copytree(layer.folder, half_done, symlinks=True, dirs_exist_ok=True)
            half_done.rename(target)
    return target
