"""Requests for many things of which some are refused: the rest is done, and each refusal is told.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html and
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.gateway import parameters
from helpers.localaws.gateway.call import current_call

#: Key or secret, with AWS's code and text.
Refused = dict[str, tuple[str, str]]


def refused() -> Refused:
    """What may not be done of the request that is being served."""
    call = current_call()
    return call.refused if call is not None else {}


def delete_objects(responses: Any, bucket: str, refused: Refused) -> dict[str, Any]:
    """What DeleteObjects answers; ``responses`` is moto's, of this request."""
    call = current_call()
    parsed = parameters.parse(call) if call is not None else None
    asked = parsed.parameters if parsed is not None else {}
    wanted = [one for one in asked["Delete"]["Objects"] if one["Key"] not in refused]
    deleted, locked = responses.backend.delete_objects(
        bucket, wanted, bool(asked.get("BypassGovernanceRetention"))
    )
    errors = [(key, *refused[key]) for key in refused]
    errors += [(key, "AccessDenied", LOCKED) for key in locked]
    return {
        "Deleted": [
            {
                "Key": key,
                "VersionId": version or None,
                "DeleteMarkerVersionId": marker or None,
                "DeleteMarker": True if marker else None,
            }
            for key, version, marker in deleted
        ],
        "Errors": [{"Key": key, "Code": code, "Message": text} for key, code, text in errors],
    }


#: moto's words for an object that must be kept.
LOCKED = "Access Denied because object protected by object lock."


def error_of_secret(secret: str, code: str, text: str) -> dict[str, str]:
    """An entry of BatchGetSecretValue's list of errors."""
    return {"SecretId": secret, "ErrorCode": code, "Message": text}


def hide_secrets(values: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Of secrets that a filter found: those that the caller may read, and errors for the others."""
    call = current_call()
    shown, errors = [], []
    for value in values:
        text = call.why_not("secretsmanager:GetSecretValue", value["ARN"]) if call else None
        if text is None:
            shown.append(value)
        else:
            errors.append(error_of_secret(value["ARN"], "AccessDeniedException", text))
    return shown, errors
