"""What each notebook makes and costs, for the lines that opening an account shows.

    .venv/bin/python -m tests.account.plans        writes helpers/cloud/account/notebooks.json

From the calls that were recorded for the class's policies (tests/class_policy/calls.json), and from
the bill that each notebook shows at its end.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.notebooks import stored

ROOT = Path(__file__).resolve().parents[2]
PLANS = ROOT / "helpers" / "cloud" / "account" / "notebooks.json"
#: The permission of a creating call, and the kind that it makes.
_MAKES = {
    "lambda:CreateFunction": "function",
    "lambda:CreateEventSourceMapping": "event source mapping",
    "lambda:PublishLayerVersion": "layer version",
    "iam:CreateRole": "role",
    "iam:CreatePolicy": "policy",
    "sqs:CreateQueue": "queue",
    "sns:CreateTopic": "topic",
    "events:CreateEventBus": "event bus",
    "events:PutRule": "rule",
    "scheduler:CreateSchedule": "schedule",
    "states:CreateStateMachine": "state machine",
    "dynamodb:CreateTable": "table",
    "s3:CreateBucket": "bucket",
    "ssm:PutParameter": "parameter",
    "secretsmanager:CreateSecret": "secret",
    "kms:CreateKey": "key",
    "cloudtrail:CreateTrail": "trail",
    "cloudwatch:PutMetricAlarm": "alarm",
    "kinesis:CreateStream": "stream",
}


def plans() -> dict[str, Any]:
    """``{"05": {"makes": {"function": 6, "API": 0, …}, "usd": "0.0001", "priced": "2026-11-23"}}``

    0: some, and nobody knows how many.
    """
    calls = json.loads((ROOT / "tests" / "class_policy" / "calls.json").read_text())
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        number = stored.number(path)
        made: dict[str, set[str]] = {}
        for need in calls.get(number, {}).get("needs", []):
            kind = _MAKES.get(need["action"])
            if kind:
                made.setdefault(kind, set()).add(need["resource"])
            elif need["action"] == "apigateway:POST" and re.search(
                "/(apis|restapis)$", need["resource"]
            ):
                made.setdefault("API", set()).add(need["resource"])
        # The permissions for these name no single one: their number is not known.
        uncounted = ("API", "event source mapping")
        makes = {k: 0 if k in uncounted else len(names) for k, names in made.items()}
        text = "".join(
            output.get("text", "")
            for cell in stored.code_cells(stored.read(path))
            for output in cell.outputs
        )
        total = re.search(r"^total\s+<?\$([\d.]+)", text, re.MULTILINE)
        priced = re.search(r"^Prices of \S+, read on (\S+)\.$", text, re.MULTILINE)
        found[number] = {
            "makes": dict(sorted(makes.items())),
            "usd": total[1] if total else None,
            "priced": priced[1] if priced else None,
        }
    return found


def main() -> None:
    PLANS.write_text(json.dumps(plans(), indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
