"""A deployment package: checked, hashed, and unpacked once for all environments that run it."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from helpers.localaws.compute.errors import InvalidParameterValue

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000


@dataclass(frozen=True)
class Package:
    """A zip archive as Lambda keeps it."""

    content: bytes  #: the archive itself
    folder: Path  #: where it is unpacked, read-only for handlers

    @property
    def size(self) -> int:
        """``CodeSize``: bytes of the archive, not of what it holds."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """``CodeSha256``: base64 of the archive's SHA-256."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def unpack(content: bytes, store: Path) -> Package:
    """Check the archive and unpack it below ``store``, once for each different content.

    Raises InvalidParameterValue with AWS's text for what is not a zip archive, or too large.
    """
    target = store / hashlib.sha256(content).hexdigest()
    package = Package(content, target)
    if target.exists():
        return package
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) >= MAX_UNZIPPED_BYTES:
                raise InvalidParameterValue(
                    f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes"
                )
            half_done = Path(tempfile.mkdtemp(dir=store))
            # Links last: no later member can then be written through one, out of the folder.
            for member in sorted(members, key=_is_link):
                _extract(archive, member, half_done)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
        raise InvalidParameterValue(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from problem
    half_done.chmod(0o755)
    try:
        half_done.rename(target)
    except OSError:  # somebody else unpacked the same archive at the same moment
        shutil.rmtree(half_done, ignore_errors=True)
    return package


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one member, keeping links and whether it may be executed (``bootstrap`` must be)."""
    if _is_link(member):
        link = folder / member.filename
        if folder.resolve() in link.parent.resolve().parents or link.parent == folder:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(archive.read(member).decode())
        return
    written = Path(archive.extract(member, folder))  # zipfile keeps "../" inside the folder
    if (member.external_attr >> 16) & 0o111 and written.is_file():
        written.chmod(0o755)
