"""`01.track`: right in several ways, wrong in the ways that learners find."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "01.track"
FOLDER = lessons.folder(KEY)
Judge = Callable[..., Result]


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file track.py yet")
    starter = (FOLDER / "starters" / "track.py.txt").read_text()
    is_not_attempted(judge(KEY, starter), "still as it was given")
    is_not_attempted(judge(KEY, starter + "\n# hm\n"), "still as it was given")


RIGHT = {
    "the solution": (FOLDER / "solutions" / "track.py.txt").read_text(),
    "written to stdout, with more in it": """
        import json, sys

        def handler(event, context):
            entry = {"at": "track", "id": context.aws_request_id, "no": event["order"]}
            sys.stdout.write("starting\\n" + json.dumps(entry) + "\\n")
            return {"status": "accepted"}
        """,
    "with the logging module": """
        import json
        import logging

        log = logging.getLogger()
        log.setLevel("INFO")

        def handler(event, context):
            log.info(json.dumps({"order": event["order"], "request": context.aws_request_id}))
            return {"status": "accepted"}
        """,
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, code(text)))


WRONG = {
    "returned instead of printed": (
        """
        def handler(event, context):
            return {"order": event["order"], "request": context.aws_request_id}
        """,
        ("reply", "The caller still expects", "What is meant for the log is printed"),
    ),
    "made and never printed": (
        """
        def handler(event, context):
            entry = {"order": event["order"], "request": context.aws_request_id}
            return {"status": "accepted"}
        """,
        ("no line", "wrote nothing into the log", "print(json.dumps(entry))"),
    ),
    "outside the handler": (
        """
        import json
        print(json.dumps({"order": "A-21", "request": "?"}))

        def handler(event, context):
            return {"status": "accepted"}
        """,
        ("no line", "wrote nothing", "once for each new environment"),
    ),
    "a Python dictionary": (
        """
        def handler(event, context):
            print({"order": event["order"], "request": context.aws_request_id})
            return {"status": "accepted"}
        """,
        ("not JSON", "single quotes", "json.dumps(entry)"),
    ),
    "order alone": (
        """
        import json

        def handler(event, context):
            print(json.dumps({"order": event["order"]}))
            return {"status": "accepted"}
        """,
        ("no request", "no line with both", "context.aws_request_id"),
    ),
    "request alone": (
        """
        import json

        def handler(event, context):
            print(json.dumps({"request": context.aws_request_id}))
            return {"status": "accepted"}
        """,
        ("no order", "the order is missing", 'event["order"]'),
    ),
    "two lines": (
        """
        import json

        def handler(event, context):
            print(json.dumps({"order": event["order"]}))
            print(json.dumps({"request": context.aws_request_id}))
            return {"status": "accepted"}
        """,
        ("two lines", "two different lines", "Put both into one"),
    ),
    "an id made up": (
        """
        import json, uuid

        def handler(event, context):
            print(json.dumps({"order": event["order"], "request": str(uuid.uuid4())}))
            return {"status": "accepted"}
        """,
        ("other id", "not the one of this invocation", "context.aws_request_id"),
    ),
    "the id of the first invocation kept": (
        """
        import json
        kept = []

        def handler(event, context):
            kept.append(context.aws_request_id)
            print(json.dumps({"order": event["order"], "request": kept[0]}))
            return {"status": "accepted"}
        """,
        ("other id", "not the one of this invocation"),
    ),
    "the dots left in": (
        """
        import json

        def handler(event, context):
            print(json.dumps({"order": event["order"], "request": ...}))
            return {"status": "accepted"}
        """,
        ("dots", "the dots (...) of the starter are still in track.py in line 4"),
    ),
    "the return lost": (
        """
        import json

        def handler(event, context):
            print(json.dumps({"order": event["order"], "request": context.aws_request_id}))
        """,
        ("reply", "the reply has become null", "leave the return as it was"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, code(text)), slip, *said)


def test_a_hidden_case_is_judged_and_not_shown(judge: Judge) -> None:
    text = code("""
        import json

        def handler(event, context):
            if event["order"] != "Z-99":
                print(json.dumps({"order": event["order"], "request": context.aws_request_id}))
            return {"status": "accepted"}
        """)
    is_right(judge(KEY, text))
    result = judge(KEY, text, {"tells": (Case({"order": "Z-99"}, hidden=True),)})
    is_wrong(result, "no line")
    assert "Z-99" not in result.text()
