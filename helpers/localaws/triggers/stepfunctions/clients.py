"""The boto3 clients with which a state machine calls services.

They speak to this cloud's own gateway, signed with a session of the state machine's role (or of the
role that a Task's Credentials name), so that everything is identified, and later authorised, as on
AWS. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html
"""

from __future__ import annotations

import secrets
import string
import threading
import time
from typing import TYPE_CHECKING, Any

from helpers.localaws.compute import credentials
from helpers.localaws.triggers.stepfunctions import roles

if TYPE_CHECKING:
    from helpers.localaws.triggers.stepfunctions.service import StepFunctions

#: Seconds of the course clock for which a client keeps its session.
_SESSION_SECONDS = 900
#: A function may take 15 minutes to answer.
_READ_TIMEOUT = 1000

#: Under this name an answer carries a copy of its ResponseMetadata, which moto throws away.
METADATA = "localaws.ResponseMetadata"

_lock = threading.Lock()
_clients: dict[tuple[str, str, str], tuple[float, Any]] = {}
_service: StepFunctions | None = None


class RoleNotAssumed(Exception):
    """Step Functions may not assume the role any more."""


def use(service: StepFunctions) -> None:
    """Learn which cloud the clients belong to."""
    global _service
    _service = service


def client(region: str, service: str, state_credentials: Any) -> Any:
    """In place of moto's ``boto_client_for``, whose clients have made-up keys.

    ``state_credentials.role_arn`` is the role. Raises RoleNotAssumed.
    """
    role = state_credentials.role_arn
    key = region, service, role
    with _lock:
        expires, kept = _clients.get(key, (0.0, None))
        if time.time() < expires:
            return kept
        if not roles.may_assume(role.split(":")[4], region, role):
            raise RoleNotAssumed(roles.NOT_ASSUMED)
        made = _make(region, service, role)
        _clients[key] = time.time() + _SESSION_SECONDS, made
        return made


def forget() -> None:
    """The cloud is being emptied: its sessions are gone."""
    with _lock:
        _clients.clear()


def _make(region: str, service: str, role: str) -> Any:
    import boto3
    from botocore.config import Config

    assert _service is not None
    account = role.split(":")[4]
    session = "".join(secrets.choice(string.ascii_letters) for _ in range(32))
    keys = credentials.session(account, region, role, session)
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url=_service.endpoint,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
        config=Config(
            # What a state asks for is checked by the service, and retried by its Retry.
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            connect_timeout=10,
            read_timeout=_READ_TIMEOUT,
            max_pool_connections=100,
            inject_host_prefix=False,
        ),
    )
    made.meta.events.register("after-call", _keep_metadata)
    return made


def _keep_metadata(parsed: Any, **_: Any) -> None:
    if isinstance(parsed, dict) and "Error" not in parsed:
        parsed[METADATA] = dict(parsed["ResponseMetadata"])
