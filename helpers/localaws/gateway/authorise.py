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
from helpers.localaws.gateway import parameters, principals, refusing, sessions
from helpers.localaws.gateway.call import Call
from helpers.localaws.gateway.errors import not_implemented
from helpers.localaws.gateway.policies import across, resources, tags
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
        if call.service is None and (refused := refusing.unsigned(call)):
            return refused
        try:
            who = principals.of(call.caller.account_id, call.caller.access_key)
        except principals.UnknownKey:
            return refusing.bad_key(call)
        except principals.ExpiredKey:
            return refusing.expired(call)
        if call.service == "iam" and not sessions.may_call_iam(who):
            return refusing.bad_key(call)
        asking = caller(who)
        if _may_everything(asking) and not resources.any_exist(call.service or ""):
            return None
        try:
            parsed = parameters.parse(call)
        except parameters.UnreadableRequest:
            # Its service says what is wrong with it. But moto takes some for requests without
            # parameters, and nobody has asked yet whether the caller may send those.
            return None if _may_everything(asking) else refusing.unreadable(call)
        if parsed is None:
            # Nobody knows this operation. moto is not so strict with names: it must not see them.
            anybodys = call.caller.access_key is None or _may_everything(asking)
            return None if anybodys else not_implemented(call)
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

        Where AWS refuses only a part (one key of DeleteObjects), whoever serves it is told.
        """
        whole = [need for need in needs if not need.item]
        denial = self._first_denial(call, who, asking, whole)
        if denial is not None:
            return refusing.denied(call, denial)
        across.serve_in_owners_account(call, whole)
        call.why_not = lambda action, resource: self._why_not(
            call, who, asking, Needed(action, resource)
        )
        for item in dict.fromkeys(need.item for need in needs if need.item):
            about_it = [need for need in needs if need.item == item]
            denial = self._first_denial(call, who, asking, about_it)
            if denial is not None:
                call.refused[item] = refusing.code_and_text(call, denial)
        return None

    def _why_not(self, call: Call, who: Identity, asking: Caller, need: Needed) -> str | None:
        denial = self._first_denial(call, who, asking, [need])
        return refusing.code_and_text(call, denial)[1] if denial is not None else None

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
