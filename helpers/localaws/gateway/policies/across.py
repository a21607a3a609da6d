"""Requests for what another account owns, once both accounts have allowed them.

moto looks for a queue, topic, table, secret or key in the caller's account alone. (Buckets it finds
anywhere, functions are the compute room's.)
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from helpers.localaws.gateway.call import Call
from helpers.localaws.iam.actions import Needed

SERVICES = ("sqs", "sns", "dynamodb", "secretsmanager", "kms")
#: moto takes the account in this header for the one to serve.
HEADER = "HTTP_X_MOTO_ACCOUNT_ID"


def serve_in_owners_account(call: Call, needs: Iterable[Needed]) -> None:
    """Let moto serve the request in the account that owns what it is about."""
    arns = [one.resource for one in needs if one.resource.startswith(f"arn:aws:{call.service}:")]
    owners = {arn.split(":")[4] for arn in arns}
    if call.service in SERVICES and len(owners) == 1:
        (owner,) = owners
        if owner.isdigit() and owner != call.caller.account_id:
            call.environ[HEADER] = owner


def only_one_account() -> bool:
    """Whether nobody has used a second account yet: then nothing belongs to anybody else."""
    models = sys.modules.get("moto.iam.models")
    return models is None or len(models.iam_backends) < 2
