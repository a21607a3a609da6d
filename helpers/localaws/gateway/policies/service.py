"""What a service may do with a queue or a topic because of a bucket, topic or rule of somebody's.

A service has no policies of its own: the resource's policy must name it. Where a key of the
customer's encrypts what lies there, the key's policy must name it too; keys of AWS's own let no
other service in.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html,
https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.localaws.gateway.policies import resources
from helpers.localaws.gateway.policies.finding import finder
from helpers.localaws.iam import evaluate, keys, principal
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.request import Caller, Request

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: By the service in the ARN: the permission that it takes to send something there.
ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
#: What whoever sends has to do with the key of an encrypted queue or topic.
KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


def may_send(
    lambdas: LambdaService, service: str, target: str, source_arn: str, account: str
) -> bool:
    """Whether ``service`` (``s3.amazonaws.com``) may send to the queue or topic ``target``.

    ``source_arn`` is the bucket, topic or rule because of which it would, ``account`` its owner.
    """
    _, _, kind, region, owner, name = target.split(":", 5)
    if not _may(lambdas, service, ACTIONS[kind], target, source_arn, account):
        return False
    given = _encrypted_with(kind, region, owner, name, target)
    if not given:
        return True
    find = finder(lambdas, owner, region)
    key = find("kms-key", given)
    return key is not None and all(
        _may(lambdas, service, action, key, source_arn, account) for action in KEY_ACTIONS
    )


def _may(
    lambdas: LambdaService, service: str, action: str, resource: str, source_arn: str, account: str
) -> bool:
    who = principal.service(service)
    now = datetime.fromtimestamp(time.time(), UTC)
    target = resources.target(lambdas, action, resource, account)
    context = Context(
        {
            **keys.principal_keys(who),
            **keys.request_keys(now, region=resource.split(":")[3], secure=True, source_ip=None),
            **keys.resource_keys(target.account),
            **keys.source_keys(source_arn, account),
        }
    )
    return evaluate.decide(Request(Caller(who), action, target, context)).allowed


def _encrypted_with(kind: str, region: str, account: str, name: str, arn: str) -> str | None:
    """The key of moto's queue or topic, as it was given; None: it is not encrypted with KMS."""
    found: Any
    if kind == "sqs":
        from moto.sqs.models import sqs_backends

        found = sqs_backends[account][region].queues.get(name)
    else:
        from moto.sns.models import sns_backends

        found = sns_backends[account][region].topics.get(arn)
    return getattr(found, "kms_master_key_id", None) or None
