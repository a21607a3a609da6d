"""Executions: start, describe, list, stop, and their history.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html and
the pages of the other actions.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from helpers.localaws.triggers.stepfunctions import arns
from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.errors import (
    StepFunctionsError,
    deleting,
    wrong_type,
)
from helpers.localaws.triggers.stepfunctions.execution import Execution
from helpers.localaws.triggers.stepfunctions.json_text import parse_problem
from helpers.localaws.triggers.stepfunctions.operations import finding

_INCLUDED = {"included": True}


def _new(asked: Asked) -> Execution:
    """An execution as asked for, not started yet."""
    machine, version, alias = finding.qualified(asked, asked["stateMachineArn"])
    if machine.deleting:
        raise deleting(machine.arn)
    name = asked.get("name") or str(uuid4())
    arns.check_name(name)
    given = asked.get("input", "{}")
    problem = "Invalid execution input." if not given.strip() else None
    if problem is None and (found := parse_problem(given)):
        problem = found.message
    if problem:
        raise StepFunctionsError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'"
        )
    return Execution(
        asked.service,
        machine,
        version.settings if version else machine.settings,
        name,
        given,
        version=version.arn if version else None,
        alias=alias.arn if alias else None,
        trace=asked.get("traceHeader"),
    )


@operation
def start_execution(asked: Asked) -> dict[str, Any]:
    """The same name and input as an execution that runs: that one, and no other is started."""
    execution = _new(asked)
    machine = execution.machine
    if machine.kind == "STANDARD":
        store = asked.service.store(execution.account, execution.region)
        with store.lock:
            earlier = store.executions.get(execution.arn)
            if earlier is not None and earlier.is_kept():
                if (earlier.status, earlier.input) == ("RUNNING", execution.input):
                    return _started(earlier)
                raise StepFunctionsError(
                    "ExecutionAlreadyExists", f"Execution Already Exists: '{earlier.arn}'"
                )
            store.executions[execution.arn] = execution
            machine.executions.append(execution)
    execution.start()
    return _started(execution)


def _started(execution: Execution) -> dict[str, Any]:
    return {"executionArn": execution.arn, "startDate": execution.started}


@operation
def start_sync_execution(asked: Asked) -> dict[str, Any]:
    """Runs an express workflow and answers with its result."""
    execution = _new(asked)
    if execution.machine.kind != "EXPRESS":
        raise wrong_type()
    execution.start()
    execution.done.wait()
    included = asked.get("includedData") != "METADATA_ONLY"
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "name": execution.name,
        "startDate": execution.started,
        "stopDate": execution.stopped,
        "status": "FAILED" if execution.status == "ABORTED" else execution.status,
        "input": execution.input if included else None,
        "inputDetails": {"included": included},
        "output": execution.output if included else None,
        "outputDetails": {"included": included},
        "error": execution.error,
        "cause": execution.cause,
        "traceHeader": execution.trace,
        "billingDetails": execution.billing(),
    }


@operation
def describe_execution(asked: Asked) -> dict[str, Any]:
    execution = finding.execution(asked, asked["executionArn"])
    included = asked.get("includedData") != "METADATA_ONLY"
    details = {"included": included}
    succeeded = execution.status == "SUCCEEDED"
    redrivable = execution.status in ("FAILED", "TIMED_OUT", "ABORTED")
    reason = f"Execution is {execution.status} and cannot be redriven"
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "stateMachineVersionArn": execution.version,
        "stateMachineAliasArn": execution.alias,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.started,
        "stopDate": execution.stopped,
        "input": execution.input if included else None,
        "inputDetails": details,
        "output": execution.output if included else None,
        "outputDetails": details if succeeded else None,
        "error": execution.error,
        "cause": execution.cause,
        "traceHeader": execution.trace,
        "redriveCount": 0,
        "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
        "redriveStatusReason": None if redrivable else reason,
    }


@operation
def list_executions(asked: Asked) -> dict[str, Any]:
    """Newest first; of a version or an alias only those that were started with it."""
    arn = asked.get("stateMachineArn")
    if arn is None:
        raise NotImplementedError  # those of a Map Run
    machine, version, alias = finding.qualified(asked, arn)
    if machine.kind != "STANDARD":
        raise wrong_type()
    status = asked.get("statusFilter")
    found = [
        execution
        for execution in reversed(machine.executions)
        if execution.is_kept()
        and (status is None or execution.status == status)
        and (alias is None or execution.alias == alias.arn)
        and (alias is not None or version is None or execution.version == version.arn)
    ]
    items = [
        {
            name: value
            for name, value in {
                "executionArn": execution.arn,
                "stateMachineArn": machine.arn,
                "stateMachineVersionArn": execution.version,
                "stateMachineAliasArn": execution.alias,
                "name": execution.name,
                "status": execution.status,
                "startDate": execution.started,
                "stopDate": execution.stopped,
                "redriveCount": 0,
            }.items()
            if value is not None
        }
        for execution in found
    ]
    return finding.page(asked, items, "executions")


@operation
def stop_execution(asked: Asked) -> dict[str, Any]:
    """One that has ended stays as it is."""
    execution = finding.execution(asked, asked["executionArn"])
    execution.stop(asked.get("error"), asked.get("cause"))
    execution.done.wait(10)
    return {"stopDate": execution.stopped}


@operation
def get_execution_history(asked: Asked) -> dict[str, Any]:
    events = finding.execution(asked, asked["executionArn"]).history.events()
    if asked.get("includeExecutionData") is False:
        for event in events:
            for details in event.values():
                if isinstance(details, dict):
                    details.pop("input", None)
                    details.pop("output", None)
    if asked.get("reverseOrder"):
        events.reverse()
    return finding.page(asked, events, "events")
