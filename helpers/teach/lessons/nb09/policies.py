"""A learner's policy, and what AWS's policy simulator says about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.checking import Context, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.words import short

AGAIN = "Then run the %%writefile cell and this one again."
#: What learners write where the number of their account belongs.
ACCOUNT = "ACCOUNT"
EVERYTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


@dataclass(frozen=True)
class Call:
    """One call that is allowed or not. `resource` has ACCOUNT and REGION for the two."""

    what: str  #: as the learner reads it
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass
class Desk:
    """The learner's file, read once, and the simulator beside it."""

    cloud: Cloud
    file: str
    text: str
    as_boundary: bool  #: the file is a boundary, and the identity's own policies allow everything

    @cached_property
    def iam(self) -> Any:
        return self.cloud.client("iam")

    @cached_property
    def document(self) -> dict[str, Any]:
        """The policy. Raises Slip where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError as error:
            raise Slip(
                "no JSON",
                f"{self.file} is no JSON: {error}.",
                "A comma too many or too few, or a quote that is missing? JSON has no comments, "
                f"and no comma behind the last entry. {AGAIN}",
            ) from None
        if not isinstance(found, dict) or "Statement" not in found:
            raise Slip(
                "no statement",
                f"{self.file} has no Statement.",
                "A policy is an object with Version and Statement, and Statement is a list. "
                + AGAIN,
            )
        return found

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements as a list, whether there are one or many."""
        found = self.document["Statement"]
        return [one for one in _list(found) if isinstance(one, dict)]

    def allows(self, call: Call) -> bool:
        """Whether AWS's simulator would let the call pass. Raises Slip for a malformed policy."""
        text = self._filled(json.dumps(self.document))
        asked: dict[str, Any] = {
            "PolicyInputList": [EVERYTHING if self.as_boundary else text],
            "ActionNames": [call.action],
            "ResourceArns": [self._filled(call.resource)],
            "ContextEntries": [
                {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for key, value in call.context.items()
            ],
        }
        if self.as_boundary:
            asked["PermissionsBoundaryPolicyInputList"] = [text]
        try:
            answer = self.iam.simulate_custom_policy(**asked)
        except ClientError as error:
            raise Slip(
                "refused",
                f"AWS does not take {self.file}: {short(error.response['Error']['Message'], 200)}",
                "Effect, Action and Resource are what each statement needs, in these letters; a "
                f"policy for a role has no Principal. {AGAIN}",
                final=True,
            ) from error
        return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")

    def _filled(self, text: str) -> str:
        return text.replace(ACCOUNT, self.cloud.account_id).replace("REGION", self.cloud.region)

    # -- what stands in it, to say what slipped ----------------------------------------------------

    def allowing(self) -> Iterator[dict[str, Any]]:
        """The statements that allow."""
        return (one for one in self.statements if one.get("Effect") == "Allow")

    def actions(self) -> list[str]:
        """Every action that is allowed, as it is written."""
        return [name for one in self.allowing() for name in texts(one, "Action")]

    def names(self, action: str) -> bool:
        """Whether some statement allows this action, on whatever."""
        return any(matches(name, action) for name in self.actions())

    def resources_for(self, action: str) -> list[str]:
        """The resources beside which an action is allowed."""
        return [
            arn
            for one in self.allowing()
            if any(matches(name, action) for name in texts(one, "Action"))
            for arn in texts(one, "Resource")
        ]

    def has(self, element: str) -> bool:
        """Whether a statement that allows has this element, NotAction for example."""
        return any(element in one for one in self.allowing())


def texts(statement: Mapping[str, Any], element: str) -> list[str]:
    """An element of a statement as a list of texts."""
    return [one for one in _list(statement.get(element, [])) if isinstance(one, str)]


def matches(pattern: str, action: str) -> bool:
    """As IAM compares actions: with * and ?, in any case."""
    return fnmatchcase(action.lower(), pattern.lower())


def read(context: Context, file: str, starter: Path, as_boundary: bool) -> Desk:
    """The desk with the learner's file; raises NotAttempted, and Slip where it is no policy."""
    path = attempted(context.folder, file, starter.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8", errors="replace")
    desk = Desk(context.cloud, file, text, as_boundary)
    if any("..." in texts(one, name) for one in desk.statements for name in ("Action", "Resource")):
        raise Slip(
            "dots",
            f'there is still a "..." in {file}.',
            f"Put your own action or ARN in its place, or take the statement out. {AGAIN}",
        )
    return desk


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
