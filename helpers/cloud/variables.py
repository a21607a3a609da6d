"""The environment variables that boto3, the AWS CLI and other tools read.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

_before: dict[str, str] | None = None
_session_before: Any = None

#: What is set here besides ``AWS_…``, and therefore put back.
_OTHERS = ("PATH", "COURSE_ACCOUNT_RUN", "COURSE_PYTHON", "NO_PROXY", "no_proxy")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def point_at(url: str, region: str, access_key: str, secret_key: str) -> None:
    """Make every AWS tool started from here reach ``url`` and read no credentials of the machine.

    Where the AWS CLI is installed, a folder with an ``aws`` command of ours goes in front of PATH.
    """
    global _before, _session_before
    if _before is None:
        _before = {name: value for name, value in os.environ.items() if _ours(name)}
        _session_before = boto3.DEFAULT_SESSION
    # It keeps the credentials that it found when it was made, perhaps those of a real account.
    boto3.DEFAULT_SESSION = None
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ENDPOINT_URL=url,
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
        AWS_ACCESS_KEY_ID=access_key,
        AWS_SECRET_ACCESS_KEY=secret_key,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        # A subprocess that ignores the endpoint cannot speak to AWS without certificates. Its
        # error is "SSL validation failed"; whoever looks for the reason finds this name.
        AWS_CA_BUNDLE="/a-local-cloud-is-open--real-AWS-is-refused.pem",
        AWS_PAGER="",
        # Some actions put a word in front of the host (StartSyncExecution: "sync-"). There is no
        # such host here.
        AWS_DISABLE_HOST_PREFIX_INJECTION="true",
    )
    _reach_without_proxy(url)
    if importlib.util.find_spec("awscli") is not None:
        os.environ["PATH"] = f"{cli_folder()}{os.pathsep}{_before.get('PATH', '')}"
        os.environ["COURSE_PYTHON"] = sys.executable


def lend(region: str, endpoint: str | None, run: str) -> None:
    """Let the AWS CLI reach an account that is open; ``run`` is the path of the run's ledger.

    No key is put into the environment: whatever a cell starts would read it. The CLI in front of
    PATH reads the profile itself, for as long as the run lives (see account/cli.py).
    """
    global _before, _session_before
    if _before is None:
        _before = {name: value for name, value in os.environ.items() if _ours(name)}
        _session_before = boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = None
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_PAGER="",
        COURSE_ACCOUNT_RUN=run,
        COURSE_PYTHON=sys.executable,
    )
    if endpoint is not None:  # on this machine, in the place of an account
        os.environ.update(AWS_ENDPOINT_URL=endpoint, AWS_DISABLE_HOST_PREFIX_INJECTION="true")
        _reach_without_proxy(endpoint)
    os.environ["PATH"] = f"{cli_folder()}{os.pathsep}{_before.get('PATH', '')}"


def restore() -> None:
    """Put back what was there before the first ``point_at``."""
    global _before, _session_before
    if _before is None:
        return
    for name in [name for name in os.environ if _ours(name)]:
        del os.environ[name]
    os.environ.update(_before)
    boto3.DEFAULT_SESSION, _session_before = _session_before, None
    _before = None


def _ours(name: str) -> bool:
    return name.startswith("AWS_") or name in _OTHERS


def _reach_without_proxy(url: str) -> None:
    """A company's proxy must not be asked for what runs on this machine."""
    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    if not proxies or urlsplit(url).hostname not in _LOOPBACK:
        return
    # Most tools read the lower-case name first, some read only one of the two.
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if named.strip() == "*":
        return
    every = [one for one in named.split(",") if one.strip()]
    every += [one for one in _LOOPBACK if one not in every]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(every)


def cli_folder() -> Path:
    """The folder with an ``aws`` command that always passes ``--endpoint-url``.

    Reason: the AWS CLI reads AWS_ENDPOINT_URL for most services only, and would speak to the real
    one for the others.
    """
    return Path(__file__).with_name("bin")
