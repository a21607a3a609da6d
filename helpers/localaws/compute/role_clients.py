"""boto3 clients with a session of a role: how a service calls another one on somebody's behalf.

They go through the same door as every other request, so that the role's policies count.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

from helpers.localaws.compute import credentials


def client(
    endpoint: str,
    service: str,
    role_arn: str,
    session_name: str,
    account: str,
    region: str,
    *,
    attempts: int = 1,
) -> Any:
    """A client of ``service``, kept as long as its session lasts.

    ``attempts``: how often it tries where the answer says that another try may help.
    """
    # A session ends after some hours of the course clock: before that comes a new one.
    period = int(time.time() // (credentials.SESSION_SECONDS / 2))
    return _client(endpoint, service, role_arn, session_name, account, region, attempts, period)


@lru_cache(maxsize=128)
def _client(
    endpoint: str,
    service: str,
    role_arn: str,
    session_name: str,
    account: str,
    region: str,
    attempts: int,
    _: int,
) -> Any:
    keys = credentials.session(account, region, role_arn, session_name)
    return boto3.session.Session().client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
        config=Config(
            retries={"total_max_attempts": attempts}, read_timeout=20, parameter_validation=False
        ),
    )


def forget() -> None:
    """The sessions belong to roles that are gone (the cloud is being emptied)."""
    _client.cache_clear()
