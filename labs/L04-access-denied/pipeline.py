"""The pipeline's steps, as the notebook shows them: the check runs the same, as the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from helpers.cloud import Cloud
from helpers.teach.labs import making

from .shop import ALIAS, ARTEFACT, Shop

SECONDS = 10  #: the function's timeout, one of the settings that release 2 brings


class Refused(Exception):
    """A step was refused. `step` is its words, `error` what AWS said."""

    def __init__(self, step: str, error: ClientError) -> None:
        super().__init__(f"{step}: {error}")
        self.step, self.error = step, error


def release(cloud: Cloud, client: Callable[[str], Any], branch: Shop, role: str) -> str:
    """Bring release 2: returns the version that is live then. Raises Refused.

    `client("s3")` makes a client with the pipeline's credentials, `role` is the ARN of the
    function's role.
    """
    s3, lambda_ = client("s3"), client("lambda")
    name = {"FunctionName": branch.function}
    step = "fetch the release"
    try:
        archive = s3.get_object(Bucket=branch.releases, Key=ARTEFACT)["Body"].read()
        step = "bring the code"
        lambda_.update_function_code(**name, ZipFile=archive)
        making.ready(cloud, branch.function, lambda_)
        step = "bring the settings"
        lambda_.update_function_configuration(**name, Role=role, Timeout=SECONDS)
        making.ready(cloud, branch.function, lambda_)
        step = "publish a version"
        version = lambda_.publish_version(**name)["Version"]
        step = "make it live"
        lambda_.update_alias(**name, Name=ALIAS, FunctionVersion=version)
    except ClientError as error:
        raise Refused(step, error) from error
    return str(version)
