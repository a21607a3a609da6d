"""Amazon SNS.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import uses_key
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values


def _of_subscription(asked: Asked) -> list[str]:
    """A subscription's ARN is its topic's with an id behind it."""
    arn = asked.first("SubscriptionArn")
    return [arn.rpartition(":")[0]] if arn and arn.count(":") > 5 else []


topic_arn = either(
    named("{}", "TopicArn"), named("{}", "TargetArn"), _of_subscription, named("{}", "Name")
)


def _keys(asked: Asked) -> Mapping[str, Values]:
    if asked.operation != "Subscribe":
        return {}
    return {"sns:Protocol": asked.get("Protocol"), "sns:Endpoint": asked.get("Endpoint")}


def _to_phone(asked: Asked) -> list[str]:
    return ["*"] if asked.get("PhoneNumber") else []


def _tagged(asked: Asked) -> Iterable[Needed]:
    if asked.get("Tags"):
        yield Needed("sns:TagResource", topic_arn(asked)[0], tag_keys(asked))


def _publish(asked: Asked) -> Iterable[Needed]:
    return uses_key(asked, "sns-topic-key", topic_arn, "kms:GenerateDataKey", "kms:Decrypt")


#: A subscription that waits for its confirmation has no ARN yet.
_ON_SUBSCRIPTIONS = ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")

SPEC = Spec(
    "sns",
    types={"topic": either(topic_arn, _to_phone)},
    renamed={"PublishBatch": "Publish"},
    also={"CreateTopic": _tagged, "Publish": _publish, "PublishBatch": _publish},
    keys=_keys,
    arn_parameters=("ResourceArn",),
    unscoped=lambda asked: asked.arn("*"),
    whole=dict.fromkeys(_ON_SUBSCRIPTIONS, "*"),
)
