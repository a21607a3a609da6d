"""Amazon S3: notifications of a bucket.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from helpers.localaws.compute import arn
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.gateway.call import current_call
from helpers.localaws.gateway.policies.service import ACTIONS, may_send
from helpers.localaws.triggers.delivery import deliver
from helpers.localaws.triggers.eventbridge import events
from helpers.localaws.triggers.permission import may_invoke

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

_sequence = itertools.count(1)
SERVICE = "s3.amazonaws.com"


def is_part_of_another(event_name: str) -> bool:
    """Whether moto sets tags or an ACL on its way to something else: S3 announces only that."""
    kind = event_name.split(":")[1]
    call = current_call()
    if kind not in ("ObjectTagging", "ObjectAcl") or call is None:
        return False
    return kind not in (call.operation or "")


def notify(
    lambdas: LambdaService, account: str, event_name: str, bucket: Any, key: Any, rule: Any
) -> None:
    """Deliver one notification; ``bucket``, ``key`` and ``rule`` are moto's."""
    event = {"Records": [record(account, event_name, bucket, key, rule.id)]}
    deliver(lambdas, rule.arn, event, SERVICE, bucket.arn, account)


def record(
    account: str, event_name: str, bucket: Any, key: Any, configuration_id: str
) -> dict[str, Any]:
    """The record of one event, in AWS's order of members."""
    call = current_call()
    now = datetime.fromtimestamp(time.time(), UTC)
    principal = {"principalId": f"AWS:{call.caller.access_key if call else account}"}
    stored: dict[str, Any] = {"key": quote_plus(key.name, safe="/")}
    if not event_name.startswith("s3:ObjectRemoved"):
        stored |= {"size": key.size, "eTag": key.etag.strip('"')}
    if bucket.is_versioned and key.version_id:
        stored["versionId"] = str(key.version_id)
    stored["sequencer"] = _sequencer(now)
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "eventName": event_name.removeprefix("s3:"),
        "userIdentity": principal,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": call.request_id if call else "",
            "x-amz-id-2": "local",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {"name": bucket.name, "ownerIdentity": principal, "arn": bucket.arn},
            "object": stored,
        },
    }


def _sequencer(now: datetime) -> str:
    """Hexadecimal, and larger for whatever came later to the same key."""
    return f"{int(now.timestamp() * 1000):012X}{next(_sequence):06X}"


def announce(lambdas: LambdaService, account: str, event_name: str, bucket: Any, key: Any) -> None:
    """Tell EventBridge, for a bucket that has it switched on. The key is not url-encoded here.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    kind, _, how = event_name.removeprefix("s3:").partition(":")
    detail_type = _DETAIL_TYPES.get(f"{kind}:{how}") or _DETAIL_TYPES.get(kind)
    if detail_type is None:
        return
    call = current_call()
    stored: dict[str, Any] = {"key": key.name}
    if kind == "ObjectCreated":
        stored |= {"size": key.size, "etag": key.etag.strip('"')}
    if bucket.is_versioned and key.version_id:
        stored["version-id"] = str(key.version_id)
    stored["sequencer"] = _sequencer(datetime.fromtimestamp(time.time(), UTC)).lower()
    detail = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": stored,
        "request-id": call.request_id if call else "",
        "requester": account,
        "source-ip-address": "127.0.0.1",
    }
    if kind == "ObjectCreated":
        detail["reason"] = _REASONS.get(how, how)
    if kind == "ObjectRemoved":
        marker = how == "DeleteMarkerCreated"
        detail["reason"] = "DeleteObject"
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    events.emit(lambdas, account, bucket.region_name, "aws.s3", detail_type, detail, [bucket.arn])


_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl": "Object ACL Updated",
}
_REASONS = {"Put": "PutObject", "Copy": "CopyObject", "Post": "POST Object"}


def problems(lambdas: LambdaService, account: str, bucket: Any, targets: list[str]) -> list[str]:
    """Those functions, queues and topics that are not there or do not let the bucket in."""
    found = []
    for target in targets:
        if not target.startswith("arn:aws:lambda:"):
            if not _may_send(lambdas, account, bucket, target):
                found.append(target)
            continue
        named = arn.parse(target)
        functions = lambdas.functions(named.account or account, named.region or bucket.region_name)
        try:
            function = functions.get(named.name)
            function.version(named.qualifier)
        except LambdaError:
            found.append(target)
            continue
        if not may_invoke(function, named.qualifier, SERVICE, bucket.arn, account):
            found.append(target)
    return found


def skips_validation() -> bool:
    """Whether the request that is being served wants its destinations to be taken untried.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
    """
    call = current_call()
    header = call.environ.get("HTTP_X_AMZ_SKIP_DESTINATION_VALIDATION", "") if call else ""
    return str(header).lower() == "true"


def _may_send(lambdas: LambdaService, account: str, bucket: Any, target: str) -> bool:
    return target.split(":")[2] in ACTIONS and may_send(
        lambdas, SERVICE, target, bucket.arn, account
    )


def send(lambdas: LambdaService, account: str, bucket: Any, target: str, body: Any) -> None:
    """Send to a queue or topic; nothing is raised: the upload succeeds, whoever listens.

    Source for the topic's subject:
    https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_notifications_sns.snapshot.json
    """
    from moto.core.exceptions import ServiceException
    from moto.sns.models import sns_backends
    from moto.sqs.models import sqs_backends

    _, _, kind, region, owner, name = target.split(":", 5)
    message = json.dumps(body)
    with contextlib.suppress(ServiceException):
        if not _may_send(lambdas, account, bucket, target):
            return
        if kind == "sqs":
            sqs_backends[owner][region].send_message(name, message)
        else:
            subject = "Amazon S3 Notification"
            sns_backends[owner][region].publish(message, arn=target, subject=subject)
