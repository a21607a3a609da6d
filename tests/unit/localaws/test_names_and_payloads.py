"""Function names in all their forms, and payloads that are, or are not, JSON."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.localaws.compute import arn
from helpers.localaws.compute.errors import InvalidParameterValue, ValidationError
from helpers.localaws.compute.payload import check_json

names = st.text(st.sampled_from("abcXYZ019-_"), min_size=1, max_size=64)
qualifiers = st.one_of(st.none(), st.just("$LATEST"), names)
accounts = st.text(st.sampled_from("0123456789"), min_size=12, max_size=12)
regions = st.sampled_from(["us-east-1", "ap-southeast-2", "us-gov-west-1"])


@given(names, qualifiers, accounts, regions)
def test_every_form_names_the_same_function(
    name: str, qualifier: str | None, account: str, region: str
) -> None:
    tail = f":{qualifier}" if qualifier else ""
    full = arn.function_arn(region, account, name, qualifier)
    if len(full) <= 170:
        assert arn.parse(full) == arn.FunctionName(name, qualifier, account, region)
    partial = f"{account}:function:{name}{tail}"
    assert arn.parse(partial) == arn.FunctionName(name, qualifier, account, None)
    if name != "function":
        assert arn.parse(f"{name}{tail}") == arn.FunctionName(name, qualifier, None, None)
    assert arn.parse(name, qualifier).qualifier == qualifier


@given(st.text(max_size=200))
def test_whatever_is_given_is_read_or_refused(given_name: str) -> None:
    """Never another exception, and nothing that AWS's own pattern refuses is accepted."""
    try:
        named = arn.parse(given_name)
    except ValidationError:
        return
    else:
        assert re.fullmatch(arn.PATTERN, given_name)
        assert named.name in given_name


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "a b", "f:", ":f", "f:v:w", "ünicode", "arn:aws:lambda:us-east-1:1:function:f",
     "arn:aws:s3:::bucket", "f" * 171, "f\n"],
)  # fmt: skip
def test_no_names(wrong: str) -> None:
    with pytest.raises(ValidationError, match="at 'functionName' failed to satisfy"):
        arn.parse(wrong)


def test_two_qualifiers() -> None:
    assert arn.parse("f:v1", "v1").qualifier == "v1"
    with pytest.raises(InvalidParameterValue, match="derived qualifier"):
        arn.parse("f:v1", "v2")


def test_new_names() -> None:
    assert arn.parse_new("f" * 64) == "f" * 64
    assert arn.parse_new("arn:aws:lambda:us-east-1:123456789012:function:f") == "f"
    with pytest.raises(ValidationError, match="less than or equal to 64"):
        arn.parse_new("f" * 65)
    with pytest.raises(InvalidParameterValue):
        arn.parse_new("f:v1")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(json_values, st.booleans())
def test_json_is_json(value: object, ascii_only: bool) -> None:
    encoded = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        encoded.decode()
    except UnicodeDecodeError:
        return
    assert check_json(encoded) is None


@given(st.binary(max_size=60))
def test_any_bytes_get_an_answer(payload: bytes) -> None:
    """None exactly for what Python reads as JSON too; a text with a place for all else."""
    problem = check_json(payload)
    if problem is None:
        json.loads(payload)
    else:
        assert re.search(r"line: \d+, column: \d+\]$", problem)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"{'a': 1}", "Unexpected character ('''"),
        (b'{"a": 1', "Unexpected end-of-input"),
        (b"[1, 2", "Unexpected end-of-input"),
        (b"order 7", "Unrecognized token 'order'"),
        (b"NaN", "Unrecognized token 'NaN'"),
        (b"[-Infinity]", "Unrecognized token '-Infinity'"),
        (b"\x87", "Invalid UTF-8 start byte 0x87"),
        (b"[" * 100_000, "Document nesting depth"),
        ("\ufeff1".encode(), "Unexpected character"),
    ],
)
def test_what_is_wrong(payload: bytes, words: str) -> None:
    assert words in str(check_json(payload))
