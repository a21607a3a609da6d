"""The engine beside a naive one and one that others wrote, and what must hold for any policy."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.localaws.iam.arns import ResourcePattern
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.evaluate import decide
from helpers.localaws.iam.explain import explain
from helpers.localaws.iam.patterns import like
from helpers.localaws.iam.policy import Kind, parse
from helpers.localaws.iam.refusal import message
from tests.unit.iam import naive
from tests.unit.iam.cases import as_request, document, make, statement

DECISIONS = json.loads(Path(__file__).with_name("decisions.json").read_text())
ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def decision(case: dict[str, Any]) -> str:
    """In the words of the other engines."""
    found = decide(as_request(case))
    if found.allowed:
        return "Allowed"
    return "ExplicitlyDenied" if found.explicit else "ImplicitlyDenied"


def test_another_engine_decides_the_same() -> None:
    """See record.py; 28,000 cases were compared when it was made, of which some are kept."""
    assert len(DECISIONS) >= 300
    assert {row["decision"] for row in DECISIONS} == {
        "Allowed",
        "ExplicitlyDenied",
        "ImplicitlyDenied",
    }
    assert [decision(row["case"]) for row in DECISIONS] == [row["decision"] for row in DECISIONS]


randoms = st.integers(0, 2**32).map(Random)


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_a_naive_evaluator_decides_the_same(random: Random) -> None:
    case = make(random, sessions=True)
    assert decision(case) == naive.decide(case)


@settings(max_examples=150, deadline=None)
@given(st.text("ab*?", max_size=8), st.text("abc", max_size=8))
def test_wildcards(pattern: str, text: str) -> None:
    assert like(pattern, text) == naive.glob(pattern, text)


parts = st.lists(st.text("ab*?", max_size=4), min_size=1, max_size=7).map(":".join)
texts = st.lists(st.text("ab", max_size=3), min_size=1, max_size=8).map(":".join)


@settings(max_examples=200, deadline=None)
@given(parts, texts)
def test_resource_patterns(pattern: str, text: str) -> None:
    found = ResourcePattern(pattern, variables=True).matches(text, Context({}))
    assert found == naive.resource_fits(pattern, text)


def test_no_pattern_takes_long() -> None:
    """Backtracking through these would take longer than anybody lives."""
    text = "a" * 2000
    assert not like("*a" * 500 + "b", text)
    assert not ResourcePattern("arn:aws:s3:::" + "*a" * 500 + "b", True).matches(
        f"arn:aws:s3:::{text}", Context({})
    )
    assert not ResourcePattern("a" + "*a" * 40 + "b:x", True).matches(text, Context({}))


@settings(max_examples=60, deadline=None)
@given(randoms)
def test_an_explicit_deny_always_wins(random: Random) -> None:
    case = make(random, sessions=True)
    case["identityPolicies"].append(
        {
            "name": "never",
            "policy": {"Version": "2012-10-17", "Statement": [{**ANY, "Effect": "Deny"}]},
        }
    )
    assert decision(case) == "ExplicitlyDenied"


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_adding_an_allow_never_takes_one_away(random: Random) -> None:
    case = make(random, sessions=True)
    before = decision(case)
    more = copy.deepcopy(case)
    service = case["request"]["action"].partition(":")[0]
    more["identityPolicies"].append(
        {
            "name": "more",
            "policy": {
                "Version": "2012-10-17",
                "Statement": [{**statement(random, service), "Effect": "Allow"}],
            },
        }
    )
    after = decision(more)
    assert (before, after) in [
        ("ImplicitlyDenied", "Allowed"),
        ("ImplicitlyDenied", "ImplicitlyDenied"),
        ("Allowed", "Allowed"),
        ("ExplicitlyDenied", "ExplicitlyDenied"),
    ]


@settings(max_examples=80, deadline=None)
@given(randoms)
def test_a_boundary_and_a_service_control_policy_never_grant(random: Random) -> None:
    case = make(random, sessions=True)
    before = decision(case)
    service = case["request"]["action"].partition(":")[0]
    limited = copy.deepcopy(case)
    limited["permissionBoundaryPolicies"] = [{"name": "b", "policy": document(random, service)}]
    if "permissionBoundaryPolicies" not in case:
        assert not (before != "Allowed" and decision(limited) == "Allowed")
    limited = copy.deepcopy(case)
    limited["serviceControlPolicies"].append(
        {"orgIdentifier": "more", "policies": [{"name": "s", "policy": document(random, service)}]}
    )
    assert not (before != "Allowed" and decision(limited) == "Allowed")


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_every_decision_can_be_told(random: Random) -> None:
    request = as_request(make(random, sessions=True))
    found = explain(request)
    assert found.sentence.startswith("Allowed: " if found.decision.allowed else "Denied: ")
    assert bool(found.advice) is not found.decision.allowed
    assert found.text()
    if not found.decision.allowed:
        assert request.action.lower() in message(found.decision).lower()


_names = st.sampled_from(
    [
        *("Version", "Statement", "Effect", "Action", "Resource", "Principal", "AWS", "Condition"),
        *("StringLike", "NumericEquals", "IpAddress", "aws:SourceIp", "x"),
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)
elements = st.one_of(
    json_values, st.sampled_from(["*", "Allow", "Deny", "s3:*", "${x}", "${", "arn:*"])
)
statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": elements, "Resource": elements},
    optional={"Condition": json_values, "Principal": elements, "Sid": elements},
)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=20)
    | json_values.map(json.dumps)
    | statements.map(lambda one: json.dumps({"Version": "2012-10-17", "Statement": one}))
)
def test_no_document_crashes(text: str) -> None:
    """It is refused, or it can be asked; and whatever it says, a deny beside it stays a deny."""
    try:
        fuzzed = parse(text)
    except MalformedPolicy:
        return
    case = make(Random(len(text)))
    request = as_request(case)
    never = parse({"Version": "2012-10-17", "Statement": [{**ANY, "Effect": "Deny"}]})
    caller = request.caller.__class__(request.caller.principal, [fuzzed, never])
    beside = request.__class__(caller, request.action, request.target, request.context)
    assert decide(beside).explicit
    alone = request.caller.__class__(request.caller.principal, [fuzzed])
    explain(request.__class__(alone, request.action, request.target, request.context))
    fuzzed.document.span_of(fuzzed.document.statements[0])


def test_the_same_text_is_parsed_once() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [ANY]})
    assert parse(text).document is parse(text, Kind.BOUNDARY).document
