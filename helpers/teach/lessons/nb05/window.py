"""The shop window of `05.thumbnails` as the check sees it: two buckets, and who is called."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud, WaitedTooLong
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.lessons.nb05 import buckets

#: Keys below this one call the function, and no others.
PREFIX = "photos/"
MOST = 320  #: pixels, wide and high
#: Seconds (of real time) for an upload's event to be delivered and handled.
PATIENCE = 60


@dataclass
class Preview:
    """What lies in the bucket for previews: its bytes, and the type that browsers are told."""

    content: bytes
    content_type: str


@dataclass
class Window:
    """What the learner built, and the pictures that the check has put into it."""

    cloud: Cloud
    mark: str = field(default_factory=lambda: f"check-{uuid.uuid4().hex[:8]}")
    pictures: dict[str, bytes] = field(default_factory=dict)  #: by key

    @cached_property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    @property
    def photos(self) -> str:
        return f"shop-window-{self.cloud.account_id}"

    @property
    def previews(self) -> str:
        return f"shop-window-small-{self.cloud.account_id}"

    def is_there(self, bucket: str) -> bool:
        try:
            self.s3.head_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        """The notification's configurations that name a function."""
        found = self.s3.get_bucket_notification_configuration(Bucket=self.photos)
        return list(found.get("LambdaFunctionConfigurations", []))

    @property
    def function(self) -> str:
        """The ARN of the function that the bucket calls (of the first, where there are more)."""
        return str(self.rules[0]["LambdaFunctionArn"])

    @cached_property
    def deployed(self) -> Deployed:
        """The function itself. Raises Lambda's ResourceNotFoundException where it is gone."""
        name = self.function.split(":function:")[-1]
        config = self.cloud.client("lambda").get_function_configuration(FunctionName=self.function)
        file = str(config.get("Handler", "app.handler")).rpartition(".")[0] + ".py"
        return Deployed(self.cloud, name, file)

    def calls(self, key: str) -> bool:
        """Whether a new object of that key calls a function, as the rules say it."""
        return any(_fits(rule, key) for rule in self.rules)

    def trusted(self) -> list[dict[str, Any]]:
        """The statements of the function's policy that let S3 invoke it."""
        try:
            policy = self.deployed.lambda_.get_policy(FunctionName=self.function)["Policy"]
        except self.deployed.lambda_.exceptions.ResourceNotFoundException:
            return []
        statements = json.loads(policy)["Statement"]
        return [one for one in statements if "s3" in json.dumps(one["Principal"])]

    # -- pictures ------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """A key for one of the check's own pictures, which no picture of the shop has."""
        return f"{PREFIX}{self.mark}/{name}"

    def upload(self, key: str, content: bytes) -> None:
        self.pictures[key] = content
        self.s3.put_object(Bucket=self.photos, Key=key, Body=content, ContentType="image/jpeg")

    def preview(self, key: str) -> Preview | None:
        """The preview of a key, or None where there is none (yet)."""
        try:
            found = self.s3.get_object(Bucket=self.previews, Key=key)
        except ClientError:
            return None
        return Preview(found["Body"].read(), found.get("ContentType", ""))

    def wait_for(self, key: str, reports: int) -> Preview | None:
        """The preview of a key; None when the function has ended `reports` times without one."""

        def over() -> bool:
            return self.preview(key) is not None or self.reports() >= reports

        with contextlib.suppress(WaitedTooLong):
            self.cloud.wait_until(over, seconds=PATIENCE, what="the preview is there")
        return self.preview(key)

    def reports(self) -> int:
        """How many invocations of the function its log tells of, so far."""
        pages = self.deployed.logs.get_paginator("filter_log_events")
        group = f"/aws/lambda/{self.deployed.name.split(':')[0]}"
        try:
            found = [
                event["message"]
                for page in pages.paginate(logGroupName=group)
                for event in page["events"]
            ]
        except ClientError:  # nothing has run, or the role may not write a log
            return 0
        return sum(message.startswith("REPORT ") for message in found)

    def invoke(self, key: str) -> Reply:
        """Hand the function the event of that key once more, and see what it says."""
        return self.deployed.invoke(buckets.event(self.photos, key))

    def strangers(self) -> list[str]:
        """Objects with the check's mark in the bucket of photos that the check did not put."""
        found = buckets.keys(self.s3, self.photos, self.mark)
        return [key for key in found if key not in self.pictures]

    def is_untouched(self, key: str) -> bool:
        found = self.s3.get_object(Bucket=self.photos, Key=key)
        return bool(found["Body"].read() == self.pictures[key])

    def elsewhere(self) -> list[tuple[str, str]]:
        """(bucket, key) of objects with the check's mark in the shop's other buckets."""
        names = [one["Name"] for one in self.s3.list_buckets()["Buckets"]]
        others = [name for name in names if name.startswith("shop-") and name != self.photos]
        return [(name, key) for name in others for key in buckets.keys(self.s3, name, self.mark)]

    def clean(self) -> None:
        """Take away what the check put, and what came of it."""
        for bucket in {self.photos, *(name for name, _ in self.elsewhere())}:
            buckets.empty(self.s3, bucket, self.mark)


def _fits(rule: dict[str, Any], key: str) -> bool:
    """S3's own rule: the key begins with the prefix and ends with the suffix, letter by letter."""
    filters = rule.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    parts = {one["Name"].lower(): one["Value"] for one in filters}
    return key.startswith(parts.get("prefix", "")) and key.endswith(parts.get("suffix", ""))
