"""Event patterns: what fits, what does not, and what AWS refuses, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

FILTERING = (
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
    "eb-event-patterns-content-based-filtering.html"
)
#: AWS's own engine, and answers of AWS that another project's tests recorded (December 2024).
RULER = "https://github.com/aws/event-ruler"
RECORDED = (
    "https://github.com/localstack/localstack/blob/main/tests/aws/services/events/"
    "test_events_patterns.snapshot.json"
)

pytestmark = pytest.mark.aws_source(FILTERING, RULER)


@pytest.fixture(scope="module")
def fits(aws: Any) -> Any:
    """Ask TestEventPattern whether an event with this detail fits."""
    client = aws.client("events")

    def ask(pattern: dict[str, Any], **detail: Any) -> bool:
        event = {
            "id": "1", "account": "123456789012", "source": "shop", "region": "us-east-1",
            "time": "2026-11-23T09:30:00Z", "detail-type": "Order", "detail": detail,
        }  # fmt: skip
        answer = client.test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(event)
        )
        result: bool = answer["Result"]
        return result

    return ask


@pytest.mark.parametrize(
    ("operator", "fitting", "others"),
    [
        ("A4", ["A4", ["A5", "A4"]], ["a4", "A4 ", 4, None, []]),
        (300, [300, 300.0], ["300", 301, True]),
        (None, [None], ["", "null", 0, []]),
        (True, [True], ["true", 1, False]),
        ("", [""], [None, " "]),
        ({"prefix": "img/"}, ["img/a.png", "img/"], ["IMG/a.png", "a/img/", 7, None]),
        ({"prefix": {"equals-ignore-case": "IMG/"}}, ["img/a", "ImG/"], ["a/img/"]),
        ({"suffix": ".png"}, ["a.png", ".png"], ["a.PNG", "a.png.txt", 7]),
        ({"suffix": {"equals-ignore-case": ".png"}}, ["a.PNG"], ["png"]),
        ({"equals-ignore-case": "Alice"}, ["alice", "ALICE"], ["alic", 1]),
        ({"wildcard": "img/*/a*.png"}, ["img/x/a.png", "img/x/y/ab.png"], ["img/a.png", 1]),
        ({"wildcard": "50\\* \\\\"}, ["50* \\"], ["500 \\"]),
        ({"anything-but": "A4"}, ["A5", 4, None, ["A4", "A5"]], ["A4", ["A4"], []]),
        ({"anything-but": 4}, [5, "4", None], [4, 4.0]),
        ({"anything-but": ["A4", "A5"]}, ["A6", 4], ["A4", "A5"]),
        ({"anything-but": [1, 2]}, [3, "1"], [1, 2]),
        ({"anything-but": {"prefix": "img"}}, ["a", 12, None], ["img/a"]),
        ({"anything-but": {"suffix": ["png", "jpg"]}}, ["a.gif"], ["a.png", "a.jpg"]),
        ({"anything-but": {"equals-ignore-case": ["a4", "a5"]}}, ["A6"], ["A4", "a5"]),
        ({"anything-but": {"wildcard": "*/tmp/*"}}, ["a/b"], ["a/tmp/b"]),
        ({"numeric": ["=", 3.5]}, [3.5], [3, "3.5", None]),
        ({"numeric": [">", 0, "<=", 5]}, [1, 5, 0.1], [0, 5.1, "1"]),
        ({"numeric": ["<", 10]}, [-5, 9.99], [10, 6e9]),
        ({"cidr": "10.0.0.0/24"}, ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "x", 10]),
        ({"cidr": "2001:db8::/32"}, ["2001:db8::1"], ["2001:db9::1", "10.0.0.1"]),
        ({"exists": True}, [None, "", [1]], [[], {"deeper": 1}]),
    ],
)
def test_operators(fits: Any, operator: Any, fitting: list[Any], others: list[Any]) -> None:
    """Each operator, with values that it takes and values that it does not."""
    for value in fitting:
        assert fits({"detail": {"size": [operator]}}, size=value), value
    for value in others:
        assert not fits({"detail": {"size": [operator]}}, size=value), value
    assert not fits({"detail": {"size": [operator]}}, other=1), "the field is missing"


def test_fields_together(fits: Any) -> None:
    """All fields have to fit, any of a field's values will do, and $or offers a choice."""
    both = {"source": ["shop", "till"], "detail": {"size": ["A4", {"prefix": "A5"}]}}
    assert fits(both, size="A5+")
    assert not fits({**both, "source": ["till"]}, size="A4")
    absent = {"detail": {"coupon": [{"exists": False}]}}
    assert fits(absent, size=1)
    assert fits(absent, coupon={"deeper": 1}), "only leaves count"
    assert not fits(absent, coupon=None)
    assert fits({"detail": {"a": {"b": ["x", {"exists": False}]}}}, other=1)
    either = {
        "detail": {
            "$or": [{"total": [{"numeric": [">", 100]}]}, {"vip": [True], "size": ["A3"]}],
            "paid": [True],
        }
    }
    assert fits(either, total=101, paid=True)
    assert fits(either, vip=True, size="A3", paid=True)
    assert not fits(either, vip=True, size="A4", paid=True)
    assert not fits(either, total=101, paid=False)
    assert fits({"detail.address.city": ["Berlin"]}, address={"city": "Berlin"}), "dots are levels"


def test_arrays_of_objects(fits: Any) -> None:
    """Fields of different elements of one array do not belong together."""
    items = [{"size": "A4", "copies": 1}, {"size": "A3", "copies": 50}]
    assert fits({"detail": {"items": {"size": ["A3"]}}}, items=items)
    assert fits({"detail": {"items": {"size": ["A3"], "copies": [50]}}}, items=items)
    assert not fits({"detail": {"items": {"size": ["A3"], "copies": [1]}}}, items=items)


REFUSED = [
    ('{"int": 42}', '"int" must be an object or an array', 11),
    ('{"string": "my-value"}', '"string" must be an object or an array', 13),
    ('{"resources": []}', "Empty arrays are not allowed", 17),
    ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 28),
    ('{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}',
     "Bad numeric range operator: >", 49),
    ('{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", 50),
    ('{"time": [{"prefix": 123}]}', "prefix match pattern must be a string", 25),
    ('{"FileName": [{"suffix": [".png"]}]}', "suffix match pattern must be a string", 27),
    ('{"EventBusArn": [{"wildcard": 123}]}', "wildcard match pattern must be a string", 34),
    ('{"detail": {"sourceIPAddress": [{"cidr": ["bad-type"]}]}}',
     "prefix match pattern must be a string", 43),
    ('{"detail": {"FileName": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]}}',
     "Value of anything-but must be an array or single string/number value.", 55),
    ('{"detail": {"state": [{"anything-but": {"equals-ignore-case": 123}}]}}',
     "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
     66),
    ('["not", "a", "dict", "but valid json"]', "Filter is not an object", 2),
    ("this is valid json but not a dict",
     "Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token "
     "'null', 'true' or 'false')", 5),
    ("{'bad': 'quotation'}", "Unexpected character (''' (code 39)): was expecting double-quote to "
     "start field name", 2),
]  # fmt: skip


@pytest.mark.aws_source(RECORDED)
def test_refused(aws: Any, refused: Any) -> None:
    """Each with AWS's reason and the place where it had got to, as AWS answered it."""
    client = aws.client("events")
    for pattern, reason, column in REFUSED:
        expected = (
            f"Event pattern is not valid. Reason: {reason}\n"
            f' at [Source: (String)"{pattern}"; line: 1, column: {column}]'
        )
        for answer in (
            refused(client.put_rule, Name="bad", EventPattern=pattern),
            refused(client.test_event_pattern, EventPattern=pattern, Event="{}"),
        ):
            assert answer == ("InvalidEventPatternException", expected, 400)
    for pattern, reason in (
        ('{"ip": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"ip": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
        ('{"ip": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer"),
        (
            '{"arn": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}',
            "Rule is too complex - try using fewer wildcard characters or fewer repeating "
            "character sequences after a wildcard character",
        ),
    ):
        answer = refused(client.put_rule, Name="bad", EventPattern=pattern)
        assert answer[1] == f"Event pattern is not valid. Reason: {reason}"
    assert not client.list_rules()["Rules"]


@pytest.mark.aws_source(RECORDED)
def test_an_event_to_test_with_is_a_whole_one(aws: Any, refused: Any) -> None:
    client = aws.client("events")
    for event in ('"a text"', "no json", '{"id": "1"}'):
        answer = refused(client.test_event_pattern, EventPattern='{"source": ["a"]}', Event=event)
        assert answer[:2] == ("ValidationException", "Parameter Event is not valid.")
