"""Amazon S3."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_s3(service: LambdaService) -> None:
    """Reasons: moto's records lack half their members; an upload in parts is announced twice, and
    each upload as a change of tags too; a delete marker is not announced at all; what goes to a
    topic has no subject; nobody asks whether a queue or topic lets the bucket send."""
    from moto.s3 import notifications
    from moto.s3.models import S3Backend

    from helpers.localaws.triggers import s3

    complete, set_delete_marker = S3Backend.complete_multipart_upload, S3Backend._set_delete_marker
    uploading = threading.local()

    def send(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        name = str(getattr(event_name, "value", event_name))
        in_parts = getattr(uploading, "in_parts", False)
        config = bucket.notification_configuration
        if not config or (in_parts and not name.endswith("CompleteMultipartUpload")):
            return
        if s3.is_part_of_another(name):
            return
        for rule in config.cloud_function:
            if rule.matches(name, key.name):
                s3.notify(service, account_id, name, bucket, key, rule)
        for rule in [*config.queue, *config.topic]:
            if rule.matches(name, key.name):
                body = {"Records": [s3.record(account_id, name, bucket, key, rule.id)]}
                s3.send(service, account_id, bucket, rule.arn, body)
        if config.event_bridge is not None:
            s3.announce(service, account_id, name, bucket, key)

    def complete_once(self: Any, *arguments: Any, **more: Any) -> Any:
        uploading.in_parts = True
        try:
            return complete(self, *arguments, **more)
        finally:
            uploading.in_parts = False

    def announce_delete_marker(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = set_delete_marker(self, bucket_name, key_name)
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        notifications.send_event(self.account_id, event, self.get_bucket(bucket_name), marker)
        return marker

    def send_test_event(account_id: str, bucket: Any) -> None:
        config = bucket.notification_configuration
        for target in sorted({one.arn for one in [*config.queue, *config.topic]}):
            body = notifications._get_test_event(bucket.name)
            s3.send(service, account_id, bucket, target, body)

    notifications.send_event = send
    notifications.send_test_event = send_test_event
    S3Backend.complete_multipart_upload = complete_once
    S3Backend._set_delete_marker = announce_delete_marker
    _tag_new_buckets()


def refuse_s3_notifications_without_permission(service: LambdaService) -> None:
    """Reasons: moto takes any function, queue and topic, S3 tries each when the notification is
    set; moto takes rules that one event could fit both, and fails at a rule of no value.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    from moto.s3.exceptions import S3ClientError
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    from helpers.localaws.triggers import s3, s3_rules

    read = S3Response._notification_config_from_body

    def read_without_empty_rules(self: Any) -> dict[str, Any]:
        self.body = s3_rules.without_empty_rules(self.body)
        return read(self)

    S3Response._notification_config_from_body = read_without_empty_rules
    put = S3Backend.put_bucket_notification_configuration

    def put_checked(self: Any, bucket_name: str, notification_config: dict[str, Any]) -> None:
        if problem := s3_rules.ambiguous(notification_config or {}):
            raise S3ClientError("InvalidArgument", problem)
        bucket = self.get_bucket(bucket_name)
        targets = s3_rules.destinations(notification_config or {})
        if s3.problems(service, self.account_id, bucket, targets) and not s3.skips_validation():
            raise S3ClientError(
                "InvalidArgument",
                "Unable to validate the following destination configurations",
            )
        put(self, bucket_name, notification_config)

    S3Backend.put_bucket_notification_configuration = put_checked


def encrypt_by_default() -> None:
    """Reason: since 2023 every bucket encrypts what is put into it; moto's are told to first.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
    """
    from moto.s3.models import S3Backend

    find = S3Backend.get_bucket_encryption

    def get_bucket_encryption(self: Any, bucket_name: str) -> dict[str, Any]:
        by_s3 = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        return find(self, bucket_name) or {"Rule": {**by_s3, "BucketKeyEnabled": "false"}}

    backend: Any = S3Backend
    backend.get_bucket_encryption = get_bucket_encryption


def _tag_new_buckets() -> None:
    """Reason: moto leaves the tags out with which a bucket is made.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
    """
    import xmltodict  # type: ignore[import-untyped]
    from moto.s3.responses import S3Response

    put = S3Response._bucket_response_put

    def put_tagged(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        is_new = not querystring and bucket_name not in self.backend.buckets
        answer = put(self, request, bucket_name, querystring)
        if is_new and self.body:
            sent = xmltodict.parse(self.body, force_list=("Tag",))["CreateBucketConfiguration"]
            tags = ((sent or {}).get("Tags") or {}).get("Tag", [])
            if tags:
                given = {one["Key"]: one["Value"] or "" for one in tags}
                self.backend.put_bucket_tagging(bucket_name, given)
        return answer

    responses: Any = S3Response
    responses._bucket_response_put = put_tagged


def leave_permissions_to_the_gateway() -> None:
    """Reasons: moto reads a bucket's policy in a way of its own, where everybody is meant whom it
    denies anything; of DeleteObjects some keys may be refused.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    from moto.core.responses import ActionResult
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket
    from moto.s3.responses import S3Response

    from helpers.localaws.gateway.policies import partly

    delete_keys = S3Response._bucket_response_delete_keys

    def delete_what_may_be(self: Any, bucket_name: str, authenticated: bool = True) -> Any:
        refused = partly.refused()
        if not refused:
            return delete_keys(self, bucket_name)
        self.data["Action"] = "DeleteObjects"
        return self.serialized(ActionResult(partly.delete_objects(self, bucket_name, refused)))

    bucket: Any = FakeBucket
    bucket.get_permission = lambda self, action, resource: PermissionResult.PERMITTED
    responses: Any = S3Response
    responses._bucket_response_delete_keys = delete_what_may_be
