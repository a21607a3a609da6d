"""The record that CloudTrail makes of one request.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, Shape
from botocore.parsers import create_parser
from moto.core.utils import get_service_model

from helpers.localaws.gateway import parameters, principals
from helpers.localaws.iam.principal import Type
from helpers.localaws.telemetry.trail import kinds
from helpers.localaws.telemetry.trail.journal import Entry

_READS = (
    "BatchGet", "Decode", "Describe", "Discover", "Estimate", "Filter", "Get", "Head", "List",
    "Lookup", "Preview", "Query", "Receive", "Scan", "Search", "Select", "Simulate", "Test",
    "TransactGet", "Validate", "Verify",
)  # fmt: skip
#: KMS counts what changes nothing in KMS as read-only.
_KMS_READS = ("Decrypt", "Encrypt", "GenerateDataKey", "GenerateMac", "ReEncrypt", "Sign")
#: Members that CloudTrail never writes out.
_HIDDEN = re.compile(
    r"(?i)^(secret(string|binary|accesskey)|plaintext|password|sessiontoken|variables|"
    r"authorizationtoken|privatekey.*|messagebody|message)$"
)
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
#: Lambda's events carry the version of its API; these were changed once.
_SECOND_VERSIONS = {
    "AddPermission", "GetFunction", "GetFunctionConfiguration", "GetPolicy", "RemovePermission",
    "UpdateFunctionCode", "UpdateFunctionConfiguration",
}  # fmt: skip


def record(entry: Entry) -> dict[str, Any]:
    """The event's record, in CloudTrail's order of members."""
    call = entry.call
    asked = _asked(entry)
    model = _model(asked)
    name = asked.operation if asked else (call.operation or "Unknown")
    read_only = is_read(call.service or "", name)
    code, text = _error(entry, model)
    answer = None if read_only or code else _answer(entry, model)
    shown: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": _identity(entry),
        "eventTime": stamp(entry.time),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": _event_name(model, name),
        "awsRegion": "us-east-1" if call.service in ("iam", "sts") else call.region,
        "sourceIPAddress": call.environ.get("REMOTE_ADDR", "127.0.0.1"),
        "userAgent": call.environ.get("HTTP_USER_AGENT", ""),
    }
    if code:
        shown |= {"errorCode": code, "errorMessage": text}
    return {
        **shown,
        "requestParameters": _request(model, asked, call.service),
        "responseElements": answer,
        "requestID": call.request_id,
        "eventID": entry.event_id,
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": not entry.is_data,
        "recipientAccountId": call.caller.account_id,
        "eventCategory": "Data" if entry.is_data else "Management",
        **({"resources": _resources(entry, asked)} if entry.is_data else {}),
    }


def is_read(service: str, operation: str) -> bool:
    """Whether the operation changes nothing."""
    if service == "kms" and operation.startswith(_KMS_READS):
        return True
    return operation.startswith(_READS)


def stamp(seconds: float) -> str:
    """A time as CloudTrail writes it: ``2026-11-23T12:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _asked(entry: Entry) -> parameters.Parsed | None:
    try:
        return parameters.parse(entry.call)
    except parameters.UnreadableRequest:
        return None


def _model(asked: parameters.Parsed | None) -> OperationModel | None:
    if asked is None:
        return None
    model: OperationModel = get_service_model(asked.service).operation_model(asked.operation)
    return model


def _event_name(model: OperationModel | None, name: str) -> str:
    if model is None or model.service_model.service_name != "lambda" or name == "Invoke":
        return name
    date = str(model.http.get("requestUri", "")).strip("/").partition("/")[0].replace("-", "")
    return f"{name}{date}{'v2' if name in _SECOND_VERSIONS else ''}"


# -- who -----------------------------------------------------------------------------------------


def _identity(entry: Entry) -> dict[str, Any]:
    """Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
    caller = entry.call.caller
    try:
        who = principals.of(caller.account_id, caller.access_key)
    except (principals.UnknownKey, principals.ExpiredKey):
        return {"type": "Unknown", "accessKeyId": caller.access_key}
    named = who.principal
    if named.type is Type.ANONYMOUS:
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    shown = {
        "type": "IAMUser" if named.type is Type.USER else named.type.value,
        "principalId": named.unique_id,
        "arn": named.arn,
        "accountId": named.account,
        "accessKeyId": caller.access_key,
    }
    if named.type is Type.USER:
        return {**shown, "userName": named.name}
    if who.session is None:
        return shown
    issuer = {
        "type": "Role",
        "principalId": named.unique_id.partition(":")[0],
        "arn": named.behind,
        "accountId": named.account,
        "userName": named.behind.rpartition("/")[2],
    }
    begun = getattr(who.session, "issued", None)
    created = stamp(begun.timestamp() if begun is not None else entry.time)
    attributes = {"creationDate": created, "mfaAuthenticated": "false"}
    return {**shown, "sessionContext": {"sessionIssuer": issuer, "attributes": attributes}}


def user_name(shown: dict[str, Any]) -> str:
    """``Username`` of LookupEvents: the user's name, or the session's."""
    if "userName" in shown:
        return str(shown["userName"])
    return str(shown.get("arn", "")).rpartition("/")[2]


# -- what ----------------------------------------------------------------------------------------


def _error(entry: Entry, model: OperationModel | None) -> tuple[str, str]:
    if entry.status < 400:
        return "", ""
    parsed: dict[str, Any] = {}
    if model is not None:
        parsed = _parse(entry, model).get("Error", {})
    code = str(parsed.get("Code") or entry.error_header or entry.status)
    # CloudTrail writes a denial the same way for every service.
    if code in ("AccessDeniedException", "AccessDenied", "AuthorizationError"):
        code = "AccessDenied"
    return code, str(parsed.get("Message", ""))


def _answer(entry: Entry, model: OperationModel | None) -> dict[str, Any] | None:
    if model is None or model.output_shape is None or not entry.answer:
        return None
    parsed = _parse(entry, model)
    parsed.pop("ResponseMetadata", None)
    return _plain(model.output_shape, parsed, entry.call.service) or None


def _parse(entry: Entry, model: OperationModel) -> dict[str, Any]:
    protocol = model.service_model.resolved_protocol
    if "application/json" in entry.content_type or "amz-json" in entry.content_type:
        protocol = protocol if "json" in protocol else "json"
    response = {
        "body": entry.answer,
        "headers": {"content-type": entry.content_type, "x-amzn-errortype": entry.error_header},
        "status_code": entry.status,
    }
    try:
        parsed: dict[str, Any] = create_parser(protocol).parse(response, model.output_shape)
    except Exception:  # an answer that its model does not know: nothing to show
        return {}
    return parsed


def _request(
    model: OperationModel | None, asked: parameters.Parsed | None, service: str | None
) -> Any:
    """The request's parameters; S3's events call the bucket ``bucketName``.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
    """
    if asked is None or model is None or model.input_shape is None or not asked.parameters:
        return None
    shown = _plain(model.input_shape, asked.parameters, service)
    if service == "s3" and "bucket" in shown:
        return {"bucketName": shown.pop("bucket"), **shown}
    return shown


def _plain(shape: Shape, value: Any, service: str | None, name: str = "") -> Any:
    """A value of botocore's as JSON: members begin in lower case, secrets are hidden."""
    if _HIDDEN.match(name) or (service == "ssm" and name == "Value"):
        return HIDDEN
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            key[0].lower() + key[1:]: _plain(shape.members[key], one, service, key)
            for key, one in value.items()
            if key in shape.members and one is not None and not _streams(shape.members[key])
        }
    if shape.type_name == "map" and isinstance(value, dict):
        return {str(key): _plain(shape.value, one, service) for key, one in value.items()}
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [_plain(shape.member, one, service) for one in value]
    if isinstance(value, (bytes, bytearray)):
        return HIDDEN
    if isinstance(value, datetime):
        return value.strftime("%b %d, %Y, %I:%M:%S %p")
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _streams(shape: Shape) -> bool:
    return bool(shape.serialization.get("streaming")) or shape.type_name == "blob"


def _resources(entry: Entry, asked: parameters.Parsed | None) -> list[dict[str, str]]:
    """What a data event is about; behind an object stands its bucket.

    Source: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-cloudtrail/SAMPLE-EVENTS.md
    """
    call = entry.call
    kind = kinds.RESOURCE_TYPES.get(call.service or "", "")
    arns = touched(entry, asked)
    owner = call.caller.account_id
    found = [{"type": kind, "ARN": arn, "accountId": owner} for arn in arns]
    if call.service == "s3":
        buckets = dict.fromkeys(arn.partition("/")[0] for arn in arns if "/" in arn)
        found += [{"type": "AWS::S3::Bucket", "ARN": arn, "accountId": owner} for arn in buckets]
    return found


def touched(entry: Entry, asked: parameters.Parsed | None = None) -> list[str]:
    """The ARNs of the resources that a request is about, as far as its parameters say so."""
    from helpers.localaws.iam import actions
    from helpers.localaws.iam.errors import UnmappedOperation

    asked = asked or _asked(entry)
    if asked is None:
        return []
    call = entry.call
    try:
        needs = actions.needed(
            asked.service, asked.operation, asked.parameters, call.caller.account_id, call.region
        )
    except UnmappedOperation:
        return []
    return list(dict.fromkeys(need.resource for need in needs if need.resource != "*"))
