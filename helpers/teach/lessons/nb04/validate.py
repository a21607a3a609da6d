"""`04.validate`: a handler that takes good orders, and says of bad ones what is wrong."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.layer import layer
from helpers.teach.checking import Case, Check, Context, Requirement, Slip
from helpers.teach.checking.files import attempted
from helpers.teach.checking.functions import Deployed, deployed
from helpers.teach.checking.words import short

FILE = "validate.py"
STARTER = Path(__file__).parent / "starters" / f"{FILE}.txt"
#: What the notebook publishes under this name: whoever wants to, answers with pydantic.
LAYER, PACKAGES = "shop-tools", ["aws-lambda-powertools[parser]"]
_WITH_TOOLS = re.compile(r"\b(aws_lambda_powertools|pydantic)\b")
AGAIN = "Then run the %%writefile cell and this one again."
GOOD = {"product": "P-1007", "quantity": 2, "customer": "Ada Lovelace"}
#: More than any list of complaints needs, and less than what was sent.
LONG = 2000
#: What only somebody who can read the code should see.
_LEAKS = re.compile(
    r"Traceback|\bFile \"|\.py\b|/var/task|/opt/|pydantic\.dev|\b[A-Z]\w*(Error|Exception)\b"
)


@dataclass(frozen=True)
class Bad:
    """A body that has to be refused. `field` is the one that the answer has to name, "" for none.

    `slip` and `advice` are for a handler that takes it for an order.
    """

    says: str
    body: str | bytes | None
    slip: str
    advice: str
    field: str = ""


def event(body: str | bytes | None) -> dict[str, Any]:
    """What an HTTP API or a function URL sends (format 2.0): bytes as base64.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    http = {
        "method": "POST",
        "path": "/orders",
        "protocol": "HTTP/1.1",
        "sourceIp": "203.0.113.7",
        "userAgent": "shop/1.0",
    }
    domain = "a1b2c3d4.execute-api.us-east-1.amazonaws.com"
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "POST /orders",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": domain},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4",
            "domainName": domain,
            "domainPrefix": "a1b2c3d4",
            "http": http,
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /orders",
            "stage": "$default",
            "time": "23/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795428000000,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        made["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return made


@dataclass(frozen=True)
class Answer:
    """What the caller gets: the status, and the body's text."""

    status: int
    text: str


def _ask(function: Deployed, body: str | bytes | None, says: str, advice: str) -> Answer:
    """What the API would make of the handler's result. Raises Slip where it cannot."""
    reply = function.invoke(event(body))
    if reply.failed:
        slip = function.explain(reply)
        if slip.final or "dots" in slip.name:
            raise slip
        raise Slip(
            "500",
            f"{says} made the handler fail, so the caller reads 500 Internal Server Error. The "
            f"log knows why: {short(f'{reply.error_type}: {reply.error_message}')}",
            f"{advice} {AGAIN}",
        )
    value = reply.value
    if not isinstance(value, dict) or "statusCode" not in value:
        return Answer(200, value if isinstance(value, str) else json.dumps(value))
    text = value.get("body", "")
    if not isinstance(text, str) or not str(value["statusCode"]).isdigit():
        raise Slip(
            "malformed",
            f"for {says} the handler returned {short(value)}, of which an HTTP API makes 500 "
            "Internal Server Error.",
            f"statusCode is a number and body is text: json.dumps(…) makes it. {AGAIN}",
        )
    return Answer(int(value["statusCode"]), text)


@contextlib.contextmanager
def _desk(context: Context) -> Iterator[Deployed]:
    file = attempted(context.folder, FILE, STARTER.read_text(encoding="utf-8"))
    settings: dict[str, Any] = {"timeout": 20, "memory": 1769}
    if _WITH_TOOLS.search(file.read_text(encoding="utf-8", errors="replace")):
        settings["layers"] = [layer(LAYER, PACKAGES, cloud=context.cloud)]
    with deployed(context, FILE, STARTER, **settings) as function:
        yield function


def _good(function: Deployed, case: Case) -> None:
    """A good order gets 201, and comes back."""
    says = f"the good order {short(case.given)}"
    answer = _ask(function, json.dumps(case.given), says, "It breaks none of the rules.")
    _taken(answer, case.given, says)


def _taken(answer: Answer, order: dict[str, Any], says: str) -> None:
    if answer.status == 400:
        raise Slip(
            "too strict",
            f"{says} got 400 and {short(answer.text)}",
            "Read the rules above the cell once more, limits included: 1 and 500 prints are "
            f"allowed, and so is a name with any letters. {AGAIN}",
        )
    if answer.status != 201:
        raise Slip(
            "not 201",
            f"{says} got status {answer.status}.",
            f"201 says that something new has been made. {AGAIN}",
        )
    made = _json(answer, says)
    if not isinstance(made, dict) or any(made.get(name) != order[name] for name in order):
        raise Slip(
            "not the order",
            f"{says} came back as {short(answer.text)}",
            f"Whoever orders wants to read what was taken down, each field of it. {AGAIN}",
        )


def _json(answer: Answer, says: str) -> Any:
    try:
        return json.loads(answer.text)
    except ValueError:
        raise Slip(
            "not JSON",
            f"{says} got a body that is no JSON: {short(answer.text)}",
            f"The callers of this API are programs. json.dumps(…) makes the body. {AGAIN}",
        ) from None


def _bad(function: Deployed, case: Case) -> None:
    """A bad body gets 400, and words that help."""
    bad: Bad = case.given
    answer = _ask(function, bad.body, bad.says, bad.advice)
    if answer.status == 201:
        raise Slip(bad.slip, f"{bad.says} got 201: it was taken.", f"{bad.advice} {AGAIN}")
    if answer.status < 300:
        raise Slip(
            "200 with an error",
            f"{bad.says} got status {answer.status} and the words {short(answer.text)}",
            "A program looks at the status first, and takes this for success. The status of a "
            f"bad request is 400. {AGAIN}",
        )
    if answer.status >= 500:
        raise Slip(
            "our fault",
            f"{bad.says} got status {answer.status}.",
            "A 5xx says: our fault, try again later. This one is the caller's, and trying again "
            f"will not help: 400. {AGAIN}",
        )
    if answer.status != 400:
        raise Slip(
            "other status",
            f"{bad.says} got status {answer.status}.",
            f"The shop's web page looks for 400 when an order is wrong. {AGAIN}",
        )
    _useful(answer, bad)


def _useful(answer: Answer, bad: Bad) -> None:
    """Words for whoever sent it, and nothing about our insides."""
    leak = _LEAKS.search(answer.text)
    if leak:
        raise Slip(
            "leaks",
            f"{bad.says} got an answer with {short(leak[0])} in it: {short(answer.text, 200)}",
            "That is for your log. The caller needs the field and the rule, in words of your own; "
            f"an attacker would like the rest. {AGAIN}",
        )
    if len(answer.text) > LONG:
        raise Slip(
            "echo",
            f"{bad.says} got an answer of {len(answer.text)} characters.",
            f"Name the field and the rule, and do not repeat what was sent. {AGAIN}",
        )
    said = _json(answer, bad.says)
    if bad.field and bad.field not in answer.text:
        raise Slip(
            "not useful",
            f"{bad.says} got 400 and {short(answer.text)}",
            f"Which field is it? The answer has to name {bad.field}. {AGAIN}",
        )
    if len(_words(said)) < 5:
        raise Slip(
            "not useful",
            f"{bad.says} got 400 and {short(answer.text)}",
            f"Say in a few words what was wrong. {AGAIN}",
        )


def _words(said: Any) -> str:
    """The values of a JSON document, without its names and marks."""
    if isinstance(said, dict):
        return "".join(_words(value) for value in said.values())
    if isinstance(said, list):
        return "".join(_words(value) for value in said)
    return str(said or "").strip()


def _encoded(function: Deployed, case: Case) -> None:
    """The same order, in a body that the API has encoded."""
    says = "a good order that arrived as base64 (isBase64Encoded is true)"
    advice = "Look at isBase64Encoded: where it is true, base64.b64decode(body) comes first."
    answer = _ask(function, json.dumps(GOOD).encode(), says, advice)
    if answer.status == 400:
        raise Slip("base64", f"{says} got 400 and {short(answer.text)}", f"{advice} {AGAIN}")
    _taken(answer, GOOD, says)


def _with(**fields: Any) -> str:
    return json.dumps({**GOOD, **fields})


def _without(field: str) -> str:
    return json.dumps({name: value for name, value in GOOD.items() if name != field})


_CATCH = "Catch what json.loads raises (ValueError), and mind that there may be no body at all."
_OBJECT = "JSON can be a list, a text or null, too: ask isinstance(order, dict) first."
_MISSING = 'order.get("quantity") gives None where a field is missing; order["quantity"] raises.'
_TYPE = "Ask for the type before anything else; comparing a text with a number raises."
_BOOL = "For Python True is an int, with the value 1. type(quantity) is int tells them apart."
_RANGE = "From 1 to 500: 1 <= quantity <= 500 says both ends."
_LENGTH = "From 1 to 100 characters: len(customer) counts them."
_FORMAT = "re.fullmatch compares the whole text; re.match forgets the end, and $ a line break."

NO_ORDER = (
    Bad("a request without a body", None, "no body", _CATCH),
    Bad("an empty body", "", "no body", _CATCH),
    Bad('the body {"product": ', '{"product": ', "no JSON", _CATCH),
    Bad("the body []", "[]", "no object", _OBJECT),
    Bad("the body null", "null", "no object", _OBJECT),
    Bad("the body “two cakes” (in quotes)", '"two cakes"', "no object", _OBJECT),
)
FIELDS = (
    *(
        Bad(f"an order without {name}", _without(name), "missing field", _MISSING, name)
        for name in GOOD
    ),
    Bad(
        "an order with a further field, price: 0",
        _with(price=0),
        "unknown field",
        "What you do not know you cannot check. set(order) has the names of its fields.",
    ),
)
TYPES = (
    Bad('quantity: "2" (text)', _with(quantity="2"), "text for number", _TYPE, "quantity"),
    Bad("quantity: true", _with(quantity=True), "true for number", _BOOL, "quantity"),
    Bad("quantity: 2.5", _with(quantity=2.5), "half a print", _TYPE, "quantity"),
    Bad("quantity: NaN", _with(quantity=float("nan")), "not a number", _TYPE, "quantity"),
    Bad("customer: 7", _with(customer=7), "number for text", _TYPE, "customer"),
    Bad('product: ["P-1007"]', _with(product=["P-1007"]), "list for text", _TYPE, "product"),
)
RANGES = (
    Bad("quantity: 0", _with(quantity=0), "zero", _RANGE, "quantity"),
    Bad("quantity: -3", _with(quantity=-3), "negative", _RANGE, "quantity"),
    Bad("quantity: 501", _with(quantity=501), "too many", _RANGE, "quantity"),
    Bad("customer with an empty text", _with(customer=""), "empty", _LENGTH, "customer"),
    Bad(
        "a customer of 10,000 characters", _with(customer="A" * 10_000), "too long", _LENGTH,
        "customer",
    ),
)  # fmt: skip
FORMATS = (
    Bad('product: "P-12"', _with(product="P-12"), "format", _FORMAT, "product"),
    Bad('product: "XP-1007"', _with(product="XP-1007"), "format", _FORMAT, "product"),
    Bad('product: "P-1007; DROP"', _with(product="P-1007; DROP"), "format", _FORMAT, "product"),
    Bad(
        "a product with a line break after it", _with(product="P-1007\n"), "line break", _FORMAT,
        "product",
    ),
)  # fmt: skip
NO_TEXT = Bad("a body that is no text (a picture)", b"\xff\xd8\xff\xe0\x00\x10", "no JSON", _CATCH)
ACCEPTED = (
    GOOD,
    {"product": "P-0000", "quantity": 1, "customer": "Å"},
    {"product": "P-9999", "quantity": 500, "customer": "李" * 100},
)


def _cases(bodies: tuple[Bad, ...]) -> tuple[Case, ...]:
    return tuple(Case(bad) for bad in bodies)


VALIDATE = Check(
    key="04.validate",
    prepare=_desk,
    files=(FILE,),
    solution=FILE,
    requirements=(
        Requirement("good orders", _good, tuple(Case(order) for order in ACCEPTED)),
        Requirement("no order at all", _bad, _cases(NO_ORDER)),
        Requirement("fields", _bad, _cases(FIELDS)),
        Requirement("types", _bad, _cases(TYPES)),
        Requirement("ranges and lengths", _bad, _cases(RANGES)),
        Requirement("format", _bad, _cases(FORMATS)),
        Requirement("base64", _encoded),
        Requirement("base64 of no text", _bad, (Case(NO_TEXT),)),
    ),
    hints=(
        "Go from the outside to the inside: is there a body, is it JSON, is it an object, are its "
        "fields there, and only then: types, ranges, lengths, format.",
        "order_in may raise: json.loads raises a ValueError for what is no JSON, and so does "
        "b64decode for no base64. The handler catches ValueError alone, and answers 400.",
        "In problems: first isinstance(order, dict). Then for each field one if with or: the "
        'wrong type, or out of range. Each sentence begins with the field\'s name: "quantity: …".',
        "type(quantity) is int refuses true and 2.5; re.fullmatch looks at the whole text; "
        "set(order) minus the three names is empty in a good order.",
    ),
    praise="Nothing gets past it, and whoever made a mistake reads which one.",
)
