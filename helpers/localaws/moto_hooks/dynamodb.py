"""Amazon DynamoDB and its streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def return_every_updated_attribute() -> None:
    """Reason: with ReturnValues=UPDATED_NEW moto leaves out an attribute that was set to the value
    it had, and adds the key of a new item; DynamoDB returns what the update names.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    from moto.dynamodb.responses import DynamoHandler

    build = DynamoHandler._build_updated_new_attributes

    def named_by_the_update(self: Any, original: Any, changed: Any) -> Any:
        names = _updated_attributes(self.body)
        # It calls itself for nested values, and for those moto is right.
        if names is None or not isinstance(changed, dict) or not names & set(changed):
            return build(self, original, changed)
        return {name: value for name, value in changed.items() if name in names}

    DynamoHandler._build_updated_new_attributes = named_by_the_update


def _updated_attributes(body: dict[str, Any]) -> set[str] | None:
    """What an UpdateExpression sets or adds to; None where it reaches into a document."""
    names = body.get("ExpressionAttributeNames", {})
    found: set[str] = set()
    for clause in re.split(r"(?i)\b(?=(?:set|add|remove|delete)\b)", body["UpdateExpression"]):
        if not clause.lower().startswith(("set", "add")):
            continue
        # "SET a = :one, #b = if_not_exists(#b, :two)", "ADD c :one"
        for target in re.findall(r"(?:^\w+\s+|,\s*)([#\w.\[\]]+)\s*(?==|\s:)", clause):
            if "." in target or "[" in target:
                return None
            found.add(names.get(target, target))
    return found


def keep_changes_of_tables(service: LambdaService) -> None:
    """Reasons: moto pushes to Lambda inside the write; its streams know no retention, no second
    life and no deleted table, announce what a failed transaction did and what changed nothing, and
    repeat sequence numbers; a write is not atomic; expired items are never deleted; a table's first
    policy is thrown away, and its last one waits for the next table of that name.
    """
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler
    from moto.dynamodbstreams.models import DynamoDBStreamsBackend

    from helpers.localaws.triggers.streams import expiry, table_api, tables

    for name in ("put_item", "update_item", "delete_item", "transact_write_items",
                 "execute_statement", "execute_transaction"):  # fmt: skip
        setattr(DynamoDBBackend, name, tables.as_one_write(getattr(DynamoDBBackend, name)))
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoHandler, name, tables.undisturbed(getattr(DynamoHandler, name)))
    delete_table = DynamoDBBackend.delete_table

    def delete_table_and_stream(self: Any, name: str) -> Any:
        table = delete_table(self, name)
        tables.forget_table(table)
        self.resource_policies.pop(table.table_arn, None)
        return table

    create_table = DynamoHandler.create_table

    def create_table_with_policy(self: Any) -> Any:
        answer = create_table(self)
        if policy := self.body.get("ResourcePolicy"):
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            try:
                self.dynamodb_backend.put_resource_policy(table.table_arn, policy, None)
            except Exception:
                self.dynamodb_backend.delete_table(table.name)
                raise
        return answer

    handler: Any = DynamoHandler
    handler.create_table = create_table_with_policy
    DynamoDBBackend.delete_table = delete_table_and_stream
    backend: Any = DynamoDBBackend
    backend.update_table_streams = lambda self, table, asked: tables.update_streams(table, asked)
    Table.set_stream_specification = tables.set_stream_specification
    api: Any = DynamoDBStreamsBackend
    api.list_streams = lambda self, table_name=None: table_api.list_streams(
        self.account_id, self.region_name, table_name
    )
    api.describe_stream = lambda self, arn: table_api.describe_stream(arn)
    api.get_shard_iterator = lambda self, *given: table_api.get_shard_iterator(*given)
    api.get_records = lambda self, iterator, limit: table_api.get_records(iterator, limit)
    update_time_to_live = DynamoDBBackend.update_time_to_live

    def update_and_watch(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
        update_time_to_live(self, table_name, ttl_spec)
        expiry.watch(service.timetable, self, table_name)

    DynamoDBBackend.update_time_to_live = update_and_watch
