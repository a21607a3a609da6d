"""Amazon Kinesis Data Streams.

Source: https://docs.aws.amazon.com/streams/latest/dev/controlling-access.html
"""

from __future__ import annotations

from helpers.localaws.iam.actions.asked import Asked
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import if_tagged


def _of_iterator(asked: Asked) -> list[str]:
    iterator = asked.first("ShardIterator")
    if iterator is None:
        return []
    return [asked.find("shard-iterator", iterator) or asked.arn("stream/*")]


def _of_consumer(asked: Asked) -> list[str]:
    if arn := asked.first("ConsumerARN"):
        return [arn]
    stream, name = asked.first("StreamARN"), asked.first("ConsumerName")
    return [f"{stream}/consumer/{name}:*"] if stream and name else []


SPEC = Spec(
    "kinesis",
    types={
        "stream": either(named("stream/{}", "StreamName"), named("{}", "StreamARN"), _of_iterator),
        "consumer": _of_consumer,
        "channel": either(named("{}", "ChannelARN"), named("channel/{}", "ChannelName")),
    },
    # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
    also={"CreateStream": if_tagged("kinesis:AddTagsToStream", named("stream/{}", "StreamName"))},
    arn_parameters=("ResourceARN",),
)
