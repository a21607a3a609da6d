"""Amazon DynamoDB and its streams. Transactions and PartiQL need the actions of what is in them.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.dynamodb_keys import item_keys
from helpers.localaws.iam.actions.rule import Spec, either, named
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.errors import UnmappedOperation

table_arn = either(
    named("table/{}", "TableName"),
    named("{}", "TableArn"),
    named("table/{}", "TargetTableName"),
    named("table/{}", "SourceTableName"),
)

_BACKUP = re.compile(r"(.+:table/[^/]+)/backup/.+")


def _index_or_table(asked: Asked) -> list[str]:
    """Who queries an index needs the index, not the table."""
    tables = table_arn(asked)
    if tables and asked.get("IndexName"):
        return [f"{tables[0]}/index/{asked.get('IndexName')}"]
    return list(tables)


def _stream(asked: Asked) -> list[str]:
    """A stream's ARN; an iterator begins with it, or the account's state knows it."""
    if arn := asked.first("StreamArn"):
        return [arn]
    iterator = asked.first("ShardIterator")
    if iterator is None:
        return []
    if iterator.startswith("arn:"):
        return [iterator.partition("|")[0]]
    return [asked.find("shard-iterator", iterator) or asked.arn("table/*/stream/*")]


def _query(asked: Asked) -> Iterable[Needed]:
    for arn in _index_or_table(asked):
        yield Needed(f"dynamodb:{asked.operation}", arn, item_keys(asked, table_arn(asked)[0]))


def _by_table(asked: Asked) -> Iterable[Needed]:
    """BatchGetItem and BatchWriteItem: each table once, with the keys of all its items."""
    for table, requests in (asked.get("RequestItems") or {}).items():
        arn = asked.arn(f"table/{table}") if not table.startswith("arn:") else table
        parts = list(_parts_of_batch(asked, requests))
        keys = item_keys(parts[0], arn) if parts else {}
        for part in parts[1:]:
            keys = _merge(keys, item_keys(part, arn))
        yield Needed(f"dynamodb:{asked.operation}", arn, keys)


def _parts_of_batch(asked: Asked, requests: Any) -> Iterator[Asked]:
    if isinstance(requests, Mapping):  # BatchGetItem
        for key in requests.get("Keys") or []:
            yield replace(asked, parameters={**requests, "Key": key})
        return
    for request in requests or []:
        for one in request.values():  # PutRequest or DeleteRequest
            yield replace(asked, parameters=one or {})


def _merge(keys: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Two sets of keys as one: keys with several values have them all."""
    merged = {**keys, **more}
    for name in set(keys) & set(more):
        if isinstance(keys[name], list):
            merged[name] = list(dict.fromkeys([*keys[name], *more[name]]))
    return merged


#: What a transaction's entries are called → the action that each needs.
_ENTRIES = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _transaction(asked: Asked) -> Iterable[Needed]:
    for entry in asked.get("TransactItems") or []:
        for name, parameters in entry.items():
            if name in _ENTRIES:
                part = replace(asked, parameters=parameters)
                arn = table_arn(part)[0]
                keys = item_keys(part, arn) | {"dynamodb:EnclosingOperation": asked.operation}
                yield Needed(f"dynamodb:{_ENTRIES[name]}", arn, keys)


_PARTIQL = {"select": "Select", "insert": "Insert", "update": "Update", "delete": "Delete"}
#: The table, and perhaps an index of it, in: SELECT … FROM "t"."i", INSERT INTO t, UPDATE t.
_TABLE = re.compile(
    r"""(?:\bfrom|\binto|^\s*update)\s+(?:"([^"]+)"|([\w.:/-]+?))(?:\."([^"]+)"|\.([\w-]+))?(?=[\s;]|$)""",
    re.IGNORECASE,
)


def _partiql(asked: Asked) -> Iterable[Needed]:
    statements = [asked.get("Statement")] if asked.get("Statement") else []
    for name in ("Statements", "TransactStatements"):
        statements += [one.get("Statement") for one in asked.get(name) or []]
    for text in statements:
        yield _of_statement(asked, str(text))


def _of_statement(asked: Asked, text: str) -> Needed:
    text = re.sub(r"^\s*exists\s*\(", "", text, flags=re.IGNORECASE)
    verb = _PARTIQL.get(text.split(None, 1)[0].lower() if text.strip() else "")
    table = _TABLE.search(text)
    if verb is None or table is None:
        raise UnmappedOperation(
            "dynamodb", asked.operation, f"the statement {text!r} names no table"
        )
    arn = asked.arn(f"table/{table[1] or table[2]}")
    if (index := table[3] or table[4]) and verb == "Select":
        arn += f"/index/{index}"
    keys = {}
    if verb == "Select":
        keys["dynamodb:FullTableScan"] = not re.search(r"\bwhere\b", text, re.IGNORECASE)
    return Needed(f"dynamodb:PartiQL{verb}", arn, keys)


def _tagged(asked: Asked) -> Iterable[Needed]:
    if asked.get("Tags"):
        yield Needed("dynamodb:TagResource", table_arn(asked)[0], tag_keys(asked))


def _with_item(asked: Asked) -> Iterable[Needed]:
    arn = table_arn(asked)[0]
    yield Needed(f"dynamodb:{asked.operation}", arn, item_keys(asked, arn))


SPEC = Spec(
    "dynamodb",
    types={
        "table": table_arn,
        "stream": _stream,
        "backup": named("{}", "BackupArn"),
        "export": named("{}", "ExportArn"),
        "import": named("{}", "ImportArn"),
        "global-table": named("global-table/{}", "GlobalTableName", region=""),
    },
    special={
        "BatchExecuteStatement": _partiql,
        "BatchGetItem": _by_table,
        "BatchWriteItem": _by_table,
        "DeleteItem": _with_item,
        "ExecuteStatement": _partiql,
        "ExecuteTransaction": _partiql,
        "GetItem": _with_item,
        "PutItem": _with_item,
        "Query": _query,
        "Scan": _query,
        "TransactGetItems": _transaction,
        "TransactWriteItems": _transaction,
        "UpdateItem": _with_item,
    },
    also={"CreateTable": _tagged},
    arn_parameters=("ResourceArn",),
    whole={"ListExports": "table/*", "ListImports": "table/*", "ImportTable": "table/*"},
)
