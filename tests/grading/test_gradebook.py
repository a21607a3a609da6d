"""The judge's marks and a person's in one gradebook, and back in every export.

What is written into gradebook.db, and read from it, is tried with a stand-in that writes nbgrader's
tables; and with nbgrader itself, where NBGRADER names the Python of one that has it:

    python3 -m venv /tmp/nbgrader && /tmp/nbgrader/bin/pip install nbgrader==0.9.6
    NBGRADER=/tmp/nbgrader/bin/python .venv/bin/pytest -q tests/grading/test_gradebook.py
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from helpers.grading import command, gradebook_course
from helpers.grading.gradebook import EMPTY, MARKED, WAITING, GradebookProblem, Marks
from helpers.grading.gradebook_read import manifest, take_in
from helpers.grading.gradebook_steps import Gradebook
from helpers.grading.gradebook_text import PathTrick, identity, literal, name
from helpers.grading.grading import Run
from helpers.grading.judging import blank
from helpers.grading.labs import find
from helpers.grading.lateness import LateTable
from helpers.grading.roster import Person
from helpers.grading.store import Store
from helpers.grading.submissions import Submission, collect
from helpers.teach.labs import Lab
from tests.grading import notebooks

NBGRADER = os.environ.get("NBGRADER", "")
HOSTILE = """\
<script>window.owned=1</script> <img src=x onerror=owned()> [x](javascript:owned())
</pre><script>owned()</script> $\\href{javascript:owned()}{m}$

```html
<b>bold</b>
```
# No heading, ![no picture](http://example.org/x.png) {{ 7*7 }} &lt;i&gt; \\( x \\)
"""
STUDENTS = {"ana": "The queue grew.", "=cy": HOSTILE, "zoë silva": "YOUR ANSWER HERE"}


class Course:
    """A class whose submissions are judged, its course folder, and somebody who marks in it."""

    def __init__(self, folder: Path, lab: Lab) -> None:
        self.folder, self.lab, self.out = folder, lab, folder / "out"
        self.place = folder / "course"
        self.answers = dict(STUDENTS)
        (folder / "subs").mkdir()

    def results(self) -> list[dict[str, Any]]:
        """As the judge gives them: two of three points for everybody."""
        found = []
        for student, text in self.answers.items():
            one = blank(self.lab, student) | {"points": 2, "manual": {"story": text}, "key": "k"}
            one |= {"submitted": "2026-11-23T12:00:00+00:00", "lms_id": "", "notes": []}
            Store(self.out).write(one)
            found.append(one | {"late": {"by": "1 h", "percent": 10}, "score": 1.8})
        return found

    def submissions(self) -> list[Submission]:
        for student, text in self.answers.items():
            cells = notebooks.cells(store=f"# {text!r}\nimport os; os.abort()")
            cells[-1]["source"] = text
            cells.insert(1, notebooks.cell(text, kind="markdown"))
            path = self.folder / "subs" / f"{student}.ipynb"
            path.write_text(notebooks.as_text(cells), encoding="utf-8")
        return collect(self.folder / "subs", "toy")

    def run(self, formgrader: bool = True, manual: bool = False) -> list[str]:
        """What a run of the judge does, and says, once the notebooks are judged."""
        wish = Gradebook(self.place if formgrader else None, self.place if manual else None)
        submissions, results = self.submissions(), self.results()
        roster = {"ana": Person("ana", first_name="<b>Ana", last_name="O'Hara")}
        self.settled, said = wish.meet(self.out, self.lab, results, submissions, roster)
        command.write(self.out, Run(self.settled), roster, "Toy", LateTable())
        return said

    def part(self, student: str) -> dict[str, Any]:
        one = next(one for one in self.settled if one["student"] == student)
        found: dict[str, Any] = one["manual_marks"][0]
        return found

    def enter(self, student: str, cell: str, **values: Any) -> None:
        """What Formgrader does when somebody types a mark or a comment."""
        table = "comment" if "manual_comment" in values else "grade"
        with closing(sqlite3.connect(self.place / "gradebook.db")) as book:
            for field, value in values.items():
                done = book.execute(
                    f"UPDATE {table} SET {field} = ? WHERE id IN (SELECT {table}.id FROM {table} "
                    f"JOIN base_cell ON base_cell.id = {table}.cell_id JOIN submitted_notebook ON "
                    f"submitted_notebook.id = {table}.notebook_id JOIN submitted_assignment ON "
                    "submitted_assignment.id = submitted_notebook.assignment_id "
                    "WHERE student_id = ? AND base_cell.name = ?)",
                    (value, identity(student), cell),
                )
                assert done.rowcount == 1
            book.commit()

    def grades(self, student: str) -> dict[str, tuple[Any, ...]]:
        """(automatic, manual, needs a mark) by cell, as the gradebook has them."""
        query = """SELECT base_cell.name, auto_score, manual_score, needs_manual_grade FROM grade
            JOIN base_cell ON base_cell.id = cell_id
            JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
            JOIN submitted_assignment
                ON submitted_assignment.id = submitted_notebook.assignment_id
            WHERE student_id = ?"""
        with closing(sqlite3.connect(self.place / "gradebook.db")) as book:
            return {one[0]: one[1:] for one in book.execute(query, (identity(student),))}

    def notebook(self, folder: str, student: str) -> dict[str, Any]:
        path = self.place / folder / identity(student) / "toy" / "toy.ipynb"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


@pytest.fixture
def course(tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    script = Path(__file__).with_name("gradebook_stand_in.py")
    monkeypatch.setattr(gradebook_course, "FILL", script)
    monkeypatch.setattr(gradebook_course, "nbgraders_python", lambda: Path(sys.executable))
    return Course(tmp_path, find(str(toy)))


# --- there and back


def test_the_gradebook_has_the_judges_marks_and_waits_for_a_persons(course: Course) -> None:
    said = course.run()
    assert "2 answers wait for a mark, and count nothing until then." in said
    assert course.grades("ana") == {"check": (2, None, 0), "story": (None, None, 1)}
    assert course.grades("=cy") == {"check": (2, None, 0), "story": (None, None, 1)}
    assert course.grades("zoë silva") == {"check": (2, None, 0), "story": (0, None, 0)}
    assert {student: course.part(student)["state"] for student in STUDENTS} == {
        "ana": WAITING, "=cy": WAITING, "zoë silva": EMPTY,
    }  # fmt: skip


def test_both_marks_meet_in_every_export_and_the_judges_stay(course: Course) -> None:
    course.run()
    course.enter("ana", "story", manual_score=0.5, extra_credit=0.25, needs_manual_grade=0)
    course.enter("ana", "story", manual_comment=" Say <b>when</b>. ")
    course.enter("ana", "double", manual_comment="Neat.")
    course.enter("ana", "check", manual_score=99.0)
    said = course.run(formgrader=False, manual=True)
    assert said[0].startswith("1 marks and 2 comments taken from")
    assert said[1].startswith("ana: a mark was entered for “check”, which the judge marks")
    ana = next(one for one in course.settled if one["student"] == "ana")
    assert (ana["points"], ana["of"], ana["score"]) == (2.75, 4, 2.48)
    assert course.part("ana") == {
        "name": "story", "of": 1, "points": 0.75, "state": MARKED, "comment": "Say <b>when</b>.",
    }  # fmt: skip
    stored = Store(course.out).read("ana")
    assert stored is not None
    assert (stored["points"], stored["of"]) == (2, 3)
    assert (stored["total"], stored["total_of"]) == (2.75, 4)
    tables = {
        name: list(csv.reader((course.out / f"{name}.csv").open(encoding="utf-8", newline="")))
        for name in ("canvas", "moodle", "nbgrader")
    }
    assert tables["canvas"][1][-1] == "4"
    assert [row[-1] for row in tables["canvas"][2:]] == ["2.48", "1.8", "1.8"]
    assert tables["moodle"][1][3] == "2.48"
    assert "0.75 of 1 for what was written" in tables["moodle"][1][4]
    assert tables["nbgrader"][1][-4:] == ["2.75", "0.27", "2.48", "4"]
    (page,) = (course.out / "feedback").glob("ana-*.html")
    text = page.read_text()
    assert "<td>0.75 of 1</td><td>Say &lt;b&gt;when&lt;/b&gt;.</td>" in text
    assert "Neat." in text
    assert "2.75 of 4 points" in text


def test_a_second_folder_and_a_second_run_keep_what_was_entered(course: Course) -> None:
    course.run()
    course.enter("ana", "story", manual_score=1, needs_manual_grade=0)
    course.enter("ana", "double", manual_comment="Neat.")
    course.run()
    before = {path: path.stat().st_mtime_ns for path in course.place.rglob("*.ipynb")}
    course.run()
    assert course.part("ana")["points"] == 1
    assert course.grades("ana")["story"] == (None, 1, 0)
    assert {path: path.stat().st_mtime_ns for path in course.place.rglob("*.ipynb")} == before
    course.place.rename(course.folder / "old")
    course.run()
    assert course.grades("ana")["story"] == (None, 1, 0)
    assert Marks(course.out).read("ana")["double"].comment == "Neat."


def test_a_mark_is_of_a_text(course: Course) -> None:
    course.run()
    course.enter("ana", "story", manual_score=1, needs_manual_grade=0)
    course.enter("=cy", "story", manual_score=0, needs_manual_grade=0)
    course.run()
    course.answers["ana"] = "The  queue\ngrew."  # the same words
    course.run()
    assert course.part("ana")["state"] == MARKED
    course.answers["ana"] = "The queue grew, and then it shrank."
    course.run(formgrader=False)  # a regrade, and nobody has looked yet
    assert (course.part("ana")["state"], course.part("ana")["points"]) == (WAITING, None)
    assert course.part("=cy")["state"] == MARKED
    course.run()
    assert course.grades("ana")["story"] == (None, None, 1)
    course.enter("ana", "story", manual_score=0.5, needs_manual_grade=0)
    course.run()
    assert course.part("ana")["points"] == 0.5
    (kept,) = Marks(course.out).folder.glob("ana-*")
    assert [one["points"] for one in json.loads(kept.read_text())["earlier"]] == [1]


def test_a_mark_that_is_taken_back_is_gone(course: Course) -> None:
    course.run()
    course.enter("ana", "story", manual_score=1, needs_manual_grade=0)
    course.run()
    course.enter("ana", "story", manual_score=None, needs_manual_grade=1)
    course.run()
    assert course.part("ana")["state"] == WAITING


def test_who_hands_in_nothing_may_get_a_mark_all_the_same(course: Course) -> None:
    course.run()
    course.enter("zoë silva", "story", manual_score=0.5)
    course.run(formgrader=False, manual=True)
    assert course.part("zoë silva")["points"] == 0.5


@pytest.mark.parametrize("mark", [7, -1])
def test_a_mark_outside_its_range_is_named(course: Course, mark: float) -> None:
    course.run()
    course.enter("ana", "story", manual_score=mark)
    assert f"ana: {mark} of 1 for “story”." in course.run(formgrader=False, manual=True)


def test_without_a_folder_nobody_marks_by_hand(course: Course) -> None:
    assert course.run(formgrader=False) == []
    assert [one["points"] for one in course.settled] == [2, 2, 2]
    assert "manual_marks" not in course.settled[0]
    assert not (course.out / "manual").exists()


def test_what_is_not_judged_yet_is_not_in_the_gradebook(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = course.results()
    results[0]["fault"] = "OSError: no"
    monkeypatch.setattr(course, "results", lambda: results)
    assert "ana is not judged yet, and not in the gradebook." in course.run()
    assert course.grades("ana") == {}


@pytest.mark.skipif(
    not NBGRADER,
    reason="the gradebook with nbgrader itself; tests/grading/test_gradebook.py says how",
)
def test_nbgrader_itself_takes_and_keeps_the_marks(tmp_path: Path, toy: Path) -> None:
    course = Course(tmp_path, find(str(toy)))
    course.run()
    assert course.grades("ana") == {"check": (2, None, 0), "story": (None, None, 1)}
    assert course.grades("zoë silva") == {"check": (2, None, 0), "story": (0, None, 0)}
    course.enter("ana", "story", manual_score=1, needs_manual_grade=0)
    course.enter("ana", "double", manual_comment="Neat.")
    course.enter("=cy", "story", manual_score=0, needs_manual_grade=0)
    course.answers["=cy"] = "Other words."
    course.run()
    assert course.part("ana")["points"] == 1
    assert course.grades("ana") == {"check": (2, None, 0), "story": (None, 1, 0)}
    assert course.grades("=cy")["story"] == (None, None, 1)
    assert Marks(course.out).read("ana")["double"].comment == "Neat."
    with closing(sqlite3.connect(course.place / "gradebook.db")) as book:
        found = [str(sql) for (sql,) in book.execute("SELECT sql FROM sqlite_master") if sql]
    schema = Path(__file__).with_name("gradebook.sql").read_text().split("\n", 1)[1]
    assert {" ".join(one.split()) for one in found} == {
        " ".join(one.split()) for one in schema.split(";") if one.strip()
    }


# --- what students write


class Tags(HTMLParser):
    """The tags that a browser finds, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "said",
    [
        HOSTILE, "</pre>", "$$\n\\href{javascript:x}{y}\n$$", "``` \n</textarea>", "<!--",
        "a\n\n    b", "\\begin{x}<script>\\end{x}", "&#60;script&#62;",
        "[a]: javascript:x\n\n[a]", "\n\n<style>*{",
    ],
)  # fmt: skip
def test_an_answer_is_shown_sign_for_sign(said: str) -> None:
    found = Tags(markdown2html_mistune(literal(said)))
    assert found.tags == ["pre"]
    assert found.text.strip() == said.strip()


def test_only_the_labs_own_words_are_rendered(course: Course) -> None:
    course.run()
    for folder in ("submitted", "autograded"):
        cells = course.notebook(folder, "=cy")["cells"]
        text = [one["source"] for one in cells if one["cell_type"] == "markdown"]
        assert [Tags(markdown2html_mistune(one)).tags for one in text] == [["pre"], ["pre"]]
        assert {one["cell_type"] for one in cells} == {"code", "markdown"}
        for one in cells:
            for output in one.get("outputs", ()):
                assert output["output_type"] == "stream"


def test_a_hostile_notebook_gives_nbgrader_nothing_to_run(course: Course) -> None:
    course.run()
    code = [
        one["source"]
        for one in course.notebook("submitted", "ana")["cells"]
        if one["cell_type"] == "code"
    ]
    assert code == ["print('visible checks')"]
    assert "os.abort()" in str(course.notebook("autograded", "ana"))
    assert (
        "c.Autograde.autograde_preprocessors = []"
        in (course.place / "nbgrader_config.py").read_text()
    )


@pytest.mark.parametrize(
    "said", ["", ".", "..", "../x", "a/../../b", "a\\b", "/etc", "a\0b", ".git"]
)
def test_an_id_that_is_a_way_through_folders_is_refused(said: str) -> None:
    with pytest.raises(PathTrick):
        identity(said)


def test_ids_are_folders_of_their_own() -> None:
    plain = ["ana", "a.b@example.org", "zoë silva", "s-1_2", "4711", "a"]
    assert [identity(one) for one in plain] == plain
    odd = ["con", "NUL.txt", "a.", "a ", "O'Hara", "=cy", "<script>", "a\nb", "x" * 300, "*", "{x}"]
    made = [identity(one) for one in odd]
    assert len(set(made)) == len(odd)
    for one in made:
        assert one.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_ids_that_share_a_folder_or_trick_are_named_and_left_out(course: Course) -> None:
    course.answers = {"ana": "x", "Ana": "y", "..evil": "z"}
    said = " ".join(course.run())
    assert "would share a folder" in said
    assert "'..evil' is no id" in said
    assert sorted(path.name for path in (course.place / "autograded").iterdir()) == ["ana"]
    assert {path.name for path in course.folder.iterdir()} == {"course", "out", "subs"}


def test_names_hold_no_markup(course: Course) -> None:
    assert name("<script>alert(1)</script> O'Hara") == "scriptalert(1)/script O\u2019Hara"
    course.run()
    with closing(sqlite3.connect(course.place / "gradebook.db")) as book:
        found = book.execute("SELECT first_name, last_name FROM student WHERE id = 'ana'")
        assert found.fetchall() == [("bAna", "O\u2019Hara")]


# --- what is refused


@pytest.fixture
def refusing(tmp_path: Path) -> Callable[..., str]:
    (tmp_path / "subs").mkdir()

    def refuse(folder: str, practice: bool = False) -> str:
        wish = Gradebook(formgrader=tmp_path / folder)
        with pytest.raises(GradebookProblem) as told:
            wish.refuse_early(tmp_path / "subs", practice)
        return str(told.value)

    return refuse


def test_folders_that_hold_something_else_are_refused(
    refusing: Callable[..., str], tmp_path: Path
) -> None:
    assert "would be graded as one" in refusing("subs")
    assert "would be graded as one" in refusing("subs/course")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("")
    assert "holds something else" in refusing("full")
    (tmp_path / "full" / "nbgrader_config.py").write_text("c = get_config()\n")
    assert "holds something else" in refusing("full")


def test_practice_gives_no_marks_to_anybody(refusing: Callable[..., str]) -> None:
    assert "without --practice" in refusing("course", practice=True)


def test_without_nbgrader_the_command_that_installs_it_is_told(
    refusing: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER", "/nowhere/bin/python")
    said = refusing("course")
    assert "python3 -m venv" in said
    assert "-m pip install nbgrader==0.9.6" in said


def test_the_command_says_it_before_anything_is_judged(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ana.ipynb").write_bytes(notebooks.submission())
    words = [str(tmp_path), "--lab", str(toy), "--practice", "--manual", str(tmp_path)]
    assert command.main([*words, "--out", str(tmp_path / "out")]) == 1
    assert "without --practice" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_damaged_files_are_explained(course: Course) -> None:
    marks = Marks(course.out)
    with pytest.raises(GradebookProblem, match="is no course folder for toy"):
        take_in(course.folder, "toy", marks)
    course.run()
    course.enter("ana", "story", manual_score="much")
    with pytest.raises(GradebookProblem, match="is no number"):
        take_in(course.place, "toy", marks)
    (course.place / "gradebook.db").write_bytes(b"no database" * 1000)
    with pytest.raises(GradebookProblem, match="cannot be read as a gradebook"):
        take_in(course.place, "toy", marks)
    (course.place / "gradebook.db").unlink()
    with pytest.raises(GradebookProblem, match="There is no gradebook"):
        take_in(course.place, "toy", marks)
    manifest(course.place, "toy").write_text("[]")
    with pytest.raises(GradebookProblem, match="cannot be read"):
        take_in(course.place, "toy", marks)


def test_marks_that_cannot_be_read_stop_the_run(course: Course) -> None:
    course.run()
    course.enter("ana", "story", manual_score=1)
    course.run()
    (kept,) = Marks(course.out).folder.glob("ana-*")
    kept.write_text(kept.read_text()[:50])
    with pytest.raises(GradebookProblem, match="Delete it, and take the marks in again"):
        course.run(formgrader=False)


def test_the_moment_is_nbgraders() -> None:
    when = datetime(2026, 11, 23, 12, tzinfo=UTC).isoformat()
    assert gradebook_course._when({"submitted": when}) == "2026-11-23 12:00:00 UTC"
    assert gradebook_course._when({"submitted": ""}) == ""
