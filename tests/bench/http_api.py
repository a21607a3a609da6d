"""An HTTP API's round trip (API, function, back), against a bare API call of the same server."""

from __future__ import annotations

import io
import zipfile

import requests

from helpers import RUNTIME, cloud
from helpers.deploy import ensure_role
from tests.bench.measure import Row, interleaved

ROUNDS = 200
#: The most of a bare call that a round trip may take.
GOAL = 2.5
TRIVIAL = "def handler(event, context):\n    return {'order': 1}\n"


def measure() -> list[Row]:
    aws = cloud.open()
    try:
        functions, queues = aws.client("lambda"), aws.client("sqs")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.py", TRIVIAL)
        arn = functions.create_function(
            FunctionName="bench-http",
            Runtime=RUNTIME,
            Role=ensure_role(aws),
            Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
        )["FunctionArn"]
        functions.get_waiter("function_active_v2").wait(FunctionName="bench-http")
        functions.add_permission(
            FunctionName="bench-http",
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        api = aws.client("apigatewayv2").create_api(Name="bench", ProtocolType="HTTP", Target=arn)
        url, queue = api["ApiEndpoint"], queues.create_queue(QueueName="bench")["QueueUrl"]
        session = requests.Session()
        session.trust_env = False

        def call() -> None:
            answer = session.get(url)
            if answer.text != '{"order":1}':
                raise RuntimeError(f"the API failed: {answer.status_code} {answer.text}")

        through, bare = interleaved(
            call,
            lambda: queues.send_message(QueueUrl=queue, MessageBody='{"order": 1}'),
            rounds=ROUNDS,
            warm_up=10,
        )
        return [Row("an HTTP API's round trip / sqs.send_message", through, bare, goal=GOAL)]
    finally:
        aws.close()
