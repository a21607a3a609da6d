"""Refresh the pins: python tests/pins.py

Resolves requirements.in and requirements-test.in for every system and every Python from 3.11 on,
and writes requirements.txt and requirements-test.txt. Run it with the course's own Python
(.venv/bin/python, on Windows .venv\\Scripts\\python.exe), which has uv since `start.py test`; then
run the tests and commit the two .txt files together with what changed them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def resolve(source: str, target: str, *more: str) -> None:
    """Write `target` from `source`, both file names in ROOT; raises where nothing fits."""
    command = [sys.executable, "-m", "uv", "pip", "compile", source, "--output-file", target]
    command += ["--universal", "--python-version", "3.11", "--upgrade", "--no-config"]
    command += ["--no-header", "--no-annotate", "--quiet", *more]
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"{source} -> {target}: {len((ROOT / target).read_text().splitlines())} lines")


def main() -> None:
    resolve("requirements.in", "requirements.txt")
    # A constraints file may not hold an editable install, so `-e .` is left out of it.
    pins = (ROOT / "requirements.txt").read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        fixed = Path(folder, "pins.txt")
        fixed.write_text("\n".join(pin for pin in pins if not pin.startswith("-e")) + "\n")
        resolve("requirements-test.in", "requirements-test.txt", "--constraints", str(fixed))


if __name__ == "__main__":
    main()
