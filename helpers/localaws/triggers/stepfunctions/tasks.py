"""Tasks: the calls of functions and services, their results and their errors.

``moto_hooks`` puts these functions in the place of moto's.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html and
https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpers.localaws.triggers.stepfunctions import clients, sdk

#: Service → what errors begin with, the error where the service gives one that its API does not
#: list, and the name of the service in the cause.
_SERVICES: dict[str, tuple[str, str, str]] = {
    "lambda": ("Lambda", "AWSLambdaException", "AWSLambda"),
    "dynamodb": ("DynamoDB", "AmazonDynamoDBException", "AmazonDynamoDBv2"),
    "sqs": ("SQS", "AmazonSQSException", "AmazonSQS"),
    "sns": ("SNS", "AmazonSNSException", "AmazonSNS"),
    "events": ("EventBridge", "AmazonEventBridgeException", "AmazonEventBridge"),
    "states": ("StepFunctions", "AWSStepFunctionsException", "AWSStepFunctions"),
}
#: Others are those of this machine's web server.
_COMMON_HEADERS = ("content-length", "content-type", "date")
_HEADER_NAMES = {
    "x-amzn-requestid": "x-amzn-RequestId",
    "x-amzn-trace-id": "X-Amzn-Trace-Id",
}


def invoke_function(
    env: Any, parameters: dict[str, Any], region: str, state_credentials: Any
) -> None:
    """Invoke; the answer goes on the stack. A function's error is raised with its payload as it is.

    Raises LambdaFunctionErrorException (moto's).
    """
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
        LambdaFunctionErrorException,
    )

    answer = clients.client(region, "lambda", state_credentials).invoke(**parameters)
    payload = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise LambdaFunctionErrorException(answer["FunctionError"], payload)
    other = ("Payload", clients.METADATA)
    result = with_metadata({name: value for name, value in answer.items() if name not in other})
    try:
        result["Payload"] = json.loads(payload) if payload else None
    except ValueError:
        result["Payload"] = payload
    env.stack.append(dict(sorted(result.items())))


def with_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer of boto3 as an optimised integration's result: with what HTTP said about it."""
    told = answer.pop("ResponseMetadata", None)
    if told is None:
        return answer
    headers = {
        _header(name): value
        for name, value in sorted(told["HTTPHeaders"].items())
        if name.startswith("x-am") or name in _COMMON_HEADERS
    }
    answer["SdkHttpMetadata"] = {
        "AllHttpHeaders": {name: [value] for name, value in headers.items()},
        "HttpHeaders": headers,
        "HttpStatusCode": told["HTTPStatusCode"],
    }
    answer["SdkResponseMetadata"] = {"RequestId": told.get("RequestId", "")}
    return dict(sorted(answer.items()))


def _header(name: str) -> str:
    return _HEADER_NAMES.get(name, "-".join(word.capitalize() for word in name.split("-")))


def keep_metadata(original: Callable[..., None], optimised: bool) -> Callable[..., None]:
    """Around ``_eval_service_task``: what moto throws away of the answer belongs to the result.

    moto pops ``ResponseMetadata`` from boto3's answer; the client's answer is given a copy of it
    under another name before.
    """

    def _eval_service_task(
        self: Any,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        original(self, env, resource_runtime_part, normalised_parameters, state_credentials)
        answer = env.stack[-1]
        if isinstance(answer, dict) and clients.METADATA in answer:
            told = answer.pop(clients.METADATA)
            if optimised:
                env.stack[-1] = with_metadata({**answer, "ResponseMetadata": told})

    return _eval_service_task


# -- errors --------------------------------------------------------------------------------------


def failing(fallback: Callable[[Any, Any, Exception], Any]) -> Callable[..., Any]:
    """The ``_from_error`` of a task: the failure that an exception stands for."""

    def _from_error(self: Any, env: Any, ex: Exception) -> Any:
        named = _name(self, ex)
        return fallback(self, env, ex) if named is None else failure(self, env, *named)

    return _from_error


def _name(task: Any, problem: Exception) -> tuple[str, str] | None:
    """Error and cause; None: the interpreter knows better (a timeout, an error of its own)."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
        LambdaFunctionErrorException,
    )

    if isinstance(problem, LambdaFunctionErrorException):
        return _of_function(problem.payload)
    service = getattr(task.resource, "service_name", "lambda")
    if isinstance(problem, clients.RoleNotAssumed):
        return "States.Permissions", str(problem)
    if service == "aws-sdk":
        return _of_sdk(task.resource.api_name, problem)
    prefix, unlisted, shown = _SERVICES.get(service, (service.capitalize(), "Exception", service))
    if isinstance(problem, ClientError):
        code = _code(problem)
        name = _exception(code) if _is_listed(sdk.boto_name(service), code) else unlisted
        return f"{prefix}.{name}", _cause(problem, shown)
    if isinstance(problem, BotoCoreError):
        return f"{prefix}.SdkClientException", f"Unable to execute HTTP request: {problem}"
    return None


def _of_function(payload: str) -> tuple[str, str]:
    """The error of a handler, or of its environment: the payload says which type it was."""
    try:
        return str(json.loads(payload)["errorType"]), payload
    except (ValueError, KeyError, TypeError):
        return "Lambda.Unknown", (
            "The cause could not be determined because Lambda did not return an error type. "
            f"Returned payload: {payload}"
        )


def _of_sdk(service: str, problem: Exception) -> tuple[str, str] | None:
    if not isinstance(problem, ClientError):
        return None
    boto_name = sdk.boto_name(service)
    prefix = sdk.java_name(boto_name)
    code = _code(problem)
    name = _exception(code) if _is_listed(boto_name, code) else f"{prefix}Exception"
    told = problem.response["ResponseMetadata"]
    facts = f"Service: {prefix}, Status Code: {told['HTTPStatusCode']}"
    message = problem.response["Error"].get("Message", "")
    return f"{prefix}.{name}", f"{message} ({facts}, Request ID: {told.get('RequestId', '')})"


def _cause(problem: ClientError, service: str) -> str:
    told = problem.response["ResponseMetadata"]
    facts = "; ".join(
        [
            f"Service: {service}",
            f"Status Code: {told['HTTPStatusCode']}",
            f"Error Code: {_code(problem)}",
            f"Request ID: {told.get('RequestId', '')}",
            "Proxy: null",
        ]
    )
    return f"{problem.response['Error'].get('Message', '')} ({facts})"


def _code(problem: ClientError) -> str:
    code = str(problem.response["Error"].get("Code", "")).rpartition(".")[2]
    return {"NonExistentQueue": "QueueDoesNotExist"}.get(code, code)


def _exception(code: str) -> str:
    return code if code.endswith("Exception") else f"{code}Exception"


def _is_listed(boto_name: str, code: str) -> bool:
    """Whether an API lists the error. Others come under the name of the service as a whole."""
    try:
        shapes = sdk.model(boto_name).error_shapes
    except Exception:  # boto3 knows no such service
        return False
    return any(code in (shape.name, shape.error_code) for shape in shapes)


def failure(task: Any, env: Any, error: str, cause: str) -> Any:
    """moto's failure event of a task, in the words of the task's kind."""
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
    )

    details: Any = {"error": error, "cause": cause}
    if hasattr(task, "_get_sfn_resource"):
        details |= {
            "resource": task._get_sfn_resource(),
            "resourceType": task._get_sfn_resource_type(),
        }
        kind, name = HistoryEventType.TaskFailed, "taskFailedEventDetails"
    else:
        kind, name = HistoryEventType.LambdaFunctionFailed, "lambdaFunctionFailedEventDetails"
    told: Any = {name: details}
    return FailureEvent(env, ErrorName(error), kind, told)


def timed_out(original: Callable[[Any, Any, Exception], Any]) -> Callable[..., Any]:
    """A missed heartbeat is shown as a timeout, and caught under either name."""

    def _from_error(self: Any, env: Any, ex: Exception) -> Any:
        from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
        from moto.stepfunctions.parser.asl.eval.callback.callback import HeartbeatTimeoutError

        event = original(self, env, ex)
        if isinstance(ex, HeartbeatTimeoutError):
            event.error_name = ErrorName("States.HeartbeatTimeout")
        return event

    return _from_error


# -- parameters and results, in the spelling of the other side ---------------------------------


def normalise_parameters(
    self: Any,
    parameters: dict[str, Any],
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """From the States Language's spelling (``StateMachineArn``) to boto3's."""
    shape = _operation(self, boto_service_name, service_action_name).input_shape
    if shape is not None:
        self._to_boto_request(parameters, shape)


def normalise_response(
    self: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """From boto3's spelling to the States Language's (``ExecutionArn``)."""
    shape = _operation(self, boto_service_name, service_action_name).output_shape
    if shape is None or not isinstance(response, dict):
        return
    self._from_boto_response(response, shape)
    members = {name.replace("Md5Of", "MD5Of"): value for name, value in response.items()}
    response.clear()
    response.update(sorted(members.items()))


def _operation(task: Any, service: str | None, action: str | None) -> Any:
    name = action or task.resource.api_action
    found = sdk.operation(sdk.boto_name(service or task.resource.api_name), name)
    if found is None:
        raise ValueError(f"{task.resource.resource_arn} names no action")
    return found


def supported_parameters(self: Any) -> set[str]:
    """In place of moto's lists, which lack some."""
    return sdk.parameters(self.resource.api_name, self.resource.api_action)


def boto_service(self: Any, boto_service_name: str | None = None) -> str:
    """In place of moto's few names of services."""
    return sdk.boto_name(boto_service_name or self.resource.api_name)
