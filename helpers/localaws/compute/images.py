"""Container images without a container engine: read, unpacked, and run as they are.

An image is an OCI image layout (a folder or a tar) or what ``docker save`` writes. Its layers are
unpacked one over the other; its entry point runs in the unpacked file system, read-only but for
``/tmp``, as on AWS.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html and
https://github.com/opencontainers/image-spec (layout, whiteouts)
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from helpers.localaws.compute.errors import InvalidParameterValue

#: How a function's ImageUri names a local image, in the words of skopeo and podman.
SCHEMES = ("oci:", "oci-archive:", "docker-archive:")
#: The annotation by which an image says what it was built on.
BASE_NAME = "org.opencontainers.image.base.name"
_AWS_BASES = "public.ecr.aws/lambda/"


@dataclass(frozen=True)
class Image:
    """An unpacked image. ``base`` is the AWS base image that it left out, "" if it is complete."""

    uri: str
    digest: str  #: of its manifest, sha256:…
    root: Path
    entrypoint: list[str]
    command: list[str]
    environment: dict[str, str]
    working_directory: str
    base: str


_unpacking = threading.Lock()


def load(uri: str, store: Path) -> Image:
    """Read and unpack the image that ``uri`` names; raises InvalidParameterValue."""
    scheme, _, path = uri.partition(":")
    source = Path(path.rpartition(":")[0] if not Path(path).exists() else path)
    if f"{scheme}:" not in SCHEMES:
        raise InvalidParameterValue(
            f"Source image {uri} is not valid. Provide a valid source image. (The local AWS has no "
            "registry: name an image on this machine, as in oci:/path/to/layout or "
            "docker-archive:/path/to/image.tar.)"
        )
    try:
        with _unpacking, _opened(source, store) as folder:
            return _load(uri, folder, store)
    except (OSError, KeyError, IndexError, ValueError, tarfile.TarError) as problem:
        raise InvalidParameterValue(
            f"Source image {uri} does not exist or is no image: {problem}. Provide a valid source "
            "image."
        ) from None


@contextmanager
def _opened(source: Path, store: Path) -> Iterator[Path]:
    """The image's files as a folder, whether it is one or a tar."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory(dir=store) as scratch:
        with tarfile.open(source) as archive:
            archive.extractall(scratch, filter="data")
        yield Path(scratch)


def _load(uri: str, folder: Path, store: Path) -> Image:
    manifest, config, layers = _docker_archive(folder) or _oci_layout(folder)
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    root = store / f"image-{digest}"
    if not root.exists():
        half_done = Path(tempfile.mkdtemp(dir=store))
        for layer in layers:
            _apply(layer, half_done)
        for mount_point in ("proc", "dev", "tmp", "etc", "var/task"):
            (half_done / mount_point).mkdir(parents=True, exist_ok=True)
        half_done.chmod(0o755)
        half_done.rename(root)
    settings = config.get("config") or {}
    labels = {**(settings.get("Labels") or {}), **(manifest.get("annotations") or {})}
    base = labels.get(BASE_NAME, "")
    complete = not base.startswith(_AWS_BASES) or (root / "lambda-entrypoint.sh").exists()
    return Image(
        uri,
        f"sha256:{digest}",
        root,
        list(settings.get("Entrypoint") or []),
        list(settings.get("Cmd") or []),
        dict(entry.partition("=")[::2] for entry in settings.get("Env") or []),
        settings.get("WorkingDir") or "/var/task",
        "" if complete else base,
    )


def _oci_layout(folder: Path) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    """Manifest, configuration and layers of an OCI image layout."""
    index = json.loads((folder / "index.json").read_bytes())
    manifest = json.loads(_blob(folder, index["manifests"][0]["digest"]))
    if "manifests" in manifest:  # an index of several platforms
        manifest = json.loads(_blob(folder, manifest["manifests"][0]["digest"]))
    config = json.loads(_blob(folder, manifest["config"]["digest"]))
    return manifest, config, [_blob(folder, layer["digest"]) for layer in manifest["layers"]]


def _docker_archive(folder: Path) -> tuple[dict[str, Any], dict[str, Any], list[bytes]] | None:
    """The same from what ``docker save`` writes; None where it is something else."""
    listing = folder / "manifest.json"
    if not listing.exists() or (folder / "index.json").exists():
        return None
    manifest = json.loads(listing.read_bytes())[0]
    config = json.loads((folder / manifest["Config"]).read_bytes())
    return manifest, config, [(folder / layer).read_bytes() for layer in manifest["Layers"]]


def _blob(folder: Path, digest: str) -> bytes:
    """The content of that digest, checked."""
    algorithm, _, value = digest.partition(":")
    content = (folder / "blobs" / algorithm / value).read_bytes()
    if algorithm != "sha256" or hashlib.sha256(content).hexdigest() != value:
        raise ValueError(f"blob {digest} does not match its digest")
    return content


def _apply(layer: bytes, root: Path) -> None:
    """Unpack one layer over what is there; ``.wh.`` files delete."""
    content = gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if path.name == ".wh..wh..opq":
                shutil.rmtree(root / path.parent, ignore_errors=True)
                (root / path.parent).mkdir(parents=True, exist_ok=True)
            elif path.name.startswith(".wh."):
                _remove(root / path.parent / path.name.removeprefix(".wh."))
            elif member.isfile() or member.isdir() or member.issym() or member.islnk():
                _extract(archive, member, root)


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    """One member; never outside ``root``, with absolute links kept as they are."""
    target = root / member.name.lstrip("/")
    parent = target.parent.resolve()
    if not parent.is_relative_to(root.resolve()):
        return  # through a link out of the image: nobody needs it, and it could do harm
    if not member.isdir():
        _remove(target)
    member.name = str(target.relative_to(root))
    member.uid = member.gid = 0
    member.mode |= 0o600
    archive.extract(member, root, filter=lambda one, _: one, set_attrs=True, numeric_owner=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
