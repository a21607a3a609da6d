"""`02.order_number`: right in several ways, and each foreseen wrong one told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Result
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "02.order_number"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "order_number.py.txt").read_text()
STARTER = (FOLDER / "starters" / "order_number.py.txt").read_text()
HEAD = """
import os
import boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
"""
Judge = Callable[..., Result]


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert SOLUTION.count(old) == 1, old
    return SOLUTION.replace(old, new)


def own(text: str) -> str:
    """A handler of another kind, under the given first lines."""
    return HEAD + code(text)


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file order_number.py yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "SET with a beginning, and a Decimal": own("""
        def handler(event, context):
            reply = table.update_item(
                Key={"name": "last order"},
                UpdateExpression="SET #n = if_not_exists(#n, :zero) + :one",
                ExpressionAttributeNames={"#n": "number"},
                ExpressionAttributeValues={":one": 1, ":zero": 0},
                ReturnValues="ALL_NEW",
            )
            return {"order": reply["Attributes"]["number"], "customer": event["customer"]}
        """),
    "a condition, and again when somebody was faster": own("""
        from boto3.dynamodb.conditions import Attr

        def handler(event, context):
            while True:
                item = table.get_item(Key={"name": "orders"}, ConsistentRead=True).get("Item")
                before = int(item["given_out"]) if item else 0
                free = Attr("given_out").eq(before) if item else Attr("name").not_exists()
                try:
                    table.put_item(
                        Item={"name": "orders", "given_out": before + 1}, ConditionExpression=free
                    )
                except table.meta.client.exceptions.ConditionalCheckFailedException:
                    continue
                return {"order": before + 1}
        """),
    "the client instead of the table": """
        import boto3
        import os

        dynamodb = boto3.client("dynamodb")

        def handler(event, context):
            reply = dynamodb.update_item(
                TableName=os.environ["TABLE"],
                Key={"name": {"S": "n"}},
                UpdateExpression="ADD n :n",
                ExpressionAttributeValues={":n": {"N": "1"}},
                ReturnValues="UPDATED_NEW",
            )
            return {"order": int(reply["Attributes"]["n"]["N"])}
        """,
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, code(text)))


READ = 'item = table.get_item(Key={"name": "orders"}).get("Item", {"given_out": 0})'
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "read, then written": (
        own(f"""
            def handler(event, context):
                {READ}
                number = int(item["given_out"]) + 1
                table.put_item(Item={{"name": "orders", "given_out": number}})
                return {{"order": number}}
            """),
        ("read, then write", "8 orders at once got 8 numbers", "leaves a gap"),
    ),
    "added, then read": (
        own("""
            def handler(event, context):
                table.update_item(
                    Key={"name": "orders"},
                    UpdateExpression="ADD given_out :one",
                    ExpressionAttributeValues={":one": 1},
                )
                item = table.get_item(Key={"name": "orders"}, ConsistentRead=True)["Item"]
                return {"order": int(item["given_out"])}
            """),
        ("read after", "although the table counted every one", "your own addition"),
    ),
    "read without an item": (
        own("""
            def handler(event, context):
                item = table.get_item(Key={"name": "orders"})["Item"]
                table.put_item(Item={"name": "orders", "given_out": item["given_out"] + 1})
                return {"order": int(item["given_out"])}
            """),
        ("read first", "no item to read", "Do not read first"),
    ),
    "SET to one": (
        but("ADD given_out :one", "SET given_out = :one").replace("UPDATED_NEW", "ALL_NEW"),
        ("stands still", "two orders in turn both got number 1", "ADD name :one"),
    ),
    "SET plus one without a beginning": (
        but("ADD given_out :one", "SET given_out = given_out + :one"),
        ("no item yet", "nothing to add to", "if_not_exists"),
    ),
    "ADD without the new value": (
        but('        ReturnValues="UPDATED_NEW",\n', ""),
        ("no ReturnValues", "has no Attributes", 'ReturnValues="UPDATED_NEW"'),
    ),
    "the old value": (
        but("UPDATED_NEW", "UPDATED_OLD").replace(
            'reply["Attributes"]["given_out"]', 'reply.get("Attributes", {}).get("given_out", 0)'
        ),
        ("before", "number 0", "the number before the addition"),
    ),
    "a module variable": (
        own("""
            given_out = 0

            def handler(event, context):
                global given_out
                given_out += 1
                return {"order": given_out}
            """),
        ("own memory", "Each environment counts for itself"),
    ),
    "a file in /tmp": (
        own("""
            import tempfile
            from pathlib import Path

            def handler(event, context):
                file = Path(tempfile.gettempdir(), "given_out")
                number = int(file.read_text()) + 1 if file.exists() else 1
                file.write_text(str(number))
                return {"order": number}
            """),
        ("own memory", "a file in /tmp"),
    ),
    "a counter for each environment": (
        but('{"name": "orders"}', '{"name": context.log_stream_name}'),
        ("own memory", "Each environment counts for itself"),
    ),
    "a lock around reading and writing": (
        own(f"""
            import threading
            lock = threading.Lock()

            def handler(event, context):
                with lock:
                    {READ}
                    number = int(item["given_out"]) + 1
                    table.put_item(Item={{"name": "orders", "given_out": number}})
                return {{"order": number}}
            """),
        ("read, then write", "leaves a gap"),
    ),
    "a condition that gives up": (
        own("""
            from boto3.dynamodb.conditions import Attr

            def handler(event, context):
                item = table.get_item(Key={"name": "orders"}).get("Item")
                before = int(item["given_out"]) if item else 0
                free = Attr("given_out").eq(before) if item else Attr("name").not_exists()
                table.put_item(
                    Item={"name": "orders", "given_out": before + 1}, ConditionExpression=free
                )
                return {"order": before + 1}
            """),
        ("gave up", "ConditionalCheckFailedException", "has to begin again"),
    ),
    "the time": (
        own("""
            import time

            def handler(event, context):
                return {"order": time.time_ns() // 1000}
            """),
        ("clock", "that is the time", "the same moment"),
    ),
    "a random number": (
        own("""
            import random

            def handler(event, context):
                return {"order": random.randint(1000, 9999)}
            """),
        ("random", "4 cases out of 10"),
    ),
    "a unique id": (
        own("""
            def handler(event, context):
                return {"order": context.aws_request_id}
            """),
        ("no number", "text", "over the telephone"),
    ),
    "two for each order": (
        but('":one": 1', '":one": 2'),
        ("start", "got number 2"),
    ),
    "adds twice from the second on": (
        own("""
            step = 0

            def handler(event, context):
                global step
                step = min(step + 1, 2)
                reply = table.update_item(
                    Key={"name": "orders"},
                    UpdateExpression="ADD given_out :step",
                    ExpressionAttributeValues={":step": step},
                    ReturnValues="UPDATED_NEW",
                )
                return {"order": int(reply["Attributes"]["given_out"])}
            """),
        ("steps", "after number 1 came number 3"),
    ),
    "a reserved word": (
        SOLUTION.replace("given_out", "value"),
        ("reserved word", '"value" for itself', "given_out"),
    ),
    "another key": (but('"name": "orders"', '"id": "orders"'), ("other key", "is called name")),
    "another table": (
        but('os.environ["TABLE"]', '"counters"'),
        ("other table", 'os.environ["TABLE"]'),
    ),
    "DynamoDB's own notation": (
        but('int(reply["Attributes"]["given_out"])', '{"N": "1"}'),
        ("typed value", 'int(…["N"])'),
    ),
    "the return forgotten": (
        but('return {"order": int(reply["Attributes"]["given_out"])}', "reply"),
        ("shape", "nothing (null)", "Did you forget `return`?"),
    ),
    "the dots left in": (
        but('"ADD given_out :one"', "..."),
        ("dots", "the dots (...) of the starter are still in order_number.py"),
    ),
    "a bracket missing": (but("        ReturnValues", "        )ReturnValues"), ("syntax",)),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, code(text)), slip, *said)


def test_set_to_one_with_the_updated_attributes(judge: Judge) -> None:
    text = but("ADD given_out :one", "SET given_out = :one")
    is_wrong(judge(KEY, text), "stands still", "two orders in turn both got number 1")


def test_nothing_of_the_check_is_left(aws: Any, judge: Judge) -> None:
    judge(KEY, SOLUTION)
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    role = aws.client("iam").list_role_policies(RoleName="course-function-role")
    assert role["PolicyNames"] == []
