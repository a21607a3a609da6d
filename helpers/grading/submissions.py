"""Finds submissions: one notebook for each student, in whatever way they were collected.

A folder or a .zip with ``STUDENT.ipynb``, ``STUDENT/anything.ipynb``, nbgrader's
``submitted/STUDENT/LAB/``, Canvas' downloads (``anaana_4711_0815_L06.ipynb``) or Moodle's
(``Ana Silva_4711_assignsubmission_file_/L06.ipynb``). A link is never followed and nothing is
unpacked to disk, so a submission cannot name a file that is not its own.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from helpers.grading.reading import MOST_BYTES

MOST_SUBMISSIONS = 20_000
STAMP = "timestamp.txt"
_CANVAS = re.compile(r"^(?P<who>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.+$", re.IGNORECASE)
_MOODLE = re.compile(r"^(?P<who>.+)_(?P<id>\d+)_assignsubmission_file_?$")
#: Folders around all submissions.
_AROUND = {"submitted", "submissions"}
_PASSED_OVER = {".ipynb_checkpoints", "__MACOSX", ".git"}


@dataclass(frozen=True)
class Submission:
    """One student's notebook. `read()` gives its bytes; `problem` says why there are none.

    `student` is the id, `lms_id` the number that Canvas or Moodle put into the name ("" without),
    `when` the moment of submission where it is known, and `told_by` from where: "timestamp.txt",
    the "file", the "archive" or the "roster".
    """

    student: str
    place: str
    read: Callable[[], bytes]
    when: datetime | None = None
    lms_id: str = ""
    problem: str = ""
    notes: tuple[str, ...] = field(default=())
    told_by: str = ""


@dataclass(frozen=True)
class _File:
    path: PurePosixPath  # below the collection's folder
    read: Callable[[], bytes]
    when: datetime | None
    problem: str = ""
    told_by: str = "file"


class NoSubmissions(Exception):
    """There is nothing to grade. The message says what was looked for."""


def collect(place: Path, lab: str) -> list[Submission]:
    """Every submission below `place`, one for each student, sorted by student."""
    if not place.exists():
        raise NoSubmissions(f"There is nothing at {place}.")
    if place.is_file() and place.suffix == ".ipynb":
        files = [_File(PurePosixPath(place.name), partial(_read, place), _changed(place))]
    elif place.is_file():
        if not zipfile.is_zipfile(place):
            raise NoSubmissions(f"{place} is neither a folder, a notebook nor a .zip.")
        files = list(_in_archive(place))
    else:
        files = list(_in_folder(place, lab))
    by_student: dict[str, list[tuple[_File, str, str]]] = {}
    for file in files:
        student, lms_id = whose(file.path, lab)
        by_student.setdefault(student, []).append((file, student, lms_id))
    if not by_student:
        raise NoSubmissions(
            f"There is no notebook (.ipynb) below {place}. docs/grading.md shows which ways of "
            "collecting are understood."
        )
    chosen = [_choose(files, lab) for found in by_student.values() for files in _people(found)]
    return sorted(chosen, key=lambda one: one.student)


def _people(found: list[tuple[_File, str, str]]) -> list[list[tuple[_File, str, str]]]:
    """The files of one name, for each person: an LMS tells two of the same name by its numbers."""
    numbers = {lms_id for _, _, lms_id in found}
    if len(numbers) < 2:
        return [found]
    return [
        [
            (file, f"{student}_{lms_id}" if lms_id else student, lms_id)
            for file, student, lms_id in found
            if lms_id == number
        ]
        for number in sorted(numbers)
    ]


def whose(path: PurePosixPath, lab: str) -> tuple[str, str]:
    """The student and the LMS's number that a path tells: ("anasilva", "4711").

    The outermost folder decides, which the teacher or the LMS has named: further in, a student
    may have folders with anybody's name.
    """
    folders = [*path.parts[:-1]]
    while folders and folders[0].lower() in _AROUND:
        del folders[0]
    if folders and _is_labs(folders[0], lab):  # source/LAB, or all of one lab
        del folders[0]
    if folders:
        if found := _MOODLE.match(folders[0]):
            return found["who"].strip(), found["id"]
        return folders[0], ""
    if found := _CANVAS.match(path.stem):
        return found["who"], found["id"]
    return path.stem, ""


def _is_labs(folder: str, lab: str) -> bool:
    return folder.lower() == lab.lower() or folder.lower().startswith(f"{lab.lower()}-")


def alike(students: Iterable[str]) -> dict[str, list[str]]:
    """Students whose ids only differ in what an LMS or an eye does not tell apart, by their id."""
    groups: dict[str, list[str]] = {}
    for student in students:
        visible = "".join(one for one in student if one.isprintable() and not one.isspace())
        groups.setdefault(normalize("NFKC", visible).casefold(), []).append(student)
    return {
        one: [o for o in many if o != one] for many in groups.values() for one in many if many[1:]
    }


def _in_folder(place: Path, lab: str) -> Iterator[_File]:
    count = 0
    for parent, folders, names in os.walk(place, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        for name in sorted(names):
            if not name.lower().endswith(".ipynb"):
                continue
            path = Path(parent, name)
            count += 1
            if count > MOST_SUBMISSIONS:
                raise NoSubmissions(f"There are more than {MOST_SUBMISSIONS} notebooks in {place}.")
            below = PurePosixPath(path.relative_to(place).as_posix())
            when, told_by = _timestamp(path, below, lab)
            yield _File(below, partial(_read, path), when, _not_a_file(path), told_by)


def _in_archive(place: Path) -> Iterator[_File]:
    with zipfile.ZipFile(place) as archive:
        members = [one for one in archive.infolist() if one.filename.lower().endswith(".ipynb")]
    if len(members) > MOST_SUBMISSIONS:
        raise NoSubmissions(f"There are more than {MOST_SUBMISSIONS} notebooks in {place}.")
    for member in members:
        path = PurePosixPath(*[p for p in PurePosixPath(member.filename).parts if p not in "/.."])
        if _PASSED_OVER & set(path.parts):
            continue
        linked = stat.S_ISLNK(member.external_attr >> 16)
        try:
            when = datetime(*member.date_time).astimezone()
        except ValueError:
            when = None
        problem = "It is a link, which is not followed." if linked else ""
        yield _File(path, partial(_unpacked, place, member), when, problem, "archive")


def _unpacked(place: Path, member: zipfile.ZipInfo) -> bytes:
    """One notebook from the archive; of one that unpacks without end no more than is ever read."""
    with zipfile.ZipFile(place) as archive, archive.open(member) as file:
        return file.read(MOST_BYTES + 1)


def _not_a_file(path: Path) -> str:
    kind = path.lstat().st_mode
    if stat.S_ISLNK(kind):
        return "It is a link, which is not followed."
    return "" if stat.S_ISREG(kind) else "It is no ordinary file."


def _read(path: Path) -> bytes:
    """The file, should it still be one: it may have been replaced since it was found."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    number = os.open(path, flags)
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(f"{path} is no ordinary file")
        return file.read(MOST_BYTES + 1)


def _timestamp(path: Path, below: PurePosixPath, lab: str) -> tuple[datetime | None, str]:
    """When it was handed in, and who says so.

    nbgrader writes beside the notebook when it was handed in; else the file's own time counts.
    Anywhere else a file of that name is one of the student's own.
    """
    told = path.with_name(STAMP)
    nbgraders = len(below.parts) > 2 and _is_labs(below.parts[-2], lab)
    if nbgraders and told.is_file() and not told.is_symlink():
        try:
            text = _read(told)[:64].decode("utf-8", errors="replace").strip()
            zone = re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text.replace(" UTC", "+00:00"))
            return datetime.fromisoformat(zone).astimezone(UTC).astimezone(), STAMP
        except (OSError, ValueError, OverflowError):
            pass
    return _changed(path), "file"


def _changed(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime).astimezone()
    except (OSError, OverflowError, ValueError):
        return None


def _choose(found: list[tuple[_File, str, str]], lab: str) -> Submission:
    """The one notebook that counts: named like the lab, else the newest."""

    def rank(one: tuple[_File, str, str]) -> tuple[bool, float]:
        file = one[0]
        named = lab.lower() in file.path.name.lower()
        return named, file.when.timestamp() if file.when else 0.0

    file, student, lms_id = max(found, key=rank)
    others = [str(one.path) for one, _, _ in found if one is not file]
    notes = (f"Only {file.path} was graded, not {', '.join(sorted(others))}.",) if others else ()
    return Submission(
        student, str(file.path), file.read, file.when, lms_id, file.problem, notes, file.told_by
    )
