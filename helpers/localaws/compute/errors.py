"""The errors of Lambda's API, by the names and HTTP codes of its service model.

Source: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html and the "Errors" section of
each action. Texts that the reference does not spell out were recorded from AWS by others; each
test in ``tests/fidelity`` names where.
"""

from __future__ import annotations

from typing import Any


class LambdaError(Exception):
    """An error response of the Lambda API.

    ``code`` goes to the ``x-amzn-ErrorType`` header, ``status`` is the HTTP code, ``more`` are
    further members of the body (``Reason``, for example).
    """

    code = "ServiceException"
    status = 500

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.more = more


class ResourceNotFound(LambdaError):
    code, status = "ResourceNotFoundException", 404


class ResourceConflict(LambdaError):
    code, status = "ResourceConflictException", 409


class InvalidParameterValue(LambdaError):
    code, status = "InvalidParameterValueException", 400


class ValidationError(LambdaError):
    code, status = "ValidationException", 400


class InvalidRequestContent(LambdaError):
    code, status = "InvalidRequestContentException", 400


class RequestTooLarge(LambdaError):
    code, status = "RequestEntityTooLargeException", 413


class TooManyRequests(LambdaError):
    code, status = "TooManyRequestsException", 429


class PreconditionFailed(LambdaError):
    code, status = "PreconditionFailedException", 412


class ProvisionedConcurrencyConfigNotFound(LambdaError):
    code, status = "ProvisionedConcurrencyConfigNotFoundException", 404


class NotHere(LambdaError):
    """Something that AWS has and the local AWS has not."""

    code, status = "NotImplemented", 501


class RecursiveInvocation(LambdaError):
    code, status = "RecursiveInvocationException", 400
