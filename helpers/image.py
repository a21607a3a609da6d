"""Build a container image from a small Dockerfile, with the standard library alone.

    uri = build("work/03/image", "work/03/image-built")     # "oci:/…/work/03/image-built"

What comes out is an OCI image layout: a folder of JSON and tar files. The local AWS runs it, as it
runs what ``docker build`` and ``docker save`` make. No engine is needed, because nothing is run
while building: COPY becomes a layer, ENV, WORKDIR, CMD, ENTRYPOINT and LABEL the configuration.
The files of an AWS base image are not downloaded; an annotation names the image that ours stands
on, and the local AWS puts its own runtime there.

Formats: https://github.com/opencontainers/image-spec, https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import re
import shlex
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from helpers.cloud import CloudError

#: The annotation by which an image says what it was built on.
BASE_NAME = "org.opencontainers.image.base.name"
AWS_BASES = "public.ecr.aws/lambda/"
#: What AWS's base images bring that a Dockerfile refers to.
_AWS_ENVIRONMENT = {"LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime"}
_AWS_FOLDERS = "bin etc lambda lib opt tmp usr usr/bin usr/local/bin var/lang var/runtime var/task"
#: The same moment for every file, so that the same source makes the same digest.
_TIME = 1_577_836_800  # 2020-01-01
_MEDIA = "application/vnd.oci.image."
_DOCKER = (
    "With Docker: `docker build -t shop .`, then `docker save -o shop.tar shop`; its ImageUri is "
    '"docker-archive:" and the path of shop.tar.'
)


class ImageError(CloudError):
    """The Dockerfile cannot be built here; the message says which line, and what to do."""


def build(folder: str | Path, into: str | Path, dockerfile: str = "Dockerfile") -> str:
    """Build ``folder`` (Dockerfile and the files it copies) into an OCI image layout at ``into``.

    Returns the ImageUri for the local AWS. What an earlier build left at ``into`` is replaced.
    Raises ImageError for what cannot be built, before anything is written.
    """
    context, target = Path(folder).resolve(), Path(into).resolve()
    if not (context / dockerfile).is_file():
        raise ImageError(
            f"There is no '{dockerfile}' in '{folder}'. Did the cell that writes it run?"
        )
    if (context / ".dockerignore").exists():
        raise ImageError("A .dockerignore is not read here. Copy exactly what you need instead.")
    if target.exists() and not (target / "oci-layout").exists():
        raise ImageError(f"'{into}' holds something that is no image. Choose another place.")
    if target == context or target in context.parents:
        raise ImageError(f"'{into}' holds the files to build from. Choose another place.")
    text = (context / dockerfile).read_text(encoding="utf-8")
    image = _Image(context)
    for number, name, rest in instructions(text):
        image.carry_out(number, name, rest)
    image.finish()
    shutil.rmtree(target, ignore_errors=True)
    _write(image, target)
    return f"oci:{target}"


def instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """The lines of a Dockerfile as (line number, INSTRUCTION, the rest), comments left out."""
    began, joined = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        began = began or number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1] + " "
            continue
        name, _, rest = (joined + line).strip().partition(" ")
        yield began, name.upper(), rest.strip()
        began, joined = 0, ""
    if joined.strip():
        raise ImageError("The Dockerfile ends in the middle of a line. Take the last \\ away.")


@dataclass
class _Layer:
    """A tar archive, and the instruction that made it."""

    content: bytes
    created_by: str


@dataclass
class _Image:
    """The image while its Dockerfile is read from top to bottom."""

    context: Path
    base: str = ""
    layers: list[_Layer] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)  #: ours
    inherited: dict[str, str] = field(default_factory=dict)  #: the base image's
    labels: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    command: list[str] | None = None
    entrypoint: list[str] | None = None
    folders: set[str] = field(default_factory=lambda: {"/"})

    def carry_out(self, number: int, name: str, rest: str) -> None:
        known: dict[str, Callable[[_Line], None]] = {
            "FROM": self._from,
            "COPY": self._copy,
            "ENV": self._env,
            "WORKDIR": self._workdir,
            "CMD": self._cmd,
            "ENTRYPOINT": self._entrypoint,
            "LABEL": self._label,
        }
        line = _Line(number, name, rest)
        if name not in known:
            raise line.problem(_ADVICE.get(name, f"This builder knows {', '.join(known)}."), True)
        if not self.base and name != "FROM":
            raise line.problem("A Dockerfile begins with FROM, the image to build on.")
        known[name](line)

    def finish(self) -> None:
        if not self.base:
            raise ImageError("The Dockerfile has no FROM. It names the image to build on.")
        if not (self.command or self.entrypoint):
            raise ImageError(
                "The Dockerfile names nothing to run. On an AWS base image the last line is the "
                'handler: CMD ["app.handler"]'
            )

    # -- instructions --------------------------------------------------------------------------

    def _from(self, line: _Line) -> None:
        if self.base:
            raise line.problem("A second FROM begins another stage.", True)
        words = line.rest.split()
        if len(words) != 1:
            raise line.problem("Only FROM and the image's name are read here.", True)
        self.base = words[0]
        if self.base.startswith(AWS_BASES):
            self.workdir, self.inherited = "/var/task", dict(_AWS_ENVIRONMENT)
            for folder in _AWS_FOLDERS.split():
                self._know(f"/{folder}")
        elif self.base != "scratch":
            raise line.problem(
                f"The base image would have to be downloaded. Build on one of AWS's "
                f"({AWS_BASES}…), which stands for the runtime, or on scratch.",
                True,
            )

    def _copy(self, line: _Line) -> None:
        words = line.words(json_too=True)
        if words and words[0].startswith("--"):
            raise line.problem(f"{words[0]} is not known here.", True)
        if len(words) < 2:
            raise line.problem("It takes what to copy and where to: COPY app.py ./")
        *patterns, where = (self._substitute(word) for word in words)
        sources = [source for pattern in patterns for source in self._found(line, pattern)]
        target = self._absolute(where)
        one_file = len(sources) == 1 and sources[0].is_file()
        if not one_file and not where.endswith("/") and len(sources) > 1:
            raise line.problem(f"To copy several things, end the last word with /: {where}/")
        if one_file and not (where.endswith(("/", ".")) or target in self.folders):
            self._add(line, [(sources[0], target)])
            return
        files: list[tuple[Path, str]] = []
        for source in sources:
            if source.is_file():
                files.append((source, f"{target}/{source.name}"))
            else:  # a folder's content, not the folder itself, as Docker does
                files += [
                    (file, f"{target}/{file.relative_to(source).as_posix()}")
                    for file in sorted(source.rglob("*"))
                    if file.is_file() and "__pycache__" not in file.parts
                ]
        self._add(line, files)

    def _add(self, line: _Line, files: list[tuple[Path, str]]) -> None:
        if not files:
            raise line.problem("There is no file in what it copies.")
        self.layers.append(_Layer(_tar(files), f"COPY {line.rest}"))
        for _, target in files:
            self._know(str(PurePosixPath(target).parent))

    def _env(self, line: _Line) -> None:
        self.environment.update(self._pairs(line))

    def _label(self, line: _Line) -> None:
        self.labels.update(self._pairs(line))

    def _workdir(self, line: _Line) -> None:
        self.workdir = self._absolute(self._substitute(line.rest.strip("\"'")))
        if self.workdir not in self.folders:
            self.layers.append(_Layer(_tar([(None, self.workdir)]), f"WORKDIR {line.rest}"))
            self._know(self.workdir)

    def _cmd(self, line: _Line) -> None:
        self.command = line.json_list()

    def _entrypoint(self, line: _Line) -> None:
        self.entrypoint = line.json_list()
        self.command = None  # as Docker does: the base's or an earlier CMD belongs to the old one

    # -- their parts ---------------------------------------------------------------------------

    def _pairs(self, line: _Line) -> dict[str, str]:
        words = line.words()
        if words and "=" not in words[0]:  # the old form: ENV NAME the whole rest
            name, _, value = line.rest.partition(" ")
            words = [f"{name}={value.strip()}"]
        if not words or not all("=" in word for word in words):
            raise line.problem(f"It takes names and values: {line.name} CURRENCY=EUR")
        return {
            name: self._substitute(value) for name, _, value in (w.partition("=") for w in words)
        }

    def _substitute(self, text: str) -> str:
        """``$NAME`` and ``${NAME}`` replaced by what ENV or the base image set."""
        known = {**self.inherited, **self.environment}
        return re.sub(
            r"\$(?:\{(\w+)\}|(\w+))", lambda match: known.get(match[1] or match[2], ""), text
        )

    def _absolute(self, where: str) -> str:
        joined = PurePosixPath(self.workdir, where)
        parts: list[str] = []
        for part in joined.parts[1:]:
            if part == "..":
                del parts[-1:]
            else:
                parts.append(part)
        return "/" + "/".join(parts)

    def _found(self, line: _Line, pattern: str) -> list[Path]:
        inside = pattern.lstrip("/") or "."
        found = sorted(self.context.glob(inside)) if re.search(r"[*?\[]", inside) else []
        found = found or [self.context / inside]
        for path in found:
            if not path.resolve().is_relative_to(self.context):
                raise line.problem(
                    f"{pattern} lies outside of the folder that is built. Put a copy of it inside."
                )
            if not path.exists():
                raise line.problem(
                    f"There is no {pattern} beside the Dockerfile. Write it first, or correct the "
                    "name."
                )
        return found

    def _know(self, folder: str) -> None:
        path = PurePosixPath(folder)
        self.folders.update(str(one) for one in (path, *path.parents))


@dataclass(frozen=True)
class _Line:
    """One instruction, and how to complain about it."""

    number: int
    name: str
    rest: str

    def problem(self, advice: str, docker: bool = False) -> ImageError:
        start = f"Dockerfile, line {self.number}: {self.name} {self.rest}".rstrip()
        return ImageError(f"{start}\n{advice}" + (f" {_DOCKER}" if docker else ""))

    def words(self, json_too: bool = False) -> list[str]:
        if json_too and self.rest.startswith("["):
            return self.json_list()
        try:
            return shlex.split(self.rest)
        except ValueError:
            raise self.problem("A quotation mark is opened and not closed.") from None

    def json_list(self) -> list[str]:
        """The words of a JSON list, as in CMD ["app.handler"]."""
        try:
            found = json.loads(self.rest)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            shown = json.dumps(self.rest.strip("[]\"' ").split() or ["app.handler"])
            raise self.problem(f"Write it as a list, with double quotes: {self.name} {shown}")
        return found


_ADVICE = {
    "RUN": "RUN runs a program inside the base image, and there is no such image here. Bring what "
    "it would make: `pip install --target libs …` on your machine, then COPY libs/ ./",
    "ADD": "ADD downloads and unpacks. For files, COPY does the same.",
    "ARG": "ARG is set from outside while building. Write the value itself.",
    "USER": "Lambda chooses the user that the handler runs as. Leave the line out.",
    "EXPOSE": "Lambda opens no ports: events come to the handler. Leave the line out.",
}


def _tar(files: Sequence[tuple[Path | None, str]]) -> bytes:
    """The files at their places in the image; the same files always make the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for source, target in files:
            entry = tarfile.TarInfo(target.lstrip("/"))
            entry.mtime = _TIME
            if source is None:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
                continue
            data = source.read_bytes()
            # Windows does not know which files may be executed; Docker says all, there.
            may_run = os.name == "nt" or source.stat().st_mode & 0o100
            entry.size, entry.mode = len(data), 0o755 if may_run else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _write(image: _Image, target: Path) -> None:
    """The image as an OCI image layout."""
    blobs = target / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(content: bytes, kind: str) -> dict[str, Any]:
        """Store it under its digest; return the descriptor by which others refer to it."""
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": _MEDIA + kind, "digest": f"sha256:{digest}", "size": len(content)}

    system = {"architecture": _architecture(), "os": "linux"}
    settings = {
        "Env": [f"{name}={value}" for name, value in image.environment.items()],
        "WorkingDir": image.workdir,
        "Entrypoint": image.entrypoint,
        "Cmd": image.command,
        "Labels": image.labels,
    }
    layers = [blob(layer.content, "layer.v1.tar") for layer in image.layers]
    config = {
        **system,
        "config": {name: value for name, value in settings.items() if value},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]},
        "history": [{"created_by": layer.created_by} for layer in image.layers],
    }
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": _MEDIA + "manifest.v1+json",
        "config": blob(_json(config), "config.v1+json"),
        "layers": layers,
    }
    if image.base != "scratch":
        manifest["annotations"] = {BASE_NAME: image.base}
    entry = {**blob(_json(manifest), "manifest.v1+json"), "platform": system}
    index = {"schemaVersion": 2, "mediaType": _MEDIA + "index.v1+json", "manifests": [entry]}
    (target / "index.json").write_bytes(_json(index))
    (target / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


def _architecture() -> str:
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "amd64"
