"""`04.validate`: right by hand and with pydantic, and wrong in all the usual ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpers.teach import lessons
from helpers.teach.checking import Case, Result
from helpers.teach.lessons.nb04.validate import GOOD, Bad
from tests.lessons.proof import code, is_not_attempted, is_right, is_wrong

KEY = "04.validate"
FOLDER = lessons.folder(KEY)
SOLUTION = (FOLDER / "solutions" / "validate.py.txt").read_text(encoding="utf-8")
STARTER = (FOLDER / "starters" / "validate.py.txt").read_text(encoding="utf-8")
Judge = Callable[..., Result]


@pytest.fixture
def aws(local_aws: Any) -> Any:
    """Not emptied before each test: the layer may stay, the function has a name of its own."""
    return local_aws


def but(*changes: tuple[str, str]) -> str:
    """The solution with some things changed."""
    text = SOLUTION
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_nothing_and_the_starter_are_no_attempt(judge: Judge) -> None:
    is_not_attempted(judge(KEY, None), "no file validate.py yet")
    is_not_attempted(judge(KEY, STARTER + "\n# a note\n"), "still as it was given")


WITH_PYDANTIC = code(
    """
    import base64
    import json

    from aws_lambda_powertools.utilities.parser import BaseModel, ValidationError, parse
    from pydantic import Field


    class Order(BaseModel, strict=True, extra="forbid"):
        product: str = Field(pattern="^P-[0-9]{4}$")
        quantity: int = Field(ge=1, le=500)
        customer: str = Field(min_length=1, max_length=100)


    def handler(event, context):
        body = event.get("body", "")
        if event["isBase64Encoded"]:
            body = base64.b64decode(body).decode(errors="replace")
        try:
            order = parse(event=body, model=Order)
        except ValidationError as error:
            found = [{"field": one["loc"], "wrong": one["msg"]} for one in error.errors()]
            return {"statusCode": 400, "body": json.dumps({"errors": found})}
        return {"statusCode": 201, "body": order.model_dump_json()}
    """
)
RIGHT = {"the solution": SOLUTION, "pydantic through Powertools": WITH_PYDANTIC}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_right(judge: Judge, text: str) -> None:
    is_right(judge(KEY, text))


BODY = 'body = event.get("body", "")'
QUANTITY = "type(quantity) is not int or not 1 <= quantity <= 500"
CUSTOMER = "not isinstance(customer, str) or not 1 <= len(customer) <= 100"
OBJECT = (
    "    if not isinstance(order, dict):\n"
    '        return ["the body has to be a JSON object"]\n'
)  # fmt: skip
NO_JSON = 'return {"statusCode": 400, "body": json.dumps({"errors": ["the body is no JSON"]})}'
ANSWER = 'return {"statusCode": 400, "body": json.dumps({"errors": found})}'
GIVEN_BACK = 'json.dumps({"id": context.aws_request_id, **order})'
FOUND = "    found = problems(order)\n"
WRONG = {
    "the starter, nearly": (
        STARTER.replace("> 500", "> 501"),
        ("500", "a request without a body", "KeyError", "Catch what json.loads raises"),
    ),
    "a body that is missing": (but((BODY, 'body = event["body"]')), ("500", "KeyError: 'body'")),
    "a list is an order": (
        but((OBJECT, "")), ("500", "the body []", "isinstance(order, dict)"),
    ),
    "a missing field raises": (
        but((
            'map(order.get, ("product", "quantity", "customer"))',
            '(order[name] for name in ("product", "quantity", "customer"))',
        )),
        ("500", "without product", "KeyError: 'product'", "order.get"),
    ),
    "further fields are taken": (
        but(("if set(order) -", "if set() -")), ("unknown field", "price: 0", "it was taken"),
    ),
    "a text is turned into a number": (
        but((QUANTITY, "quantity is None or not 1 <= int(quantity) <= 500")),
        ("text for number", '"2" (text)', "it was taken"),
    ),
    "true is a number": (
        but((QUANTITY, "not isinstance(quantity, int) or not 1 <= quantity <= 500")),
        ("true for number", "quantity: true", "True is an int"),
    ),
    "negative": (
        but((QUANTITY, "type(quantity) is not int or quantity > 500")), ("zero", "quantity: 0"),
    ),
    "no upper limit": (
        but((QUANTITY, "type(quantity) is not int or quantity < 1")), ("too many", "501"),
    ),
    "one less": (
        but((QUANTITY, "type(quantity) is not int or not 1 <= quantity < 500")),
        ("too strict", '"quantity": 500', "limits included"),
    ),
    "10,000 letters": (
        but((CUSTOMER, "not isinstance(customer, str) or not customer")),
        ("too long", "10,000 characters", "it was taken"),
    ),
    "the beginning of a format": (
        but(('re.fullmatch("P-[0-9]{4}"', 're.match("P-[0-9]{4}"')),
        ("format", "P-1007; DROP", "re.fullmatch"),
    ),
    "a dollar at the end": (
        but(('re.fullmatch("P-[0-9]{4}"', 're.match("P-[0-9]{4}$"')),
        ("line break", "a line break after it"),
    ),
    "no base64": (
        but(('if event.get("isBase64Encoded")', "if False")),
        ("base64", "arrived as base64", "isBase64Encoded"),
    ),
    "200 with an error": (
        but((ANSWER, ANSWER.replace("400", "200"))), ("200 with an error", "takes this for success")
    ),
    "500 on purpose": (but((NO_JSON, NO_JSON.replace("400", "500"))), ("our fault", "5xx")),
    "another 4xx": (but((ANSWER, ANSWER.replace("400", "422"))), ("other status", "422")),
    "200 for a new one": (
        but(('"statusCode": 201', '"statusCode": 200')), ("not 201", "something new"),
    ),
    "the traceback": (
        but(
            ("import re\n", "import re\nimport traceback\n"),
            (NO_JSON, NO_JSON.replace('["the body is no JSON"]', "traceback.format_exc()")),
        ),
        ("leaks", "Traceback", "for your log"),
    ),
    "the exception itself": (
        but(("except ValueError:", "except ValueError as error:"),
            (NO_JSON, NO_JSON.replace('["the body is no JSON"]', "repr(error)"))),
        ("leaks", "JSONDecodeError"),
    ),
    "what was sent": (
        but((ANSWER, ANSWER.replace('"errors": found', '"errors": found, "sent": order'))),
        ("echo", "do not repeat what was sent"),
    ),
    "no field named": (
        but((ANSWER, ANSWER.replace('"errors": found', '"error": "bad request"'))),
        ("not useful", "bad request", "Which field"),
    ),
    "no words at all": (
        but((NO_JSON, NO_JSON.replace("the body is no JSON", ""))), ("not useful", "few words"),
    ),
    "a body that is a dictionary": (
        but((ANSWER, ANSWER.replace("json.dumps({\"errors\": found})", '{"errors": found}'))),
        ("malformed", "Internal Server Error", "json.dumps"),
    ),
    "Python for JSON": (
        but((GIVEN_BACK, GIVEN_BACK.replace("json.dumps", "str"))), ("not JSON", "json.dumps"),
    ),
    "the order is not given back": (
        but((GIVEN_BACK, '\'{"status": "taken"}\'')), ("not the order", "taken down"),
    ),
    "does not load": (but(("def handler(", "def handle(")), ("no handler",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_wrong(judge: Judge, text: str, expected: tuple[str, ...]) -> None:
    slip, *said = expected
    is_wrong(judge(KEY, text), slip, *said)


def test_points_for_what_is_met(judge: Judge) -> None:
    result = judge(KEY, but(('if event.get("isBase64Encoded")', "if False")))
    assert (result.points, result.of) == (7, 8)


def test_a_hidden_body_is_judged_and_not_told(judge: Judge) -> None:
    body = json.dumps({**GOOD, "quantity": 499.5})
    hidden = Case(Bad("quantity: 499.5", body, "half a print", "Types.", "quantity"), hidden=True)
    text = but((QUANTITY, f"{QUANTITY.split(' or ')[0]} and quantity != 499.5"))
    result = judge(KEY, text, {"types": (hidden,)})
    is_wrong(result, "half a print")
    assert "499.5" not in result.text()
