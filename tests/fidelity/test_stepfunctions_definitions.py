"""Definitions that AWS refuses, and what it says about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity.workflows import API, GUIDE, INVOKE, LANGUAGE, Workflows, chain, one, task

pytestmark = pytest.mark.aws_source(
    f"{API}API_ValidateStateMachineDefinition.html",
    LANGUAGE,
    # Diagnostics of real AWS, recorded by another project.
    "https://github.com/floci-io/floci/pull/2786",
)
SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture(scope="module")
def flows(aws: Any) -> Workflows:
    return Workflows(aws)


def pass_to(target: str) -> dict[str, Any]:
    return {"StartAt": "S", "States": {"S": {"Type": "Pass", "Next": target}}}


#: What is wrong → the definition, and each diagnostic's code, location and a part of its message.
WRONG: dict[str, tuple[Any, list[tuple[str, str | None, str]]]] = {
    "no start": (
        {"States": {"S": {"Type": "Succeed"}}},
        [(SCHEMA, "/", "These fields are required: [StartAt]")],
    ),
    "no states": (
        {"StartAt": "S", "States": {}},
        [(SCHEMA, "/States", "Value cannot be empty")],
    ),
    "unknown next": (
        chain(S={"Type": "Pass", "Next": "Nowhere"}, T={"Type": "Succeed"}),
        [
            (TARGET, "/States/S/Next", "Missing 'Next' target: Nowhere"),
            (TARGET, "/States/T", 'State "T" is not reachable.'),
        ],
    ),
    "unknown start": (
        {"StartAt": "X", "States": {"S": {"Type": "Succeed"}}},
        [
            (TARGET, "/StartAt", "Missing 'Next' target: X"),
            (TARGET, "/States/S", 'State "S" is not reachable.'),
        ],
    ),
    "unknown next of a catch": (
        task(FUNCTION, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "X"}]),
        [(TARGET, "/States/S/Catch[0]/Next", "Missing 'Next' target: X")],
    ),
    "unknown type": (
        one("Sleep"),
        [(SCHEMA, "/States/S/Type", "Value should be one of the following: [")],
    ),
    "no way on": (
        {"StartAt": "S", "States": {"S": {"Type": "Pass"}}},
        [
            (
                SCHEMA,
                "/States/S",
                "This object should have only one of the following fields: [Next, End]",
            )
        ],
    ),
    "no end": (
        pass_to("S"),
        [("MISSING_END_STATE", None, "Workflow has no terminal state")],
    ),
    "unknown field": (
        one("Pass", Seconds=1),
        [(SCHEMA, "/States/S", "Field 'Seconds' is not supported")],
    ),
    "no resource": (
        one("Task"),
        [(SCHEMA, "/States/S", "These fields are required: [Resource]")],
    ),
    "a name is no ARN": (
        task("f"),
        [(SCHEMA, "/States/S/Resource", "Value is not a valid resource ARN")],
    ),
    "unknown action": (
        task("arn:aws:states:::lambda:nope"),
        [(SCHEMA, "/States/S/Resource", "is not recognized")],
    ),
    "unknown SDK": (
        task("arn:aws:states:::aws-sdk:nope:getIt"),
        [(SCHEMA, "/States/S/Resource", "is not recognized")],
    ),
    "no parameters": (
        task(INVOKE),
        [(SCHEMA, "/States/S", "Parameters field is required for resource ARN")],
    ),
    "no function": (
        task(INVOKE, Parameters={"Payload": {}}),
        [(SCHEMA, "/States/S/Parameters", "The field 'FunctionName' is required but was missing")],
    ),
    "unknown parameter": (
        task(INVOKE, Parameters={"FunctionName": "f", "Speed": 1, "Payload.$": "$"}),
        [(SCHEMA, "/States/S/Parameters", 'The field "Speed" is not supported by Step Functions')],
    ),
    "a wait of two kinds": (
        one("Wait", Seconds=1, SecondsPath="$.s"),
        [(SCHEMA, "/States/S", "There should only be one of the following fields")],
    ),
    "a wait in text": (
        one("Wait", Timestamp="tomorrow"),
        [(SCHEMA, "/States/S/Timestamp", "String does not match RFC3339 timestamp")],
    ),
    "all errors first": (
        task(
            FUNCTION,
            Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["States.Timeout"]}],
        ),
        [
            (
                SCHEMA,
                "/States/S/Retry[0]/ErrorEquals",
                "States.ALL must appear alone and at end of list",
            )
        ],
    ),
    "backoff below one": (
        task(FUNCTION, Retry=[{"ErrorEquals": ["States.ALL"], "BackoffRate": 0.5}]),
        [(SCHEMA, "/States/S/Retry[0]/BackoffRate", "Minimum value is 1")],
    ),
    "no choices": (
        {"StartAt": "S", "States": {"S": {"Type": "Choice", "Choices": []}}},
        [(SCHEMA, "/States/S/Choices", "Value cannot be empty")],
    ),
    "the other language's field": (
        one("Pass", Output={"a": 1}),
        [
            (
                SCHEMA,
                "/States/S",
                "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for "
                "the 'JSONata' QueryLanguage",
            )
        ],
    ),
    "bad path": (
        one("Pass", Parameters={"a.$": "b"}),
        [(SCHEMA, "/States/S/Parameters", "must be a valid JSONPath or a valid intrinsic")],
    ),
    "bad intrinsic": (
        one("Pass", Parameters={"a.$": "States.Nope($.b)"}),
        [(SCHEMA, "/States/S/Parameters", "must be a valid JSONPath or a valid intrinsic")],
    ),
    "inside a branch": (
        one("Parallel", Branches=[chain(B={"Type": "Pass", "Next": "S"}, C={"Type": "Fail"})]),
        [
            (TARGET, "/States/S/Branches[0]/States/B/Next", "Missing 'Next' target: S"),
            (TARGET, "/States/S/Branches[0]/States/C", 'State "C" is not reachable.'),
        ],
    ),
    "one name twice": (
        one("Parallel", Branches=[one("Pass")]),
        [("DUPLICATE_STATE_NAME", "/States/S/Branches[0]/States/S", "Duplicate State name: S")],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where_it_is(flows: Workflows, name: str) -> None:
    definition, expected = WRONG[name]
    answer = flows.client.validate_state_machine_definition(definition=json.dumps(definition))
    assert answer["result"] == "FAIL"
    found = [(one["code"], one.get("location"), one["message"]) for one in answer["diagnostics"]]
    assert len(found) == len(expected), found
    for (code, location, message), (its_code, its_location, part) in zip(
        found, expected, strict=True
    ):
        assert (code, location) == (its_code, its_location), message
        assert part in message


@pytest.mark.aws_source(f"{API}API_CreateStateMachine.html")
def test_a_wrong_definition_makes_no_state_machine(flows: Workflows, refused: Any) -> None:
    code, message, status = refused(flows.make, definition=one("Sleep"), name="never")
    assert (code, status) == ("InvalidDefinition", 400)
    assert message.startswith(
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Value should be one of the "
        "following: ["
    )
    assert message.endswith(" at /States/S/Type'")
    for text in (" ", "{", "[]", "null"):
        assert refused(flows.make, definition=text, name="never")[0] == "InvalidDefinition", text
    both = "arn:aws:states:us-east-1:123456789012:stateMachine:never"
    assert refused(flows.client.describe_state_machine, stateMachineArn=both)[0] == (
        "StateMachineDoesNotExist"
    )
    arn = flows.make(one("Pass"))
    code, _, _ = refused(
        flows.client.update_state_machine, stateMachineArn=arn, definition=json.dumps(one("X"))
    )
    assert code == "InvalidDefinition"
    answer = flows.client.validate_state_machine_definition(definition=json.dumps(one("Pass")))
    assert (answer["result"], answer["diagnostics"]) == ("OK", [])


@pytest.mark.aws_source(f"{GUIDE}choosing-workflow-type.html")
def test_express_workflows_neither_wait_for_tokens_nor_for_the_end(
    flows: Workflows, refused: Any
) -> None:
    sync = task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": ""})
    token = task(
        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters={"QueueUrl": "", "MessageBody": ""},
    )
    for definition, word in ((sync, "'.sync'"), (token, "'.waitForTaskToken'")):
        code, message, _ = refused(flows.make, definition=definition, type="EXPRESS")
        assert code == "InvalidDefinition"
        assert f"Express state machine does not support {word} service integration" in message
        flows.make(definition)
