"""Each statement of a lab's solution is left out: some requirement has to fail, or a reason stands.

COURSE_MUTATIONS=all also alters each statement, which takes as long again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from helpers.teach import labs
from tests.labs import answers, mutation

ALL = [
    (key, mutant)
    for key in answers.KEYS
    for mutant in mutation.mutants(answers.solutions(labs.load(key)))
]
WHOLE = os.environ.get("COURSE_MUTATIONS") == "all"


@pytest.mark.parametrize(
    ("key", "mutant"), ALL, ids=[f"{key} {mutant.name}" for key, mutant in ALL]
)
def test_a_mutant_is_noticed_or_listed(
    key: str, mutant: mutation.Mutant, local_aws: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    if not WHOLE and not mutant.name.endswith("left out"):
        pytest.skip("altered statements of labs' solutions; to run them: COURSE_MUTATIONS=all")
    monkeypatch.chdir(tmp_path)
    lab = labs.load(key)
    alive = mutation.survives(mutant, lab, local_aws)
    assert alive == (mutant.name in mutation.listed(lab)), (
        f"no check notices: {mutant.line}" if alive else f"it is noticed now: {mutant.line}"
    )


@pytest.mark.parametrize("key", answers.KEYS)
def test_each_listed_survivor_exists_and_has_a_reason(key: str) -> None:
    there = {mutant.name for lab, mutant in ALL if lab == key}
    for name, reason in mutation.listed(labs.load(key)).items():
        assert name in there, f"{name} is no mutant any more"
        assert len(reason) > 20, name
