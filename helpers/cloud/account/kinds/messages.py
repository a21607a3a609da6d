"""Queues and topics."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.cloud.account.kinds.kind import (
    Kind,
    Look,
    Parameters,
    Place,
    Tags,
    looked,
    pages,
    pairs,
    values,
)


def _queues(_: Place, parameters: Parameters) -> Iterator[str]:
    for url in values(parameters, "QueueUrl"):
        yield url.rpartition("/")[2]
    for arn in values(parameters, "SourceArn", "DestinationArn"):  # of a message move task
        yield arn.rpartition(":")[2]


def _url(place: Place, name: str) -> str:
    return str(place.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _look_at_queue(place: Place, name: str) -> Look | None:
    def find() -> Tags:
        return dict(place.client("sqs").list_queue_tags(QueueUrl=_url(place, name)).get("Tags", {}))

    return looked(find)


QUEUE = Kind(
    name="queue",
    service="sqs",
    made_by={"CreateQueue": lambda _, sent, __: str(sent["QueueName"])},
    named=_queues,
    look=_look_at_queue,
    delete=lambda place, name: place.client("sqs").delete_queue(QueueUrl=_url(place, name)),
    listing=lambda place: (
        url.rpartition("/")[2] for url in pages(place.client("sqs"), "list_queues", "QueueUrls")
    ),
    by_hand="aws sqs delete-queue --queue-url $(aws sqs get-queue-url --queue-name {id} "
    "--output text)",
    tag_in="tags",
    tag_keys=None,
    upserts=True,  # CreateQueue answers with the URL of a queue that is there with these attributes
)


def _topics(_: Place, parameters: Parameters) -> Iterator[str]:
    yield from values(parameters, "TopicArn")
    for arn in values(parameters, "TargetArn", "ResourceArn"):
        yield arn
    for arn in values(parameters, "SubscriptionArn"):
        yield arn.rpartition(":")[0]


def _topic_arn(place: Place, sent: Parameters, _: Parameters) -> str:
    return f"arn:aws:sns:{place.region}:{place.number}:{sent['Name']}"


def _look_at_topic(place: Place, arn: str) -> Look | None:
    def find() -> Tags:
        return pairs(place.client("sns").list_tags_for_resource(ResourceArn=arn).get("Tags", []))

    return looked(find)


def _delete_topic(place: Place, arn: str) -> None:
    """With its subscriptions, which AWS deletes with it, but some time later.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
    """
    sns = place.client("sns")
    for one in pages(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
        if one["SubscriptionArn"].startswith("arn:"):  # not "PendingConfirmation"
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    sns.delete_topic(TopicArn=arn)


def _topics_there(place: Place) -> Iterator[str]:
    for one in pages(place.client("sns"), "list_topics", "Topics"):
        yield one["TopicArn"]


TOPIC = Kind(
    name="topic",
    service="sns",
    made_by={"CreateTopic": _topic_arn},
    named=_topics,
    look=_look_at_topic,
    delete=_delete_topic,
    listing=_topics_there,
    by_hand="aws sns delete-topic --topic-arn {id}",
    tag_in="Tags",
    upserts=True,  # CreateTopic answers with the ARN of a topic that is there
)
