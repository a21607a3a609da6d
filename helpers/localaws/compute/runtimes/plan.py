"""Which program runs a function: by its ``Runtime``, or by its image."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from helpers.localaws.compute.function import Version

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """A command, and what it needs."""

    command: list[str]
    binds: tuple[str, ...] = ()  #: host folders it must be able to see
    follows_clock: bool = True  #: whether it understands our message that the clock was moved
    runs_on: str = ""  #: what really runs it, for the environment's log


class CannotStart(Exception):
    """There is no program for the function: the error's type and text, in AWS's words."""

    def __init__(self, text: str, error_type: str = "Runtime.InvalidEntrypoint") -> None:
        super().__init__(text)
        self.error_type, self.text = error_type, text


@dataclass(frozen=True)
class Place:
    """Where the code and the layers are: as the handler sees them, and on this machine."""

    task: str
    opt: str
    real_task: Path
    real_opt: Path | None


def program(runtime: str, place: Place, clock_offset: float) -> Program:
    """The program of a runtime; raises CannotStart."""
    if runtime.startswith("python"):
        return _python(place, clock_offset)
    if runtime.startswith("nodejs"):
        return _node(runtime, place, clock_offset)
    if runtime.startswith("provided"):
        return _provided(place)
    raise CannotStart(f"the local AWS runs Python, Node.js and provided.al2023, not {runtime}")


def _python(place: Place, clock_offset: float) -> Program:
    """The learner's own interpreter, bare: only what AWS's runtime brings can be imported."""
    site_packages = sysconfig.get_path("purelib")
    bootstrap = str(_HERE / "python_bootstrap.py")
    command = [os.path.realpath(sys.executable), "-I", "-S", "-u", bootstrap, site_packages]
    return Program(
        [*command, place.task, place.opt, repr(clock_offset)],
        (os.path.realpath(sys.base_prefix), site_packages, str(_HERE)),
        runs_on=f"Python {platform.python_version()}",
    )


def _node(runtime: str, place: Place, clock_offset: float) -> Program:
    node = shutil.which("node")
    if node is None:
        raise CannotStart(
            f"{runtime} needs Node.js on this machine, and there is no 'node' on its PATH. "
            "Install Node.js from https://nodejs.org and open the cloud again"
        )
    node = os.path.realpath(node)
    bootstrap = str(_HERE / "node_bootstrap.mjs")
    return Program(
        [node, bootstrap, place.task, place.opt, repr(clock_offset)],
        (str(Path(node).parent.parent), str(_HERE)),
        runs_on=f"Node.js {_version_of(node)}",
    )


@lru_cache
def _version_of(node: str) -> str:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.strip().removeprefix("v")


def _provided(place: Place) -> Program:
    """An executable called ``bootstrap``: in the code, else in a layer.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    candidates = [(place.real_task, place.task, "/var/task")]
    if place.real_opt is not None:
        candidates.append((place.real_opt, place.opt, "/opt"))
    for real, seen, on_aws in candidates:
        if (real / "bootstrap").is_file():
            if not os.access(real / "bootstrap", os.X_OK):
                raise CannotStart(f"fork/exec {on_aws}/bootstrap: permission denied")
            return Program([f"{seen}/bootstrap"], follows_clock=False, runs_on="this machine")
    raise CannotStart("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")


def image_program(
    version: Version, place: Place, clock_offset: float
) -> tuple[Program, dict[str, str]]:
    """The program of a container image, and variables that the image and its settings add.

    An image that left out an AWS base image gets the local runtime in its place.
    """
    image = version.image
    assert image is not None
    settings = version.config.get("ImageConfig") or {}
    command = settings.get("Command") or image.command
    entrypoint = settings.get("EntryPoint") or image.entrypoint
    variables = dict(image.environment)
    if image.base:
        variables["_HANDLER"] = command[0] if command else ""
        runtime = image.base.rpartition("/")[2].replace(":", "")  # python3.13
        variables["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
        return program(runtime, place, clock_offset), variables
    variables["_HANDLER"] = command[0] if command and entrypoint else ""
    if not entrypoint + command:
        raise CannotStart("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
    return (
        Program([*entrypoint, *command], follows_clock=False, runs_on="the image's own system"),
        variables,
    )
