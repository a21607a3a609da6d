"""What a service asks of a role that it was given, before it takes it: may it do this at all?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helpers.localaws.gateway import principals
from helpers.localaws.gateway.policies import resources
from helpers.localaws.gateway.policies.callers import caller
from helpers.localaws.iam import evaluate, keys
from helpers.localaws.iam.context import Context
from helpers.localaws.iam.request import Request

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def may(lambdas: LambdaService, role_arn: str, action: str, resource: str, region: str) -> bool:
    """Whether a session of the role would be allowed to do ``action`` on ``resource`` (an ARN)."""
    who = principals.of_role(role_arn, "check")
    if who is None:
        return False
    context = Context(
        {
            **keys.principal_keys(who.principal),
            **keys.request_keys(
                datetime.fromtimestamp(time.time(), UTC),
                region=region,
                secure=True,
                source_ip=None,
            ),
        }
    )
    target = resources.target(lambdas, action, resource, who.principal.account)
    return evaluate.decide(Request(caller(who), action, target, context)).allowed
