"""AWS Step Functions.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html
https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Spec, named, pass_role
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values

#: Parts of a state machine's ARN; one more is a version or an alias.
_UNQUALIFIED = 7


def _given(asked: Asked) -> str | None:
    arn = asked.first("stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn")
    if arn is None:
        routes = asked.get("routingConfiguration") or [{}]
        arn = routes[0].get("stateMachineVersionArn")
    return arn


def machine_arn(asked: Asked) -> list[str]:
    """The state machine itself; a version or alias is told by a condition key."""
    arn = _given(asked)
    if arn:
        return [":".join(arn.split(":")[:_UNQUALIFIED])]
    name = asked.first("name")
    return [asked.arn(f"stateMachine:{name}")] if name else []


def _keys(asked: Asked) -> Mapping[str, Values]:
    parts = (_given(asked) or "").split(":")
    return {"states:StateMachineQualifier": parts[_UNQUALIFIED:] or None}


def _activity(asked: Asked) -> list[str]:
    name = asked.first("name")
    made = [asked.arn(f"activity:{name}")] if name and "Activity" in asked.operation else []
    return [arn] if (arn := asked.first("activityArn")) else made


_role = pass_role("states", "roleArn", associated=machine_arn)


def _create(asked: Asked) -> Iterable[Needed]:
    yield from _role(asked)
    if asked.get("tags"):
        yield Needed("states:TagResource", machine_arn(asked)[0], tag_keys(asked))


SPEC = Spec(
    "states",
    types={
        "statemachine": machine_arn,
        "activity": _activity,
        "execution": named("{}", "executionArn"),
        "maprun": named("{}", "mapRunArn"),
    },
    also={
        "CreateStateMachine": _create,
        "UpdateStateMachine": _role,
        "TestState": pass_role("states", "roleArn"),
    },
    keys=_keys,
    arn_parameters=("resourceArn",),
)
