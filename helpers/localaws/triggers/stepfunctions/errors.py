"""Errors of the Step Functions API.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html and the
"Errors" section of each action's page.
"""

from __future__ import annotations


class StepFunctionsError(Exception):
    """An error that the caller reads. All of AWS's are HTTP 400."""

    status = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class NotBuilt(StepFunctionsError):
    """What AWS has, and the local AWS has not. boto3 does not retry 501."""

    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(
            "NotImplemented",
            f"The local AWS does not have {what}. Use something else, or run this step on a real "
            "account. Notebook 00 lists what is known to differ.",
        )


def validation(message: str) -> StepFunctionsError:
    return StepFunctionsError("ValidationException", message)


def invalid_arn(problem: str) -> StepFunctionsError:
    return StepFunctionsError("InvalidArn", f"Invalid Arn: '{problem}'")


def invalid_name(name: str) -> StepFunctionsError:
    return StepFunctionsError("InvalidName", f"Invalid Name: '{name}'")


def no_machine(arn: str) -> StepFunctionsError:
    return StepFunctionsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def deleting(arn: str) -> StepFunctionsError:
    return StepFunctionsError("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")


def no_execution(arn: str) -> StepFunctionsError:
    return StepFunctionsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def no_resource(arn: str) -> StepFunctionsError:
    return StepFunctionsError("ResourceNotFound", f"Resource not found: '{arn}'")


def wrong_type() -> StepFunctionsError:
    return StepFunctionsError(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
