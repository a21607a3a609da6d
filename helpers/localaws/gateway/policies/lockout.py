"""A key's policy that would let its author never change it again is refused, unless asked for.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
(BypassPolicyLockoutSafetyCheck)
"""

from __future__ import annotations

from helpers.localaws.gateway import parameters, principals
from helpers.localaws.gateway.call import current_call
from helpers.localaws.gateway.policies.callers import caller
from helpers.localaws.iam import evaluate
from helpers.localaws.iam.errors import MalformedPolicy
from helpers.localaws.iam.policy import Kind, parse
from helpers.localaws.iam.request import Request, Target

TEXT = "The new key policy will not allow you to update the key policy in the future."


def check(account: str, policy: str) -> None:
    """Raise MalformedPolicy where the caller of CreateKey or PutKeyPolicy locks themselves out."""
    call = current_call()
    if call is None or call.service != "kms":  # a stack makes the key
        return
    parsed = parameters.parse(call)
    if parsed is None or parsed.parameters.get("BypassPolicyLockoutSafetyCheck"):
        return
    who = principals.of(account, call.caller.access_key)
    document = parse(policy, Kind.RESOURCE)
    target = Target(f"arn:aws:kms:{call.region}:{account}:key/any", account, [document])
    request = Request(caller(who), "kms:PutKeyPolicy", target)
    denied = evaluate.find(request, [document], allows=False)
    if denied or evaluate.resource_grant(request)[0] is None:
        raise MalformedPolicy(TEXT, "MalformedPolicyDocumentException")
