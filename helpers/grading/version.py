"""What decides about marks, as one hash: a result stands for as long as that is the same.

The lab with its folders, the check engine, the part of the judge that runs and judges notebooks,
and the local AWS with the packages that it is made of. Not what only collects, exports or shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from helpers.grading.judging import FORM
from helpers.teach.labs import Lab

_HELPERS = Path(__file__).resolve().parents[1]
#: Of a lab, what nobody is judged by.
_NOT_OF_A_LAB = frozenset(("answers", "instructor.md", "source.ipynb", "survivors.json"))
_WHOLE = (
    "*.py", "cloud/**/*", "localaws/**/*", "teach/*.py", "teach/checking/**/*", "teach/labs/**/*",
    "grading/inside/**/*",
)  # fmt: skip
_OF_THE_JUDGE = (
    "bench", "forbidden", "judging", "labs", "notebook_run", "practice", "reading", "version",
    "walls", "withholding", "worker",
)  # fmt: skip
_PACKAGES = ("boto3", "botocore", "moto", "werkzeug")


def version_of(lab: Lab) -> str:
    """A hash of everything that decides about a lab's marks."""
    sums = hashlib.sha256(f"form {FORM}\n".encode())
    for name in _PACKAGES:
        sums.update(f"{name} {_version(name)}\n".encode())
    for folder, paths in ((lab.folder, _lab(lab)), (_HELPERS, _judge())):
        for path in sorted(set(paths)):
            name = path.relative_to(folder).as_posix()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            sums.update(f"{digest} {name!r}\n".encode())
    return sums.hexdigest()


def _lab(lab: Lab) -> Iterator[Path]:
    for path in lab.folder.rglob("*"):
        below = path.relative_to(lab.folder).parts
        if below[0] not in _NOT_OF_A_LAB and _counts(below) and path.is_file():
            yield path


def _judge() -> Iterator[Path]:
    for pattern in _WHOLE:
        for path in _HELPERS.glob(pattern):
            if _counts(path.relative_to(_HELPERS).parts) and path.is_file():
                yield path
    for name in _OF_THE_JUDGE:
        yield _HELPERS / "grading" / f"{name}.py"


def _counts(below: tuple[str, ...]) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in below)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
