"""Errors of the Step Functions API.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html and the
"Errors" section of each action's page.
"""

from __future__ import annotations


class StepFunctionsError(Exception):
    """An error that the caller reads. All of them are HTTP 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def validation(message: str) -> StepFunctionsError:
    return StepFunctionsError("ValidationException", message)


def invalid_arn(problem: str) -> StepFunctionsError:
    return StepFunctionsError("InvalidArn", f"Invalid Arn: '{problem}'")


def invalid_name(name: str) -> StepFunctionsError:
    return StepFunctionsError("InvalidName", f"Invalid Name: '{name}'")


def no_machine(arn: str) -> StepFunctionsError:
    return StepFunctionsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def no_execution(arn: str) -> StepFunctionsError:
    return StepFunctionsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def no_resource(arn: str) -> StepFunctionsError:
    return StepFunctionsError("ResourceNotFound", f"Resource not found: '{arn}'")


def wrong_type() -> StepFunctionsError:
    return StepFunctionsError(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
