"""The control interface: for the cloud's owner, not for handlers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from helpers import cloud
from helpers.cloud import opening
from helpers.deploy import deploy


def ask(
    aws: cloud.Cloud, method: str, what: str, token: str | None = "right"
) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer."""
    assert opening._server
    request = urllib.request.Request(f"{aws.url}/_localaws/{what}", method=method)
    if token is not None:
        given = opening._server.token if token == "right" else token
        request.add_header("Authorization", f"Bearer {given}")
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def test_health_needs_no_token(aws: cloud.Cloud) -> None:
    assert ask(aws, "GET", "health", None) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "what", ["GET clock", "POST clock/advance?seconds=1", "POST reset", "GET nothing", "POST "]
)
@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer", "ü"])
def test_everything_else_does(aws: cloud.Cloud, what: str, token: str | None) -> None:
    """And the refusal does not tell what there is."""
    method, _, path = what.partition(" ")
    before = ask(aws, "GET", "clock")[1]["offset"]
    sent = token.encode().decode("latin-1") if token else token
    status, answer = ask(aws, method, path, sent)
    assert (status, answer) == (
        403,
        {"message": "This needs the header 'Authorization: Bearer TOKEN'."},
    )
    assert ask(aws, "GET", "clock")[1]["offset"] == before


@pytest.mark.parametrize("seconds", ["", "-1", "soon", "nan", "inf", "1e99", "-0.001"])
def test_the_clock_refuses(aws: cloud.Cloud, seconds: str) -> None:
    status, answer = ask(aws, "POST", f"clock/advance?seconds={seconds}")
    assert status == 400
    assert "seconds= takes a number" in answer["message"] or "95 years" in answer["message"]
    assert ask(aws, "GET", "clock")[1]["offset"] == 0


def test_unknown_requests(aws: cloud.Cloud) -> None:
    for method, what in (("GET", "nothing"), ("GET", "clock/advance"), ("POST", "health")):
        status, answer = ask(aws, method, what)
        assert status == 404
        assert answer["message"].startswith(f"There is no '{method} {what}'. There are: health")


def test_tickets_for_code(aws: cloud.Cloud, tmp_path: Path) -> None:
    """GetFunction's Location gives the archive without credentials; other tickets give nothing."""
    source = tmp_path / "app.py"
    source.write_text("def handler(event, context): return 1")
    function = deploy("downloaded", source)
    location = aws.client("lambda").get_function(FunctionName=function.name)["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=20) as reply:
        assert reply.read(2) == b"PK"
    for ticket in ("", "guess", "../code"):
        assert ask(aws, "GET", f"code/{ticket}", None)[0] == 404
    assert ask(aws, "GET", "code/guess", None)[1]["message"].startswith("No such archive")


def test_handlers_do_not_get_the_token(aws: cloud.Cloud, tmp_path: Path) -> None:
    """Not in their environment, command line or files; what they guess is refused."""
    assert opening._server
    source = tmp_path / "curious.py"
    source.write_text(
        """
import glob, os, urllib.request, urllib.error
def handler(event, context):
    seen = [repr(os.environ), repr(event)]
    for name in glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/environ"):
        try:
            seen.append(open(name, "rb").read().decode("latin-1"))
        except OSError:
            pass
    url = os.environ["AWS_ENDPOINT_URL"] + "/_localaws/clock/advance?seconds=60"
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="POST"))
        status = 200
    except urllib.error.HTTPError as problem:
        status = problem.code
    return [status, "\\n".join(seen)]
"""
    )
    status, seen = deploy("curious", source, timeout=10).invoke({})
    assert status == 403
    assert opening._server.token not in seen
