"""Step Functions' state machines."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)


def _machine(arn: str) -> str:
    """The state machine's own ARN, from that of a version, an alias or an execution."""
    parts = arn.replace(":execution:", ":stateMachine:").replace(":express:", ":stateMachine:")
    return ":".join(parts.split(":")[:7])


def _machines(_: Place, parameters: Parameters) -> Iterator[str]:
    names = "stateMachineArn", "executionArn", "stateMachineVersionArn", "stateMachineAliasArn"
    for arn in values(parameters, *names, "resourceArn"):
        yield _machine(arn)
    for route in parameters.get("routingConfiguration", []):  # of a new alias
        yield _machine(route["stateMachineVersionArn"])


def _arn(place: Place, sent: Parameters, _: Parameters) -> str:
    return f"arn:aws:states:{place.region}:{place.number}:stateMachine:{sent['name']}"


def _look(place: Place, arn: str) -> Look | None:
    states = place.client("stepfunctions")

    def find() -> Tags:
        states.describe_state_machine(stateMachineArn=arn)
        tags = states.list_tags_for_resource(resourceArn=arn).get("tags", [])
        return pairs(tags, "key", "value")

    return looked(find)


def _delete(place: Place, arn: str) -> None:
    """With its executions stopped: AWS waits for those, a week where one of them waits a week.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
    """
    states = place.client("stepfunctions")
    machine = states.describe_state_machine(stateMachineArn=arn)
    if machine["type"] == "STANDARD":  # those of the other type end within five minutes
        running = {"stateMachineArn": arn, "statusFilter": "RUNNING"}
        for one in pages(states, "list_executions", "executions", **running):
            states.stop_execution(executionArn=one["executionArn"])
    if machine["status"] != "DELETING":
        states.delete_state_machine(stateMachineArn=arn)


MACHINE = Kind(
    name="state machine",
    service="stepfunctions",
    made_by={"CreateStateMachine": _arn},
    named=_machines,
    look=_look,
    delete=_delete,
    listing=lambda place: (
        one["stateMachineArn"]
        for one in pages(place.client("stepfunctions"), "list_state_machines", "stateMachines")
    ),
    by_hand="aws stepfunctions delete-state-machine --state-machine-arn {id}",
    tag_in="tags",
    tag_keys=("key", "value"),
    upserts=True,  # CreateStateMachine succeeds where one with this definition is there
)
