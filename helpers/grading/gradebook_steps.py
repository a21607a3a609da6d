"""What `--formgrader FOLDER` and `--manual FOLDER` add to a run of the judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.grading.gradebook import GradebookProblem, Marks, awaiting, settle
from helpers.grading.gradebook_course import may_write, nbgraders_python, write_course
from helpers.grading.gradebook_read import manifest, take_in
from helpers.grading.roster import Roster
from helpers.grading.submissions import Submission
from helpers.teach.labs import Lab


@dataclass(frozen=True)
class Gradebook:
    """Formgrader's folder, to write and read, and one whose marks are only read."""

    formgrader: Path | None = None
    manual: Path | None = None

    def refuse_early(self, submissions: Path, practice: bool) -> None:
        """Say before anything is judged what would fail after it. Raises GradebookProblem."""
        if practice and (self.formgrader or self.manual):
            raise GradebookProblem("Practice gives no marks: --formgrader and --manual need a run "
                                   "without --practice.")  # fmt: skip
        if self.formgrader:
            may_write(self.formgrader, submissions)
            nbgraders_python()

    def meet(
        self,
        out: Path,
        lab: Lab,
        results: Sequence[dict[str, Any]],
        submissions: Sequence[Submission],
        roster: Roster,
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """The results with both marks (see gradebook.settle), and what the instructor should know.

        Marks in Formgrader's folder are taken in before anything is written there.
        """
        marks, notes = Marks(out), []
        if self.manual:
            notes += _taken(self.manual, lab, marks)
        if self.formgrader:
            if manifest(self.formgrader, lab.key).exists() and self.formgrader != self.manual:
                notes += _taken(self.formgrader, lab, marks)
            notes += write_course(self.formgrader, lab, results, submissions, roster, marks)
            notes.append(f"Formgrader's folder: {self.formgrader}")
        settled = settle(out, results, lab)
        if waiting := awaiting(settled):
            notes.append(f"{waiting} answers wait for a mark, and count nothing until then.")
        return settled, notes


def _taken(course: Path, lab: Lab, marks: Marks) -> list[str]:
    taken = take_in(course, lab.key, marks)
    return [f"{taken.marks} marks and {taken.comments} comments taken from {course}.", *taken.notes]
