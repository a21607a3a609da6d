"""Opening the local AWS, against a bare moto server: process start to the first AWS answer."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.bench.measure import Row, free_port, interleaved

ROUNDS = 9
GIVE_UP_SECONDS = 30


def first_answer(command: list[str]) -> None:
    """Start a server, ask it who we are until it answers, end it."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", *command, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while not answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(command)} did not answer")
            time.sleep(0.002)
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.terminate()
        server.wait(10)


def answers(port: int) -> bool:
    """Whether sts:GetCallerIdentity, signed as boto3 signs it, is answered on this port."""
    host = f"localhost:{port}"
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", f"http://{host}/", headers=kind, data=body)
    SigV4Auth(Credentials("test", "test"), "sts", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/", body, dict(request.headers.items()) | {"Host": host})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def measure() -> list[Row]:
    ours, theirs = interleaved(
        lambda: first_answer(["helpers.localaws", "--port"]),
        lambda: first_answer(["moto.server", "-H", "127.0.0.1", "-p"]),
        rounds=ROUNDS,
        warm_up=1,
    )
    return [Row("opening the local AWS / a bare moto server", ours, theirs, goal=1.5)]
