"""How data goes through states: paths, intrinsic functions, JSONata, variables, exact JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.fidelity.workflows import GUIDE, RECORDED, Workflows, chain, details, one

pytestmark = pytest.mark.aws_source(f"{GUIDE}concepts-input-output-filtering.html")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture(scope="module")
def flows(aws: Any) -> Workflows:
    return Workflows(aws)


def jsonata(**fields: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **one("Pass", **fields)}


# -- exact JSON --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"b": 1, "a": 2}', '{"b":1,"a":2}'),
        ('{"x": [1.0, 1.5, -0.25, 100]}', '{"x":[1.0,1.5,-0.25,100]}'),
        ('{"e": 12345678901234567890}', '{"e":12345678901234567890}'),
        ('{"é": "\\u00fc \\ud83d\\ude00 \\n \\" \\\\ /"}', '{"é":"ü 😀 \\n \\" \\\\ /"}'),
        ('"text"', '"text"'),
        ("null", "null"),
        ("[ ]", "[]"),
        (" true ", "true"),
    ],
)
def test_json_goes_through_unchanged(flows: Workflows, given: str, expected: str) -> None:
    assert flows.sync(one("Pass"), given)["output"] == expected


# -- JSONPath ----------------------------------------------------------------------------------


def test_what_goes_into_a_state_and_out_of_it(flows: Workflows) -> None:
    given = {"a": {"b": 1}, "c": 2}
    state = {"InputPath": "$.a", "Parameters": {"x.$": "$.b", "k": ["y"]}}
    assert flows.output(one("Pass", **state), given) == {"x": 1, "k": ["y"]}
    assert flows.output(one("Pass", **state, ResultPath="$.r"), given) == {
        **given,
        "r": {"x": 1, "k": ["y"]},
    }
    assert flows.output(one("Pass", **state, ResultPath="$.a.r", OutputPath="$.a"), given) == {
        "b": 1,
        "r": {"x": 1, "k": ["y"]},
    }
    assert flows.output(one("Pass", Result=1, ResultPath=None), given) == given
    assert flows.output(one("Pass", InputPath=None, OutputPath="$"), given) == {}
    assert flows.output(one("Pass", OutputPath=None), given) == {}


@pytest.mark.aws_source(f"{GUIDE}amazon-states-language-paths.html")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.items[0].v", 1),
        ("$['items'][1]['v']", 2),
        ("$.items[-1:].v", [3]),
        ("$.items[0:2].v", [1, 2]),
        ("$.items[*].v", [1, 2, 3]),
        ("$..v", [1, 2, 3]),
        ("$.items[?(@.v > 1)].v", [2, 3]),
        ("$.items[?(@.n == 'c')]", [{"v": 3, "n": "c"}]),
        ("$.nothing", None),
    ],
)
def test_paths(flows: Workflows, path: str, expected: Any) -> None:
    items = [{"v": number, "n": letter} for number, letter in ((1, "a"), (2, "b"), (3, "c"))]
    given = {"items": items, "nothing": None}
    assert flows.output(one("Pass", Parameters={"x.$": path}), given) == {"x": expected}


@pytest.mark.aws_source(
    f"{RECORDED}error_handling/test_task_lambda.snapshot.json",
    f"{GUIDE}concepts-error-handling.html",
)
def test_a_path_that_finds_nothing(flows: Workflows) -> None:
    answer = flows.sync(one("Pass", Parameters={"x.$": "$.nope"}), {"a": "é"})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert answer["cause"] == (
        "An error occurred while executing the state 'S' (entered at the event id #2). The "
        "JSONPath '$.nope' specified for the field 'x.$' could not be found in the input "
        '\'{"a":"é"}\''
    )


#: What cannot be done → its error and what the cause says besides where it happened.
FAILING: list[tuple[dict[str, Any], str, str]] = [
    (
        one("Pass", Parameters={"x": {"y.$": "States.Format('{}', $.nope)"}}),
        "States.Runtime",
        "The JSONPath '$.nope' specified for the field 'y.$' could not be found in the input",
    ),
    (
        one("Pass", Assign={"v.$": "$.nope"}),
        "States.Runtime",
        "The JSONPath '$.nope' specified for the field 'v.$' could not be found in the input",
    ),
    (
        one("Pass", Parameters={"x.$": "States.StringToJson('{')"}),
        "States.IntrinsicFailure",
        "The function 'States.StringToJson('{')' had the following error: ",
    ),
    (
        one("Pass", Parameters={"x.$": "States.ArrayGetItem($.l, 9)"}),
        "States.IntrinsicFailure",
        "The function 'States.ArrayGetItem($.l, 9)' had the following error: ",
    ),
    (
        one("Pass", Result=1, ResultPath="$.l.x"),
        "States.ResultPathMatchFailure",
        "$.l.x",
    ),
    (
        chain(S={"Type": "Fail", "ErrorPath": "$.l"}),
        "States.Runtime",
        "ErrorPath",
    ),
    (
        one("Map", ItemsPath="$.o", ItemProcessor=chain(A={"Type": "Pass"})),
        "States.Runtime",
        'Reference path "$.o" must point to array.',
    ),
    (
        chain(
            S={
                "Type": "Choice",
                "Choices": [{"Variable": "$.nope", "NumericEquals": 1, "Next": "E"}],
                "Default": "E",
            },
            E={"Type": "Pass"},
        ),
        "States.Runtime",
        "Invalid path '$.nope': The choice state's condition path references an invalid value.",
    ),
]


@pytest.mark.aws_source(f"{GUIDE}concepts-error-handling.html#error-handling-error-representation")
@pytest.mark.parametrize(("definition", "error", "part"), FAILING)
def test_what_cannot_be_done(flows: Workflows, definition: Any, error: str, part: str) -> None:
    answer = flows.sync(definition, {"l": [1], "o": {}})
    assert (answer["status"], answer["error"]) == ("FAILED", error)
    assert answer["cause"].startswith("An error occurred while executing the state 'S' (entered at")
    assert part in answer["cause"]


@pytest.mark.aws_source(f"{GUIDE}input-output-contextobject.html")
def test_the_context_object(flows: Workflows) -> None:
    machine = flows.make(one("Pass", Parameters={"c.$": "$$"}), name="context")
    execution = flows.start(machine, {"a": 1}, name="run")
    context = json.loads(flows.end(execution)["output"])["c"]
    moment = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(moment, context["Execution"].pop("StartTime"))
    assert re.fullmatch(moment, context["State"].pop("EnteredTime"))
    assert context == {
        "Execution": {
            "Id": execution,
            "Input": {"a": 1},
            "Name": "run",
            "RoleArn": flows.role,
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": machine, "Name": "context"},
        "State": {"Name": "S"},
    }


#: Each intrinsic function with its value for the input below.
INTRINSICS: dict[str, Any] = {
    "States.Format('Hi {}, {}', $.n, $.l[0])": "Hi Bé, 1",
    r"States.Format('\{\} it\'s {}', $.n)": "{} it's Bé",
    "States.StringToJson($.js)": {"a": 1.0},
    "States.JsonToString($.o)": '{"a":1,"é":2}',
    "States.Array(1, 'a', $.n)": [1, "a", "Bé"],
    "States.ArrayPartition($.l, 3)": [[1, 2, 3], [3]],
    "States.ArrayContains($.l, 3)": True,
    "States.ArrayRange(1, 9, 2)": [1, 3, 5, 7, 9],
    "States.ArrayGetItem($.l, 1)": 2,
    "States.ArrayLength($.l)": 4,
    "States.ArrayUnique($.l)": [1, 2, 3],
    "States.Base64Encode('é')": "w6k=",
    "States.Base64Decode('w6k=')": "é",
    "States.Hash('x', 'SHA-256')": (
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    ),
    "States.Hash('x', 'MD5')": "9dd4e461268c8034f5c8564e155c67a6",
    "States.JsonMerge($.o, $.p, false)": {"a": 5, "é": 2, "b": 3},
    "States.MathRandom(7, 7)": 7,
    "States.MathAdd(1, -3)": -2,
    "States.StringSplit('a,b.c', '.,')": ["a", "b", "c"],
    "States.MathAdd(States.ArrayLength($.l), 1)": 5,
    "States.Format('{}', $$.State.Name)": "S",
}


@pytest.mark.aws_source(f"{GUIDE}intrinsic-functions.html")
def test_intrinsic_functions(flows: Workflows) -> None:
    given = {
        "n": "Bé",
        "l": [1, 2, 3, 3],
        "js": '{"a":1.0}',
        "o": {"a": 1, "é": 2},
        "p": {"a": 5, "b": 3},
    }
    template = {f"{number}.$": call for number, call in enumerate(INTRINSICS)}
    output = flows.output(one("Pass", Parameters={**template, "id.$": "States.UUID()"}), given)
    assert re.fullmatch(UUID, output.pop("id"))
    assert list(zip(INTRINSICS, output.values(), strict=True)) == list(INTRINSICS.items())


# -- JSONata -----------------------------------------------------------------------------------

#: Each expression with its value for the input {"n": 2, "s": "é", "l": [1, 2, 3], "o": {"k": [1]}}.
EXPRESSIONS: dict[str, Any] = {
    "$states.input.n + 1": 3,
    "$states.input.n / 4": 0.5,
    "$states.input.s & '\"x'": 'é"x',
    "$sum($states.input.l)": 6,
    "$states.input.l[$ > 1]": [2, 3],
    "$map($states.input.l, function($v) { $v * 2 })": [2, 4, 6],
    "{'a': $states.input.o.k[0], 'b': null}": {"a": 1, "b": None},
    "$states.input.n > 1 ? 'big' : 'small'": "big",
    "$partition([1, 2, 3, 4], 3)": [[1, 2, 3], [4]],
    "$range(1, 9, 4)": [1, 5, 9],
    "$hash('x', 'SHA-1')": "11f6ad8ec52a2984abaafd7c3b516503785c2072",
    "$parse('{\"a\": [1.5]}')": {"a": [1.5]},
    "$random(1) = $random(1)": True,
    "$random() < 1": True,
    "$length($uuid())": 36,
    "$uppercase($states.context.State.Name)": "S",
    "$exists($states.input.nope)": False,
}


@pytest.mark.aws_source(
    f"{GUIDE}transforming-data.html", f"{GUIDE}transforming-data.html#jsonata-functions"
)
def test_jsonata(flows: Workflows) -> None:
    given = {"n": 2, "s": "é", "l": [1, 2, 3], "o": {"k": [1]}}
    fields = {str(number): f"{{% {one} %}}" for number, one in enumerate(EXPRESSIONS)}
    output = flows.output(jsonata(Output={**fields, "as it is": ["x", 1.0, "{%"]}), given)
    assert output.pop("as it is") == ["x", 1.0, "{%"]
    assert list(zip(EXPRESSIONS, output.values(), strict=True)) == list(EXPRESSIONS.items())
    assert flows.output(jsonata(), given) == given


@pytest.mark.aws_source(f"{GUIDE}transforming-data.html")
def test_jsonata_that_fails(flows: Workflows, refused: Any) -> None:
    start = "An error occurred while executing the state 'S' (entered at the event id #2). "
    for expression, where, cause in (
        (
            {"a": {"b": ["{% $states.input.nope %}"]}},
            "Output/a/b[0]",
            "The JSONata expression '$states.input.nope' specified for the field 'Output/a/b[0]' "
            "returned nothing (undefined).",
        ),
        (
            "{% $states.input.x + 'a' %}",
            "Output",
            "The JSONata expression '$states.input.x + 'a'' specified for the field 'Output' threw "
            "an error during evaluation. T2002: The right side of the + operator must evaluate to "
            "a number",
        ),
    ):
        execution = flows.start(jsonata(Output=expression), {"x": 1})
        told = flows.end(execution)
        assert (told["status"], told["error"]) == ("FAILED", "States.QueryEvaluationError")
        assert told["cause"] == start + cause
        failed = next(e for e in flows.events(execution) if e["type"] == "EvaluationFailed")
        assert details(failed)["location"] == where
        assert details(failed)["state"] == "S"
    code, message, _ = refused(flows.make, definition=jsonata(Output="{% $x + %}"))
    assert (code, "INVALID_JSONATA_EXPRESSION" in message) == ("InvalidDefinition", True)


@pytest.mark.aws_source(f"{GUIDE}workflow-variables.html")
def test_variables_are_kept_for_later_states(flows: Workflows) -> None:
    sizes = [("{% $n > 10 %}", "big"), ("{% true %}", "small")]
    rules = [{"Condition": c, "Next": "C", "Assign": {"size": size}} for c, size in sizes]
    by_jsonata = {
        "QueryLanguage": "JSONata",
        **chain(
            A={"Type": "Pass", "Assign": {"n": "{% $states.input.x * 2 %}", "o": {"k": [1, None]}}},
            B={"Type": "Choice", "Choices": rules},
            C={"Type": "Pass", "Output": {name: f"{{% ${name} %}}" for name in ("n", "o", "size")}},
        ),
    }
    assert flows.output(by_jsonata, {"x": 6}) == {
        "n": 12,
        "o": {"k": [1, None]},
        "size": "big",
    }
    assert flows.output(by_jsonata, {"x": 5})["size"] == "small"
    by_path = chain(
        A={"Type": "Pass", "Assign": {"o.$": "$.x", "n": 1}, "OutputPath": None},
        B={"Type": "Pass", "Parameters": {"k.$": "$o.k", "t.$": "States.Format('{}', $n)"}},
    )
    assert flows.output(by_path, {"x": {"k": "é"}}) == {"k": "é", "t": "1"}
    execution = flows.start(by_path, {"x": {"k": "é"}})
    flows.end(execution)
    left = next(one for one in flows.events(execution) if one["type"] == "PassStateExited")
    assert details(left)["assignedVariables"] == {"n": "1", "o": '{"k":"é"}'}


@pytest.mark.aws_source(f"{GUIDE}transforming-data.html")
def test_both_languages_in_one_state_machine(flows: Workflows) -> None:
    inner = chain(
        A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input + 1 %}"},
        B={"Type": "Pass", "Parameters": {"n.$": "$"}},
    )
    definition = chain(
        M={"Type": "Map", "ItemProcessor": inner},
        J={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $sum($states.input.n) %}"},
        P={"Type": "Pass", "Parameters": {"sum.$": "$"}},
    )
    assert flows.output(definition, [1, 2]) == {"sum": 5}


@pytest.mark.aws_source(f"{GUIDE}state-map-inline.html", f"{GUIDE}transforming-data.html")
def test_maps_and_catches_in_jsonata(flows: Workflows) -> None:
    inner = chain(A={"Type": "Pass", "Output": "{% $states.input.v + 1 %}"})
    definition = {
        "QueryLanguage": "JSONata",
        **one(
            "Map",
            Items="{% $states.input.items %}",
            ItemSelector={"v": "{% $states.context.Map.Item.Value * 2 %}"},
            ItemProcessor=inner,
            Output={"sum": "{% $sum($states.result) %}"},
        ),
    }
    assert flows.output(definition, {"items": [1, 2, 3]}) == {"sum": 15}
    catch = {
        "ErrorEquals": ["Broken"],
        "Next": "Sorry",
        "Output": {"why": "{% $states.errorOutput.Cause %}"},
        "Assign": {"error": "{% $states.errorOutput.Error %}"},
    }
    broken = chain(F={"Type": "Fail", "Error": "Broken", "Cause": "{% 'bec' & 'ause' %}"})
    definition = {
        "QueryLanguage": "JSONata",
        **chain(
            P={"Type": "Parallel", "Branches": [broken], "Catch": [catch]},
            Sorry={"Type": "Pass", "Output": "{% $merge([$states.input, {'e': $error}]) %}"},
        ),
    }
    assert flows.output(definition) == {"why": "because", "e": "Broken"}
