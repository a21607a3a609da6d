"""Errors of the gateway itself, in the protocol of the service that was asked.

boto3 must be able to read them, so they are XML where the service speaks XML (S3, SNS, IAM, …),
CBOR where it was asked in CBOR, and JSON elsewhere.
Source: https://smithy.io/2.0/aws/protocols/ (the error serialization of each protocol)
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from helpers.localaws.gateway.call import Call

_S3 = "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
_QUERY = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>{id}</RequestId></ErrorResponse>"
)
_EC2 = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{id}</RequestID></Response>"
)


def not_implemented(call: Call) -> Response:
    """The answer for an action that neither moto nor we have. 501: boto3 does not retry it."""
    return as_service_error(
        call,
        "NotImplemented",
        f"The local AWS does not have {call.what}. Use another action, or run this step on a real "
        "account. Notebook 00 lists what is known to differ.",
        501,
    )


def internal_failure(call: Call, problem: Exception) -> Response:
    """The answer where the local AWS itself failed: a fault of ours, never of the learner.

    501 and not 500: boto3 would send the request four more times, only to fail again.
    """
    return as_service_error(
        call,
        "InternalFailure",
        f"The local AWS failed at {call.what}: {type(problem).__name__}: {problem}. That is a "
        "fault of the local AWS, not of your code: please report it with this line.",
        501,
    )


def as_service_error(call: Call, code: str, message: str, status: int) -> Response:
    """An error response in the called service's own protocol."""
    headers = {"x-amzn-RequestId": call.request_id, "x-amzn-ErrorType": code}
    if protocol := call.environ.get("HTTP_SMITHY_PROTOCOL"):
        headers["smithy-protocol"] = protocol
        content = _cbor({"__type": code, "message": message})
        return Response(content, status, headers, content_type="application/cbor")
    template = _template(call)
    if template is None:
        body = json.dumps({"__type": code, "message": message})
        return Response(body, status, headers, content_type="application/json")
    text = template.format(code=code, message=escape(message), id=call.request_id)
    return Response(text, status, headers, content_type="text/xml")


def _cbor(texts: dict[str, str]) -> bytes:
    """A small map of texts. Source: RFC 8949, section 3 (major types 3 and 5)."""
    encoded = bytearray([0xA0 + len(texts)])
    for text in (part for pair in texts.items() for part in pair):
        content = text.encode()
        encoded += b"\x79" + len(content).to_bytes(2, "big") + content
    return bytes(encoded)


def _template(call: Call) -> str | None:
    """The service's XML form of an error; None where it speaks JSON."""
    if call.service in ("s3", "s3control"):
        return _S3
    if call.service == "ec2":
        return _EC2
    if call.service in ("route53", "cloudfront"):
        return _QUERY
    asks_in_form = call.environ.get("CONTENT_TYPE", "").startswith(
        "application/x-www-form-urlencoded"
    )
    return _QUERY if asks_in_form else None
