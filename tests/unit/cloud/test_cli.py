"""The AWS CLI, as a learner calls it from a cell or a terminal of JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from helpers import cloud
from helpers.cloud import variables
from tests.unit.cloud.openers import ROOT

WINDOWS = os.name == "nt"
pytestmark = pytest.mark.skipif(
    WINDOWS, reason="these run sh; aws.cmd is run by the notebooks' tests"
)


def sh(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_reaches_the_local_cloud(aws: cloud.Cloud) -> None:
    """Also for SQS, where the CLI does not read AWS_ENDPOINT_URL. One call after another."""
    done = sh(
        "set -e; aws sqs create-queue --queue-name orders;"
        " aws lambda list-functions --query Functions; aws sts get-caller-identity"
    )
    assert done.returncode == 0, done.stderr
    assert f"{aws.url}/{aws.account_id}/orders" in done.stdout
    assert aws.account_id in done.stdout
    assert aws.client("sqs").list_queues()["QueueUrls"] == [f"{aws.url}/{aws.account_id}/orders"]


def test_an_endpoint_of_ones_own_cannot_reach_aws(aws: cloud.Cloud) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # stands for AWS
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        done = sh(f"aws sqs list-queues --endpoint-url {url}", AWS_MAX_ATTEMPTS="1")
    assert done.returncode != 0
    assert "SSL validation failed" in done.stderr


def test_a_kernel_that_was_started_without_the_environment(aws: cloud.Cloud) -> None:
    """PATH need not hold the environment's folder: the kernel's Python is named in full."""
    usual = f"{variables.cli_folder()}:/usr/bin:/bin"
    done = sh("aws sts get-caller-identity --query Account", PATH=usual)
    assert json.loads(done.stdout) == aws.account_id


def test_without_an_open_cloud_it_says_so(aws: cloud.Cloud, tmp_path: Path) -> None:
    """Also from a folder whose path holds a space, and everything a regular expression fears."""
    folder = tmp_path / "a [folder] with|space & more"
    shutil.copytree(variables.cli_folder(), folder)
    path = f"{folder}:{os.environ['PATH']}"
    done = sh("aws sqs list-queues", PATH=path, AWS_ENDPOINT_URL="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No cloud is open. Open one first, in Python: aws = cloud.open()\n"
    assert sh("aws sts get-caller-identity --query Account", PATH=path).stdout == (
        f'"{aws.account_id}"\n'
    )


def test_the_command_can_be_executed() -> None:
    """Git keeps the bit, and both scripts have the line ends that their systems want."""
    command = ROOT / "helpers" / "cloud" / "bin" / "aws"
    assert os.access(command, os.X_OK)
    assert b"\r" not in command.read_bytes()
