"""With a local cloud open, nothing reaches real AWS, and nothing of the machine's is read."""

from __future__ import annotations

import asyncio
import http.client
import os
import pickle
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from helpers import cloud
from helpers.cloud import guard
from tests.unit.cloud.openers import ROOT

FAR = "us-west-2"


def _presigned(aws: cloud.Cloud) -> str:
    client = boto3.client("s3", endpoint_url="https://s3.amazonaws.com")
    url: str = client.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
    return url


#: Ways to real AWS.
WAYS: dict[str, Callable[[cloud.Cloud], Any]] = {
    "boto3 with an endpoint": lambda aws: boto3.client(
        "s3", endpoint_url="https://s3.amazonaws.com"
    ).list_buckets(),
    "over plain http": lambda aws: boto3.client(
        "sqs", endpoint_url="http://sqs.us-east-1.amazonaws.com"
    ).list_queues(),
    "the cloud's own client": lambda aws: aws.client(
        "lambda", endpoint_url=f"https://lambda.{FAR}.amazonaws.com"
    ).list_functions(),
    "a session that ignores the endpoint": lambda aws: (
        boto3.Session(region_name=FAR)
        .client("dynamodb", config=Config(ignore_configured_endpoint_urls=True))
        .list_tables()
    ),
    "global services": lambda aws: boto3.client(
        "iam", config=Config(ignore_configured_endpoint_urls=True)
    ).list_users(),
    "dual stack": lambda aws: boto3.client(
        "lambda",
        config=Config(ignore_configured_endpoint_urls=True, use_dualstack_endpoint=True),
    ).list_functions(),
    "China": lambda aws: boto3.client(
        "sqs", region_name="cn-north-1", config=Config(ignore_configured_endpoint_urls=True)
    ).list_queues(),
    "botocore alone": lambda aws: (
        botocore.session.get_session()
        .create_client("sts", endpoint_url="https://sts.amazonaws.com", verify=False)
        .get_caller_identity()
    ),
    "presigned, requests": lambda aws: requests.get(_presigned(aws), timeout=5),
    "presigned, urllib": lambda aws: urllib.request.urlopen(_presigned(aws), timeout=5),
    "http.client": lambda aws: http.client.HTTPSConnection("sts.amazonaws.com", timeout=5).request(
        "GET", "/"
    ),
    "a socket": lambda aws: socket.create_connection(("sts.amazonaws.com", 443), timeout=5),
    "a socket, by address": lambda aws: socket.create_connection(
        ("169.254.169.254", 80), timeout=5
    ),
    "looking a name up": lambda aws: socket.gethostbyname("lambda.us-east-1.amazonaws.com"),
    "looking a name up another way": lambda aws: socket.getaddrinfo(
        b"LAMBDA.us-east-1.amazonaws.com.", 443
    ),
    "asyncio": lambda aws: asyncio.run(asyncio.open_connection("sts.amazonaws.com", 443)),
    "metadata, urllib": lambda aws: urllib.request.urlopen(
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/", timeout=5
    ),
    "metadata of containers": lambda aws: requests.get(
        "http://169.254.170.2/v2/credentials", timeout=5
    ),
    "metadata of pods": lambda aws: requests.get("http://169.254.170.23/v1/credentials", timeout=5),
}


@pytest.mark.parametrize("way", WAYS)
def test_refused(aws: cloud.Cloud, way: str) -> None:
    with pytest.raises(cloud.RealAWSRefused) as caught:
        WAYS[way](aws)
    assert str(caught.value).startswith("A local cloud is open, so nothing was sent to ")
    assert str(caught.value).endswith("in which no cloud was opened.")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A company's proxy; what it was asked for."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                asked.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    threading.Thread(target=serve, daemon=True).start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield asked
    listener.shutdown(socket.SHUT_RDWR) if sys.platform == "linux" else None
    listener.close()


@pytest.mark.parametrize(
    "way",
    ["boto3 with an endpoint", "over plain http", "presigned, requests", "presigned, urllib",
     "metadata, urllib", "metadata of containers"],
)  # fmt: skip
def test_refused_before_a_proxy_hears_of_it(aws: cloud.Cloud, proxy: list[bytes], way: str) -> None:
    with pytest.raises(cloud.RealAWSRefused):
        WAYS[way](aws)
    assert proxy == [] or b"amazonaws" not in b"".join(proxy)


@pytest.mark.usefixtures("closed")
def test_the_local_cloud_is_reached_without_the_proxy(
    proxy: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From here and from a subprocess; afterwards the variables are as before."""
    monkeypatch.setenv("no_proxy", "intranet.example")
    with cloud.open() as aws:
        assert boto3.client("sts").get_caller_identity()["Account"] == aws.account_id
        assert requests.get(f"{aws.url}/_localaws/health", timeout=20).json() == {"status": "ok"}
        assert os.environ["no_proxy"].split(",")[0] == "intranet.example"
        assert python("import boto3; print(boto3.client('sts').get_caller_identity()['Account'])")
    assert os.environ["no_proxy"] == "intranet.example"
    assert "NO_PROXY" not in os.environ
    assert proxy == []


def python(code: str, **environment: str) -> str:
    """The last line that a Python subprocess wrote (or its error)."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_a_subprocess_cannot_speak_to_aws(aws: cloud.Cloud) -> None:
    """It has no certificates. Plain boto3 reaches us.

    The listener stands for AWS, so that the test needs no network.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        refused = python(f"import boto3; boto3.client('s3', endpoint_url='{url}').list_buckets()")
    assert "SSL validation failed" in refused
    assert "real-AWS-is-refused" in os.environ["AWS_CA_BUNDLE"]
    assert python("import boto3; print(boto3.client('sts').get_caller_identity()['Account'])") == (
        aws.account_id
    )


def test_the_message_names_the_service_that_was_meant() -> None:
    for host, service in (
        ("sts.amazonaws.com", "sts"),
        ("bucket.s3.us-east-1.amazonaws.com", "s3"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "ecr"),
        ("169.254.169.254", "sts"),
    ):
        message = str(cloud.RealAWSRefused(host))
        assert f"nothing was sent to {host}." in message
        assert f"boto3.client('{service}')" in message


def test_the_error_is_botos_and_can_be_pickled() -> None:
    """Notebooks that catch boto3's errors catch it; a process pool can hand it back."""
    error = cloud.RealAWSRefused("sqs.us-east-1.amazonaws.com")
    assert isinstance(error, BotoCoreError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.host) == (type(error), str(error), error.host)
    assert error._render_traceback_() == [f"RealAWSRefused: {error}"]


@pytest.mark.parametrize(
    ("host", "real"),
    [
        ("s3.amazonaws.com", True),
        ("S3.AmazonAWS.com.", True),
        ("sqs.cn-north-1.amazonaws.com.cn", True),
        ("lambda.us-east-1.api.aws", True),
        ("abc.lambda-url.us-east-1.on.aws", True),
        ("[fd00:ec2::254]", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("notamazonaws.com", False),
        ("amazonaws.com.example.org", False),
        ("docs.aws.amazon.com", False),
        ("", False),
    ],
)
def test_is_real_aws(host: str, real: bool) -> None:
    assert guard.is_real_aws(host) is real


def test_the_rest_of_the_internet_is_not_refused(aws: cloud.Cloud) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname(), timeout=5):
        assert guard._locked


@pytest.mark.usefixtures("closed")
def test_a_cell_that_is_run_again_after_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys of the learner's own in the process, as outside of start.py: nothing leaves."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    cloud.open()
    cloud.current().close()
    assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
    with pytest.raises(cloud.RealAWSRefused, match="The cloud is closed, so nothing was sent to"):
        boto3.client("sts", region_name="us-east-1").get_caller_identity()
    with pytest.raises(cloud.RealAWSRefused):
        sys.audit("socket.getaddrinfo", "sts.amazonaws.com", 443, 0, 0, 0)
    with cloud.open(), pytest.raises(cloud.RealAWSRefused, match="A local cloud is open"):
        sys.audit("socket.getaddrinfo", "sts.amazonaws.com", 443, 0, 0, 0)


def test_a_process_that_opened_nothing_is_left_alone() -> None:
    """Importing the course refuses nothing; a cloud that was not opened neither."""
    script = (
        "import sys; from helpers import cloud\n"
        "try: cloud.open('account', number='123456789012')\n"
        "except cloud.CloudError: pass\n"
        "sys.audit('socket.getaddrinfo', 'sts.amazonaws.com', 443, 0, 0, 0)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


PLANTED = """
[default]
aws_access_key_id = AKIAPLANTED000000000
aws_secret_access_key = planted
region = eu-central-1
endpoint_url = https://planted.example
[profile tracked]
credential_process = {touch}
"""


def test_nothing_of_the_machine_is_read(tmp_path: Path) -> None:
    """Not ~/.aws, not AWS_PROFILE, not a credential_process, in this process or below it."""
    trace = tmp_path / "the credential process has run"
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    planted = PLANTED.format(touch=f'touch "{trace}"')
    for name in ("config", "credentials"):
        (home / ".aws" / name).write_text(planted)
    code = f"""
import os, subprocess, sys
os.environ.update(AWS_PROFILE="tracked", AWS_CONFIG_FILE={str(home / ".aws" / "config")!r},
                  AWS_SESSION_TOKEN="planted", AWS_ROLE_ARN="planted", AWS_ENDPOINT_URL_SQS="x://y")
import boto3
from helpers import cloud
aws = cloud.open()
keys = boto3.Session().get_credentials().get_frozen_credentials()
assert (keys.access_key, keys.token) == ("AKIALOCALAWSLEARNER0", None), keys
client = boto3.client("sqs")
assert client.meta.region_name == "us-east-1"
client.list_queues()
inner = "import boto3; print(boto3.Session().get_credentials().access_key)"
done = subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True)
assert "LEARNER" in done.stdout
aws.close()
assert os.environ["AWS_PROFILE"] == "tracked"
print("fine")
"""
    assert python(code, HOME=str(home), USERPROFILE=str(home)) == "fine"
    assert not trace.exists()


@pytest.mark.usefixtures("closed")
def test_the_environment_is_restored_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was set comes back, what was not set is gone, boto3's default session too."""
    mine = boto3.Session(aws_access_key_id="mine", aws_secret_access_key="mine", region_name=FAR)
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", mine)
    before = dict(os.environ)
    aws = cloud.open()
    assert os.environ["AWS_ENDPOINT_URL"] == aws.url
    assert "AWS_PROFILE" not in os.environ
    client = boto3.client("sqs")
    assert client.meta.region_name == "us-east-1"
    assert client._request_signer._credentials.access_key == "AKIALOCALAWSLEARNER0"
    cloud.open("endpoint", url=aws.url)
    aws.close()
    cloud.current().close()
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is mine
