"""The environment variables that boto3, the AWS CLI and other tools read.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_before: dict[str, str] | None = None


def point_at(url: str, region: str, access_key: str, secret_key: str, scripts: Path | None) -> None:
    """Make every AWS tool started from here reach ``url`` and read no credentials of the machine.

    ``scripts`` is a folder to put in front of PATH (it holds an ``aws`` command).
    """
    global _before
    if _before is None:
        _before = {name: value for name, value in os.environ.items() if _ours(name)}
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
        # error names this file, and the file's name says why.
        AWS_CA_BUNDLE="/a-local-cloud-is-open--real-AWS-is-refused.pem",
        AWS_PAGER="",
    )
    path = (_before or {}).get("PATH", "")
    if scripts is not None:
        os.environ["PATH"] = f"{scripts}{os.pathsep}{path}"


def restore() -> None:
    """Put back what was there before the first ``point_at``."""
    global _before
    if _before is None:
        return
    for name in [name for name in os.environ if _ours(name)]:
        del os.environ[name]
    os.environ.update(_before)
    _before = None


def _ours(name: str) -> bool:
    return name.startswith("AWS_") or name == "PATH"


def cli_folder() -> Path:
    """The folder with an ``aws`` command that always passes ``--endpoint-url``.

    Reason: the AWS CLI reads AWS_ENDPOINT_URL for most services only, and would speak to the real
    one for the others.
    """
    return Path(__file__).with_name("bin")


def cli() -> list[str]:
    """The real AWS CLI of this environment, as a command."""
    name = "aws.cmd" if os.name == "nt" else "aws"
    return [str(Path(sys.executable).with_name(name))]
