"""Desk 2: may they. Asks the room ``iam`` about every permission that the request needs.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from helpers.localaws.compute import credentials
from helpers.localaws.gateway import parameters, principals, sessions
from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.errors import as_service_error, not_implemented
from helpers.localaws.gateway.policies import resources, tags
from helpers.localaws.gateway.policies.callers import caller
from helpers.localaws.gateway.policies.finding import finder
from helpers.localaws.gateway.principals import Identity
from helpers.localaws.iam import evaluate, keys, refusal
from helpers.localaws.iam.actions import Needed, by_name, needed
from helpers.localaws.iam.context import Context, Values
from helpers.localaws.iam.errors import UnmappedOperation
from helpers.localaws.iam.request import Caller, Request

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

#: Where this is set to ``refuse`` (in this project's tests), an operation whose permissions nobody
#: has written down is an error; else its action is guessed from its name.
UNMAPPED = "LOCALAWS_UNMAPPED"


class Authorise:
    """Decides on every request; ``lambdas`` holds the functions and their policies."""

    def __init__(self, lambdas: LambdaService) -> None:
        self._lambdas = lambdas

    def __call__(self, call: Call) -> Response | None:
        """A refusal, or None to let the request pass."""
        if call.front is not None:
            return None  # an API or a function URL has its own kinds of authorisation
        try:
            who = principals.of(call.caller.account_id, call.caller.access_key)
        except principals.UnknownKey:
            return _bad_key(call)
        except principals.ExpiredKey:
            return _expired(call)
        if call.service == "iam" and not sessions.may_call_iam(who):
            return _bad_key(call)
        asking = caller(who)
        if _may_everything(asking) and not resources.any_exist(call.service or ""):
            return None
        try:
            parsed = parameters.parse(call)
        except parameters.UnreadableRequest:
            return None  # its service refuses it, and says why
        if parsed is None:
            return None  # nobody knows this operation, serve says so
        find = finder(self._lambdas, call.caller.account_id, call.region)
        try:
            needs = needed(
                parsed.service,
                parsed.operation,
                parsed.parameters,
                call.caller.account_id,
                call.region,
                find=find,
                caller=who.principal.arn,
            )
        except UnmappedOperation as problem:
            if os.environ.get(UNMAPPED) == "refuse":
                print(problem, file=sys.stderr)
                return not_implemented(call)
            needs = [by_name(parsed.service, parsed.operation)]
        return self._decide(call, who, asking, needs)

    def request(self, asking: Caller, need: Needed, context: Context) -> Request:
        """One permission, ready to be decided on: with the resource's policies and tags."""
        target = resources.target(
            self._lambdas, need.action, need.resource, asking.principal.account
        )
        request = Request(asking, need.action, target, context.with_keys(need.context))
        if any("ResourceTag/" in one.document.text for one in request.policies()):
            labels = tags.of(self._lambdas, need.resource, target.account)
            request.context.update(keys.resource_keys(target.account, labels))
        return request

    def _decide(
        self, call: Call, who: Identity, asking: Caller, needs: list[Needed]
    ) -> Response | None:
        """A refusal for the first permission that is missing.

        Where AWS would refuse only a part (one key of DeleteObjects), all of it is refused here.
        """
        denial = self._first_denial(call, who, asking, needs)
        return _denied(call, denial) if denial is not None else None

    def _first_denial(
        self, call: Call, who: Identity, asking: Caller, needs: list[Needed]
    ) -> evaluate.Decision | None:
        context = Context(dict(_keys(call, who)))
        for need in needs:
            decision = evaluate.decide(self.request(asking, need, context))
            if not decision.allowed:
                return decision
        return None

    def of_front(self, call: Call, needs: list[Needed]) -> str | None:
        """For a request to an API or a function URL with AWS_IAM, whose signature is right.

        AWS's text of the refusal; None: it may pass.
        """
        try:
            who = principals.of(call.caller.account_id, call.caller.access_key)
        except (principals.UnknownKey, principals.ExpiredKey):
            return "The security token included in the request is invalid."
        denial = self._first_denial(call, who, caller(who), needs)
        return refusal.refusal(denial, "execute-api").message if denial is not None else None


def _keys(call: Call, who: Identity) -> Iterator[tuple[str, Values]]:
    """The global condition keys of this request."""
    session = who.session
    holder = credentials.holder(call.caller.access_key)
    yield from keys.principal_keys(
        who.principal,
        issued=getattr(session, "issued", None),
        mfa=getattr(session, "mfa", False) if session is not None else None,
        source_identity=getattr(session, "source_identity", None),
    ).items()
    yield from keys.request_keys(
        datetime.fromtimestamp(time.time(), UTC),
        region=call.region,
        secure=True,  # on AWS it would have been HTTPS
        source_ip=call.environ.get("REMOTE_ADDR"),
        user_agent=call.environ.get("HTTP_USER_AGENT"),
        referer=call.environ.get("HTTP_REFERER"),
        vpc=(holder.vpc_config.get("VpcId") if holder else None),
    ).items()
    yield "aws:ResourceAccount", who.principal.account or None
    if holder is not None:
        yield "lambda:SourceFunctionArn", holder.function_arn


def _may_everything(asking: Caller) -> bool:
    """An identity with Allow on everything and no limits: only a resource's policy can deny it."""
    if asking.boundary or asking.session is not None or asking.service_control:
        return False
    everything = False
    for policy in asking.identity:
        for statement in policy.document.statements:
            if not statement.allows:
                return False
            element = statement.element
            everything |= (
                element.get("Action") == "*"
                and element.get("Resource") == "*"
                and "Condition" not in element
            )
    return everything


def _denied(call: Call, decision: evaluate.Decision) -> Response:
    found = refusal.refusal(decision, decision.request.action.partition(":")[0])
    if call.service == "s3":  # what was missing may be a permission of another service
        return as_service_error(call, "AccessDenied", found.message, 403)
    if call.service == "secretsmanager" and decision.request.action.startswith("kms:"):
        # As reported at https://github.com/external-secrets/external-secrets/issues/390
        return as_service_error(call, found.code, "Access to KMS is not allowed", found.status)
    return as_service_error(call, found.code, found.message, found.status)


def _bad_key(call: Call) -> Response:
    """Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"""
    if call.service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return as_service_error(call, "InvalidAccessKeyId", text, 403)
    text = "The security token included in the request is invalid."
    query = call.service in ("sts", "iam", "sns", "cloudformation", "monitoring", "ec2")
    code = "InvalidClientTokenId" if query else "UnrecognizedClientException"
    return as_service_error(call, code, text, 403 if query or call.service == "lambda" else 400)


def _expired(call: Call) -> Response:
    if call.service == "s3":
        return as_service_error(call, "ExpiredToken", "The provided token has expired.", 400)
    query = call.service in ("sts", "iam", "sns", "cloudformation", "monitoring", "ec2")
    return as_service_error(
        call,
        "ExpiredToken" if query else "ExpiredTokenException",
        "The security token included in the request is expired",
        403 if query or call.service == "lambda" else 400,
    )
