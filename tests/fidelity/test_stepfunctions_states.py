"""How states run: tasks with their errors, retries and catches, choices, branches, waits, time."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fidelity.workflows import (
    API,
    GUIDE,
    INVOKE,
    LANGUAGE,
    PROGRAM,
    RECORDED,
    Workflows,
    chain,
    details,
    one,
    task,
)

pytestmark = pytest.mark.aws_source(f"{GUIDE}workflow-states.html", LANGUAGE)


@pytest.fixture(scope="module")
def flows(aws: Any) -> Workflows:
    return Workflows(aws)


@pytest.fixture(scope="module")
def function(make: Any) -> str:
    """The ARN of a function that does what its event says."""
    return str(make(PROGRAM, Timeout=20).arn)


# -- tasks -------------------------------------------------------------------------------------


@pytest.mark.aws_source(
    f"{GUIDE}connect-lambda.html", f"{RECORDED}services/test_lambda_task.snapshot.json"
)
def test_a_function_by_its_arn(flows: Workflows, function: str) -> None:
    execution = flows.start(task(function), {"é": [1.5, "ü"]})
    assert flows.end(execution)["output"] == '{"got":{"é":[1.5,"ü"]}}'
    assert flows.types(execution) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    scheduled = details(flows.events(execution)[2])
    assert (scheduled["resource"], scheduled["input"]) == (function, '{"é":[1.5,"ü"]}')


@pytest.mark.aws_source(
    f"{GUIDE}connect-lambda.html", f"{RECORDED}services/test_lambda_task_service.snapshot.json"
)
def test_a_function_by_its_integration(flows: Workflows, function: str) -> None:
    definition = task(INVOKE, Parameters={"FunctionName": function, "Payload.$": "$"})
    execution = flows.start(definition, {"a": 1})
    result = json.loads(flows.end(execution)["output"])
    assert list(result) == [
        "ExecutedVersion",
        "Payload",
        "SdkHttpMetadata",
        "SdkResponseMetadata",
        "StatusCode",
    ]
    assert result["Payload"] == {"got": {"a": 1}}
    assert (result["ExecutedVersion"], result["StatusCode"]) == ("$LATEST", 200)
    headers = result["SdkHttpMetadata"]["HttpHeaders"]
    assert headers["x-amzn-RequestId"] == result["SdkResponseMetadata"]["RequestId"]
    assert [one["type"] for one in flows.events(execution)[2:5]] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
    ]
    later = task(INVOKE, Parameters={"FunctionName": function, "InvocationType": "Event"})
    result = json.loads(flows.run(later)["output"])
    assert result["StatusCode"] == 202
    scheduled = details(flows.events(execution)[2])
    assert (scheduled["resourceType"], scheduled["resource"]) == ("lambda", "invoke")
    assert scheduled["region"] == "us-east-1"
    given = json.loads(scheduled["parameters"])
    assert given == {"FunctionName": function, "Payload": {"a": 1}}


@pytest.mark.aws_source(f"{GUIDE}concepts-error-handling.html")
def test_an_error_has_its_type_as_name_and_the_payload_as_cause(
    flows: Workflows, function: str
) -> None:
    for definition in (
        task(function),
        task(INVOKE, Parameters={"FunctionName": function, "Payload.$": "$"}),
    ):
        told = flows.run(definition, {"fail": "paper"})
        assert (told["status"], told["error"]) == ("FAILED", "OutOfStock")
        cause = json.loads(told["cause"])
        assert (cause["errorType"], cause["errorMessage"]) == ("OutOfStock", "no paper")
        assert "stackTrace" in cause
    told = flows.run(task(function), {"exit": 1})
    assert told["error"] == "Runtime.ExitError"
    missing = task(f"{function}x")
    told = flows.run(missing)
    assert told["error"] == "Lambda.ResourceNotFoundException"
    assert f"Function not found: {function}x" in told["cause"]
    assert "(Service: AWSLambda; Status Code: 404;" in told["cause"]
    told = flows.run(task(function), {"big": 262_144})
    assert told["error"] == "States.DataLimitExceeded"
    assert told["cause"] == (
        f"The state/task '{function}' returned a result with a size exceeding the maximum number "
        "of bytes service limit."
    )


@pytest.mark.aws_source(
    f"{GUIDE}concepts-error-handling.html#error-handling-retrying-after-an-error"
)
def test_a_retry_waits_for_the_course_clock(flows: Workflows, function: str) -> None:
    retry = {"ErrorEquals": ["OutOfStock"], "IntervalSeconds": 100, "BackoffRate": 3}
    execution = flows.start(task(function, Retry=[retry]), {"flaky": 2})
    flows.wait_for(execution, "LambdaFunctionFailed")
    flows.aws.clock.advance(seconds=90)
    assert flows.types(execution).count("LambdaFunctionScheduled") == 1
    flows.aws.clock.advance(seconds=20)
    flows.wait_for(execution, "LambdaFunctionFailed", 2)
    flows.aws.clock.advance(seconds=290)  # the second wait takes 300 s
    assert flows.types(execution).count("LambdaFunctionScheduled") == 2
    flows.aws.clock.advance(seconds=20)
    assert flows.end(execution)["status"] == "SUCCEEDED"


@pytest.mark.aws_source(
    f"{GUIDE}concepts-error-handling.html#error-handling-retrying-after-an-error"
)
@pytest.mark.parametrize(
    ("retriers", "calls"),
    [
        ([{"ErrorEquals": ["OutOfStock"], "MaxAttempts": 2}], 3),
        ([{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}], 2),
        ([{"ErrorEquals": ["States.ALL"]}], 4),
        ([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "MaxAttempts": 2}], 3),
        ([{"ErrorEquals": ["States.ALL"], "BackoffRate": 60, "MaxDelaySeconds": 5}], 4),
        ([{"ErrorEquals": ["Other", "States.Timeout"]}], 1),
        ([{"ErrorEquals": ["OutOfStock"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}], 1),
        (
            [
                {"ErrorEquals": ["Other"], "MaxAttempts": 5},
                {"ErrorEquals": ["OutOfStock"], "MaxAttempts": 1, "JitterStrategy": "FULL"},
            ],
            2,
        ),
    ],
)
def test_the_first_retrier_that_fits_counts(
    flows: Workflows, function: str, retriers: list[Any], calls: int
) -> None:
    execution = flows.start(
        task(function, Retry=[{"IntervalSeconds": 1, **one} for one in retriers]), {"fail": "x"}
    )
    for number in range(1, calls):
        flows.wait_for(execution, "LambdaFunctionFailed", number)
        flows.aws.clock.advance(seconds=10)
    assert flows.end(execution)["error"] == "OutOfStock"
    assert flows.types(execution).count("LambdaFunctionFailed") == calls


@pytest.mark.aws_source(f"{GUIDE}concepts-error-handling.html#error-handling-fallback-states")
def test_a_catch_may_lead_to_its_own_state(flows: Workflows, make: Any) -> None:
    """Not a retry: the state is entered once more, with what the Catch has added to its input."""
    pay = make(
        """
        def handler(event, context):
            if "problem" not in event:
                raise ValueError("once")
            return {"paid": True}
        """
    )
    catch = [{"ErrorEquals": ["ValueError"], "Next": "Pay", "ResultPath": "$.problem"}]
    definition = chain(
        Pay={"Type": "Task", "Resource": pay.arn, "Catch": catch, "Next": "Ship"},
        Ship={"Type": "Pass"},
    )
    execution = flows.start(definition, {})
    assert json.loads(flows.end(execution)["output"]) == {"paid": True}
    assert flows.types(execution).count("TaskStateEntered") == 2


@pytest.mark.aws_source(f"{GUIDE}concepts-error-handling.html#error-handling-fallback-states")
def test_a_catch_goes_on_elsewhere_with_error_and_cause(flows: Workflows, function: str) -> None:
    catch = [
        {"ErrorEquals": ["Other"], "Next": "Wrong"},
        {"ErrorEquals": ["States.TaskFailed"], "Next": "Sorry", "ResultPath": "$.problem"},
    ]
    definition = chain(
        Pay={"Type": "Task", "Resource": function, "Catch": catch, "Next": "Wrong"},
        Wrong={"Type": "Fail"},
        Sorry={"Type": "Pass"},
    )
    execution = flows.start(definition, {"fail": "x"})
    output = json.loads(flows.end(execution)["output"])
    assert output["fail"] == "x"
    assert output["problem"]["Error"] == "OutOfStock"
    assert json.loads(output["problem"]["Cause"])["errorMessage"] == "no x"
    assert flows.types(execution)[4:7] == [
        "LambdaFunctionFailed",
        "TaskStateExited",
        "PassStateEntered",
    ]
    broken = {**definition, "States": {**definition["States"]}}
    broken["States"]["Pay"] = {
        **definition["States"]["Pay"],
        "Parameters": {"x.$": "$.nope"},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
    }
    assert flows.run(broken)["error"] == "States.Runtime"  # nothing catches it
    del catch[1]["ResultPath"]
    assert list(json.loads(flows.run(definition, {"fail": "x"})["output"])) == ["Error", "Cause"]


@pytest.mark.aws_source(f"{GUIDE}state-task.html")
def test_a_task_may_take_only_so_long(flows: Workflows, function: str) -> None:
    execution = flows.start(
        task(function, TimeoutSeconds=600, Catch=[{"ErrorEquals": ["Other"], "Next": "S"}]),
        {"sleep": 15},
    )
    flows.wait_for(execution, "LambdaFunctionStarted")
    flows.aws.clock.advance(seconds=601)
    told = flows.end(execution)  # at once: the handler still sleeps
    assert (told["status"], told["error"]) == ("FAILED", "States.Timeout")
    assert "LambdaFunctionTimedOut" in flows.types(execution)


# -- callbacks ---------------------------------------------------------------------------------


@pytest.mark.aws_source(
    f"{GUIDE}connect-to-resource.html#connect-wait-token", f"{API}API_SendTaskSuccess.html"
)
def test_a_task_waits_for_its_token(flows: Workflows, refused: Any) -> None:
    sqs, client = flows.aws.client("sqs"), flows.client
    queue = sqs.create_queue(QueueName="tokens")["QueueUrl"]
    asks = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": 600,
        "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}],
        "Next": "Done",
    }
    late = {"Type": "Fail", "Error": "Late"}
    machine = flows.make(chain(Ask=asks, Late=late, Done={"Type": "Pass"}))

    def begun() -> tuple[str, str]:
        execution = flows.start(machine)
        message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        flows.wait_for(execution, "TaskSubmitted")
        return execution, json.loads(message["Body"])["token"]

    execution, token = begun()
    assert refused(client.send_task_success, taskToken=token, output="{x")[0] == "InvalidOutput"
    assert flows.status(execution) == "RUNNING"
    client.send_task_success(taskToken=token, output='{"é": 1.0}')
    assert flows.end(execution)["output"] == '{"é":1.0}'
    assert refused(client.send_task_success, taskToken=token, output="1")[0] == "TaskTimedOut"
    assert refused(client.send_task_success, taskToken="t", output="1")[0] == "InvalidToken"

    execution, token = begun()
    client.send_task_failure(taskToken=token, error="Refused", cause="by hand")
    told = flows.end(execution)
    assert (told["error"], told["cause"]) == ("Refused", "by hand")

    execution, token = begun()
    for _ in range(2):
        flows.aws.clock.advance(seconds=500)
        client.send_task_heartbeat(taskToken=token)
        assert flows.status(execution) == "RUNNING"
    flows.aws.clock.advance(seconds=601)
    assert flows.end(execution)["error"] == "Late"
    assert "TaskTimedOut" in flows.types(execution)
    assert refused(client.send_task_heartbeat, taskToken=token)[0] == "TaskTimedOut"


# -- the flow ----------------------------------------------------------------------------------

NOON = "2026-01-01T12:00:00Z"
#: A rule of a Choice with the inputs that it takes and those that it does not take.
RULES: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"StringEquals": "é"}, ["é"], ["É", 1, None]),
    ({"StringLessThan": "b"}, ["a", "B"], ["b", 1]),
    ({"StringGreaterThanEquals": "b"}, ["b", "c"], ["a"]),
    ({"StringMatches": "a*c\\*"}, ["ac*", "abbc*"], ["abc", "xac*"]),
    ({"NumericEquals": 1}, [1, 1.0], [2, "1", True]),
    ({"NumericGreaterThan": 1.5}, [2], [1.5, "2"]),
    ({"NumericLessThanEquals": 3}, [3, -1], [3.1]),
    ({"BooleanEquals": True}, [True], [False, 1, "true"]),
    ({"TimestampEquals": NOON}, [NOON], ["2026-01-01T12:00:01Z"]),
    ({"TimestampLessThan": NOON}, ["2026-01-01T11:59:59Z"], [NOON, "x"]),
    ({"IsNull": True}, [None], [0, ""]),
    ({"IsPresent": True}, [None, 1], []),
    ({"IsString": True}, ["", "x"], [1]),
    ({"IsNumeric": True}, [1, 1.5], ["1", True]),
    ({"IsBoolean": False}, [1], [True]),
    ({"IsTimestamp": True}, [NOON], ["2026-01-01", 1]),
    ({"StringEqualsPath": "$.other"}, ["same"], ["else"]),
    ({"NumericLessThanPath": "$.limit"}, [4], [5]),
]  # fmt: skip


@pytest.mark.aws_source(f"{GUIDE}state-choice.html")
def test_every_comparison(flows: Workflows) -> None:
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Yes", "No")}
    wrong = []
    for rule, taken, left in RULES:
        rules = [{"Variable": "$.v", **rule, "Next": "Yes"}]
        choice = {"Type": "Choice", "Choices": rules, "Default": "No"}
        machine = flows.make({"StartAt": "C", "States": {"C": choice, **ends}}, type="EXPRESS")
        for index, value in enumerate([*taken, *left]):
            given = json.dumps({"v": value, "other": "same", "limit": 5})
            answer = flows.client.start_sync_execution(stateMachineArn=machine, input=given)
            expected = '"Yes"' if index < len(taken) else '"No"'
            if answer.get("output") != expected:
                wrong.append((rule, value, answer.get("output"), answer.get("cause")))
    assert wrong == []


@pytest.mark.aws_source(f"{GUIDE}state-choice.html")
def test_choices_together_and_none_that_fits(flows: Workflows) -> None:
    rule = {
        "And": [
            {"Variable": "$.a", "IsPresent": True},
            {"Or": [{"Variable": "$.a", "NumericEquals": one} for one in (1, 2)]},
            {"Not": {"Variable": "$.b", "IsPresent": True}},
        ],
        "Next": "Yes",
    }
    choice = {"Type": "Choice", "Choices": [rule]}
    definition = chain(C=choice, Yes={"Type": "Pass", "Result": "yes"})
    assert flows.output(definition, {"a": 2}) == "yes"
    for given in ({"a": 3}, {}, {"a": 1, "b": 0}):
        answer = flows.sync(definition, given)
        assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
        assert "Failed to transition out of the state" in answer["cause"]


@pytest.mark.aws_source(f"{GUIDE}state-parallel.html")
def test_branches_run_side_by_side(flows: Workflows) -> None:
    waits = one("Wait", Seconds=1000)
    waits["States"]["W"] = waits["States"].pop("S")
    waits["StartAt"] = "W"
    pass_on = chain(A={"Type": "Pass", "Result": {"first": 1}})
    definition = one("Parallel", Branches=[waits, pass_on], ResultPath="$.both")
    execution = flows.start(definition, {"a": 1})
    flows.wait_for(execution, "PassStateExited")
    assert flows.status(execution) == "RUNNING"
    flows.aws.clock.advance(seconds=1001)
    told = flows.end(execution)
    assert json.loads(told["output"]) == {"a": 1, "both": [{"a": 1}, {"first": 1}]}
    kinds = flows.types(execution)
    assert (kinds[1], kinds[2]) == ("ParallelStateEntered", "ParallelStateStarted")
    assert kinds[-3:] == ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]

    # One that fails ends the others, and can be caught outside.
    fails = chain(F={"Type": "Fail", "Error": "Broken", "Cause": "so"})
    definition = chain(
        P={
            "Type": "Parallel",
            "Branches": [waits, fails],
            "Catch": [{"ErrorEquals": ["Broken"], "Next": "Sorry"}],
        },
        Sorry={"Type": "Pass"},
    )
    assert json.loads(flows.run(definition)["output"]) == {"Error": "Broken", "Cause": "so"}


@pytest.mark.aws_source(f"{GUIDE}state-map-inline.html")
def test_a_map_runs_each_item(flows: Workflows) -> None:
    inner = chain(A={"Type": "Pass", "Parameters": {"n.$": "$.n", "v.$": "$.v"}})
    definition = one(
        "Map",
        ItemsPath="$.items",
        ItemSelector={"n.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "k.$": "$.k"},
        ItemProcessor={"ProcessorConfig": {"Mode": "INLINE"}, **inner},
        MaxConcurrency=2,
        ResultPath="$.out",
    )
    execution = flows.start(definition, {"items": ["a", "b", "c"], "k": 1})
    output = json.loads(flows.end(execution)["output"])
    assert output["out"] == [{"n": 0, "v": "a"}, {"n": 1, "v": "b"}, {"n": 2, "v": "c"}]
    events = flows.events(execution)
    started = next(one for one in events if one["type"] == "MapStateStarted")
    assert details(started) == {"length": 3}
    iterations = [details(one) for one in events if one["type"] == "MapIterationStarted"]
    assert sorted(one["index"] for one in iterations) == [0, 1, 2]
    assert {one["name"] for one in iterations} == {"S"}
    assert flows.output(definition, {"items": [], "k": 1})["out"] == []

    waits = chain(W={"Type": "Wait", "Seconds": 5000})
    execution = flows.start(one("Map", ItemProcessor=waits), [1] * 50)
    flows.wait_for(execution, "MapIterationStarted", 40)  # 40 at once
    flows.wait_for(execution, "WaitStateEntered", 40)
    assert flows.types(execution).count("MapIterationStarted") == 40
    flows.aws.clock.advance(seconds=5001)
    flows.wait_for(execution, "WaitStateEntered", 50)
    flows.aws.clock.advance(seconds=5001)
    assert json.loads(flows.end(execution)["output"]) == [1] * 50
    many = list(range(1100))
    passes = chain(A={"Type": "Pass"})
    assert flows.output(one("Map", MaxConcurrency=1, ItemProcessor=passes), many) == many

    broken = one("Map", ItemProcessor=chain(F={"Type": "Fail", "Error": "Broken"}))
    answer = flows.sync(broken, [1])
    assert (answer["status"], answer["error"]) == ("FAILED", "Broken")


@pytest.mark.aws_source(f"{GUIDE}state-wait.html")
def test_waits_end_when_the_course_clock_is_there(flows: Workflows) -> None:
    clock = flows.aws.clock
    later = datetime.fromtimestamp(clock.now().timestamp(), UTC) + timedelta(hours=2)
    waits = [
        flows.start(one("Wait", Seconds=7200)),
        flows.start(one("Wait", SecondsPath="$.s"), {"s": 7200}),
        flows.start(one("Wait", Timestamp=f"{later:%Y-%m-%dT%H:%M:%SZ}")),
        flows.start(one("Wait", TimestampPath="$.t"), {"t": f"{later:%Y-%m-%dT%H:%M:%S+00:00}"}),
    ]
    for execution in waits:
        flows.wait_for(execution, "WaitStateEntered")
    clock.advance(minutes=118)
    assert {flows.status(execution) for execution in waits} == {"RUNNING"}
    clock.advance(minutes=3)
    for execution in waits:
        told = flows.end(execution)
        assert told["status"] == "SUCCEEDED"
        assert told["stopDate"] - told["startDate"] > timedelta(minutes=118)
    past = one("Wait", Timestamp="2020-01-01T00:00:00Z")
    assert flows.run(past)["status"] == "SUCCEEDED"
    told = flows.run(one("Wait", SecondsPath="$.s"), {"s": "soon"})
    assert (told["status"], told["error"]) == ("FAILED", "States.Runtime")
    # And by itself it takes as long as it says.
    began = time.monotonic()
    assert flows.run(one("Wait", Seconds=1))["status"] == "SUCCEEDED"
    assert time.monotonic() - began >= 1


@pytest.mark.aws_source(f"{GUIDE}statemachine-structure.html")
def test_a_state_machine_may_take_only_so_long(flows: Workflows) -> None:
    execution = flows.start({"TimeoutSeconds": 60, **one("Wait", Seconds=600)})
    flows.wait_for(execution, "WaitStateEntered")
    flows.aws.clock.advance(seconds=61)
    told = flows.end(execution)
    assert told["status"] == "TIMED_OUT"
    assert flows.types(execution)[-1] == "ExecutionTimedOut"


@pytest.mark.aws_source(f"{GUIDE}state-fail.html")
def test_fail_says_what_it_is_told(flows: Workflows) -> None:
    cause = "States.Format('because {}', $.c)"
    definition = chain(F={"Type": "Fail", "ErrorPath": "$.e", "CausePath": cause})
    told = flows.run(definition, {"e": "Nö", "c": "é"})
    assert (told["status"], told["error"], told["cause"]) == ("FAILED", "Nö", "because é")
    told = flows.run(chain(F={"Type": "Fail", "Error": "States.Mine", "Cause": "ours"}))
    assert (told["error"], told["cause"]) == ("States.Mine", "ours")
