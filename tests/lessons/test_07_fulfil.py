"""`07.fulfil`: partial batch failures, right in several ways, and each foreseen slip told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "07.fulfil"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "fulfil_batch.py.txt").read_text()
STARTER = (FOLDER / "starters" / "fulfil_batch.py.txt").read_text()
HEAD = STARTER.partition("def handler")[0]
Judge = Callable[..., Result]


def but(old: str, new: str) -> str:
    """The solution with one thing changed."""
    assert SOLUTION.count(old) == 1, old
    return SOLUTION.replace(old, new)


def own(text: str) -> str:
    """Another handler behind the given function."""
    return HEAD + code(text)


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file fulfil_batch.py yet")
    is_not_attempted(judge(KEY, STARTER), "still as it was given")


RIGHT = {
    "the solution": SOLUTION,
    "nothing returned where nothing failed": own("""
        def tried(record):
            try:
                print_order(record)
            except (ValueError, KeyError, TypeError):
                return {"itemIdentifier": record["messageId"]}

        def handler(event, context):
            failed = [entry for entry in map(tried, event["Records"]) if entry]
            if failed:
                return {"batchItemFailures": failed}
        """),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


APPEND = 'failed.append({"itemIdentifier": record["messageId"]})'
WRONG: dict[str, tuple[str, tuple[str, ...]]] = {
    "raises for the whole batch": (
        own("""
            def handler(event, context):
                for record in event["Records"]:
                    print_order(record)
                return {"batchItemFailures": []}
            """),
        ("raised", "of 5 orders 2 cannot be printed", "So all 5 come back", "go on with the next"),
    ),
    "raises at the end": (
        but('return {"batchItemFailures": failed}', "if failed: raise ValueError(failed)"),
        ("raised", "raised ValueError", "An exception means: the whole batch"),
    ),
    "swallows": (
        but(APPEND, "pass"),
        ("swallowed", 'returned {"batchItemFailures": []}', "nobody will ever hear"),
    ),
    "the return forgotten": (
        but('return {"batchItemFailures": failed}', "failed"),
        ("swallowed", "the handler returned nothing", "The bad ones are deleted"),
    ),
    "stops at the first bad one": (
        own("""
            def handler(event, context):
                for record in event["Records"]:
                    try:
                        print_order(record)
                    except Exception:
                        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
            """),
        ("not printed", "of 3 good orders in the batch 1 were printed", "loop ends too early"),
    ),
    "another outer key": (
        but('"batchItemFailures"', '"BatchItemFailures"'),
        ("outer key", "letter by letter", "all done"),
    ),
    "another inner key": (
        but('"itemIdentifier"', '"messageId"'),
        ("inner key", "The key is itemIdentifier", "takes all as failed"),
    ),
    "a list of ids": (
        but(APPEND, 'failed.append(record["messageId"])'),
        ("no object", "Each entry is an object"),
    ),
    "the list alone": (
        but('return {"batchItemFailures": failed}', "return failed"),
        ("list", "a list", "into an object"),
    ),
    "the receipt handle": (
        but('"itemIdentifier": record["messageId"]', '"itemIdentifier": record["receiptHandle"]'),
        ("receipt handle", 'record["messageId"]'),
    ),
    "the body as id": (
        but('"itemIdentifier": record["messageId"]', '"itemIdentifier": record["body"]'),
        ("other id", "no message of the batch has that id"),
    ),
    "the list outside the handler": (
        SOLUTION.replace("    failed = []\n", "").replace(
            "def handler", "failed = []\n\n\ndef handler"
        ),
        ("other id", "make the list anew in each invocation"),
    ),
    "reports the good ones": (
        but(
            "            print_order(record)",
            f"            print_order(record)\n            {APPEND}",
        ),
        ("good ones", "of 3 good orders, all printed, 3 were reported"),
    ),
    "reports all when one fails": (
        but(
            "return {",
            "failed = failed and [{'itemIdentifier': r['messageId']} for r in event['Records']]\n"
            "    return {",
        ),
        ("good ones", "2 orders of the batch could not be printed, and 5 were reported"),
    ),
    "catches one kind of error": (
        but("except Exception as error", "except json.JSONDecodeError as error"),
        ("raised", "raised ValueError: invalid literal"),
    ),
    "reports the last one": (
        but(APPEND, 'failed = [{"itemIdentifier": record["messageId"]}]'),
        ("missing", "could not be printed, and 1 of them was reported"),
    ),
    "deletes by hand": (
        own("""
            import boto3, os
            sqs = boto3.client("sqs")

            def handler(event, context):
                failed = []
                for record in event["Records"]:
                    account, name = record["eventSourceARN"].split(":")[4:]
                    url = f"{os.environ['AWS_ENDPOINT_URL']}/{account}/{name}"
                    try:
                        print_order(record)
                        sqs.delete_message(
                            QueueUrl=url, ReceiptHandle=record["receiptHandle"]
                        )
                    except Exception:
                        failed.append({"itemIdentifier": record["messageId"]})
                return {"batchItemFailures": failed}
            """),
        ("deletes", "deleted 3 messages of the batch itself", "That is Lambda's work"),
    ),
    "prints twice": (
        but("            print_order(record)", "            print_order(record)\n" * 2),
        ("printed twice", "A-1 was printed 2 times"),
    ),
    "the dots left in": (
        but('{"batchItemFailures": failed}', "..."),
        ("dots", "still returns the dots"),
    ),
    "a colon missing": (but("except Exception as error:", "except Exception"), ("syntax",)),
    "only while it is invoked by hand": (
        but(
            "    failed = []",
            "    failed = []\n    if 'D-' in str(event):\n        raise OSError('a real queue')",
        ),
        ("in the queue", "5 messages were left to come back, and 2 should be"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_a_hidden_case_is_judged_and_not_shown(judge: Judge) -> None:
    hidden = Case({"Z-1": '{"order": "Z-1"}', "Z-2": '{"order": "Z-2", "prints": 1}'}, ("Z-1",))
    text = but("except Exception as error", "except ValueError as error")
    is_right(judge(KEY, text))
    result = judge(KEY, text, {"reports": (Case(hidden.given, hidden.expected, hidden=True),)})
    is_wrong(result, "raised")
    assert "KeyError" not in result.text()


def test_nothing_of_the_check_is_left(aws: Any, judge: Judge) -> None:
    judge(KEY, SOLUTION)
    assert "QueueUrls" not in aws.client("sqs").list_queues()
    lam = aws.client("lambda")
    assert lam.list_functions()["Functions"] == []
    aws.wait_until(lambda: lam.list_event_source_mappings()["EventSourceMappings"] == [])
