"""ValidateStateMachineDefinition.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.definition.check import diagnose
from helpers.localaws.triggers.stepfunctions.operations.finding import DEFAULT_PAGE


@operation
def validate_state_machine_definition(asked: Asked) -> dict[str, Any]:
    """All that is wrong, instead of an error."""
    found = diagnose(asked["definition"], asked.get("type", "STANDARD"))
    most = asked.get("maxResults") or DEFAULT_PAGE
    return {
        "result": "FAIL" if found else "OK",
        "diagnostics": [one.as_answer() for one in found[:most]],
        "truncated": len(found) > most,
    }
