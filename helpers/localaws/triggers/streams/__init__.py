"""DynamoDB Streams and Kinesis data streams as event sources of functions.

``changes`` keeps what a table's writes leave behind, ``tables`` and ``table_api`` put it under
moto's DynamoDB, ``kinesis_shards`` corrects moto's Kinesis. ``sources`` shows both to a mapping in
one form; ``poller`` starts a ``lane`` for each shard, which invokes the function batch after batch.
"""
