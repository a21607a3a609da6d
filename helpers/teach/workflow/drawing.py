"""A state machine as a picture (Mermaid, which JupyterLab draws offline) and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from helpers.teach.workflow import words

States = dict[str, dict[str, Any]]
Path = Sequence[tuple[str, str]]  # ("5a", "Publish"): a step and the name of its state


def links(state: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Where a state may lead: (name of the next state, when, whether it is after an error)."""
    for rule in state.get("Choices", []):
        yield rule["Next"], words.condition(rule), False
    if "Default" in state:
        yield state["Default"], "otherwise", False
    if "Next" in state:
        yield state["Next"], "", False
    for catcher in state.get("Catch", []):
        yield catcher["Next"], words.errors(catcher), True


def parts(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The state machines inside a state: the branches of a Parallel, the processor of a Map."""
    inside = list(state.get("Branches", []))
    processor = state.get("ItemProcessor") or state.get("Iterator")
    return [*inside, processor] if processor else inside


def as_text(definition: dict[str, Any], path: Path = ()) -> str:
    """The state machine in lines, each state with where it leads; then the path, if one is given.

    `path` has the states that an execution has come to: each one's step and its name.
    """
    lines = [f"A workflow that starts with {definition['StartAt']}:"]
    lines += _lines(definition["States"], "  ")
    if path:
        lines += ["The path that was taken: " + " → ".join(f"{step} {name}" for step, name in path)]
    return "\n".join(lines)


def _lines(states: States, indent: str) -> Iterator[str]:
    for name, state in states.items():
        yield f"{indent}{name} ({_what(state)}): {_ways(state)}"
        for retrier in state.get("Retry", []):
            yield f"{indent}    {words.retry(retrier)}"
        for branch in parts(state):
            yield f"{indent}    inside, from {branch['StartAt']}:"
            yield from _lines(branch["States"], indent + "      ")


def _ways(state: dict[str, Any]) -> str:
    ways = [
        f"{'on ' if error else 'if ' if when not in ('', 'otherwise') else ''}"
        f"{when}{' ' if when else ''}→ {name}"
        for name, when, error in links(state)
    ]
    if _ends(state):
        ways.insert(0, "fails" if state["Type"] == "Fail" else "the end")
    return "; ".join(ways)


def _ends(state: dict[str, Any]) -> bool:
    return bool(state.get("End")) or state["Type"] in ("Succeed", "Fail")


def _what(state: dict[str, Any]) -> str:
    if state["Type"] == "Task":
        return f"Task: {words.doing(state)}"
    if state["Type"] == "Wait":
        return f"Wait: {words.wait(state)}"
    return str(state["Type"])


def as_mermaid(definition: dict[str, Any], path: Path = ()) -> str:
    """The same as a flowchart. A state on the path has its step in front and a thick border."""
    drawing = _Drawing({name: step for step, name in reversed(path)})
    drawing.lines += [
        "accTitle: A workflow, drawn",
        "accDescr {",
        # A closing brace would end the description.
        *as_text(definition, path).replace("{", "(").replace("}", ")").splitlines(),
        "}",
        'begin(("start"))',
        f"begin --> {drawing.node(definition['StartAt'])}",
    ]
    drawing.add(definition["States"])
    drawing.lines.append("classDef taken stroke-width:4px")
    return "\n".join(["flowchart TD", *("    " + line for line in drawing.lines)])


class _Drawing:
    def __init__(self, steps: dict[str, str]) -> None:
        self.lines: list[str] = []
        self._steps = steps  #: the step at which the path first came to a state
        self._nodes: dict[str, str] = {}

    def node(self, name: str) -> str:
        """Mermaid's own name for a state."""
        return self._nodes.setdefault(name, f"s{len(self._nodes)}")

    def add(self, states: States) -> None:
        for name, state in states.items():
            self._add(name, state)
        for name, state in states.items():
            for following, when, error in links(state):
                self._arrow(name, following, when, error)
            if _ends(state):
                self.lines.append(f"{self.node(name)} --> {self.node(name)}end(((end)))")

    def _add(self, name: str, state: dict[str, Any]) -> None:
        node, label = self.node(name), self._label(name, state)
        inside = parts(state)
        if inside:
            # On one line: a longer title would lie behind what is inside.
            self.lines.append(f'subgraph {node}["{label.replace("<br>", " ")}"]')
            for branch in inside:
                self.add(branch["States"])
            self.lines.append("end")
        elif state["Type"] == "Choice":
            self.lines.append(f'{node}{{"{label}"}}')
        else:
            self.lines.append(f'{node}["{label}"]')
        if name in self._steps:
            self.lines.append(f"class {node} taken")

    def _label(self, name: str, state: dict[str, Any]) -> str:
        step = f"{self._steps[name]} · " if name in self._steps else ""
        lines = [f"{step}{name}", _what(state)]
        for retrier in state.get("Retry", []):  # broken, so that the box does not grow wide
            said = words.retry(retrier).replace(" tries again", "<br>tries again")
            lines.append(said.replace(", after", "<br>after"))
        first, *others = lines
        return "<br>".join([f"<b>{_safe(first)}</b>", *(_safe(line) for line in others)])

    def _arrow(self, name: str, following: str, when: str, error: bool) -> None:
        label = _safe(f"on {when}" if error else when)
        arrow = "-.->" if error else "-->"
        said = f'|"{label}"|' if label else ""
        self.lines.append(f"{self.node(name)} {arrow}{said} {self.node(following)}")


def _safe(text: str) -> str:
    """Text inside a quoted label."""
    kept = text.replace('"', "#quot;").replace("<br>", "\n").replace("<", "#lt;")
    return kept.replace("\n", "<br>")
