"""Every condition operator: what it compares, and what a missing key or many values mean to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity.policies import IAM, allow, decided, deny

OPERATORS = f"{IAM}reference_policies_elements_condition_operators.html"
MANY = f"{IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html"
LOGIC = f"{IAM}reference_policies_condition-logic-multiple-context-keys-or-values.html"

ABSENT: Any = None
NIGHT = "2026-11-23T22:00:00Z"
ARN = "arn:aws:sns:us-east-1:111122223333:orders"

#: Operator, values in the policy, values in the request, whether the condition holds.
ROWS: list[tuple[str, Any, Any, bool]] = [
    # Strings: exact, or without regard to case, or with wildcards.
    ("StringEquals", "blue", "blue", True),
    ("StringEquals", "blue", "Blue", False),
    ("StringEquals", "blue", "blue ", False),
    ("StringEquals", "bl*", "blue", False),
    ("StringEquals", "bl*", "bl*", True),
    ("StringEquals", ["red", "blue"], "blue", True),
    ("StringEquals", ["red", "green"], "blue", False),
    ("StringEquals", "blue", ABSENT, False),
    ("StringEquals", "", "", True),
    ("StringNotEquals", "blue", "red", True),
    ("StringNotEquals", "blue", "blue", False),
    ("StringNotEquals", "blue", "BLUE", True),
    ("StringNotEquals", ["red", "blue"], "blue", False),
    ("StringNotEquals", ["red", "blue"], "green", True),
    ("StringNotEquals", "blue", ABSENT, True),
    ("StringEqualsIgnoreCase", "Blue", "bLUE", True),
    ("StringEqualsIgnoreCase", "blue", "blues", False),
    ("StringEqualsIgnoreCase", "blue", ABSENT, False),
    ("StringNotEqualsIgnoreCase", "blue", "BLUE", False),
    ("StringNotEqualsIgnoreCase", "blue", "red", True),
    ("StringNotEqualsIgnoreCase", "blue", ABSENT, True),
    ("StringLike", "print-*", "print-shop", True),
    ("StringLike", "print-*", "print-", True),
    ("StringLike", "print-*", "Print-shop", False),
    ("StringLike", "print-?", "print-1", True),
    ("StringLike", "print-?", "print-", False),
    ("StringLike", "print-?", "print-12", False),
    ("StringLike", "*shop*", "a shop for prints", True),
    ("StringLike", "a*b*c", "aXbYbZc", True),
    ("StringLike", "a*b*c", "aXcYb", False),
    ("StringLike", "home/*", "home/alice/x\ny", True),
    ("StringLike", "a.c", "abc", False),
    ("StringLike", ["x*", "y*"], "yes", True),
    ("StringLike", "*", ABSENT, False),
    ("StringNotLike", "print-*", "other", True),
    ("StringNotLike", "print-*", "print-shop", False),
    ("StringNotLike", ["x*", "y*"], "yes", False),
    ("StringNotLike", ["x*", "y*"], "no", True),
    ("StringNotLike", "*", ABSENT, True),
    # Numbers: by value, not by text.
    ("NumericEquals", "10", "10", True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", 10, 10, True),
    ("NumericEquals", "10", "9", False),
    ("NumericEquals", "10", "many", False),
    ("NumericEquals", "10", ABSENT, False),
    ("NumericEquals", ["1", "2"], "2", True),
    ("NumericNotEquals", "10", "9", True),
    ("NumericNotEquals", "10", "10.00", False),
    ("NumericNotEquals", "10", ABSENT, True),
    ("NumericNotEquals", ["1", "2"], "2", False),
    ("NumericLessThan", "10", "9.99", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThan", "10", ABSENT, False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericLessThanEquals", "10", "11", False),
    ("NumericLessThanEquals", "10", "9", True),
    ("NumericLessThanEquals", "-1", "-2", True),
    ("NumericGreaterThan", "10", "100", True),
    ("NumericGreaterThan", "10", "9", False),
    ("NumericGreaterThan", "10", "10", False),
    ("NumericGreaterThanEquals", "10", "10", True),
    ("NumericGreaterThanEquals", "10", "9", False),
    ("NumericGreaterThanEquals", "10", ABSENT, False),
    # Dates: ISO 8601 in W3C's forms, or seconds since 1970.
    ("DateEquals", NIGHT, NIGHT, True),
    ("DateEquals", NIGHT, "2026-11-23T23:00:00+01:00", True),
    ("DateEquals", NIGHT, "1795471200", True),
    ("DateEquals", "2026-11-23", "2026-11-23T00:00:00Z", True),
    ("DateEquals", NIGHT, "2026-11-23T22:00:01Z", False),
    ("DateEquals", NIGHT, "tonight", False),
    ("DateEquals", NIGHT, ABSENT, False),
    ("DateNotEquals", NIGHT, "2026-11-24T22:00:00Z", True),
    ("DateNotEquals", NIGHT, NIGHT, False),
    ("DateNotEquals", NIGHT, ABSENT, True),
    ("DateLessThan", NIGHT, "2026-11-23T21:59:59Z", True),
    ("DateLessThan", NIGHT, NIGHT, False),
    ("DateLessThan", "2027", NIGHT, True),
    ("DateLessThanEquals", NIGHT, NIGHT, True),
    ("DateLessThanEquals", NIGHT, "2026-11-23T22:00:00.5Z", False),
    ("DateGreaterThan", NIGHT, "2026-11-23T22:00:00.5Z", True),
    ("DateGreaterThan", NIGHT, NIGHT, False),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", ABSENT, False),
    ("DateGreaterThanEquals", NIGHT, NIGHT, True),
    ("DateGreaterThanEquals", NIGHT, "2026-11-23T21:00:00Z", False),
    # True and false.
    ("Bool", "true", "true", True),
    ("Bool", True, True, True),
    ("Bool", "true", "false", False),
    ("Bool", "false", "false", True),
    ("Bool", "False", "false", True),
    ("Bool", "false", ABSENT, False),
    # Bytes, in base64.
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXI=", False),
    ("BinaryEquals", "QmluYXI=", ABSENT, False),
    # Addresses: a range, or one address alone.
    ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
    ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
    ("IpAddress", "203.0.113.7", "203.0.113.7", True),
    ("IpAddress", "203.0.113.7", "203.0.113.8", False),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
    ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8::/32"], "2001:db8::1", True),
    ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
    ("IpAddress", "203.0.113.0/24", "here", False),
    ("IpAddress", "203.0.113.0/24", ABSENT, False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ("NotIpAddress", ["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.1", False),
    ("NotIpAddress", "203.0.113.0/24", ABSENT, True),
    # ARNs: part by part, so that a * does not reach over a colon.
    ("ArnEquals", ARN, ARN, True),
    ("ArnEquals", "arn:aws:sns:*:111122223333:orders", ARN, True),
    ("ArnLike", "arn:aws:sns:*:*:ord?rs", ARN, True),
    ("ArnLike", "arn:aws:sns:*:111122223333:*", ARN, True),
    ("ArnLike", "arn:aws:sqs:*:111122223333:*", ARN, False),
    ("ArnLike", "arn:aws:sns:*:orders", ARN, False),
    (
        "ArnLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        False,
    ),
    (
        "StringLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        True,
    ),
    ("ArnLike", "arn:aws:logs:*:*:log-group:*", "arn:aws:logs:us-east-1:1:log-group:a:b", True),
    ("ArnLike", ARN, "orders", False),
    ("ArnLike", "*", ARN, False),
    ("ArnLike", ARN, ARN.upper(), False),
    ("ArnLike", ARN, ABSENT, False),
    ("ArnNotEquals", ARN, ARN, False),
    ("ArnNotEquals", ARN, "arn:aws:sns:us-east-1:111122223333:other", True),
    ("ArnNotLike", "arn:aws:sns:*:*:*", ARN, False),
    ("ArnNotLike", "arn:aws:sqs:*:*:*", ARN, True),
    ("ArnNotLike", "arn:aws:sqs:*:*:*", ABSENT, True),
    # Whether the key is there at all.
    ("Null", "true", ABSENT, True),
    ("Null", "true", "x", False),
    ("Null", "false", "x", True),
    ("Null", "false", ABSENT, False),
    ("Null", True, ABSENT, True),
    ("Null", "false", [], False),
    ("Null", "false", "", True),
    # Several values need a set operator.
    ("StringEquals", "a", ["a", "b"], False),
    ("StringNotEquals", "c", ["a", "b"], False),
    # IfExists: a missing key does not matter, one that is there does.
    ("StringEqualsIfExists", "blue", ABSENT, True),
    ("StringEqualsIfExists", "blue", "red", False),
    ("StringEqualsIfExists", "blue", "blue", True),
    ("StringLikeIfExists", "t2.*", ABSENT, True),
    ("StringLikeIfExists", "t2.*", "m5.large", False),
    ("StringNotEqualsIfExists", "blue", ABSENT, True),
    ("StringNotEqualsIfExists", "blue", "blue", False),
    ("NumericLessThanIfExists", "10", ABSENT, True),
    ("NumericLessThanIfExists", "10", "11", False),
    ("DateGreaterThanIfExists", NIGHT, ABSENT, True),
    ("BoolIfExists", "false", ABSENT, True),
    ("BoolIfExists", "true", "false", False),
    ("BinaryEqualsIfExists", "QmluYXI=", ABSENT, True),
    ("IpAddressIfExists", "203.0.113.0/24", ABSENT, True),
    ("NotIpAddressIfExists", "203.0.113.0/24", ABSENT, True),
    ("ArnEqualsIfExists", ARN, ABSENT, True),
    ("ArnNotLikeIfExists", ARN, ARN, False),
]

#: The same, for keys that may have many values.
SETS: list[tuple[str, Any, Any, bool]] = [
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["b", "a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a", "b"], ABSENT, True),
    ("ForAllValues:StringEquals", ["a", "b"], [], True),
    ("ForAllValues:StringEquals", ["a", "b"], [""], True),
    ("ForAllValues:StringLike", ["key*"], ["key1", "key2"], True),
    ("ForAllValues:StringLike", ["key*"], ["key1", "other"], False),
    ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
    ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
    ("ForAllValues:StringNotEquals", ["a"], ABSENT, True),
    ("ForAllValues:ArnLike", ["arn:aws:sns:*:*:*"], [ARN], True),
    ("ForAllValues:NumericLessThan", "10", ["1", "9"], True),
    ("ForAllValues:NumericLessThan", "10", ["1", "10"], False),
    ("ForAllValues:IpAddress", "10.0.0.0/8", ["10.1.1.1", "10.2.2.2"], True),
    ("ForAllValues:Null", "true", ABSENT, True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "a"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
    ("ForAnyValue:StringEquals", ["a", "b"], ABSENT, False),
    ("ForAnyValue:StringEquals", ["a", "b"], [], False),
    ("ForAnyValue:StringEquals", [""], [""], False),
    ("ForAnyValue:StringLike", ["key*"], ["x", "key1"], True),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
    ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
    ("ForAnyValue:StringNotEquals", ["a"], ABSENT, False),
    ("ForAnyValue:StringNotLike", ["key*"], ["key1"], False),
    ("ForAnyValue:ArnEquals", ARN, ["x", ARN], True),
    ("ForAnyValue:DateLessThan", NIGHT, ["2026-01-01", "2030-01-01"], True),
    ("ForAnyValue:Bool", "true", ["false", "true"], True),
    ("ForAnyValue:StringEqualsIfExists", ["a"], ABSENT, True),
    ("ForAllValues:StringEqualsIfExists", ["a"], ["b"], False),
]


def _named(rows: list[tuple[str, Any, Any, bool]]) -> list[Any]:
    return [
        pytest.param(*row, id=f"{row[0]} {row[1]} / {'absent' if row[2] is None else row[2]}")
        for row in rows
    ]


def _meets(operator: str, values: Any, given: Any) -> bool:
    """Whether the condition holds: asked of an Allow and of a Deny, which must agree."""
    condition = {operator: {"shop:Key": values}}
    context = {} if given is None else {"SHOP:key": given}
    granted = decided(allow(Condition=condition), context=context)
    denied = decided(allow(), deny(Condition=condition), context=context)
    assert granted.allowed == denied.explicit
    return granted.allowed


@pytest.mark.aws_source(OPERATORS)
@pytest.mark.parametrize(("operator", "values", "given", "holds"), _named(ROWS))
def test_operator(operator: str, values: Any, given: Any, holds: bool) -> None:
    assert _meets(operator, values, given) is holds


@pytest.mark.aws_source(MANY)
@pytest.mark.parametrize(("operator", "values", "given", "holds"), _named(SETS))
def test_set_operator(operator: str, values: Any, given: Any, holds: bool) -> None:
    assert _meets(operator, values, given) is holds


@pytest.mark.aws_source(LOGIC)
@pytest.mark.parametrize(
    ("context", "holds"),
    [
        ({"a": "1", "b": "x", "c": "10"}, True),
        ({"a": "2", "b": "x", "c": "10"}, True),
        ({"a": "3", "b": "x", "c": "10"}, False),
        ({"a": "1", "b": "y", "c": "10"}, False),
        ({"a": "1", "b": "x", "c": "11"}, False),
        ({"a": "1", "b": "x"}, False),
    ],
)
def test_all_operators_and_all_keys_must_hold_and_one_of_the_values(
    context: dict[str, str], holds: bool
) -> None:
    condition = {"StringEquals": {"a": ["1", "2"], "b": "x"}, "NumericLessThanEquals": {"c": "10"}}
    assert decided(allow(Condition=condition), context=context).allowed is holds


@pytest.mark.aws_source(LOGIC)
@pytest.mark.parametrize(("department", "denied"), [("it", False), ("hr", False), ("pr", True)])
def test_the_values_of_a_negated_operator_are_all_excluded(department: str, denied: bool) -> None:
    unless = {"StringNotEquals": {"aws:PrincipalTag/department": ["it", "hr"]}}
    context = {"aws:PrincipalTag/department": department}
    assert decided(allow(), deny(Condition=unless), context=context).explicit is denied


#: Each operator with a value in the policy, one that it holds for, and one that it does not.
EXAMPLES: dict[str, tuple[str, str, str]] = {
    "StringEquals": ("blue", "blue", "red"),
    "StringNotEquals": ("blue", "red", "blue"),
    "StringEqualsIgnoreCase": ("blue", "BLUE", "red"),
    "StringNotEqualsIgnoreCase": ("blue", "red", "BLUE"),
    "StringLike": ("bl*", "blue", "red"),
    "StringNotLike": ("bl*", "red", "blue"),
    "NumericEquals": ("5", "5.0", "6"),
    "NumericNotEquals": ("5", "6", "5.0"),
    "NumericLessThan": ("5", "4", "5"),
    "NumericLessThanEquals": ("5", "5", "6"),
    "NumericGreaterThan": ("5", "6", "5"),
    "NumericGreaterThanEquals": ("5", "5", "4"),
    "DateEquals": (NIGHT, NIGHT, "2026-11-24T22:00:00Z"),
    "DateNotEquals": (NIGHT, "2026-11-24T22:00:00Z", NIGHT),
    "DateLessThan": (NIGHT, "2026-11-22T22:00:00Z", NIGHT),
    "DateLessThanEquals": (NIGHT, NIGHT, "2026-11-24T22:00:00Z"),
    "DateGreaterThan": (NIGHT, "2026-11-24T22:00:00Z", NIGHT),
    "DateGreaterThanEquals": (NIGHT, NIGHT, "2026-11-22T22:00:00Z"),
    "Bool": ("true", "true", "false"),
    "BinaryEquals": ("eA==", "eA==", "eQ=="),
    "IpAddress": ("203.0.113.0/24", "203.0.113.7", "198.51.100.7"),
    "NotIpAddress": ("203.0.113.0/24", "198.51.100.7", "203.0.113.7"),
    "ArnEquals": (ARN, ARN, f"{ARN}-gone"),
    "ArnNotEquals": (ARN, f"{ARN}-gone", ARN),
    "ArnLike": ("arn:aws:sns:*:*:ord*", ARN, "arn:aws:sns:us-east-1:111122223333:x"),
    "ArnNotLike": ("arn:aws:sns:*:*:ord*", "arn:aws:sns:us-east-1:111122223333:x", ARN),
}


@pytest.mark.aws_source(OPERATORS, MANY)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_operator_in_every_form(name: str) -> None:
    """Plain, with IfExists, with set operators: for values that fit, that do not, and for none."""
    value, fits, other = EXAMPLES[name]
    negated = "Not" in name
    for written, given, holds in (
        (name, fits, True),
        (name, other, False),
        (name, ABSENT, negated),
        (f"{name}IfExists", fits, True),
        (f"{name}IfExists", other, False),
        (f"{name}IfExists", ABSENT, True),
        (f"ForAllValues:{name}", [fits, fits], True),
        (f"ForAllValues:{name}", [fits, other], False),
        (f"ForAllValues:{name}", ABSENT, True),
        (f"ForAnyValue:{name}", [other, fits], True),
        (f"ForAnyValue:{name}", [other, other], False),
        (f"ForAnyValue:{name}", ABSENT, False),
        (f"ForAllValues:{name}IfExists", [fits, other], False),
        (f"ForAllValues:{name}IfExists", ABSENT, True),
        (f"ForAnyValue:{name}IfExists", [other, other], False),
        (f"ForAnyValue:{name}IfExists", ABSENT, True),
    ):
        assert _meets(written, value, given) is holds, (written, given)


@pytest.mark.aws_source(OPERATORS)
def test_no_operator_is_missing() -> None:
    """The engine's operators are those of the table, and Null; of each, both outcomes are there."""
    from helpers.localaws.iam.comparisons import OPERATORS as POSITIVE
    from helpers.localaws.iam.conditions import NEGATED

    assert {*POSITIVE, *NEGATED} == set(EXAMPLES)
    outcomes = {(operator, holds) for operator, _, _, holds in ROWS}
    assert {("Null", True), ("Null", False)} <= outcomes
