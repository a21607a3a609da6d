"""The door for notebooks that are being judged: AWS's calls, and nothing else."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest

from helpers import cloud
from helpers.cloud import relay
from helpers.cloud.variables import point_at, restore

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no UNIX sockets here; to run it: use Linux or macOS"
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cloud.Cloud]:
    before = os.environ.get("LOCALAWS_DOOR")
    os.environ["LOCALAWS_DOOR"] = str(tmp_path_factory.mktemp("d") / "door")
    try:
        opened = cloud.open()
        yield opened
        opened.close()
    finally:
        os.environ.pop("LOCALAWS_DOOR")
        if before is not None:
            os.environ["LOCALAWS_DOOR"] = before


def ask(request: str, body: bytes = b"") -> bytes:
    """What a raw request through the door gets: the status line and the rest, as far as it came."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(os.environ["LOCALAWS_DOOR"])
        door.settimeout(10)
        door.sendall(request.replace("\n", "\r\n").encode() + body)
        return door.recv(4000)


@pytest.mark.parametrize(
    "line",
    [
        "POST /_localaws/reset", "GET /_localaws/clock", "POST /_localaws/clock/advance?seconds=9",
        "POST http://x/_localaws/reset", "POST /%5flocalaws/reset", "POST /_localaws%2freset",
        "POST /moto-api/reset", "POST //moto-api/reset", "GET /moto%2dapi/data.json",
        "POST http://x//moto-api/reset",
    ],
)  # fmt: skip
def test_what_is_not_aws_is_refused(aws: cloud.Cloud, line: str) -> None:
    answer = ask(f"{line} HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n")
    assert answer.startswith(b"HTTP/1.1 403 ")


def test_health_is_told(aws: cloud.Cloud) -> None:
    assert ask("GET /_localaws/health HTTP/1.1\nHost: x\n\n").startswith(b"HTTP/1.1 200 ")


def test_motos_pages_are_refused_at_the_port_too_where_handlers_come(aws: cloud.Cloud) -> None:
    port = http.client.HTTPConnection("localhost", int(aws.url.rpartition(":")[2]))
    port.request("POST", "/moto-api/reset", b"")
    assert port.getresponse().status == 403
    port.close()


@pytest.mark.parametrize("length", ["99999999999", "-1", "+1", "x", "1e3"])
def test_a_body_that_is_too_large_or_of_no_size_is_refused(aws: cloud.Cloud, length: str) -> None:
    answer = ask(f"PUT /b/k HTTP/1.1\nHost: x\nContent-Length: {length}\n\n")
    assert answer.split()[1:2] in ([b"413"], [b"400"], [])


def test_a_chunked_body_is_read_as_one(aws: cloud.Cloud) -> None:
    aws.client("s3").create_bucket(Bucket="chunks")
    signed = urlsplit(
        aws.client("s3").generate_presigned_url(
            "put_object", Params={"Bucket": "chunks", "Key": "key"}
        )
    )
    head = f"PUT {signed.path}?{signed.query} HTTP/1.1\nHost: {signed.netloc}\n"
    head += "Transfer-Encoding: chunked\n\n"
    assert b" 200 " in ask(head, b"5\r\nhello\r\n0\r\n\r\n")[:20]
    assert aws.client("s3").get_object(Bucket="chunks", Key="key")["Body"].read() == b"hello"


def test_a_visitor_may_not_ask_for_ever(aws: cloud.Cloud) -> None:
    body = bytes(60 << 20)
    head = f"PUT /chunks/big HTTP/1.1\nHost: x\nContent-Length: {len(body)}\n\n"
    answers = [ask(head, body).split()[1] for _ in range(5)]
    assert answers == [b"403", b"403", b"403", b"403", b"413"]  # nobody has signed them
    aws.reset()
    assert ask(head, body).split()[1] in (b"403", b"404")  # with the bucket gone


def test_a_judged_notebook_gets_the_judges_cloud(
    aws: cloud.Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a process of its own it would be the only cloud; here it stands for a moment."""
    from helpers.cloud import opening

    url = aws.url
    monkeypatch.setattr(opening, "_open", None)
    monkeypatch.setattr(opening, "_server", None)
    monkeypatch.setenv(relay.VARIABLE, url)
    try:
        judged = cloud.open()
        assert (judged.kind, judged.url) == ("local", url)
        assert cloud.open() is judged
        assert boto3.client("sts").get_caller_identity()["Account"] == judged.account_id
        judged.client("s3").create_bucket(Bucket="mine")
        judged.reset()
        now = judged.clock.advance(minutes=5)
        assert abs((now - judged.clock.now()).total_seconds()) < 5
        told = capsys.readouterr().out
        assert "empties this cloud between notebooks" in told
        assert "moves this cloud's clock" in told
        judged.client("s3").head_bucket(Bucket="mine")
        judged.close()
    finally:
        restore()
        point_at(url, aws.region, opening.ACCESS_KEY, opening.SECRET_KEY)


def test_where_nobody_judges_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(relay.VARIABLE, "")
    assert relay.url() is None


@pytest.mark.parametrize(
    "body",
    [
        "Transfer-Encoding: chunked\n\nFFFFFFFFFFFFFFFFF\nabc", "Content-Length: 9\n\nshort",
        "Transfer-Encoding: chunked\n\n4000000\nshort", "Transfer-Encoding: chunked\n\n-1\n",
        "Transfer-Encoding: chunked\n\n5\nlonger\n0\n\n", "Content-Length: +1\n\na",
        "Content-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
    ],
)  # fmt: skip
def test_a_body_that_ends_early_or_is_unclear_is_no_request(aws: cloud.Cloud, body: str) -> None:
    """werkzeug's own reader of chunks ended the process here, or gave out its memory."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(os.environ["LOCALAWS_DOOR"])
        door.settimeout(10)
        door.sendall(f"POST / HTTP/1.1\nHost: x\n{body}".replace("\n", "\r\n").encode())
        door.shutdown(socket.SHUT_WR)
        assert door.recv(4000).startswith(b"HTTP/1.1 400 ")
    assert ask("GET /_localaws/health HTTP/1.1\nHost: x\n\n").startswith(b"HTTP/1.1 200 ")


def test_who_has_hung_up_is_not_served(aws: cloud.Cloud) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(os.environ["LOCALAWS_DOOR"])
        door.settimeout(10)
        door.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        door.shutdown(socket.SHUT_WR)
        assert door.recv(4000).startswith(b"HTTP/1.1 400 ")  # and not 403, as for any stranger


def test_a_body_in_chunks_arrives_whole(aws: cloud.Cloud) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="in-chunks")
    about = {"Bucket": "in-chunks", "Key": "a"}
    place = urlsplit(s3.generate_presigned_url("put_object", Params=about))
    sender = http.client.HTTPConnection(place.hostname or "", place.port)
    pieces = [bytes(1 << 20), b"and", bytes(1 << 20)]
    sender.request("PUT", f"{place.path}?{place.query}", iter(pieces), encode_chunked=True)
    assert sender.getresponse().status == 200
    assert s3.get_object(**about)["Body"].read() == b"".join(pieces)
