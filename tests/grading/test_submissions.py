"""Submissions are found as they were collected, and never lead to a file that is not theirs."""

from __future__ import annotations

import os
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpers.grading.submissions import NoSubmissions, Submission, alike, collect


def put(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())


def found(place: Path) -> dict[str, bytes]:
    return {one.student: one.read() for one in collect(place, "L06")}


def only(place: Path) -> Submission:
    (one,) = collect(place, "L06")
    return one


@pytest.mark.parametrize(
    ("path", "student", "lms_id"),
    [
        ("ana.ipynb", "ana", ""),
        ("ana/anything at all.ipynb", "ana", ""),
        ("submitted/ana/L06/L06-poison-message.ipynb", "ana", ""),
        ("ana/L06-poison-message/x.ipynb", "ana", ""),
        ("silvaana_4711_815_L06-poison-message-2.ipynb", "silvaana", "4711"),
        ("silvaana_LATE_4711_815_L06.ipynb", "silvaana", "4711"),
        ("Ana Silva_4711_assignsubmission_file_/L06.ipynb", "Ana Silva", "4711"),
    ],
)
def test_every_way_of_collecting(tmp_path: Path, path: str, student: str, lms_id: str) -> None:
    put(tmp_path, path, ".ipynb_checkpoints/x.ipynb", "notes.txt")
    one = only(tmp_path)
    assert (one.student, one.lms_id, one.read()) == (student, lms_id, path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "ana/ben/L06.ipynb",
        "submitted/ana/L06/ben/L06.ipynb",
        "submitted/ana/L06/submitted/ben/L06/L06.ipynb",
        "ana/Ben Rocha_4713_assignsubmission_file_/L06.ipynb",
        "Ana_4711_assignsubmission_file_/Ben Rocha_4713_assignsubmission_file_/L06.ipynb",
        "ana/rochaben_4713_815_L06.ipynb",
    ],
)
def test_nobody_hands_in_for_somebody_else(tmp_path: Path, path: str) -> None:
    put(tmp_path, path)
    assert only(tmp_path).student.lower() == "ana"


def test_ids_that_look_alike_are_told(tmp_path: Path) -> None:
    names = ["zoé", "zoe\u0301", "Ana", "ana", "a\u202ena", "ben"]
    assert alike(names) == {
        "zoé": ["zoe\u0301"], "zoe\u0301": ["zoé"],
        "Ana": ["ana", "a\u202ena"], "ana": ["Ana", "a\u202ena"], "a\u202ena": ["Ana", "ana"],
    }  # fmt: skip


def test_two_people_of_one_name_are_two(tmp_path: Path) -> None:
    put(
        tmp_path,
        "Ana Silva_4711_assignsubmission_file_/L06.ipynb",
        "Ana Silva_4712_assignsubmission_file_/L06.ipynb",
        "Ben Rocha_4713_assignsubmission_file_/L06.ipynb",
    )
    two = {one.student: one.lms_id for one in collect(tmp_path, "L06")}
    assert two == {"Ana Silva_4711": "4711", "Ana Silva_4712": "4712", "Ben Rocha": "4713"}


def test_one_notebook_alone(tmp_path: Path) -> None:
    put(tmp_path, "ana.ipynb", "ben.ipynb")
    assert found(tmp_path / "ana.ipynb") == {"ana": b"ana.ipynb"}


def test_of_several_the_one_named_like_the_lab_counts_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    put(tmp_path, "ana/scratch.ipynb", "ana/L06.ipynb", "ana/more.ipynb")
    one = only(tmp_path)
    assert one.place == "ana/L06.ipynb"
    assert one.notes == ("Only ana/L06.ipynb was graded, not ana/more.ipynb, ana/scratch.ipynb.",)


def test_when_it_was_submitted(tmp_path: Path) -> None:
    put(tmp_path, "submitted/ana/L06/L06.ipynb")
    told = tmp_path / "submitted/ana/L06/timestamp.txt"
    for zone in ("UTC", "+0000", "+00:00"):
        told.write_text(f"2026-11-23 12:00:00.500000 {zone}\n")
        assert only(tmp_path).when == datetime(2026, 11, 23, 12, 0, 0, 500000, UTC)
    os.utime(tmp_path / "submitted/ana/L06/L06.ipynb", (86400, 86400))
    for nothing in ("\x00 never", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        told.write_text(nothing)
        one = only(tmp_path)
        assert (one.when, one.told_by) == (datetime(1970, 1, 2, tzinfo=UTC), "file")


def test_a_student_cannot_hand_in_a_time(tmp_path: Path) -> None:
    put(tmp_path, "ana/L06.ipynb")
    (tmp_path / "ana/timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    one = only(tmp_path)
    assert one.told_by == "file"
    assert one.when is not None
    assert one.when.year > 1999


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files; to run it: use Linux")
def test_a_file_that_was_replaced_since_it_was_found_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "ana.ipynb")
    for replace in (os.mkfifo, lambda path: path.symlink_to("/etc/passwd"), Path.mkdir):
        one = only(tmp_path)
        (tmp_path / "ana.ipynb").unlink()
        replace(tmp_path / "ana.ipynb")
        with pytest.raises(OSError, match=r"ana.ipynb|directory"):
            one.read()
        if not (tmp_path / "ana.ipynb").is_dir():
            (tmp_path / "ana.ipynb").unlink()
            put(tmp_path, "ana.ipynb")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files; to run it: use Linux")
def test_links_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("GRADEBOOK")
    folder = tmp_path / "subs"
    put(folder, "honest.ipynb")
    (folder / "linked.ipynb").symlink_to(secret)
    (folder / "other.ipynb").symlink_to(folder / "honest.ipynb")
    (folder / "whole").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "folder.ipynb").mkdir()
    problems = {one.student: one.problem for one in collect(folder, "L06")}
    assert problems == {
        "honest": "",
        "linked": "It is a link, which is not followed.",
        "other": "It is a link, which is not followed.",
        "pipe": "It is no ordinary file.",
    }


def archive(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def test_an_archive_is_read_without_unpacking_it(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("linked.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    place = archive(
        tmp_path / "all.zip",
        ("silvaana_4711_815_L06.ipynb", b"ana"),
        ("../../../../evil.ipynb", b"evil"),
        ("/etc/cron.d/root.ipynb", b"root"),
        ("__MACOSX/silvaana.ipynb", b"mac"),
        (link, b"/etc/passwd"),
    )
    collected = {one.student: one for one in collect(place, "L06")}
    assert set(collected) == {"silvaana", "evil", "etc", "linked"}
    assert collected["linked"].problem.startswith("It is a link")
    assert collected["silvaana"].read() == b"ana"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["all.zip"]


def test_of_a_zip_bomb_no_more_is_unpacked_than_is_ever_read(tmp_path: Path) -> None:
    place = archive(tmp_path / "all.zip", ("ana.ipynb", b" " * (200 << 20)))
    assert place.stat().st_size < 1 << 20
    assert len(only(place).read()) == (64 << 20) + 1


def test_nothing_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(NoSubmissions, match="nothing at"):
        collect(tmp_path / "none", "L06")
    with pytest.raises(NoSubmissions, match=r"no notebook \(\.ipynb\)"):
        collect(tmp_path, "L06")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(NoSubmissions, match="neither a folder"):
        collect(tmp_path / "a.txt", "L06")


def test_a_students_own_timestamp_makes_nobody_earlier(tmp_path: Path) -> None:
    folder = tmp_path / "Ana Silva_4711_assignsubmission_file_"
    folder.mkdir()
    (folder / "L06.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text("2001-01-01 00:00:00 UTC")
    (one,) = collect(tmp_path, "L06")
    assert one.when is not None
    assert one.when.year > 2001
