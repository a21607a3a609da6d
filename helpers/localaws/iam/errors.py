"""What goes wrong in this room: a policy that AWS refuses, an operation that nobody has mapped."""

from __future__ import annotations


class MalformedPolicy(Exception):
    """A policy document that AWS refuses to take.

    ``code`` is the error's code in the API that was asked (``MalformedPolicyDocument`` in IAM,
    ``MalformedPolicy`` in S3, …), ``message`` AWS's text, ``status`` the HTTP status.
    """

    def __init__(
        self, message: str, code: str = "MalformedPolicyDocument", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status


class UnmappedOperation(LookupError):
    """Nobody has said which action on which resource this operation needs.

    Whoever asks must refuse the request loudly: to let it pass would teach that no permission is
    needed, to deny it that a permission is missing.
    """

    def __init__(self, service: str, operation: str, why: str = "") -> None:
        super().__init__(
            f"The local AWS does not know which permission {service}:{operation} needs"
            + (f": {why}" if why else "")
            + ". It belongs into helpers/localaws/iam/actions."
        )
        self.service, self.operation = service, operation
