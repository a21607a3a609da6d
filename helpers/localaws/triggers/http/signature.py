"""AWS_IAM: whether a request is signed, by whom, and whether the signature is right.

The signature is made once more, with the secret of the access key that the request names.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from helpers.localaws import clock
from helpers.localaws.gateway import principals
from helpers.localaws.settings import ACCOUNT_ID, LEARNER_ACCESS_KEY, LEARNER_SECRET_KEY
from helpers.localaws.triggers.http.request import HttpRequest
from helpers.localaws.triggers.http.rest_errors import RestError, missing_token

#: Seconds by which a signature's time may differ from now.
_TOLERANCE = 300
_PARTS = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)/"
    r"(?P<service>[^/,\s]+)/aws4_request\s*,\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Signer:
    """Who signed, as events show it."""

    access_key: str
    account_id: str
    user_id: str
    arn: str


class NotSigned(Exception):
    """There is no signature at all."""


class BadSignature(Exception):
    """There is one, and it is not right. ``kind`` is AWS's name of the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def verify(request: HttpRequest, service: str) -> Signer:
    """Who signed the request for ``service``; raises NotSigned, BadSignature."""
    found = _PARTS.match(_authorization(request))
    if found is None:
        raise NotSigned
    if found["service"] != service:
        raise BadSignature(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{service}'.",
        )
    stamp = _parameter(request, "X-Amz-Date") or ""
    _check_time(stamp, dict(request.parameters).get("X-Amz-Expires"))
    secret, token, signer = _who(found["key"])
    if (_parameter(request, "X-Amz-Security-Token") or None) != token:
        raise BadSignature(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    _check_body(request)
    auth = _Signing(secret, service, found["region"], found["headers"].split(";"))
    wanted = auth.sign(request, stamp)
    if not hmac.compare_digest(wanted, found["signature"]):
        raise BadSignature(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.",
        )
    return signer


def of_rest(request: HttpRequest, api: Any) -> Signer:
    """The signer of a request to a REST API; raises RestError.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    try:
        return verify(request, "execute-api")
    except NotSigned:
        raise missing_token() from None
    except BadSignature as problem:
        raise RestError("INVALID_SIGNATURE", 403, str(problem), problem.kind) from None


class _Signing(SigV4Auth):
    """botocore's signer, told which headers to sign."""

    def __init__(self, secret: str, service: str, region: str, names: list[str]) -> None:
        super().__init__(Credentials("AKIA", secret), service, region)
        self._names = names

    def headers_to_sign(self, request: Any) -> HTTPMessage:
        message = HTTPMessage()
        for name, value in request.context["given"]:
            if name.lower() in self._names:
                message[name.lower()] = value
        return message

    def sign(self, request: HttpRequest, stamp: str) -> str:
        """The signature that this request should have."""
        query = "&".join(
            part for part in request.query.split("&") if not part.startswith("X-Amz-Signature=")
        )
        url = f"http://{request.called_host}{request.called_path}?{query}"
        signed = AWSRequest(request.method, url, data=request.body)
        signed.headers["X-Amz-Content-SHA256"] = _declared_hash(request)
        signed.context["timestamp"] = stamp
        signed.context["given"] = request.headers
        text = self.string_to_sign(signed, self.canonical_request(signed))
        return str(self.signature(text, signed))


def _authorization(request: HttpRequest) -> str:
    """The Authorization header, or the same put together from a presigned URL."""
    header = request.header("authorization")
    if header:
        return header
    given = dict(request.parameters)
    return (
        f"{given.get('X-Amz-Algorithm', '')} Credential={given.get('X-Amz-Credential', '')}, "
        f"SignedHeaders={given.get('X-Amz-SignedHeaders', '')}, "
        f"Signature={given.get('X-Amz-Signature', '')}"
    )


def _parameter(request: HttpRequest, name: str) -> str | None:
    """A part of the signature, from a header or from a presigned URL."""
    return request.header(name) or dict(request.parameters).get(name)


def _declared_hash(request: HttpRequest) -> str:
    return request.header("x-amz-content-sha256") or hashlib.sha256(request.body).hexdigest()


def _check_body(request: HttpRequest) -> None:
    """The hash that was signed must be that of the body; an unsigned body is not taken."""
    if _declared_hash(request) != hashlib.sha256(request.body).hexdigest():
        raise BadSignature(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.",
        )


def _check_time(stamp: str, expires: str | None) -> None:
    """A signature is good for five minutes (a presigned URL for as long as it says).

    Around the course's time or around this machine's: handlers live in the one, and whoever calls
    from outside in the other.
    """
    try:
        signed = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        seconds = int(expires) if expires else _TOLERANCE
    except ValueError:
        raise BadSignature(
            "IncompleteSignatureException", "Date must be in ISO-8601 'basic format'."
        ) from None
    now = time.time()
    ages = (now - signed, now - clock.offset() - signed)
    if not any(-_TOLERANCE <= age <= seconds for age in ages):
        text = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - seconds))
        raise BadSignature(
            "InvalidSignatureException",
            f"Signature expired: {stamp} is now earlier than {text}",
        )


def _who(access_key: str) -> tuple[str, str | None, Signer]:
    """The secret, the session token and the owner of an access key; raises BadSignature."""
    from moto.iam.models import get_account_id_from, iam_backends
    from moto.sts.models import sts_backends

    if access_key == LEARNER_ACCESS_KEY:
        user_id, arn, account = sts_backends[ACCOUNT_ID]["aws"].get_caller_identity(
            access_key, "us-east-1"
        )
        return LEARNER_SECRET_KEY, None, Signer(access_key, account, user_id, arn)
    account = get_account_id_from(access_key)
    for user in list(iam_backends[account]["aws"].users.values()):
        for key in user.access_keys:
            if key.access_key_id == access_key and key.status == "Active":
                signer = Signer(access_key, account, user.id, user.arn)
                return key.secret_access_key, None, signer
    for number, backends in list(sts_backends.items()):
        role = backends["aws"].get_assumed_role_from_access_key(access_key)
        if role is not None:
            try:
                who = principals.of(number, access_key).principal
            except (principals.UnknownKey, principals.ExpiredKey):
                break
            signer = Signer(access_key, number, who.unique_id, who.arn)
            return role.secret_access_key, role.session_token, signer
    raise BadSignature(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )
