"""Results that can be read by people and compared by tests.

Each call shows an HTML table with a caption and scopes (for screen readers) and the same table as
aligned plain text. Nothing here measures or rounds: show what is the same on every run.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import helpers
from helpers import cloud
from helpers.teach import decision as deciding
from helpers.teach.errors import TeachError
from helpers.teach.output import emit
from helpers.teach.workflow import drawing
from helpers.teach.workflow import history as told

# A cell may be a link, written as in Markdown. In plain text only its title is shown.
_LINK = re.compile(r"\[(?P<title>[^\]]+)\]\((?P<to>https://[^\s)]+)\)")

Row = Mapping[str, Any] | Sequence[Any]


def line(label: str, value: object) -> None:
    """One result on one line: `same environment: True`."""
    print(f"{label}: {value}")


def table(
    rows: Iterable[Row] | Any, caption: str = "", columns: Sequence[str] | None = None
) -> None:
    """Rows as a table. The first column names the row.

    `rows` are dictionaries (the keys are the headings), or sequences beside `columns`; a pandas
    DataFrame will do too.
    """
    heads, cells = _grid(rows, columns)
    emit(_as_text(heads, cells, caption), _as_html(heads, cells, caption))


def counts(items: Iterable[Any], by: str | None = None, caption: str = "") -> None:
    """How often each value occurs. `by` is the field or attribute to count."""
    values = [_field(item, by) for item in items]
    rows = sorted(Counter(str(value) for value in values).items())
    table(rows, caption, columns=[by or "value", "count"])


def logs(lines: Iterable[str]) -> None:
    """Log lines as they are, one under the other, without blank ones."""
    kept = [text.rstrip() for text in lines if text.strip()]
    print("\n".join(kept) if kept else "(no log lines)")


def picture(content: bytes, says: str) -> None:
    """A JPEG or PNG picture in its own size. `says` tells what it shows to who does not see it."""
    kinds = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
    kind = next((kinds[start] for start in kinds if content.startswith(start)), None)
    if kind is None:
        raise TeachError("These bytes are no JPEG or PNG picture. Did the right object come back?")
    if not says.strip():
        raise TeachError('Say what it shows: show.picture(content, "a birthday cake").')
    data = base64.b64encode(content).decode()
    alt = html.escape(says, quote=True)
    emit(f"[picture: {says}]", f'<img src="data:{kind};base64,{data}" alt="{alt}">')


def workflow(definition: Mapping[str, Any] | str, execution: str = "") -> None:
    """Draw a state machine from its definition (a dictionary, or JSON text).

    With the ARN of an execution, the states that it came to carry their step's number and a thick
    border.
    """
    machine = json.loads(definition) if isinstance(definition, str) else dict(definition)
    if not {"StartAt", "States"} <= set(machine):
        raise TeachError("This is no state machine: it needs StartAt and States.")
    path = told.path(told.visits(_events(execution))) if execution else []
    emit(drawing.as_text(machine, path), mermaid=drawing.as_mermaid(machine, path))


def history(execution: str) -> None:
    """An execution step by step: each state it came to, what went in and what came out.

    `execution` is its ARN. What AWS makes up anew for each run (ids, times) is left out.
    """
    status = str(_states().describe_execution(executionArn=execution)["status"])
    table(told.rows(told.visits(_events(execution)), status), f"The execution: {status}")


def _states() -> Any:
    return cloud.current().client("stepfunctions")


def _events(execution: str) -> list[dict[str, Any]]:
    pages = _states().get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def decision(
    principal: Any, action: str, resource: str = "*", context: Mapping[str, Any] | None = None
) -> None:
    """How AWS decides, step by step, and what is missing where it is a denial.

    `principal` is a role's name, the ARN of a role or user (or the one that a denial names), or a
    service as `s3.amazonaws.com`. `context` are condition keys: {"aws:SourceIp": "203.0.113.7"}.
    """
    decided = deciding.decide(principal, action, resource, context)
    emit(deciding.as_text(decided), deciding.as_html(decided))


def findings(policy: Mapping[str, Any] | str) -> None:
    """What a linter finds in a policy: a dictionary, or its JSON. It knows nothing of its use."""
    from helpers.teach.findings import findings as lint

    rows = [
        {"statement": one.statement, "severity": one.severity, "finding": one.text}
        for one in lint(policy)
    ]
    caption = f"The linter's findings: {len(rows) or 'none'}"
    if rows:
        table(rows, caption)
    else:
        print(caption)


def where_possible(replies: Mapping[str, Any]) -> dict[str, Any]:
    """The replies of what this machine can run, and one line for each that it cannot.

    `replies` are payloads by name. A program that Lambda found and could not start (Node.js, a
    shell, curl) is missing here; on an account it is part of the runtime.
    """
    possible = {}
    for name, reply in replies.items():
        error = reply if isinstance(reply, Mapping) else {}
        reason = str(error.get("errorMessage", "")).partition(" Error: ")[2]
        absent = error.get("errorType") == "Runtime.InvalidEntrypoint"
        if absent or reason.endswith("exit status 127"):  # a shell's "command not found"
            print(f"{name}: left out, because this machine cannot run it ({reason})")
        else:
            possible[name] = reply
    return possible


def ledger(area: str | None = None) -> None:
    """Where the local AWS differs from AWS: the data file that the fidelity tests run."""
    file = Path(helpers.__file__).with_name("fidelity.json")
    entries = json.loads(file.read_text(encoding="utf-8"))
    areas = sorted({entry["area"] for entry in entries})
    if area is not None and area not in areas:
        raise TeachError(f'The ledger has no area "{area}". It has: {", ".join(areas)}.')
    rows = [
        {
            "area": entry["area"],
            "on AWS": entry["aws"],
            "here": entry["local"],
            "source": f"[{_page(entry['source'])}]({entry['source']})",
        }
        for entry in entries
        if area in (None, entry["area"])
    ]
    table(rows, f"Fidelity ledger: {len(rows)} differences between AWS and this local AWS")


def _page(address: str) -> str:
    """A page's own name, "functions-states" of https://…/functions-states.html."""
    return address.rstrip("/").rsplit("/", 1)[-1].split("#")[0].removesuffix(".html")


def _grid(rows: Iterable[Row], columns: Sequence[str] | None) -> tuple[list[str], list[list[str]]]:
    if hasattr(rows, "to_dict"):  # a DataFrame, without importing pandas for it
        rows = rows.to_dict(orient="records")
    listed = list(rows)
    if columns is None:
        if not all(isinstance(row, Mapping) for row in listed):
            raise TeachError("Rows without names need headings: show.table(rows, columns=[…]).")
        columns = list(dict.fromkeys(str(key) for row in listed for key in row))
    cells: list[list[str]] = []
    for row in listed:
        values = (
            [row.get(column, "") for column in columns] if isinstance(row, Mapping) else list(row)
        )
        cells.append([_cell(value) for value in values])
    return [str(column) for column in columns], cells


def _cell(value: object) -> str:
    return " ".join(str(value).split())


def _field(item: Any, by: str | None) -> Any:
    if by is None:
        return item
    return item.get(by) if isinstance(item, Mapping) else getattr(item, by, None)


def _as_text(heads: list[str], cells: list[list[str]], caption: str) -> str:
    cells = [[_LINK.sub(r"\g<title>", cell) for cell in row] for row in cells]
    widths = [max(len(row[i]) for row in [heads, *cells]) for i in range(len(heads))]
    ruled = [heads, ["-" * width for width in widths], *cells]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in ruled
    ]
    return "\n".join([caption, *lines] if caption else lines)


def _as_html(heads: list[str], cells: list[list[str]], caption: str) -> str:
    left = ' style="text-align: left"'
    parts = ["<table>"]
    if caption:
        parts.append(f"<caption{left}>{html.escape(caption)}</caption>")
    parts.append("<thead><tr>")
    parts += [f'<th scope="col"{left}>{html.escape(head)}</th>' for head in heads]
    parts.append("</tr></thead>\n<tbody>")
    for row in cells:
        first, *others = row
        parts.append(f'<tr><th scope="row"{left}>{html.escape(first)}</th>')
        parts += [f"<td{left}>{_linked(cell)}</td>" for cell in others]
        parts.append("</tr>")
    parts.append("</tbody></table>")
    return "\n".join(parts)


def _linked(cell: str) -> str:
    link = _LINK.fullmatch(cell)
    if link is None:
        return html.escape(cell)
    return f'<a href="{html.escape(link["to"])}">{html.escape(link["title"])}</a>'
