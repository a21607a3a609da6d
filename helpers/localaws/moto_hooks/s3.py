"""Amazon S3."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def connect_s3(service: LambdaService) -> None:
    """Reasons: moto's records lack half their members; an upload in parts is announced twice, and
    each upload as a change of tags too; a delete marker is not announced at all; what goes to a
    topic has no subject."""
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
                _, _, kind, region, _, queue_name = rule.arn.split(":")
                body = {"Records": [s3.record(account_id, name, bucket, key, rule.id)]}
                if kind == "sqs":
                    notifications._send_sqs_message(account_id, body, queue_name, region)
                else:
                    notifications._send_sns_message(account_id, body, rule.arn, region)
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

    notifications.send_event = send
    notifications._send_sns_message = s3.to_topic
    S3Backend.complete_multipart_upload = complete_once
    S3Backend._set_delete_marker = announce_delete_marker


def refuse_s3_notifications_without_permission(service: LambdaService) -> None:
    """Reasons: moto takes any function, S3 tries each when the notification is set; moto takes
    rules that one event could fit both, and fails at a rule of no value.

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
        given = (notification_config or {}).get("CloudFunctionConfiguration") or []
        rules = given if isinstance(given, list) else [given]
        bucket = self.get_bucket(bucket_name)
        targets = [rule["CloudFunction"] for rule in rules]
        if s3.problems(service, self.account_id, bucket, targets):
            raise S3ClientError(
                "InvalidArgument",
                "Unable to validate the following destination configurations",
            )
        put(self, bucket_name, notification_config)

    S3Backend.put_bucket_notification_configuration = put_checked
