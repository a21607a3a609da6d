"""State machines, their versions and aliases, and executions as such: AWS Step Functions' API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity.workflows import API, GUIDE, RECORDED, TRUST, Workflows, chain, details, one

pytestmark = pytest.mark.aws_source(
    f"{API}API_Operations.html", f"{RECORDED}test_sfn_api.snapshot.json"
)
PASS = one("Pass")
WAIT = one("Wait", Seconds=600)


@pytest.fixture(scope="module")
def flows(aws: Any) -> Workflows:
    return Workflows(aws)


@pytest.mark.aws_source(f"{API}API_CreateStateMachine.html")
def test_creating_the_same_again_is_no_error_and_something_else_is(
    flows: Workflows, refused: Any
) -> None:
    arn = flows.make(PASS, name="same", tags=[{"key": "a", "value": "1"}])
    assert arn == "arn:aws:states:us-east-1:123456789012:stateMachine:same"
    assert flows.make(PASS, name="same") == arn
    code, message, status = refused(flows.make, definition=WAIT, name="same")
    assert (code, status) == ("StateMachineAlreadyExists", 400)
    assert message == f"State Machine Already Exists: '{arn}'"
    told = flows.client.describe_state_machine(stateMachineArn=arn)
    assert json.loads(told["definition"]) == PASS
    assert (told["status"], told["type"], told["name"]) == ("ACTIVE", "STANDARD", "same")
    assert told["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    tags = flows.client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == [{"key": "a", "value": "1"}]
    flows.client.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    flows.client.untag_resource(resourceArn=arn, tagKeys=["a"])
    tags = flows.client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == [{"key": "b", "value": "2"}]


@pytest.mark.aws_source(f"{GUIDE}procedure-create-iam-role.html")
def test_the_role_must_be_there_and_trust_step_functions(flows: Workflows, refused: Any) -> None:
    lambda_only = json.loads(json.dumps(TRUST).replace("states", "lambda"))
    for role in (
        "arn:aws:iam::123456789012:role/nobody",
        flows.make_role("untrusting", lambda_only),
    ):
        code, message, _ = refused(flows.make, definition=PASS, roleArn=role)
        assert code == "AccessDeniedException"
        assert "states.amazonaws.com" in message
        assert "is authorized to assume the provided role" in message
    assert refused(flows.make, definition=PASS, roleArn="nobody")[0] == "InvalidArn"


@pytest.mark.aws_source(f"{API}API_StartExecution.html")
def test_a_name_with_its_input_starts_one_execution(flows: Workflows, refused: Any) -> None:
    machine = flows.make(WAIT, name="waits")
    first = flows.start(machine, {"a": 1}, name="one")
    assert first == "arn:aws:states:us-east-1:123456789012:execution:waits:one"
    assert flows.start(machine, {"a": 1}, name="one") == first
    code, message, _ = refused(flows.start, definition=machine, given={"a": 2}, name="one")
    assert code == "ExecutionAlreadyExists"
    assert message == f"Execution Already Exists: '{first}'"
    unnamed = flows.start(machine)
    assert len(unnamed.rpartition(":")[2]) == 36  # a UUID
    listed = flows.client.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    assert [one["executionArn"] for one in listed["executions"]] == [unnamed, first]

    flows.client.stop_execution(executionArn=first, error="Enough", cause="no more")
    told = flows.client.describe_execution(executionArn=first)
    assert (told["status"], told["error"], told["cause"]) == ("ABORTED", "Enough", "no more")
    assert told["redriveStatus"] == "REDRIVABLE"
    last = flows.events(first)[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionAborted", 0)
    assert details(last) == {"error": "Enough", "cause": "no more"}
    # Even the same input starts nothing once the execution is over.
    again = refused(flows.start, definition=machine, given={"a": 1}, name="one")
    assert again[0] == "ExecutionAlreadyExists"


@pytest.mark.aws_source(f"{API}API_UpdateStateMachine.html", f"{API}API_DeleteStateMachine.html")
def test_executions_keep_what_they_started_with(flows: Workflows, refused: Any) -> None:
    machine = flows.make(WAIT, name="changing")
    execution = flows.start(machine)
    changed = flows.client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(PASS)
    )
    told = flows.client.describe_state_machine(stateMachineArn=machine)
    assert told["revisionId"] == changed["revisionId"]
    kept = flows.client.describe_state_machine_for_execution(executionArn=execution)
    assert json.loads(kept["definition"]) == WAIT
    assert refused(flows.client.update_state_machine, stateMachineArn=machine)[0] == (
        "MissingRequiredParameter"
    )

    flows.client.delete_state_machine(stateMachineArn=machine)
    told = flows.client.describe_state_machine(stateMachineArn=machine)
    assert told["status"] == "DELETING"
    assert flows.status(execution) == "RUNNING"
    for operation, given in (
        (flows.client.start_execution, {}),
        (flows.client.update_state_machine, {"definition": json.dumps(WAIT)}),
        (flows.client.publish_state_machine_version, {}),
    ):
        assert refused(operation, stateMachineArn=machine, **given)[0] == "StateMachineDeleting"
    flows.client.stop_execution(executionArn=execution)

    def is_gone() -> bool:
        names = [one["name"] for one in flows.client.list_state_machines()["stateMachines"]]
        return "changing" not in names

    flows.aws.wait_until(is_gone)
    flows.client.delete_state_machine(stateMachineArn=machine)  # no error
    code, message, _ = refused(flows.client.describe_state_machine, stateMachineArn=machine)
    assert (code, message) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{machine}'",
    )


@pytest.mark.aws_source(
    f"{GUIDE}concepts-state-machine-version.html", f"{GUIDE}concepts-state-machine-alias.html"
)
def test_versions_and_aliases(flows: Workflows, refused: Any) -> None:
    client = flows.client
    machine = flows.make(one("Pass", Result=1), name="versioned")
    first = client.publish_state_machine_version(stateMachineArn=machine, description="first")
    assert first["stateMachineVersionArn"] == f"{machine}:1"
    again = client.publish_state_machine_version(stateMachineArn=machine)
    assert again["stateMachineVersionArn"] == f"{machine}:1"  # nothing has changed since
    changed = client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(one("Pass", Result=2)), publish=True
    )
    assert changed["stateMachineVersionArn"] == f"{machine}:2"
    listed = client.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    assert [one["stateMachineVersionArn"][-2:] for one in listed] == [":2", ":1"]

    routes = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]
    alias = client.create_state_machine_alias(name="PROD", routingConfiguration=routes)
    arn = alias["stateMachineAliasArn"]
    assert arn == f"{machine}:PROD"
    assert flows.run(machine)["output"] == "2"
    told = flows.run(arn)
    assert told["output"] == "1"
    assert told["stateMachineVersionArn"] == f"{machine}:1"
    assert told["stateMachineAliasArn"] == arn
    both = [
        {"stateMachineVersionArn": f"{machine}:1", "weight": 50},
        {"stateMachineVersionArn": f"{machine}:2", "weight": 50},
    ]
    client.update_state_machine_alias(stateMachineAliasArn=arn, routingConfiguration=both)
    outputs = {flows.run(arn)["output"] for _ in range(16)}
    assert outputs == {"1", "2"}  # fails by chance once in 32,768 times
    assert len(client.list_executions(stateMachineArn=arn)["executions"]) == 17

    code, message, _ = refused(
        client.delete_state_machine_version, stateMachineVersionArn=f"{machine}:1"
    )
    assert (code, "[PROD]" in message) == ("ConflictException", True)
    client.delete_state_machine_alias(stateMachineAliasArn=arn)
    client.delete_state_machine_version(stateMachineVersionArn=f"{machine}:1")
    assert refused(flows.start, definition=arn)[0] == "StateMachineDoesNotExist"
    short = [{"stateMachineVersionArn": f"{machine}:2", "weight": 90}]
    code, message, _ = refused(
        client.create_state_machine_alias, name="A", routingConfiguration=short
    )
    assert (code, "must equal 100" in message) == ("ValidationException", True)


@pytest.mark.aws_source(f"{API}CommonErrors.html", f"{API}API_StartExecution.html")
def test_errors_of_names_arns_and_inputs(flows: Workflows, refused: Any) -> None:
    client = flows.client
    machine = flows.make(PASS, name="strict")
    assert refused(flows.make, definition=PASS, name="a b") == (
        "InvalidName",
        "Invalid Name: 'a b'",
        400,
    )
    assert refused(flows.start, definition=machine, name="a<b")[0] == "InvalidName"
    assert refused(client.describe_state_machine, stateMachineArn="nope") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: nope'",
        400,
    )
    code, message, _ = refused(client.describe_execution, executionArn=f"{machine}:x")
    assert (code, message.startswith("Invalid Arn: ")) == ("InvalidArn", True)
    execution = "arn:aws:states:us-east-1:123456789012:execution:strict:no"
    code, message, _ = refused(client.describe_execution, executionArn=execution)
    assert (code, message) == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{execution}'")
    for text in ("{a", "", "[1,]"):
        code, message, _ = refused(flows.start, definition=machine, given=text)
        assert code == "InvalidExecutionInput", text
        assert message.startswith("Invalid State Machine Execution Input: '")
    assert refused(client.list_state_machines, nextToken="zz")[0] == "InvalidToken"
    # 256 KiB, in UTF-8.
    flows.start(machine, '"' + "x" * (262_144 - 2) + '"')
    for text in ("x" * (262_144 - 1), "é" * 131_072):
        assert refused(flows.start, definition=machine, given=f'"{text}"')[0] == (
            "ValidationException"
        )


@pytest.mark.aws_source(f"{API}API_ListStateMachines.html")
def test_lists_come_in_pages(flows: Workflows) -> None:
    for number in range(3):
        flows.make(PASS, name=f"page{number}")
    pages = flows.client.get_paginator("list_state_machines").paginate(
        PaginationConfig={"PageSize": 2}
    )
    found = [[one["name"] for one in page["stateMachines"]] for page in pages]
    assert all(len(page) == 2 for page in found[:-1])
    names = [name for page in found for name in page]
    assert names == sorted(names)
    assert {"page0", "page1", "page2"} <= set(names)


@pytest.mark.aws_source(f"{API}API_GetExecutionHistory.html")
def test_the_history_tells_everything_once_and_in_order(flows: Workflows) -> None:
    execution = flows.start(
        chain(A={"Type": "Pass", "Result": {"é": 1}}, B={"Type": "Succeed"}), '{"a": 1}'
    )
    flows.end(execution)
    events = flows.events(execution)
    assert [(one["id"], one["previousEventId"], one["type"]) for one in events] == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "PassStateEntered"),
        (3, 2, "PassStateExited"),
        (4, 3, "SucceedStateEntered"),
        (5, 4, "SucceedStateExited"),
        (6, 5, "ExecutionSucceeded"),
    ]
    whole = {"truncated": False}
    assert [details(one) for one in events] == [
        {"input": '{"a": 1}', "inputDetails": whole, "roleArn": flows.role},  # as it was written
        {"name": "A", "input": '{"a":1}', "inputDetails": whole},
        {"name": "A", "output": '{"é":1}', "outputDetails": whole},
        {"name": "B", "input": '{"é":1}', "inputDetails": whole},
        {"name": "B", "output": '{"é":1}', "outputDetails": whole},
        {"output": '{"é":1}', "outputDetails": whole},
    ]
    moments = [one["timestamp"] for one in events]
    assert moments == sorted(moments)
    assert all(moment.microsecond % 1000 == 0 for moment in moments)
    last = flows.client.get_execution_history(
        executionArn=execution, reverseOrder=True, maxResults=1, includeExecutionData=False
    )["events"]
    assert [one["id"] for one in last] == [6]
    assert details(last[0]) == {"outputDetails": whole}
    assert events[-1]["timestamp"] == flows.end(execution)["stopDate"]


@pytest.mark.aws_source(f"{GUIDE}service-quotas.html")
def test_a_year_at_most_and_kept_for_ninety_days(flows: Workflows, refused: Any) -> None:
    machine = flows.make(one("Wait", Seconds=99_999_999), name="patient")
    execution = flows.start(machine, name="one")
    flows.wait_for(execution, "WaitStateEntered")
    flows.aws.clock.advance(days=364)
    assert flows.status(execution) == "RUNNING"
    flows.aws.clock.advance(days=2)
    assert flows.end(execution)["status"] == "TIMED_OUT"
    flows.aws.clock.advance(days=91)
    assert refused(flows.status, execution=execution)[0] == "ExecutionDoesNotExist"
    assert flows.client.list_executions(stateMachineArn=machine)["executions"] == []
    assert flows.start(machine, name="one") == execution
