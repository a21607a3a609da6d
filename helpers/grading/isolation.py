"""Whether this machine can keep submissions apart from itself; if not, why, and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.grading.walls import ROOT, bench, bwrap, write_scratch

PRACTICE = "For your own work, without marks: add --practice."
ELSEWHERE = (
    "Use a Linux machine, on Windows WSL2 (`wsl --install`), or a container that may make user\n"
    "namespaces."
)
INSTALL = "sudo apt-get install bubblewrap"


def problem() -> str | None:
    """None where submissions can be graded for marks; else the reason and what to do about it."""
    if sys.platform != "linux":
        return f"Submissions cannot be kept apart from this system.\n{ELSEWHERE}\n{PRACTICE}"
    if os.environ.get("LOCALAWS_SANDBOX") == "off":
        return f"LOCALAWS_SANDBOX=off switches walls off. Unset it and try again.\n{PRACTICE}"
    if bwrap() is None:
        return (
            "bubblewrap is not installed; it keeps submissions apart from this machine.\n"
            f"Install it (other systems: their package `bubblewrap`), then run this again:\n"
            f"  {INSTALL}\n{PRACTICE}"
        )
    said = _attempt()
    if said is None:
        return None
    return f"bubblewrap is here, but may not work: {said}\n{_advice()}{ELSEWHERE}\n{PRACTICE}"


def _attempt() -> str | None:
    """Put a box into a bench and look at both; what went wrong, or None."""
    inner = [
        bwrap() or "bwrap",
        *("--unshare-all", "--unshare-user", "--disable-userns"),
        *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"),
    ]
    walls = [sys.executable, "-I", "-c", _NAMESPACES]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        write_scratch(Path(folder))
        outer = bench(ROOT / "helpers", Path(folder))
        for command in (inner, walls):
            try:
                done = subprocess.run(
                    [*outer, *_without_rights(), *command], capture_output=True, timeout=60
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return " ".join(str(error).split())[:300]
            if done.returncode:
                text = done.stderr.decode(errors="replace").strip().splitlines()
                return text[-1][:300] if text else f"it ended with {done.returncode}"
    return None


#: What the walls around handlers need: namespaces of their own, with a /proc in them.
_NAMESPACES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
uid = os.geteuid()
if libc.unshare(0x10000000 | 0x20000 | 0x20000000):
    sys.exit("no namespaces inside: " + os.strerror(ctypes.get_errno()))
open("/proc/self/uid_map", "w").write(f"993 {uid} 1")
pid = os.fork()
if pid == 0:
    bad = libc.mount(b"proc", b"/proc", b"proc", 14, None)
    os._exit(bool(bad))
sys.exit("no /proc inside" if os.waitpid(pid, 0)[1] else 0)
"""


def _without_rights() -> list[str]:
    """As the worker does: root's rights are left behind first."""
    if os.geteuid() != 0:
        return []
    leave = "import os, sys; os.setgroups([]); os.setgid(64000); os.setuid(64000); "
    return [sys.executable, "-I", "-c", leave + "os.execv(sys.argv[1], sys.argv[1:])"]


def _advice() -> str:
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    try:
        if restricted.read_text().strip() == "1":
            profile = "/etc/apparmor.d/bwrap"
            return (
                "Ubuntu lets only named programs make user namespaces. Name bubblewrap in\n"
                f"{profile} (docs/grading.md shows the five lines), then run\n"
                f"  sudo apparmor_parser -r {profile}\n"
            )
    except OSError:
        pass
    return ""


def is_installed() -> bool:
    """Whether there is a bubblewrap at all."""
    return shutil.which("bwrap") is not None
