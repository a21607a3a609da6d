"""The two sandboxes, as bubblewrap's command lines.

The *bench* is where a judge's worker lives with its local AWS: a network of its own that leads
nowhere, no home folder, no submissions, no gradebook. What a submission deploys runs in there,
behind the local AWS's own walls. The *box* stands inside the bench: one notebook runs in it, with
a loopback of its own, and one UNIX socket that leads to the local AWS and nowhere else.

Source: the bwrap(1) manual.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("inside")
#: Where the box shows the UNIX socket, and the program that runs the cells.
DOOR, PROGRAM = "/run/cloud/door", "/run/judge"
#: The notebook's folder.
HOME = "/box"
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64")
#: The clients that labs make; reading their models takes longer than most of what they do.
SERVICES = ("lambda", "sqs", "logs", "iam", "s3", "sts")
#: Of a lab, what a learner has too. Never hidden.py, answers/, source.ipynb.
_LAB_FILES = ("*.py", "ticket.md")
_GRADERS_ONLY = ("hidden.py",)


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Seconds for one cell and for all of it; bytes of memory for one process and for all of them, of
    disk, of one file, of output; the number of processes and threads.
    """

    cell_seconds: float = 30
    seconds: float = 120
    process_bytes: int = 1 << 30
    memory_bytes: int = 3 << 29
    disk_bytes: int = 64 << 20
    output_bytes: int = 16 << 20
    processes: int = 64

    def of_a_process(self) -> dict[str, int]:
        """Names of Python's `resource` module, and their values."""
        return {
            "RLIMIT_AS": self.process_bytes,
            "RLIMIT_CPU": int(self.seconds),
            "RLIMIT_FSIZE": self.disk_bytes,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_CORE": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_MEMLOCK": 0,
        }


def bwrap() -> str | None:
    """bubblewrap's path, or None."""
    return shutil.which("bwrap")


def bench(lab: Path, scratch: Path) -> list[str]:
    """bwrap's words for a worker's bench. `scratch` is a folder for a few files of the judge."""
    command = [
        bwrap() or "bwrap",
        *("--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"),
        # Root needs no user namespace, and leaves its rights behind by changing its user instead.
        *([] if os.geteuid() == 0 else ["--unshare-user"]),
        *_system(scratch),
        # Not a new /proc: inside namespaces may only make theirs where this one is whole.
        *("--dev-bind", "/proc", "/proc"),
        *("--dev", "/dev", "--perms", "1777", "--size", str(1 << 30), "--tmpfs", "/tmp"),
        *("--perms", "1777", "--size", str(1 << 26), "--tmpfs", "/dev/shm"),
        *_shown([str(ROOT / "helpers"), str(lab), str(scratch), *_python(), *_itself()]),
    ]
    return [*command, *_variables({"LOCALAWS_UNMAPPED": ""}), "--remount-ro", "/", "--chdir", "/"]


def box(lab: Path, scratch: Path, door: Path, limits: Limits, calls: int) -> list[str]:
    """The command that runs one notebook's cells: its job comes on standard input.

    `calls` is the file descriptor of the filter for system calls (``forbidden``), -1 without.
    """
    alone = ["--disable-userns", *([] if calls < 0 else ["--seccomp", str(calls)])]
    return [*_box(lab, scratch, door, limits, alone), PROGRAM]


def nursery(
    lab: Path, scratch: Path, door: Path, limits: Limits, control: int, calls: bytes
) -> list[str]:
    """The command of a box in which one notebook after the other runs, each forked from a process
    that has imported what they all need, and each in namespaces of its own.

    `control` is the socket's file descriptor over which the jobs come.
    """
    setting = {
        "control": control,
        "folders": {
            HOME: limits.disk_bytes,
            "/tmp": limits.disk_bytes,
            "/dev/shm": limits.disk_bytes // 4,
        },
        "calls": calls.hex(),
        "services": SERVICES,
    }
    return [*_box(lab, scratch, door, limits, []), PROGRAM, json.dumps(setting)]


def variables(student: str, port: int) -> dict[str, str]:
    """What a notebook finds in its environment beside what every box has."""
    return {
        "COURSE_CLOUD_RELAY": f"http://localhost:{port}",
        # No variable can hold NUL.
        "COURSE_LAB_STUDENT": student.replace("\0", "").encode("utf-8", "replace").decode(),
        "COURSE_PROGRESS": "/tmp/progress.json",
    }


def _box(lab: Path, scratch: Path, door: Path, limits: Limits, more: list[str]) -> list[str]:
    helpers = ROOT / "helpers"
    shown = [str(path) for path in sorted(helpers.glob("*.py"))]
    shown += [str(helpers / "cloud"), str(helpers / "teach"), *_python(), *_lab_files(lab)]
    return [
        bwrap() or "bwrap",
        *("--unshare-all", "--unshare-user", "--die-with-parent"),
        *("--new-session", "--cap-drop", "ALL", *more),
        *_system(scratch),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.disk_bytes // 4), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *("--size", str(limits.disk_bytes), "--tmpfs", "/tmp"),
        *("--size", str(limits.disk_bytes), "--tmpfs", HOME),
        *_shown(shown),
        *("--ro-bind", str(door.parent), str(Path(DOOR).parent)),
        *("--ro-bind", str(INSIDE), PROGRAM),
        *_variables({}),
        *("--remount-ro", "/", "--chdir", HOME),
        *(sys.executable, "-P", "-B", "-u"),
    ]


def write_scratch(scratch: Path) -> None:
    """The few files of /etc that programs ask for; nothing of this machine's own /etc is shown."""
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / "hosts").write_text("127.0.0.1 localhost\n")
    (scratch / "nsswitch.conf").write_text("passwd: files\nhosts: files\n")
    (scratch / "passwd").write_text("judge:x:64000:64000:judge:/box:/bin/sh\n")
    scratch.chmod(0o755)


def _system(scratch: Path) -> list[str]:
    """The system's programs and libraries, read-only, and a made-up /etc."""
    words = ["--clearenv", "--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in ("hosts", "nsswitch.conf", "passwd"):
        words += ["--ro-bind", str(scratch / name), f"/etc/{name}"]
    for name in ("ld.so.cache", "localtime", "alternatives"):
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def _python() -> list[str]:
    """Where this interpreter and its packages are."""
    folders = [sys.prefix, sys.base_prefix, os.path.realpath(sys.executable)]
    folders += [sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")]
    return [str(Path(folder)) for folder in folders]


def _itself() -> list[str]:
    """bubblewrap, which the bench needs for the box."""
    return [os.path.realpath(found)] if (found := bwrap()) else []


def _lab_files(lab: Path) -> list[str]:
    return [
        str(path)
        for pattern in _LAB_FILES
        for path in sorted(lab.glob(pattern))
        if path.name not in _GRADERS_ONLY
    ]


def _shown(paths: list[str]) -> list[str]:
    """Each path read-only at its own place; what another one covers already is left out."""
    kept: list[str] = []
    for path in sorted(set(paths), key=len):
        if not any(Path(path).is_relative_to(one) for one in ("/usr", *kept)):
            kept.append(path)
    above = {str(one) for path in kept for one in Path(path).parents} - {"/", "/usr"}
    # bubblewrap makes missing folders readable to their owner alone, and the owner may be root.
    words = [word for path in sorted(above) for word in ("--perms", "0755", "--dir", path)]
    return words + [word for path in kept for word in ("--ro-bind", path, path)]


def _variables(more: dict[str, str]) -> list[str]:
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }
    return [word for name in variables for word in ("--setenv", name, variables[name])]
