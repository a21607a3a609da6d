"""Secrets Manager: rotation of a secret by a function.

A rotation is up to four invocations, one step each: createSecret, setSecret, testSecret,
finishSecret. A step that fails ends it, and the new version keeps the label AWSPENDING until a
later attempt goes through.
Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
and https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from helpers.localaws.compute import arn
from helpers.localaws.compute.errors import LambdaError
from helpers.localaws.compute.function import Function
from helpers.localaws.compute.invocation import Invocation
from helpers.localaws.triggers.permission import may_invoke

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

SERVICE = "secretsmanager.amazonaws.com"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
DAY = 86_400

#: AWS's words.
DELETED = "You can't perform this operation on the secret because it was marked for deletion."
NO_FUNCTION = "No Lambda rotation function ARN is associated with this secret."
CANNOT_INVOKE = (
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy "
    "grants access to the principal secretsmanager.amazonaws.com."
)
INCOMPLETE = "A previous rotation isn't complete. That rotation will be reattempted."


class CannotInvoke(Exception):
    """The function is not there, or its policy does not let Secrets Manager invoke it."""


class Incomplete(Exception):
    """An earlier rotation has not ended well; it is tried again instead of a new one."""


def begin(lambdas: LambdaService, secret: Any, token: str | None, immediately: bool = True) -> str:
    """Start a rotation of moto's ``secret`` in the background; return the new version's id.

    Raises CannotInvoke; raises Incomplete after it has started an unfinished one again.
    """
    find(lambdas, secret)
    if not immediately:  # the configuration is tried out with the value there is
        current = str(secret.default_version_id)
        _in_background(lambdas, secret, current, ("testSecret",))
        return current
    pending = _pending(secret)
    version = pending or token or str(uuid4())
    if pending is None:
        secret.versions[version] = {
            "createdate": int(time.time()),
            "version_id": version,
            "version_stages": ["AWSPENDING"],
        }
    _in_background(lambdas, secret, version, STEPS)
    if pending is not None and pending != token:
        raise Incomplete
    return version


def days(rules: dict[str, Any] | None) -> int | None:
    """The days between rotations that RotationRules ask for; None: they ask for none."""
    rules = rules or {}
    if rules.get("AutomaticallyAfterDays") is not None:
        return int(rules["AutomaticallyAfterDays"])
    rate = re.fullmatch(r"rate\((\d+) days?\)", rules.get("ScheduleExpression", ""))
    return int(rate[1]) if rate else None


def find(lambdas: LambdaService, secret: Any) -> tuple[Function, str | None]:
    """The secret's function and qualifier; raises CannotInvoke."""
    named = arn.parse(secret.rotation_lambda_arn)
    try:
        functions = lambdas.functions(
            named.account or secret.account_id, named.region or secret.region
        )
        function = functions.get(named.name)
        function.version(named.qualifier)
    except LambdaError as problem:
        raise CannotInvoke from problem
    if not may_invoke(function, named.qualifier, SERVICE, secret.arn, secret.account_id):
        raise CannotInvoke
    return function, named.qualifier


def keep_schedule(lambdas: LambdaService, secret: Any) -> None:
    """Rotate again when the next date has come, for as long as rotation stays on."""
    if not (secret.rotation_enabled and secret.auto_rotate_after_days):
        return
    due = int(time.time()) + secret.auto_rotate_after_days * DAY
    secret.next_rotation_date = due

    def rotate() -> None:
        # Another date means that another schedule has taken this one's place.
        if secret.rotation_enabled and secret.next_rotation_date == due and not secret.deleted_date:
            # What goes wrong shows in LastRotatedDate; the next date comes all the same.
            with contextlib.suppress(CannotInvoke, Incomplete):
                begin(lambdas, secret, None)
            keep_schedule(lambdas, secret)

    lambdas.timetable.at(due, rotate)


def _pending(secret: Any) -> str | None:
    """The version of a rotation that was begun and not finished."""
    for version_id, version in secret.versions.items():
        stages = version["version_stages"]
        if "AWSPENDING" in stages and "AWSCURRENT" not in stages:
            return str(version_id)
    return None


def _in_background(
    lambdas: LambdaService, secret: Any, version: str, steps: tuple[str, ...]
) -> None:
    def run() -> None:
        try:
            if all(_step(lambdas, secret, version, step) for step in steps) and len(steps) > 1:
                secret.last_rotation_date = int(time.time())
        except CannotInvoke:
            pass  # the function was deleted meanwhile
        except Exception:
            traceback.print_exc(file=sys.stderr)

    threading.Thread(target=run, name=f"rotation-{secret.name}", daemon=True).start()


def _step(lambdas: LambdaService, secret: Any, version: str, step: str) -> bool:
    """Invoke the function for one step; False where it fails."""
    function, qualifier = find(lambdas, secret)
    event = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": version}
    invocation = Invocation(json.dumps(event).encode(), function.arn(qualifier))
    try:
        outcome = lambdas.invoke(function, function.route(qualifier), invocation)
    except LambdaError:  # throttled
        return False
    return outcome.error is None
