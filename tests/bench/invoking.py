"""Warm and cold invocations through boto3, against sqs.send_message to the same server."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import count
from statistics import median

from helpers import RUNTIME, cloud
from tests.bench.measure import Row, interleaved, timed

WARM_ROUNDS = 200
COLD_ROUNDS = 15
TRIVIAL = "def handler(event, context):\n    return event\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def measure() -> list[Row]:
    aws = cloud.open()
    try:
        functions, queues = aws.client("lambda"), aws.client("sqs")
        role = aws.client("iam").create_role(
            RoleName="bench", AssumeRolePolicyDocument=json.dumps(TRUST)
        )["Role"]["Arn"]
        queue = queues.create_queue(QueueName="bench")["QueueUrl"]
        names = (f"bench-{number}" for number in count())

        def create() -> str:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("app.py", TRIVIAL)
            name = next(names)
            functions.create_function(
                FunctionName=name,
                Runtime=RUNTIME,
                Role=role,
                Handler="app.handler",
                Code={"ZipFile": buffer.getvalue()},
            )
            functions.get_waiter("function_active_v2").wait(FunctionName=name)
            return name

        def invoke(name: str) -> None:
            reply = functions.invoke(FunctionName=name, Payload=b'{"order": 1}')
            if reply["Payload"].read() != b'{"order": 1}':
                raise RuntimeError(f"the trivial function failed: {reply}")

        warm_name = create()
        warm, send = interleaved(
            lambda: invoke(warm_name),
            lambda: queues.send_message(QueueUrl=queue, MessageBody='{"order": 1}'),
            rounds=WARM_ROUNDS,
            warm_up=10,
        )
        colder = []
        for _ in range(COLD_ROUNDS):
            name = create()
            cold = timed(lambda name=name: invoke(name))  # type: ignore[misc]
            colder.append(cold - timed(lambda: invoke(warm_name)))
        return [
            Row("a warm invoke / sqs.send_message", warm, send, goal=1.2),
            Row("a first invoke, more than a warm one", median(colder), None, goal=0.080),
        ]
    finally:
        aws.close()
