"""Every change made to moto, each with its reason. Nothing else in this project patches it.

``tests/unit/localaws/test_moto_hooks.py`` fails when moto moves one of these places.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def install() -> None:
    """Settings that moto reads when it is imported; call before anything imports moto."""
    # AWS's own managed policies (AWSLambdaBasicExecutionRole, …) can then be attached.
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # Credentials of this machine are of no use here, and never read.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")


def read_managed_policies_once() -> None:
    """Keep AWS's 1,600 managed policies instead of reading them again at every reset.

    Reason: moto makes them anew for each of its six partitions whenever IAM is emptied, which
    takes more than a second. This course knows one partition, and copies are cheap.
    """
    from moto.iam.models import IAMBackend

    read = IAMBackend._init_aws_policies
    kept: dict[str, list[Any]] = {}

    def _init_aws_policies(self: Any) -> list[Any]:
        if self.partition != "aws":
            return []
        if self.account_id not in kept:
            kept[self.account_id] = read(self)
        return [copy.copy(policy) for policy in kept[self.account_id]]

    IAMBackend._init_aws_policies = _init_aws_policies  # type: ignore[method-assign]


def connect_triggers(service: LambdaService) -> None:
    """Give moto's services our Lambda in place of moto's.

    Reason: moto runs a handler (in Docker, or not at all) inside the producer's own API call, so a
    slow handler makes ``put_object`` slow, and boto's retry of that call runs it again. S3, SNS
    and Logs fetch moto's Lambda through one function; with this in its place they hand their event
    to the asynchronous queue and return, as on AWS. (moto's EventBridge knows no Lambda targets.)
    """
    from moto.awslambda import utils

    def get_backend(account_id: str, region: str) -> LambdaForMoto:
        return LambdaForMoto(service, account_id, region)

    utils.get_backend = get_backend  # type: ignore[assignment]


class LambdaForMoto:
    """The few calls that moto's services make to Lambda, each handed to the queue."""

    def __init__(self, service: LambdaService, account: str, region: str) -> None:
        self._service, self._account, self._region = service, account, region

    def get_function(self, name_or_arn: str, qualifier: str | None = None) -> QueuedFunction:
        """Used by S3 notifications and secret rotation."""
        return QueuedFunction(self, name_or_arn, qualifier)

    def get_function_by_arn(self, arn: str) -> QueuedFunction:
        return QueuedFunction(self, arn, None)

    def invoke(self, function_name: str, qualifier: Any = None, body: Any = None, *_: Any) -> bytes:
        """Used by EventBridge."""
        self.put(function_name, qualifier, body)
        return b""

    def send_sns_message(
        self, function_name: str, message: str, subject: Any = None, qualifier: Any = None
    ) -> None:
        """Used by SNS."""
        notification = {"Type": "Notification", "Message": message, "Subject": subject}
        record = {"EventVersion": "1.0", "EventSource": "aws:sns", "Sns": notification}
        self.put(function_name, qualifier, json.dumps({"Records": [record]}))

    def send_log_event(
        self, arn: str, filter_name: str, group: str, stream: str, events: list[dict[str, Any]]
    ) -> None:
        """Used by subscription filters of CloudWatch Logs.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
        """
        data = {
            "messageType": "DATA_MESSAGE",
            "owner": self._account,
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": [filter_name],
            "logEvents": events,
        }
        packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
        self.put(arn, None, json.dumps({"awslogs": {"data": packed}}))

    def put(self, name_or_arn: str, qualifier: str | None, body: str | bytes) -> None:
        from helpers.localaws.compute import arn
        from helpers.localaws.compute.events import QueuedEvent
        from helpers.localaws.compute.invocation import Invocation

        named = arn.parse(name_or_arn, qualifier)
        region = named.region or self._region
        account = named.account or self._account
        target = arn.function_arn(region, account, named.name, named.qualifier)
        payload = body.encode() if isinstance(body, str) else body
        event = QueuedEvent(
            account, region, named.name, named.qualifier, Invocation(payload, target)
        )
        self._service.events.put(event)


class QueuedFunction:
    """A function as moto's services see it: its ``invoke`` only queues."""

    def __init__(self, door: LambdaForMoto, name_or_arn: str, qualifier: str | None) -> None:
        self._door, self._name, self._qualifier = door, name_or_arn, qualifier
        self.function_arn = name_or_arn

    def invoke(self, body: str, *_: Any) -> None:
        self._door.put(self._name, self._qualifier, body)


def reset_moto() -> None:
    """Empty every service of moto, as its own reset does."""
    from moto.moto_api._internal.models import MotoAPIBackend

    MotoAPIBackend("global", "global").reset()
