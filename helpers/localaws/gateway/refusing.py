"""How a service says no at the door: a permission is missing, a key is wrong, a session is over."""

from __future__ import annotations

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.errors import as_service_error
from helpers.localaws.iam import evaluate, refusal


def denied(call: Call, decision: evaluate.Decision) -> Response:
    """The response to a request without permission."""
    code, text = code_and_text(call, decision)
    status = 403 if call.service == "s3" else _refusal(call, decision).status
    return as_service_error(call, code, text, status)


def code_and_text(call: Call, decision: evaluate.Decision) -> tuple[str, str]:
    """AWS's code and text for a denial."""
    found = _refusal(call, decision)
    if call.service == "s3":  # what was missing may be a permission of another service
        return "AccessDenied", found.message
    if call.service == "secretsmanager" and decision.request.action.startswith("kms:"):
        # As reported at https://github.com/external-secrets/external-secrets/issues/390
        return found.code, "Access to KMS is not allowed"
    return found.code, found.message


def _refusal(call: Call, decision: evaluate.Decision) -> refusal.Refusal:
    """In the way of the service that was asked, though another one's permission may be missing."""
    asked = "cloudwatch" if call.service == "monitoring" else call.service
    return refusal.refusal(decision, asked or decision.request.action.partition(":")[0])


def bad_key(call: Call) -> Response:
    """For a key that was never given out, was deleted, or is inactive.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
    """
    if call.service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return as_service_error(call, "InvalidAccessKeyId", text, 403)
    text = "The security token included in the request is invalid."
    query = call.service in ("sts", "iam", "sns", "cloudformation", "monitoring", "ec2")
    code = "InvalidClientTokenId" if query else "UnrecognizedClientException"
    return as_service_error(call, code, text, 403 if query or call.service == "lambda" else 400)


def unreadable(call: Call) -> Response:
    """For a request whose body or parameters are not of the operation's form.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (MalformedXML) and
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CommonErrors.html
    """
    if call.service == "s3":
        text = "The XML you provided was not well-formed or did not validate against our schema"
        return as_service_error(call, "MalformedXML", text, 400)
    form = call.environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    code = "ValidationError" if form else "SerializationException"
    return as_service_error(call, code, "The request is not of the operation's form.", 400)


def unsigned(call: Call) -> Response | None:
    """For an API request that nobody signed; None: it is none, or one that anybody may send.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
    """
    target = str(call.environ.get("HTTP_X_AMZ_TARGET", ""))
    smithy = call.environ.get("HTTP_SMITHY_PROTOCOL")
    if (target and not target.startswith(_OPEN_TARGETS)) or smithy:
        text = "Missing Authentication Token"
        return as_service_error(call, "MissingAuthenticationTokenException", text, 400)
    action = call.request().values.get("Action")
    if action and action not in _OPEN_ACTIONS:
        text = "Request is missing Authentication Token"
        return as_service_error(call, "MissingAuthenticationToken", text, 403)
    return None


#: Who signs in has no credentials yet: users of Cognito, and of an identity provider.
_OPEN_TARGETS = ("AWSCognitoIdentityProviderService.", "AWSCognitoIdentityService.")
_OPEN_ACTIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")


def expired(call: Call) -> Response:
    """For a session that is over."""
    if call.service == "s3":
        return as_service_error(call, "ExpiredToken", "The provided token has expired.", 400)
    query = call.service in ("sts", "iam", "sns", "cloudformation", "monitoring", "ec2")
    return as_service_error(
        call,
        "ExpiredToken" if query else "ExpiredTokenException",
        "The security token included in the request is expired",
        403 if query or call.service == "lambda" else 400,
    )
