"""What the desks before and after moto add to a call, and how fast policies are decided on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.measure import Row, interleaved, timed

ROUNDS = 400
#: The most of a call of moto alone that a call through the five desks may take.
GOAL = 1.15
#: Seconds for a thousand decisions over fifty statements.
DECIDING = 0.1


def measure() -> list[Row]:
    """In a process of its own: the local AWS changes moto, and the environment."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.desks"],
        cwd=Path(__file__).resolve().parent.parent.parent,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    ours, theirs, seconds = json.loads(told.splitlines()[-1])
    return [
        Row("a call through the five desks / moto alone", ours, theirs, goal=GOAL),
        Row("1,000 decisions over 50 statements", seconds, None, goal=DECIDING),
    ]


def _desks() -> list[float]:
    """One SendMessage through the gateway, beside the same from desk 4 (moto) alone."""
    from helpers.localaws import moto_hooks

    moto_hooks.install()
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    from helpers.localaws.compute.service import LambdaService
    from helpers.localaws.control import Control
    from helpers.localaws.gateway.call import BODY
    from helpers.localaws.gateway.door import Gateway
    from helpers.localaws.gateway.identify import identify
    from helpers.localaws.lifetime import Keeper
    from helpers.localaws.settings import LEARNER_ACCESS_KEY

    keeper = Keeper()
    compute = LambdaService(keeper)
    gateway = Gateway(compute, Control("bench", compute))
    moto_hooks.connect_triggers(compute)
    scope = f"{LEARNER_ACCESS_KEY}/20261123/us-east-1/sqs/aws4_request"

    def environ(operation: str, content: bytes) -> dict[str, Any]:
        headers: dict[Any, Any] = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, "
            "Signature=0",
            "X-Amz-Target": f"AmazonSQS.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        return EnvironBuilder(
            "/", "http://localhost", method="POST", data=content,
            headers=headers,
        ).get_environ()  # fmt: skip

    send = b'{"QueueUrl": "http://localhost/123456789012/bench", "MessageBody": "an order"}'

    def through() -> None:
        _good(run_wsgi_app(gateway, environ("SendMessage", send)))

    call = identify(environ("SendMessage", send))

    def bare() -> None:
        call.environ = environ("SendMessage", send)
        call.environ[BODY] = send
        _good(run_wsgi_app(gateway._serve(call), call.environ))

    _good(run_wsgi_app(gateway, environ("CreateQueue", b'{"QueueName": "bench"}')))
    try:
        return interleaved(through, bare, rounds=ROUNDS, warm_up=50)
    finally:
        keeper.close()


def _good(answer: Any) -> None:
    if not answer[1].startswith("200"):
        raise RuntimeError(f"the call failed: {answer[1]} {b''.join(answer[0])!r}")


def _deciding() -> float:
    """The last of fifty statements allows, so that all of them are looked at."""
    from helpers.localaws.iam import evaluate, principal
    from helpers.localaws.iam.policy import Kind, parse
    from helpers.localaws.iam.request import Caller, Request, Target

    statements = [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:Put*"],
            "Resource": f"arn:aws:s3:::bucket-{number}/*",
        }
        for number in range(50)
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    caller = Caller(principal.user("123456789012", "anna"), [parse(text, Kind.IDENTITY)])

    def decide() -> None:
        for number in range(1000):
            target = Target(f"arn:aws:s3:::bucket-49/{number}", "123456789012")
            if not evaluate.decide(Request(caller, "s3:GetObject", target)).allowed:
                raise RuntimeError("the policy did not allow what it allows")

    decide()
    return min(timed(decide) for _ in range(9))


if __name__ == "__main__":
    print(json.dumps([*_desks(), _deciding()]), flush=True)
    os._exit(0)
