"""Put Python packages, with all that they need, into a Lambda layer.

    arn = layer("shop-imaging", ["pillow"])
    thumbnail = deploy("shop-thumbnail", "work/05/thumbnail.py", layers=[arn])

Where the files come from depends on the cloud. The local AWS runs handlers on the Python that runs
this course, so the packages installed beside the course are the ones that fit; nothing is
downloaded. AWS runs them on its own Linux, so pip fetches the wheels made for that.

Plain boto3 and pip otherwise. Layers: https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from helpers import RUNTIME
from helpers.cloud import Cloud, CloudError, current

#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_ZIPPED_MB, MAX_UNZIPPED_MB = 50, 250
#: Runtimes from python3.12 on stand on Amazon Linux 2023, whose C library is glibc 2.34: it runs
#: wheels that were made for that one and for older ones, down to manylinux2014.
#: Source: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
LAMBDA_PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(34, 16, -1)]
LAMBDA_PLATFORMS += ["manylinux2014_x86_64"]
#: The same moment for every file, so that the same packages make the same archive.
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
#: What an installer notes about one installation; no handler needs it, and it differs each time.
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def layer(
    name: str,
    packages: Sequence[str],
    *,
    fetch: bool | None = None,
    cloud: Cloud | None = None,
) -> str:
    """Publish ``packages`` and what they require as a layer; return the layer version's ARN.

    ``packages`` are names as pip takes them: "pillow", "aws-lambda-powertools[parser]",
    "pillow>=11". When the newest version of the layer holds exactly these files already, its ARN
    comes back and nothing is sent. ``fetch`` says whether pip gets the wheels for Lambda's Linux
    (the default on every cloud but the local one) or the packages installed here are taken.

    Raises CloudError for a package that is not there, and for more than AWS takes.
    """
    cloud = cloud or current()
    if isinstance(packages, str):
        raise CloudError(f'The packages are a list, also when it is one: ["{packages}"]')
    wanted = [_requirement(text) for text in packages]
    if not wanted:
        raise CloudError('Which packages? layer("shop-imaging", ["pillow"])')
    if fetch is None:
        # What stands in for an account is a local AWS on this machine.
        fetch = cloud.kind != "local" and not (cloud.kind == "account" and cloud.url)
    with tempfile.TemporaryDirectory(prefix="course-layer-") as folder:
        files = fetched(wanted, Path(folder)) if fetch else installed(wanted)
        archive = pack(files)
    fits = {"CompatibleArchitectures": ["x86_64"]} if fetch else {}
    return _publish(cloud.client("lambda"), name, archive, fits)


def installed(wanted: Iterable[Requirement]) -> dict[str, Path]:
    """The files of the packages installed beside the course, and of all that they require.

    A dictionary from the name below the layer's ``python/`` folder to the file. Raises CloudError.
    """
    files: dict[str, Path] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(one, "") for one in wanted]  # a requirement, and whose it is
    while waiting:
        requirement, whose = waiting.pop()
        distribution = _distribution(requirement, whose)
        for extra in ("", *requirement.extras):
            name = canonicalize_name(requirement.name)
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in distribution.requires or []:
                needed = Requirement(text)
                if needed.marker is None:
                    applies = not extra
                else:
                    applies = needed.marker.evaluate({"extra": extra})
                if applies:
                    waiting.append((needed, distribution.metadata["Name"]))
        files.update(_files(distribution))
    return files


def fetched(wanted: Iterable[Requirement], folder: Path) -> dict[str, Path]:
    """The files that pip installs into ``folder`` for Lambda's Linux and the course's runtime.

    What is also installed here comes in the same version, unless another one is asked for, so that
    a handler meets on AWS what it met on the local cloud. Same result as ``installed``.
    Raises CloudError.
    """
    wanted = list(wanted)
    said = {canonicalize_name(one.name) for one in wanted if one.specifier}
    here = {canonicalize_name(one.metadata["Name"]): one for one in metadata.distributions()}
    constraints = folder / "constraints.txt"
    constraints.write_text(
        "".join(f"{name}=={one.version}\n" for name, one in here.items() if name not in said)
    )
    target = folder / "python"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--no-compile", "--target", str(target)]
    command += ["--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", RUNTIME.removeprefix("python")]
    for platform in LAMBDA_PLATFORMS:
        command += ["--platform", platform]
    command += ["--constraint", str(constraints), *(str(one) for one in wanted)]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if ran.returncode:
        names = ", ".join(str(one) for one in wanted)
        raise CloudError(
            f"pip could not fetch {names} for Lambda's Linux and {RUNTIME}. It said:\n"
            f"{(ran.stderr or ran.stdout).strip()}\n"
            "Is there a network, and has the package a wheel for that Python? A package without "
            "wheels has to be built in a container image (notebook 03, section 6)."
        )
    everything = (path for path in target.rglob("*") if path.is_file())
    names_and_files = ((path.relative_to(target).as_posix(), path) for path in everything)
    return {name: path for name, path in names_and_files if _belongs(PurePosixPath(name))}


def pack(files: dict[str, Path]) -> bytes:
    """The layer's archive, below ``python/``; the same files always make the same bytes.

    Raises CloudError where AWS would refuse the archive for its size.
    """
    unzipped = sum(path.stat().st_size for path in files.values())
    if unzipped >= MAX_UNZIPPED_MB * 2**20:
        raise _too_large(files, unzipped, "unzipped", MAX_UNZIPPED_MB)
    buffer = io.BytesIO()
    # Level 1: a third of the time, and a few per cent more bytes.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"python/{name}", _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16  # readable for the user that Lambda runs handlers as
            archive.writestr(entry, files[name].read_bytes(), compresslevel=1)
    content = buffer.getvalue()
    if len(content) > MAX_ZIPPED_MB * 2**20:
        raise _too_large(files, len(content), "zipped", MAX_ZIPPED_MB)
    return content


def _publish(client: Any, name: str, archive: bytes, fits: dict[str, list[str]]) -> str:
    """The ARN of the newest version, when it holds this very archive; else of a new one."""
    versions = client.list_layer_versions(LayerName=name, MaxItems=1)["LayerVersions"]
    if versions:
        newest = client.get_layer_version(LayerName=name, VersionNumber=versions[0]["Version"])
        ours = base64.b64encode(hashlib.sha256(archive).digest()).decode()
        if newest["Content"]["CodeSha256"] == ours:
            return str(versions[0]["LayerVersionArn"])
    made = client.publish_layer_version(
        LayerName=name, Content={"ZipFile": archive}, CompatibleRuntimes=[RUNTIME], **fits
    )
    return str(made["LayerVersionArn"])


def _requirement(text: str) -> Requirement:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise CloudError(
            f"'{text}' is not the name of a package. Write it as for pip: \"pillow\", "
            '"pillow>=11" or "aws-lambda-powertools[parser]".'
        ) from None
    if requirement.url:
        raise CloudError(
            f"'{text}' names an address. Install it first, then name the package: "
            f'["{requirement.name}"]'
        )
    return requirement


def _distribution(requirement: Requirement, whose: str) -> metadata.Distribution:
    """What is installed here under that name. Raises CloudError that says what to do."""
    by_whom = f", which {whose} needs," if whose else ""
    install = f'%pip install "{requirement}"'
    try:
        found = metadata.distribution(requirement.name)
    except metadata.PackageNotFoundError:
        imported = metadata.packages_distributions().get(requirement.name)
        if imported:
            raise CloudError(
                f"{requirement.name} is the name that you import; the package is called "
                f'{imported[0]}. Write ["{imported[0]}"].'
            ) from None
        raise CloudError(
            f"The package {requirement.name}{by_whom} is not installed beside the course. Is the "
            f"name right? If so, run this in a cell, then this cell again: {install}"
        ) from None
    if not requirement.specifier.contains(found.version, prereleases=True):
        raise CloudError(
            f"{requirement}{by_whom} was asked for, and version {found.version} is installed "
            f"beside the course. Ask for that one, or change it in a cell: {install}"
        )
    extras = {canonicalize_name(one) for one in found.metadata.get_all("Provides-Extra") or []}
    for extra in requirement.extras:
        if canonicalize_name(extra) not in extras:
            raise CloudError(
                f"{requirement.name} knows no [{extra}]. It has: "
                f"{', '.join(sorted(extras)) or 'no such additions at all'}."
            )
    return found


def _files(distribution: metadata.Distribution) -> dict[str, Path]:
    """The installed files of one package, without programs, compiled files and notes."""
    name = distribution.metadata["Name"]
    if distribution.files is None:
        raise CloudError(
            f"Nothing says which files belong to {name}: it was not installed by pip. Install it "
            f"with pip, in a cell: %pip install --force-reinstall {name}"
        )
    inside = [one for one in distribution.files if _belongs(PurePosixPath(one))]
    if any(one.suffix == ".pth" and "editable" in one.name for one in inside) or (
        not any(".dist-info" not in one.parts[0] and one.suffix != ".pth" for one in inside)
    ):
        raise CloudError(
            f"{name} is only linked into this installation (an editable install), so there are no "
            "files to pack. Put its folder beside your handler and deploy the folder."
        )
    return {one.as_posix(): Path(str(distribution.locate_file(one))) for one in inside}


def _belongs(name: PurePosixPath) -> bool:
    """Whether a file of an installation goes into the layer."""
    if name.is_absolute() or ".." in name.parts or name.parts[0] == "bin":
        return False  # programs, outside of site-packages
    if "__pycache__" in name.parts or name.suffix == ".pyc":
        return False  # compiled for one Python, on one day
    return not (name.parent.suffix == ".dist-info" and name.name in _NOTES)


def _too_large(files: dict[str, Path], size: int, what: str, limit: int) -> CloudError:
    largest: dict[str, int] = {}
    for name, path in files.items():
        top = name.partition("/")[0]
        largest[top] = largest.get(top, 0) + path.stat().st_size
    most = sorted(largest, key=lambda top: largest[top], reverse=True)[:3]
    return CloudError(
        f"The layer would have {size / 2**20:.0f} MB {what}, and AWS takes at most {limit} MB. "
        f"Most of it is {', '.join(most)}. Leave out what the handler does not import, or build a "
        "container image (notebook 03, section 6)."
    )
