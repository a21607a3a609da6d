"""A course in small: start.py in a folder of its own, with packages that install in a moment.

Everything runs for real (venv, pip, locks, processes, signals); only the package index is a folder
of wheels made here, and JupyterLab, pytest and the rest are modules of a few lines that say how
they were called.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WINDOWS = os.name == "nt"
SECONDS = 60

#: Prints how it was called and in which environment, as one line of JSON.
TELL = """\
import json, os, sys
names = ("AWS_", "JUPYTER", "IPYTHON", "PYTHON", "BOTO")
told = {n: v for n, v in os.environ.items() if n.startswith(names)}
print(json.dumps({"args": sys.argv[1:], "cwd": os.getcwd(), "prefix": sys.prefix, "env": told}))
sys.exit(int(os.environ.get("FAIL_" + __spec__.name.split(".")[0].upper(), "0")))
"""

#: A local AWS of a few lines: answers in the shape of the real one, ends when its stdin closes.
SERVER = """\
import json, pathlib, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
told = {"url": f"http://localhost:{port}", "port": port, "control": {"token": "t0ken"}}
print(json.dumps(told), flush=True)
sys.stdin.read()
pathlib.Path("server-ended").write_text("yes")
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """Write a pure wheel that holds `files` (path: text)."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = files | {
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(path, text)


def package_index(folder: Path) -> Path:
    """A folder of wheels: two versions of a package, and the programs start.py runs."""
    folder.mkdir()
    for version in ("1.0", "2.0"):
        wheel(folder, "tiny", version, {"tiny.py": f"version = {version!r}\n"})
    wheel(folder, "jupyterlab", "1.0", {"jupyterlab.py": TELL})
    for name in ("ruff", "mypy", "pytest"):
        wheel(folder, name, "1.0", {f"{name}.py": TELL})
    return folder


@dataclass
class Course:
    folder: Path
    index: Path
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, where: Path) -> Course:
        """A fresh clone, in a folder whose name holds spaces, not started yet."""
        folder = where / "my first course"
        (folder / "notebooks").mkdir(parents=True)
        (folder / "notebooks" / "00-how-this-works.ipynb").write_text("{}")
        shutil.copy(ROOT / "start.py", folder)
        (folder / "requirements.txt").write_text("tiny==1.0\njupyterlab==1.0\n")
        (folder / "requirements-test.txt").write_text("ruff==1.0\nmypy==1.0\npytest==1.0\n")
        server = folder / "helpers" / "localaws"
        server.mkdir(parents=True)
        (server / "__main__.py").write_text(SERVER)
        return cls(folder, package_index(where / "index"))

    @property
    def python(self) -> Path:
        return self.folder / ".venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")

    def environment(self, **more: str) -> dict[str, str]:
        """This machine's environment without its installer settings; the index is a folder."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "AWS_"))}
        env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "UV_NO_INDEX": "1"}
        env |= {"PIP_FIND_LINKS": str(self.index), "UV_FIND_LINKS": str(self.index)}
        return env | self.env | more

    def popen(self, *words: str, prefix: tuple[str, ...] = (), **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, sys.executable, "-u", "start.py", *words],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=not WINDOWS,
        )

    def start(self, *words: str, prefix: tuple[str, ...] = (), **env: str) -> tuple[int, str]:
        """Run start.py to its end: (exit code, everything it printed)."""
        process = self.popen(*words, prefix=prefix, **env)
        try:
            output, _ = process.communicate(timeout=SECONDS)
        finally:
            end_group(process)
        return process.returncode, output

    def installed(self, module: str) -> str:
        """The version of a module inside .venv."""
        ask = [str(self.python), "-c", f"import {module}; print({module}.version)"]
        return subprocess.check_output(ask, text=True).strip()


def end_group(process: subprocess.Popen[str]) -> None:
    """kill -9 for a start.py and all it started."""
    if WINDOWS:
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def read_until(process: subprocess.Popen[str], sign: str) -> str:
    """What it prints up to and with the line that holds `sign`; fails at the end of its output."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if sign in line:
            return said
    raise AssertionError(f"it never printed {sign!r}:\n{said}")


def working_bwrap() -> str | None:
    """The path of bubblewrap, where this machine has it and lets it make namespaces."""
    path = shutil.which("bwrap")
    attempt = ["--dev-bind", "/", "/", "--unshare-net", "true"]
    if path and subprocess.run([path, *attempt], capture_output=True).returncode == 0:
        return path
    return None
