"""Filter criteria: what reaches the function, what is deleted, which patterns are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fidelity import sources
from tests.fidelity.sqs_queue import Queue

FILTERING = f"{sources.GUIDE}invocation-eventfiltering.html"
OF_QUEUES = f"{sources.GUIDE}with-sqs-filtering.html"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/"
    "event_source_mapping/test_lambda_integration_sqs.snapshot.json"
)

pytestmark = pytest.mark.aws_source(FILTERING, OF_QUEUES)

ORDER = {
    "size": "A4", "copies": 3, "rush": None, "customer": {"name": "Ada Lovelace"}, "tags": ["x"],
    "note": "",
}  # fmt: skip
BODIES = {
    "order": json.dumps(ORDER),
    "other": json.dumps({"size": "A5", "copies": 1, "rush": True, "customer": {"name": "ada"}}),
    "text": "print this please",
    "broken": '{"size": "A4"',
}

#: Patterns, and the bodies that pass.
CASES: list[tuple[list[dict[str, Any]], set[str]]] = [
    ([{"body": {"size": ["A4"]}}], {"order"}),
    ([{"body": {"size": ["A4", "A5"]}}], {"order", "other"}),
    ([{"body": {"size": ["A4"], "copies": [1]}}], set()),
    ([{"body": {"rush": [None]}}], {"order"}),
    ([{"body": {"note": [""]}}], {"order"}),
    ([{"body": {"tags": ["x"]}}], {"order"}),
    ([{"body": {"size": [{"anything-but": ["A4"]}]}}], {"other"}),
    ([{"body": {"copies": [{"numeric": ["=", 3]}]}}], {"order"}),
    ([{"body": {"copies": [{"numeric": [">", 0, "<=", 2]}]}}], {"other"}),
    ([{"body": {"note": [{"exists": True}]}}], {"order"}),
    ([{"body": {"note": [{"exists": False}]}}], {"other"}),
    ([{"body": {"customer": {"name": [{"prefix": "Ada"}]}}}], {"order"}),
    ([{"body": {"customer": {"name": [{"suffix": "lace"}]}}}], {"order"}),
    ([{"body": {"customer": {"name": [{"equals-ignore-case": "ADA"}]}}}], {"other"}),
    ([{"body": {"$or": [{"size": ["A5"]}, {"copies": [3]}]}}], {"order", "other"}),
    # Several filters: one is enough.
    ([{"body": {"size": ["A5"]}}, {"body": {"copies": [3]}}], {"order", "other"}),
    # A list at body asks for plain text; JSON never passes it, and text no object.
    ([{"body": ["print this please"]}], {"text"}),
    ([{"body": [{"prefix": "print"}, {"prefix": "{"}]}], {"text", "broken"}),
    # Without body both kinds pass.
    ([{"eventSource": ["aws:sqs"]}], {"order", "other", "text", "broken"}),
]


def test_what_passes(aws: Any, make: Any) -> None:
    """The rest is deleted without an invocation."""
    function = make(
        """
        def handler(event, context):
            for record in event["Records"]:
                print("GOT", record["eventSourceARN"], record["messageAttributes"]["key"])
        """,
        Timeout=20,
    )
    queues = [Queue(aws) for _ in CASES]
    for queue, (patterns, _) in zip(queues, CASES, strict=True):
        entries = [
            {
                "Id": key,
                "MessageBody": body,
                "MessageAttributes": {"key": {"DataType": "String", "StringValue": key}},
            }
            for key, body in BODIES.items()
        ]
        queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries)
        filters = [{"Pattern": json.dumps(pattern)} for pattern in patterns]
        queue.feeds(function, FilterCriteria={"Filters": filters})
    aws.wait_until(lambda: all(queue.size() == 0 for queue in queues), what="all are empty")
    passed = sum(len(expected) for _, expected in CASES)
    lines = [one for one in function.wait_for_log("GOT", times=passed) if one.startswith("GOT")]
    for queue, (patterns, expected) in zip(queues, CASES, strict=True):
        mine = [one for one in lines if one.split()[1] == queue.arn]
        got = {key for key in BODIES if any(f"'{key}'" in one for one in mine)}
        assert got == expected, patterns


@pytest.mark.aws_source(RECORDED)
def test_patterns_that_are_refused(aws: Any, make: Any, refused: Any) -> None:
    """At most five, each JSON, an object down to lists of values and known operators."""
    function, queue = make("def handler(event, context): pass"), Queue(aws)
    create = function.client.create_event_source_mapping

    def answer(*patterns: str) -> tuple[str, str]:
        filters = {"Filters": [{"Pattern": pattern} for pattern in patterns]}
        code, message, _ = refused(
            create, FunctionName=function.name, EventSourceArn=queue.arn, FilterCriteria=filters
        )
        return code, message

    for bad in (
        "null", "simple string", "[]", '"text"', '{"body": "plain"}', '{"eventSource": []}',
        '{"body": {"size": {}}}', '{"body": {"size": [{"near": "A4"}]}}',
        '{"body": {"copies": [{"numeric": ["~", 1]}]}}', '{"body": {"size": [{"exists": "yes"}]}}',
        json.dumps({"body": {"size": ["x" * 4096]}}),
    ):  # fmt: skip
        assert answer(bad) == (
            "InvalidParameterValueException",
            "Invalid filter pattern definition.",
        )
    assert answer(*['{"body": {"size": ["A4"]}}'] * 6)[0] == "InvalidParameterValueException"


@pytest.mark.aws_source(f"{sources.API}API_UpdateEventSourceMapping.html")
def test_a_filter_is_shown_changed_and_taken_away(aws: Any, make: Any) -> None:
    function, queue = (
        make("def handler(event, context): print('GOT', event)", Timeout=20),
        Queue(aws),
    )
    client = function.client
    criteria = {"Filters": [{"Pattern": '{"body": {"size": ["A4"]}}'}]}
    uuid = queue.feeds(function, FilterCriteria=criteria)
    assert client.get_event_source_mapping(UUID=uuid)["FilterCriteria"] == criteria
    queue.send('{"size": "A5"}')
    aws.wait_until(lambda: queue.size() == 0)
    answer = client.update_event_source_mapping(UUID=uuid, FilterCriteria={})
    assert "FilterCriteria" not in answer
    queue.send('{"size": "A6"}')
    assert not any('"A5"' in one for one in function.wait_for_log('"A6"'))
