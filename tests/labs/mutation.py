"""Leave out or alter one statement of a lab's solution at a time; some check has to notice.

    .venv/bin/python tests/labs/mutation.py labs/L06*

runs every mutant and prints those that no check notices. Each of them has to stand in the lab's
survivors.json with the reason why it may: {"install 3 left out": "the reason", …}.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from helpers.teach.checking import Context, Outcome
from helpers.teach.checking import run as run_check
from helpers.teach.labs import Lab, hidden_cases
from tests.labs import answers, running


@dataclass(frozen=True)
class Mutant:
    """The solution with one statement changed. `name` is "cell line what", `line` its text."""

    name: str
    line: str
    cells: dict[str, str]


def mutants(solutions: dict[str, str]) -> Iterator[Mutant]:
    """Each statement left out, and each altered in one place, in the order of the cells."""
    for cell, source in solutions.items():
        head, code = "", source
        if source.startswith(running.WRITEFILE):
            head, _, code = source.partition("\n")
            head += "\n"
        count = sum(1 for _ in _statements(ast.parse(code)))
        for number in range(count):
            for what, change in (("left out", _leave_out), ("altered", _alter)):
                tree = ast.parse(code)
                body, place = list(_statements(tree))[number]
                statement = body[place]
                line = f"{cell} {statement.lineno + bool(head)}"
                text = ast.unparse(statement).split("\n")[0]
                if not change(body, place):
                    continue
                yield Mutant(f"{line} {what}", text, {**solutions, cell: head + ast.unparse(tree)})


def _statements(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    """Each statement but imports, definitions and texts: (the list it stands in, its place)."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                for place, statement in enumerate(body):
                    if not isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef):
                        yield body, place


def _leave_out(body: list[ast.stmt], place: int) -> bool:
    body[place] = ast.copy_location(ast.Pass(), body[place])
    return True


def _alter(body: list[ast.stmt], place: int) -> bool:
    """Change one thing in the statement itself; False where there is nothing to change."""
    statement = body[place]
    own: list[ast.AST] = [statement]
    if isinstance(statement, ast.Try):  # its parts have their turn
        own = [handler.type for handler in statement.handlers if handler.type]
        if not own:
            return False
        statement.handlers[0].type = ast.Name("ValueError", ast.Load())
        return True
    if isinstance(statement, ast.If | ast.While):
        statement.test = ast.UnaryOp(ast.Not(), statement.test)
        return True
    if isinstance(statement, ast.For):
        statement.iter = ast.Subscript(
            statement.iter, ast.Slice(upper=ast.Constant(-1)), ast.Load()
        )
        return True
    for node in ast.walk(own[0]):
        if isinstance(node, ast.Call) and node.keywords and _is_last_keyword_needed(node):
            node.keywords.pop()
            return True
        if isinstance(node, ast.Dict) and node.keys:
            node.keys.pop()
            node.values.pop()
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
            node.value = node.value * 10 if not isinstance(node.value, str) else node.value + "x"
            return True
    if isinstance(statement, ast.Return) and statement.value is not None:
        statement.value = None
        return True
    return False


def _is_last_keyword_needed(call: ast.Call) -> bool:
    """Whether the call has something besides the name of what it is about."""
    return len(call.keywords) > 1


def survives(mutant: Mutant, lab: Lab, cloud: object) -> bool:
    """Whether every requirement holds with this mutant; it is run in the current folder."""
    cloud.reset()  # type: ignore[attr-defined]
    running.run(running.filled(lab, mutant.cells), answers.STUDENT)
    context = Context(cloud, Path("work"), hidden_cases(lab), answers.STUDENT)  # type: ignore[arg-type]
    return run_check(lab.check, context).outcome is Outcome.RIGHT


def listed(lab: Lab) -> dict[str, str]:
    """The survivors that the lab lists, each with its reason."""
    path = lab.folder / "survivors.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def main(folders: list[str]) -> int:
    from helpers import cloud
    from helpers.teach import labs

    aws = cloud.open()
    for folder in folders:
        lab = labs.load(Path(folder).name.split("-")[0])
        known = listed(lab)
        os.chdir(tempfile.mkdtemp(prefix="course-mutation-"))
        for mutant in mutants(answers.solutions(lab)):
            alive = survives(mutant, lab, aws)
            note = " (listed)" if mutant.name in known else " (not listed)"
            print(f"{mutant.name}: {'SURVIVES' + note if alive else 'noticed'}: {mutant.line}")
    aws.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
