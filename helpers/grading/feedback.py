"""What a student reads: each requirement, what was seen, what to do; and what could not be run."""

from __future__ import annotations

from typing import Any

from helpers.grading.pages import heading, notes, page, paragraph, table

STATES = {
    "ran": "ran",
    "failed": "ended with an error",
    "too long": "took too long",
    "ended": "ended the notebook's process",
    "not run": "was not reached",
}


def feedback(result: dict[str, Any], title: str) -> str:
    """One student's page. Of hidden cases it has their advice, and nothing that was tried."""
    late = result["late"]
    score = f"{result['points']:g} of {result['of']:g} points"
    if late["percent"]:
        score += f", {late['percent']:g} % off for {late['by']} late: {result['score']:g} points"
    practice = ["Practice: this run had no walls around it and counts for nothing."]
    fault = [
        "The judge could not finish here. This is no word about your work: it will be judged again."
    ]
    return page(
        f"{result['lab']} · {title}",
        paragraph(f"For {result['student']}: {score}."),
        notes(practice if result.get("practice") else []),
        notes(fault if result["fault"] else []),
        heading("What the ticket asks for"),
        table(("Requirement", "Points", "What was seen, and what to do"), _requirements(result)),
        paragraph(
            "Some cases that were tried are not shown; the advice holds for them too. Requirements "
            "that could not be looked at earn nothing yet."
        ),
        heading("What you wrote") if result.get("manual_marks") else "",
        table(("Part", "Points", "What was said"), _manual(result))
        if result.get("manual_marks")
        else "",
        heading("What could not be used") if result["reasons"] or result["notes"] else "",
        notes([*result["reasons"], *result["notes"], *result["flags"]]),
        heading("Your cells"),
        table(("Cell", "What happened"), _cells(result)),
    )


def _requirements(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for one in result["requirements"]:
        sign = "✓" if one["met"] else "✗" if one.get("slip") else "○"
        points = f"{one['points'] if one['met'] else 0} of {one['points']}"
        said = " ".join(part for part in (one.get("seen"), one.get("advice")) if part)
        rows.append((f"{sign} {one['name']}", points, said or ("" if one["met"] else "not judged")))
    return rows


def _manual(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The parts that a person marks, and what was said about the code."""
    said = [(one["name"], "", one["comment"]) for one in result["code_comments"]]
    return [
        (
            part["name"],
            f"{'–' if part['points'] is None else format(part['points'], 'g')} of {part['of']:g}",
            part["comment"] or ("" if part["state"] == "marked" else part["state"]),
        )
        for part in result["manual_marks"]
    ] + said


def _cells(result: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for cell in result["cells"]:
        name = f"{cell['number']} ({cell['name']})" if cell["name"] else str(cell["number"])
        said = STATES.get(cell["state"], "")
        if cell.get("untouched"):
            said += ", is as it was given"
        if cell["origin"] == "restored":
            said += " (the original)"
        for part in (cell.get("error"), cell.get("where"), *cell.get("notes", ())):
            said += f"; {part}" if part else ""
        rows.append((name, said))
    return rows
