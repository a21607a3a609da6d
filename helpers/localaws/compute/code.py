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
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue, RequestTooLarge

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000
#: Of an archive inside the request itself; larger ones come from S3.
MAX_ZIPPED_BYTES = 52_428_800


@dataclass(frozen=True)
class Package:
    """A zip archive as Lambda keeps it."""

    content: bytes  #: the archive itself
    folder: Path  #: where it is unpacked, read-only for handlers
    unzipped_size: int  #: bytes of all files

    @property
    def size(self) -> int:
        """``CodeSize``: bytes of the archive, not of what it holds."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """``CodeSha256``: base64 of the archive's SHA-256."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def fetch(code: dict[str, Any], account: str, store: Path) -> Package:
    """The package that a request names: ``ZipFile`` itself, or an object in S3."""
    if code.get("ZipFile") is not None:
        content = code["ZipFile"]
        content = content if isinstance(content, bytes) else base64.b64decode(content)
        if len(content) > MAX_ZIPPED_BYTES:
            raise RequestTooLarge(f"Zipped size must be smaller than {MAX_ZIPPED_BYTES} bytes")
        return unpack(content, store)
    if code.get("S3Bucket"):
        return unpack(_from_s3(account, code), store)
    raise InvalidParameterValue("Please provide a source for function code.")


def _from_s3(account: str, code: dict[str, Any]) -> bytes:
    from moto.s3.exceptions import MissingBucket, MissingKey
    from moto.s3.models import s3_backends

    problem = "NoSuchKey. S3 Error Message: The specified key does not exist."
    try:
        found = s3_backends[account]["aws"].get_object(
            code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion")
        )
        if found is not None:
            return bytes(found.value)
    except MissingBucket:
        problem = "NoSuchBucket. S3 Error Message: The specified bucket does not exist"
    except MissingKey:
        pass
    raise InvalidParameterValue(f"Error occurred while GetObject. S3 Error Code: {problem}")


def unpack(content: bytes, store: Path) -> Package:
    """Check the archive and unpack it below ``store``, once for each different content.

    Raises InvalidParameterValue with AWS's text for what is not a zip archive, or too large.
    """
    target = store / hashlib.sha256(content).hexdigest()
    half_done: Path | None = None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            unzipped = sum(member.file_size for member in members)
            package = Package(content, target, unzipped)
            if target.exists():
                return package
            if unzipped >= MAX_UNZIPPED_BYTES:
                raise InvalidParameterValue(
                    f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes"
                )
            half_done = Path(tempfile.mkdtemp(dir=store))
            # Links last: no later member can then be written through one, out of the folder.
            for member in sorted(members, key=_is_link):
                _extract(archive, member, half_done)
    except InvalidParameterValue:
        raise
    except Exception as problem:  # zipfile lets through whatever its decompressors raise
        if half_done is not None:
            shutil.rmtree(half_done, ignore_errors=True)
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
