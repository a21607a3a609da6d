"""The answers to a task that waits for its token.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.triggers.stepfunctions.api import Asked, operation
from helpers.localaws.triggers.stepfunctions.errors import StepFunctionsError
from helpers.localaws.triggers.stepfunctions.json_text import parse_problem


@operation
def send_task_success(asked: Asked) -> None:
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeSuccess

    if problem := parse_problem(asked["output"]):
        raise StepFunctionsError("InvalidOutput", f"Invalid Output: '{problem.message}'")
    token = asked["taskToken"]
    _endpoint(asked).notify(CallbackOutcomeSuccess(token, asked["output"]))


@operation
def send_task_failure(asked: Asked) -> None:
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeFailure

    token = asked["taskToken"]
    outcome = CallbackOutcomeFailure(token, asked.get("error"), asked.get("cause"))
    _endpoint(asked).notify(outcome)


@operation
def send_task_heartbeat(asked: Asked) -> None:
    _endpoint(asked).notify_heartbeat()


def _endpoint(asked: Asked) -> Any:
    """Where the task waits; raises TaskTimedOut when it does no more, InvalidToken."""
    from helpers.localaws.triggers.stepfunctions import interpreter

    interpreter.load()
    token = asked["taskToken"]
    for execution in asked.service.running():
        env = execution.env
        endpoint = env.callback_pool_manager.get(token) if env is not None else None
        if endpoint is not None:
            if endpoint._notify_event.is_set():
                break  # it has had its answer
            return endpoint
    else:
        if not asked.service.is_spent(token):
            raise StepFunctionsError("InvalidToken", "Invalid Token: 'Invalid token'")
    raise StepFunctionsError(
        "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"
    )
