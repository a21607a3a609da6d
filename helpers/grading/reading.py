"""Reads a submitted notebook: whatever is in the file, cells come out, and reasons for the rest.

The learner's copy of the lab says which cells there should be. What was not the learner's to change
(locked cells) is taken from there; what is missing is named; what was added is run where it stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

#: A notebook of 50 MB is read (most of it are outputs); one much larger is not.
MOST_BYTES = 64 * 2**20
MOST_CELLS = 1000
MOST_SOURCE = 256 * 2**10  # characters of one cell


@dataclass(frozen=True)
class Cell:
    """One cell: its place in the submitted notebook (from 1), its kind and text.

    `name` is nbgrader's grade_id, "" where the cell has none. `origin` is "submitted", "restored"
    (a locked cell, taken from the learner's copy) or "added" (not in the learner's copy).
    `is_ours` says that a cell of the learner's copy has this very text.
    """

    number: int
    kind: str
    source: str
    name: str = ""
    origin: str = "submitted"
    attempted: bool = True
    is_ours: bool = False


@dataclass
class Notebook:
    """What a file held. `reasons` say what could not be used, `flags` what looks like tampering."""

    cells: list[Cell] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    def answer(self, name: str) -> str | None:
        """The text of the cell called `name`, as it was submitted."""
        return next((cell.source for cell in self.cells if cell.name == name), None)


@dataclass(frozen=True)
class _Raw:
    kind: str
    source: str
    identity: str
    grader: dict[str, Any]
    looks: bool  # a cell that only looks, and that nothing after it needs

    @property
    def name(self) -> str:
        name = self.grader.get("grade_id")
        return name if isinstance(name, str) else ""

    @property
    def is_locked(self) -> bool:
        return bool(self.name) and not self.grader.get("solution")


def read(content: bytes, reference: bytes) -> Notebook:
    """The cells that are to be run, in their order. Never raises for what `content` holds."""
    notebook = Notebook()
    wanted, _ = _cells(json.loads(reference), Notebook())
    document = _document(content, notebook)
    submitted, found = _cells(document, notebook) if document is not None else ([], 0)
    if document is not None and not found:
        notebook.reasons.append("The notebook holds no cells.")
    _note_kernel(document, notebook)
    _match(submitted, wanted, notebook)
    ours = {cell.source for cell in wanted if cell.kind == "code"}
    notebook.cells = [replace(cell, is_ours=cell.source in ours) for cell in notebook.cells]
    return notebook


def _document(content: bytes, notebook: Notebook) -> dict[str, Any] | None:
    if not content.strip():
        notebook.reasons.append("The file is empty.")
        return None
    if len(content) > MOST_BYTES:
        size = f"{len(content) / 2**20:.0f} MB"
        most = f"{MOST_BYTES >> 20} MB"
        notebook.reasons.append(f"The file has {size}; files of more than {most} are not read.")
        return None
    text, encoding = _text(content)
    if encoding != "utf-8":
        notebook.reasons.append(f"The file is written in {encoding} instead of UTF-8; it was read.")
    try:
        document = json.loads(text)
    except RecursionError:
        notebook.reasons.append("The file is nested too deeply to be a notebook.")
        return None
    except ValueError as error:
        notebook.reasons.append(f"The file is no notebook: its JSON is broken ({error}).")
        return None
    if not isinstance(document, dict):
        notebook.reasons.append("The file is no notebook: it holds JSON of another kind.")
        return None
    return document


def _text(content: bytes) -> tuple[str, str]:
    """The text and the encoding that gave it."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "another encoding"


def _cells(document: dict[str, Any], notebook: Notebook) -> tuple[list[_Raw], int]:
    """The document's usable cells, and how many it has in all. Old forms of notebooks are read."""
    found = document.get("cells")
    if found is None and isinstance(document.get("worksheets"), list):  # nbformat 3
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        lists = [sheet.get("cells") for sheet in sheets]
        found = [cell for one in lists if isinstance(one, list) for cell in one]
    if not isinstance(found, list):
        notebook.reasons.append("The notebook has no list of cells.")
        return [], 0
    if len(found) > MOST_CELLS:
        notebook.reasons.append(f"Only the first {MOST_CELLS} of {len(found)} cells were read.")
    usable = []
    for number, cell in enumerate(found[:MOST_CELLS], 1):
        raw = _raw(cell)
        if raw is None:
            notebook.reasons.append(f"Cell {number} is broken and was left out.")
        elif len(raw.source) > MOST_SOURCE:
            size = f"{len(raw.source) >> 10} kB"
            notebook.reasons.append(f"Cell {number} holds {size} of text and was left out.")
        else:
            usable.append(raw)
    return usable, len(found)


def _raw(cell: Any) -> _Raw | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    kind = cell.get("cell_type")
    if not isinstance(source, str) or not isinstance(kind, str):
        return None
    found = cell.get("metadata")
    metadata = found if isinstance(found, dict) else {}
    grader, tags = metadata.get("nbgrader"), metadata.get("tags")
    identity = cell.get("id")
    return _Raw(
        kind,
        source,
        identity if isinstance(identity, str) else "",
        grader if isinstance(grader, dict) else {},
        isinstance(tags, list) and "look" in tags,
    )


def _note_kernel(document: dict[str, Any] | None, notebook: Notebook) -> None:
    metadata = (document or {}).get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kernel, language = metadata.get("kernelspec"), metadata.get("language_info")
    named = (kernel.get("language") if isinstance(kernel, dict) else None) or (
        language.get("name") if isinstance(language, dict) else None
    )
    if isinstance(named, str) and named.lower() != "python":
        notebook.reasons.append(f"The notebook's kernel is {named[:30]!r}; it was run as Python.")


def _match(submitted: list[_Raw], wanted: list[_Raw], notebook: Notebook) -> None:
    """Lay what was submitted beside the learner's copy; fill `notebook.cells`."""
    by_name = {cell.name: cell for cell in wanted if cell.name}
    by_identity = {cell.identity: cell for cell in wanted if cell.identity}
    seen: set[str] = set()
    for number, raw in enumerate(submitted, 1):
        model = by_name.get(raw.name)
        if model is None and not raw.name:
            model = by_identity.get(raw.identity)  # an editor that drops nbgrader's metadata
        if model is not None and model.looks and not _differs(raw.source, model.source):
            continue
        if model is None or not model.name:
            origin = "added" if model is None and by_name else "submitted"
            notebook.cells.append(Cell(number, raw.kind, raw.source, "", origin))
            continue
        again = model.name in seen
        seen.add(model.name)
        if model.is_locked and model.kind == "code":
            if again:
                notebook.flags.append(f"Locked cell “{model.name}” is there more than once.")
                continue
            if _differs(raw.source, model.source):
                told = f"Locked cell “{model.name}” was changed; the original was run."
                notebook.flags.append(told)
            notebook.cells.append(Cell(number, "code", model.source, model.name, "restored"))
            continue
        if again:
            told = f"Cell “{model.name}” is there more than once; each was run, in order."
            notebook.reasons.append(told)
        if raw.kind != model.kind:
            notebook.reasons.append(
                f"Cell “{model.name}” was a {model.kind} cell and is now a {raw.kind[:20]} cell."
            )
        attempted = _differs(raw.source, model.source)
        notebook.cells.append(Cell(number, raw.kind, raw.source, model.name, attempted=attempted))
    if submitted:
        _restore(wanted, seen, notebook)


def _restore(wanted: list[_Raw], seen: set[str], notebook: Notebook) -> None:
    """Put back locked cells that are missing, behind the cell that stood before them."""
    before = ""
    for model in wanted:
        if not model.name:
            continue
        if model.name not in seen:
            kind = "Locked cell" if model.is_locked else "Cell"
            notebook.reasons.append(f"{kind} “{model.name}” is missing.")
            if model.is_locked and model.kind == "code":
                places = [n for n, cell in enumerate(notebook.cells, 1) if cell.name == before]
                place = places[-1] if places else len(notebook.cells) if before else 0
                number = notebook.cells[place - 1].number if place else 1
                notebook.cells.insert(
                    place, Cell(number, "code", model.source, model.name, "restored")
                )
        before = model.name


def _differs(one: str, other: str) -> bool:
    return one.split() != other.split()
