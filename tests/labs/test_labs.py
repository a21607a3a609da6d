"""What holds for every lab: the untouched starter, the reset, the learner's copy, the folder."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.teach import TeachError, lab, labs
from helpers.teach.checking import Context, Outcome
from helpers.teach.checking import run as run_check
from helpers.teach.labs import Lab
from tests.labs import answers, running
from tests.labs.conftest import Work
from tests.labs.nbgrader_format import grade_id, learners_copy
from tests.notebooks import stored

STUDENTS = ("ana", "bob", "Zoë 7")
MOST_CELL_LINES = 25

each_lab = pytest.mark.parametrize("key", answers.KEYS)


@pytest.fixture
def at_work(local_aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The cloud, empty, of a learner with an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "_opened", None)
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.delenv(lab.STUDENT, raising=False)
    local_aws.reset()
    return local_aws


# -- the learner's way -----------------------------------------------------------------------------


@each_lab
def test_the_untouched_starter_is_not_attempted(key: str, work: Work) -> None:
    done = work(labs.load(key), {}, STUDENTS[0], hidden=False)
    assert done.result.outcome is Outcome.NOT_ATTEMPTED, done.words
    assert not done.result.fault
    assert done.words.startswith(f"○ {key}, not attempted: ")


@each_lab
@pytest.mark.parametrize("student", STUDENTS[1:])
def test_a_fault_is_there_for_everybody(key: str, student: str, at_work: Any) -> None:
    content = labs.load(key)
    content.seed(at_work, student)
    result = run_check(content.check, Context(at_work, Path("work"), student=student))
    assert result.outcome is Outcome.NOT_ATTEMPTED, result
    assert not result.fault


@each_lab
def test_reset_puts_the_fault_back(
    key: str, at_work: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    content = labs.load(key)
    own = answers.solutions(content)
    running.run(running.filled(content, own), STUDENTS[0])  # leaves no lab open
    lab.open(key, student=STUDENTS[0])  # over what was done: a second seed replaces the first
    lab.check()
    assert f"○ {key}, not attempted" in capsys.readouterr().out
    lab.open(key, student=STUDENTS[0])
    assert "is open, with what you did so far" in capsys.readouterr().out
    lab.reset()
    assert "is broken again" in capsys.readouterr().out
    lab.check()
    assert f"○ {key}, not attempted" in capsys.readouterr().out


@each_lab
def test_hints_come_one_after_the_other(
    key: str, at_work: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    content = labs.load(key)
    lab.open(key)
    last = len(content.check.hints)
    assert last >= 3, "a hint in levels: where to look, what it is, how it is done"
    capsys.readouterr()
    for level in [*range(1, last + 1), last]:
        lab.hint()
        assert f"Hint {level} of {last}: " in capsys.readouterr().out
    lab.hint(level=1)
    assert "Hint 1 of" in capsys.readouterr().out


def test_without_an_open_lab_each_call_says_what_to_do(at_work: Any) -> None:
    for call in (lab.check, lab.hint, lab.reset):
        with pytest.raises(TeachError, match=r"lab\.open"):
            call()


def test_an_unknown_lab_and_a_missing_name_are_told(at_work: Any) -> None:
    with pytest.raises(TeachError, match="There is no lab called"):
        lab.open("L6")
    with pytest.raises(TeachError, match="Say whose lab it is"):
        lab.open(answers.KEYS[0], student="  ")


@each_lab
def test_where_a_judge_looks_on_nothing_is_seeded_or_told(
    key: str, at_work: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(lab.JUDGED, at_work.url)
    monkeypatch.setenv(lab.STUDENT, "bob")
    before = len(at_work.client("iam").list_roles()["Roles"])
    ticket = lab.open(key, student="ana")
    lab.check()
    lab.reset()
    said = capsys.readouterr().out
    assert ticket.student == "bob"
    assert "The judge looks at the cloud when the notebook has ended." in said
    assert "points" not in said
    assert len(at_work.client("iam").list_roles()["Roles"]) == before


# -- what differs from student to student ----------------------------------------------------------


@each_lab
def test_the_ticket_is_filled_in_and_the_same_each_time(key: str) -> None:
    content = labs.load(key)
    tickets = {content.ticket(student) for student in (*STUDENTS, "carla", "dora", "emil")}
    assert len(tickets) > 1, "every student has the same ticket"
    for ticket in tickets:
        assert not re.findall(r"\{\w+\}", ticket), "a placeholder that facts() does not fill"
    assert content.ticket("ana") == content.ticket(" ana "), "a stray blank is no other student"


@each_lab
def test_the_facts_can_be_read_by_their_names(key: str, at_work: Any) -> None:
    ticket = lab.open(key, student="ana")
    for name, value in labs.load(key).facts("ana").items():
        assert getattr(ticket, name) == value
        assert name in dir(ticket)
    with pytest.raises(AttributeError, match="This ticket has no colour"):
        _ = ticket.colour


# -- the folder ------------------------------------------------------------------------------------


@each_lab
def test_the_learners_copy_is_what_the_source_makes(key: str) -> None:
    content = labs.load(key)
    wanted = learners_copy(stored.read(content.folder / "source.ipynb"))
    found = stored.read(content.notebook)
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert nbformat.writes(found) == nbformat.writes(wanted), (
        f"make it again: .venv/bin/python tests/labs/release.py labs/{content.folder.name}"
    )


@each_lab
def test_the_source_is_stored_without_outputs(key: str) -> None:
    for cell in stored.code_cells(stored.read(labs.load(key).folder / "source.ipynb")):
        assert not cell.outputs
        assert cell.execution_count is None


@each_lab
def test_the_copy_was_run_once_and_in_order(key: str) -> None:
    cells = stored.code_cells(stored.read(labs.load(key).notebook))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@each_lab
def test_the_copy_holds_nothing_of_the_solution(key: str) -> None:
    content = labs.load(key)
    text = content.notebook.read_text(encoding="utf-8")
    for mark in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert mark not in text


@each_lab
def test_the_cells_that_are_graded_fit_the_check(key: str) -> None:
    content = labs.load(key)
    cells = {grade_id(cell): cell for cell in stored.read(content.notebook).cells if grade_id(cell)}
    assert cells["check"].metadata.nbgrader["points"] == content.points
    assert cells["check"].source.strip() == "lab.check()"
    by_hand = [
        cell
        for cell in cells.values()
        if cell.cell_type == "markdown" and cell.metadata.nbgrader.get("grade")
    ]
    assert by_hand, "a runbook that a person reads"


@each_lab
def test_cells_are_short_plain_python_and_name_nothing_of_one_student(key: str) -> None:
    content = labs.load(key)
    names = {value for student in STUDENTS for value in content.facts(student).values()}
    for cell in stored.code_cells(stored.read(content.folder / "source.ipynb")):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MOST_CELL_LINES, lines[0]
        code = cell.source
        if code.startswith(running.WRITEFILE):
            assert code.splitlines()[0].startswith(running.WRITEFILE + "work/"), lines[0]
            code = code.partition("\n")[2]
        ast.parse(code)
        assert "localaws" not in code
        assert not re.search(r"\bsleep\(", code)
        for name in names:
            assert len(name) < 6 or name not in cell.source, f"{name} belongs to one student"


@each_lab
def test_the_folder_is_whole(key: str) -> None:
    folder = labs.load(key).folder
    for name in ("ticket.md", "instructor.md", "hidden.py", "survivors.json"):
        assert (folder / name).is_file(), name
    readme = (folder.parent / "README.md").read_text(encoding="utf-8")
    assert f"{folder.name}/{folder.name}.ipynb" in readme, "labs/README.md lists it"


@each_lab
def test_hidden_cases_belong_to_requirements_and_are_hidden(key: str) -> None:
    content = labs.load(key)
    hidden = labs.hidden_cases(content)
    assert set(hidden) <= content.check.names
    assert hidden, "a grader tries what the learner has not seen"
    assert all(case.hidden for cases in hidden.values() for case in cases)


@each_lab
def test_a_copy_for_students_works(key: str, tmp_path: Path, monkeypatch: Any) -> None:
    """Without hidden cases, answers, source and notes the lab is the same, but for these."""
    import shutil

    from helpers.teach.labs import finding

    content = labs.load(key)
    shutil.copytree(
        content.folder,
        tmp_path / content.folder.name,
        ignore=shutil.ignore_patterns("hidden.py", "answers", "source.ipynb", "instructor.md"),
    )
    monkeypatch.setattr(finding, "FOLDER", tmp_path)
    monkeypatch.setattr(finding, "PREFIX", "labs_for_students_")
    copy: Lab = labs.load(key)
    assert copy.folder == tmp_path / content.folder.name
    assert labs.hidden_cases(copy) == {}
    assert copy.ticket("ana") == content.ticket("ana")
