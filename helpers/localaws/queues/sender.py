"""The SenderId of a message: the unique id of who sent it, as ``sts:GetCallerIdentity`` says it.

A user's ``AIDA…``, a role session's ``AROA…:session`` (a function's role and name), or the id of
an AWS service that sends by itself.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

from helpers.localaws.gateway.call import current_call

#: SNS, S3, EventBridge and Lambda itself.
A_SERVICE = "AIDAISMY7JYY5F7RTT6AO"
_NOTE = "localaws.sender"


def sender_id() -> str:
    """Of the request that this thread is serving."""
    call = current_call()
    if call is None or call.service != "sqs":
        return A_SERVICE
    if _NOTE not in call.environ:  # asked once for each message of a batch
        from moto.sts.models import sts_backends

        sts = sts_backends[call.caller.account_id]["aws"]
        key = call.caller.access_key or ""
        call.environ[_NOTE] = sts.get_caller_identity(key, call.region)[0]
    return str(call.environ[_NOTE])
