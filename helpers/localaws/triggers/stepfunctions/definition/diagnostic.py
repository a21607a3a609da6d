"""One finding about a definition.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "SCHEMA_VALIDATION_FAILED"


@dataclass(frozen=True)
class Diagnostic:
    """``location`` is a path like ``/States/Pay/Next``; None: the definition as a whole."""

    code: str
    message: str
    location: str | None = None

    def as_answer(self) -> dict[str, str]:
        """As ValidateStateMachineDefinition answers it."""
        answer = {"severity": "ERROR", "code": self.code, "message": self.message}
        return answer | ({"location": self.location} if self.location else {})

    def as_text(self) -> str:
        """As CreateStateMachine puts it into its error."""
        return f"{self.code}: {self.message} at {self.location or 'null'}"
