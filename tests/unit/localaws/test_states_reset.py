"""Emptying the cloud while executions wait, and what waiting costs."""

from __future__ import annotations

import json
import threading

import psutil
from botocore.exceptions import ClientError

from helpers import cloud
from helpers.cloud import opening
from tests.fidelity.workflows import Workflows, chain, one, task


def server() -> psutil.Process:
    assert opening._server
    return psutil.Process(opening._server.pid)


def test_waiting_executions_cost_nothing_and_end_with_the_cloud(aws: cloud.Cloud) -> None:
    flows = Workflows(aws)
    url = aws.client("sqs").create_queue(QueueName="tokens")["QueueUrl"]
    child = flows.make(one("Wait", Seconds=9000), name="child")
    waiting = [
        one("Wait", Seconds=9000),
        task(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Parameters={"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
            HeartbeatSeconds=900,
        ),
        task(
            "arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": child}
        ),
        task(
            "arn:aws:lambda:us-east-1:123456789012:function:nobody",
            Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 9000}],
        ),
        one("Map", ItemProcessor=chain(W={"Type": "Wait", "Seconds": 9000})),
        one("Parallel", Branches=[chain(W={"Type": "Wait", "Seconds": 9000})]),
    ]
    before = server().num_threads()
    executions = [flows.start(definition, [1, 2, 3]) for definition in waiting]
    kinds = (
        "WaitStateEntered",
        "TaskSubmitted",
        "TaskSubmitted",
        "LambdaFunctionFailed",
        "MapIterationStarted",
        "WaitStateEntered",
    )
    for execution, kind in zip(executions, kinds, strict=True):
        flows.wait_for(execution, kind)
    express = flows.make(one("Wait", Seconds=250), type="EXPRESS")
    answers: list[str] = []

    def ask() -> None:
        try:
            answers.append(flows.client.start_sync_execution(stateMachineArn=express)["status"])
        except ClientError as problem:
            answers.append(problem.response["Error"]["Code"])

    asking = threading.Thread(target=ask)
    asking.start()
    used = server().cpu_times()
    threading.Event().wait(2)
    now = server().cpu_times()
    assert now.user + now.system - used.user - used.system < 0.5
    aws.reset()
    asking.join(10)
    assert answers == ["FAILED"]
    assert flows.client.list_state_machines()["stateMachines"] == []
    # A few more than before belong to the web server.
    aws.wait_until(lambda: server().num_threads() <= before + 5, what="their threads have ended")
    # The new cloud has nothing to do with the old one.
    again = Workflows(aws)
    assert again.output(one("Pass"), {"a": 1}) == {"a": 1}
    aws.clock.advance(hours=3)
    assert json.loads(again.run(again.make(one("Pass"), name="child"))["output"]) == {}


def test_emptying_at_any_moment_of_a_start(aws: cloud.Cloud) -> None:
    aws.reset()
    before = server().num_threads()
    for pause in (0, 0.005, 0.02, 0.05):
        flows = Workflows(aws)
        machine = flows.make(chain(P={"Type": "Pass"}, W={"Type": "Wait", "Seconds": 9000}))
        for _ in range(5):
            flows.start(machine)
        threading.Event().wait(pause)
        aws.reset()
        assert flows.client.list_state_machines()["stateMachines"] == []
    aws.wait_until(lambda: server().num_threads() <= before + 5, what="their threads have ended")
