"""What an instructor reads: the class at a glance, what failed how often, what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from helpers.grading.gradebook import awaiting
from helpers.grading.lateness import LateTable
from helpers.grading.pages import heading, notes, page, paragraph, table


def requirement_rows(results: Sequence[dict[str, Any]]) -> list[tuple[str, int, int, str]]:
    """For each requirement: its name, how many hold it, how many do not, the commonest slip."""
    names = list(dict.fromkeys(one["name"] for r in results for one in r["requirements"]))
    rows = []
    for name in names:
        found = [one for r in results for one in r["requirements"] if one["name"] == name]
        slips = Counter(one["slip"] for one in found if one.get("slip"))
        common = ", ".join(f"{slip} ({count})" for slip, count in slips.most_common(3))
        met = sum(bool(one["met"]) for one in found)
        rows.append((name, met, len(found) - met, common))
    return rows


def times(results: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The median and the longest time of a submission, in seconds."""
    taken = [one["seconds"]["all"] for one in results if one["seconds"]]
    return {"median": round(median(taken), 2), "longest": max(taken)} if taken else {}


def summary_data(results: Sequence[dict[str, Any]], late: LateTable) -> dict[str, Any]:
    """The summary for programs."""
    return {
        "submissions": len(results),
        "requirements": [
            {"name": name, "met": met, "not_met": missed, "slips": slips}
            for name, met, missed, slips in requirement_rows(results)
        ],
        "flags": {one["student"]: one["flags"] for one in results if one["flags"]},
        "alike": {one["student"]: one["alike"] for one in results if one.get("alike")},
        "faults": {one["student"]: one["fault"] for one in results if one["fault"]},
        "times": times(results),
        "late": late.words() if late.due else [],
    }


def summary_page(results: Sequence[dict[str, Any]], title: str, late: LateTable) -> str:
    """The summary for people."""
    faults = [one["student"] for one in results if one["fault"]]
    taken = times(results)
    return page(
        f"{title}: {len(results)} submissions",
        notes([f"Not judged, run the same command again: {', '.join(faults)}."] if faults else []),
        heading("Requirements"),
        table(("Requirement", "hold", "do not", "slips"), requirement_rows(results)),
        heading("To look at"),
        table(("Student", "What"), _flags(results))
        if any(_flags(results))
        else paragraph("Nothing looks like tampering."),
        heading("Students"),
        table(
            ("Student", "Points", "Of", "Late", "Off %", "Score", "Seconds", "Remarks"),
            [_student(one) for one in results],
        ),
        heading("Late submissions") if late.due else "",
        paragraph(f"Due {late.due.isoformat()}." if late.due else ""),
        table(("Lateness and what it costs",), [(line,) for line in late.words()])
        if late.due
        else "",
        paragraph(
            f"A submission took {taken['median']:g} s (median), the longest {taken['longest']:g} s."
            if taken
            else ""
        ),
    )


def _flags(results: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    rows = [(one["student"], flag) for one in results for flag in one["flags"]]
    for one in results:
        if others := one.get("alike"):
            rows.append((one["student"], f"looks like {', '.join(map(ascii, others))}"))
    return rows


def _student(one: dict[str, Any]) -> tuple[Any, ...]:
    late = one["late"]
    seconds = one["seconds"].get("all", "") if one["seconds"] else ""
    waiting = f"{count} answers wait for a mark." if (count := awaiting([one])) else ""
    said = [one["fault"] and "Not judged.", waiting, *one["reasons"], *one["notes"]]
    remarks = " ".join(word for word in said if word)
    return (
        one["student"], one["points"], one["of"], late["by"], late["percent"], one["score"],
        seconds, remarks[:300],
    )  # fmt: skip
