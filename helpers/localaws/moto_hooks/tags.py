"""Tags, which moto keeps beside the resources that carry them."""

from __future__ import annotations

from typing import Any


def forget_tags_with_their_resource() -> None:
    """Reason: in these four services a deleted resource's tags stay, by its ARN, and whoever makes
    another one of that name finds it tagged.
    """
    from moto.cloudtrail.models import CloudTrailBackend
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.logs.models import LogsBackend
    from moto.s3.models import S3Backend

    delete_alarms, delete_trail = CloudWatchBackend.delete_alarms, CloudTrailBackend.delete_trail
    delete_log_group, delete_bucket = LogsBackend.delete_log_group, S3Backend.delete_bucket

    def alarms_deleted(self: Any, alarm_names: list[str]) -> None:
        arns = [self.alarms[name].alarm_arn for name in alarm_names if name in self.alarms]
        delete_alarms(self, alarm_names)
        _forget(self.tagger, *arns)

    def trail_deleted(self: Any, name: str) -> None:
        arns = [
            trail.arn for trail in self.trails.values() if name in (trail.trail_name, trail.arn)
        ]
        delete_trail(self, name)
        _forget(self.tagging_service, *arns)

    def log_group_deleted(self: Any, log_group_name: str) -> None:
        group = self.groups.get(log_group_name)
        delete_log_group(self, log_group_name)
        _forget(self.tagger, group.arn, group.arn.removesuffix(":*"))

    def bucket_deleted(self: Any, bucket_name: str) -> Any:
        deleted = delete_bucket(self, bucket_name)
        if deleted is not None:
            _forget(self.tagger, deleted.arn)
        return deleted

    cloudwatch: Any = CloudWatchBackend
    cloudtrail: Any = CloudTrailBackend
    cloudwatch.delete_alarms, cloudtrail.delete_trail = alarms_deleted, trail_deleted
    LogsBackend.delete_log_group = log_group_deleted  # type: ignore[method-assign]
    S3Backend.delete_bucket = bucket_deleted  # type: ignore[method-assign]


def _forget(tagger: Any, *arns: str) -> None:
    for arn in arns:
        tagger.delete_all_tags_for_resource(arn)
