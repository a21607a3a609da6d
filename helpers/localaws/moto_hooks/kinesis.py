"""Kinesis Data Streams."""

from __future__ import annotations

from typing import Any


def correct_kinesis() -> None:
    """Reasons: moto numbers records 1, 2, 3 in each shard, not safely where two producers write at
    once, and keeps them for ever; after a split or merge new records go to the closed shard and old
    ones are moved; a new stream's tags are left out.
    """
    from moto.kinesis.models import Shard, Stream
    from moto.kinesis.responses import KinesisResponse

    from helpers.localaws.triggers.streams import bells, kinesis_shards

    create = KinesisResponse.create_stream
    put_record, get_shard = Stream.put_record, Stream.get_shard
    choose, split, merge = Stream.get_shard_for_key, Stream.split_shard, Stream.merge_shards

    def create_tagged(self: Any) -> Any:
        """Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html"""
        made, tags = create(self), self._get_param("Tags")
        if tags:
            self.kinesis_backend.add_tags_to_stream(None, self._get_param("StreamName"), tags)
        return made

    def put_and_ring(self: Any, *arguments: Any, **more: Any) -> Any:
        answer = put_record(self, *arguments, **more)
        bells.ring(self.arn)
        return answer

    def get_trimmed(self: Any, shard_id: str) -> Any:
        shard = get_shard(self, shard_id)
        kinesis_shards.trim(self, shard)
        return shard

    def choose_open(self: Any, partition_key: str, explicit_hash_key: str) -> Any:
        choose(self, partition_key, explicit_hash_key)  # raises for keys that Kinesis refuses
        return kinesis_shards.open_shard_for(self, partition_key, explicit_hash_key)

    def split_empty(self: Any, shard: str, start: str) -> None:
        kinesis_shards.keeping_records(self, [shard], lambda: split(self, shard, start))

    def merge_empty(self: Any, one: str, other: str) -> None:
        kinesis_shards.keeping_records(self, [one, other], lambda: merge(self, one, other))

    responses: Any = KinesisResponse
    responses.create_stream = create_tagged
    model: Any = Stream
    model.put_record, model.get_shard = put_and_ring, get_trimmed
    model.get_shard_for_key = choose_open
    model.split_shard, model.merge_shards = split_empty, merge_empty
    Shard.put_record = kinesis_shards.put_record
    Shard.get_min_sequence_number = kinesis_shards.first_number
