"""Say in words what decided, or what is missing, and which steps led there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from helpers.localaws.iam.evaluate import Decision, decide, find, resource_grant
from helpers.localaws.iam.mismatch import Mismatch, mismatches
from helpers.localaws.iam.policy import Kind, Policy, Statement
from helpers.localaws.iam.principal import Named, Type
from helpers.localaws.iam.request import Request


@dataclass(frozen=True)
class NearMiss:
    """An Allow statement that would have helped, and the first thing in the way."""

    policy: Policy
    statement: Statement
    mismatches: list[Mismatch]


@dataclass(frozen=True)
class Step:
    """What one kind of policy said.

    ``outcome`` is one of: denies, allows, does not allow, not asked, none attached.
    """

    kind: Kind
    outcome: str
    detail: str
    policy: Policy | None = None
    statement: Statement | None = None


@dataclass(frozen=True)
class Explanation:
    """A decision, taken apart."""

    decision: Decision
    sentence: str  #: what decided, or what is missing
    advice: str  #: what would change it; "" where it is allowed
    steps: list[Step]
    near_misses: list[NearMiss] = field(default_factory=list)

    def text(self) -> str:
        """Everything in lines, for people."""
        lines = [self.sentence, *(f"  {one.kind.value}: {one.detail}" for one in self.steps)]
        for miss in self.near_misses:
            lines.append(f"  closest: {label(miss.policy, miss.statement)}:")
            lines += [f"    {one.text}" for one in miss.mismatches]
        return "\n".join([*lines, self.advice] if self.advice else lines)


def explain(request: Request) -> Explanation:
    """Decide once more, and tell how."""
    decision = decide(request)
    steps = _steps(request, decision)
    if decision.allowed:
        return Explanation(decision, _why_allowed(decision), "", steps)
    misses = [] if decision.explicit else near_misses(request, decision.kind)
    return Explanation(
        decision, _why_denied(decision, misses), _advice(decision, misses), steps, misses
    )


def label(policy: Policy, statement: Statement) -> str:
    """A statement, as a person would look for it."""
    which = f"statement {statement.sid}" if statement.sid else f"statement {statement.index + 1}"
    return f"{which} of {policy.name or policy.arn or f'the {policy.kind.value}'}"


def policies_of(request: Request, kind: Kind) -> list[Policy]:
    """The policies of one kind that are about the request."""
    return [one for one in request.policies() if one.kind is kind]


def near_misses(request: Request, kind: Kind) -> list[NearMiss]:
    """The Allow statements of these policies that fail in the fewest ways, at most three."""
    found = [
        NearMiss(policy, statement, wrong)
        for policy in policies_of(request, kind)
        for statement in policy.document.statements
        if statement.allows and (wrong := mismatches(statement, request))
    ]
    found.sort(key=lambda one: (len(one.mismatches), one.mismatches[0].weight))
    return [one for one in found if one.mismatches[0].element != "Action"][:3] or found[:1]


def _why_allowed(decision: Decision) -> str:
    request = decision.request
    what = f"{request.action} on {request.target.arn}"
    if not decision.policy or not decision.statement:
        return f"Allowed: the root user of an account may do everything in it, also {what}."
    which = label(decision.policy, decision.statement)
    return f"Allowed: {which} allows {what}, and nothing denies it."


def _why_denied(decision: Decision, misses: Sequence[NearMiss]) -> str:
    request = decision.request
    what = f"{request.action} on {request.target.arn}"
    if decision.policy and decision.statement:
        return (
            f"Denied: {label(decision.policy, decision.statement)} denies {what}. "
            "An explicit deny wins over every allow."
        )
    if not policies_of(request, decision.kind):
        return f"Denied: nothing allows {what}; there is no {decision.kind.value} at all."
    said = f"Denied: no statement of the {_many(decision.kind)} allows {what}."
    return f"{said} {_closest(misses[0])}" if misses else said


def _closest(miss: NearMiss) -> str:
    return f"The closest is {label(miss.policy, miss.statement)}: {miss.mismatches[0].text}."


def _many(kind: Kind) -> str:
    return {
        Kind.BOUNDARY: "permissions boundary",
        Kind.TRUST: "role's trust policy",
        Kind.RESOURCE: "resource's own policy",
        Kind.ENDPOINT: "VPC endpoint's policy",
    }.get(kind, kind.value.replace("policy", "policies"))


def _advice(decision: Decision, misses: Sequence[NearMiss]) -> str:
    request = decision.request
    who = request.caller.principal.arn
    if decision.explicit:
        return "Change or narrow that statement; adding an Allow somewhere else does not help."
    if misses and len(misses[0].mismatches) == 1:
        return f"To allow it: {misses[0].mismatches[0].remedy}."
    needed = f"a statement that allows {request.action} on {request.target.arn}"
    places = {
        Kind.IDENTITY: f"attach to {request.caller.principal.behind or who} a policy with {needed}",
        Kind.RESOURCE: f"give the resource a policy with {needed} for the principal {who}",
        Kind.TRUST: f"name {who} as a principal in the role's trust policy",
        Kind.BOUNDARY: f"give the permissions boundary {needed}; a boundary grants nothing by "
        "itself, but what it leaves out cannot be granted",
        Kind.SESSION: f"pass a session policy with {needed} when the session is made",
    }
    return f"To allow it: {places.get(decision.kind, f'give the {decision.kind.value} {needed}')}."


def _steps(request: Request, decision: Decision) -> list[Step]:
    """Every kind of policy in turn: what it has, and what it says."""
    steps = []
    for kind in (
        Kind.SERVICE_CONTROL,
        Kind.RESOURCE_CONTROL,
        Kind.ENDPOINT,
        decision.kind if decision.kind is Kind.TRUST else Kind.RESOURCE,
        Kind.IDENTITY,
        Kind.BOUNDARY,
        Kind.SESSION,
    ):
        policies = policies_of(request, kind)
        if kind is Kind.RESOURCE and not policies:
            policies = policies_of(request, Kind.TRUST)
            kind = Kind.TRUST if policies else kind
        steps.append(_step(request, kind, policies))
    return steps


def _step(request: Request, kind: Kind, policies: list[Policy]) -> Step:
    if not policies:
        return Step(kind, "none attached", _without(request, kind))
    if found := find(request, policies, allows=False):
        return Step(kind, "denies", f"{label(*found)} denies", *found)
    if kind in (Kind.RESOURCE, Kind.TRUST):
        named, grant = resource_grant(request)
        if grant is None:
            return Step(kind, "does not allow", "does not allow")
        return Step(kind, "allows", f"{label(*grant)} allows{_reach(named)}", *grant)
    if kind is Kind.SERVICE_CONTROL:
        for level in request.caller.service_control:
            if level and not find(request, level):
                return Step(kind, "does not allow", "one level of the organization does not allow")
    if allowed := find(request, policies):
        return Step(kind, "allows", f"{label(*allowed)} allows", *allowed)
    if kind is Kind.RESOURCE_CONTROL:
        return Step(kind, "allows", "denies nothing here")
    return Step(kind, "does not allow", "does not allow")


def _without(request: Request, kind: Kind) -> str:
    if kind is Kind.SESSION and request.caller.principal.type is Type.FEDERATED_USER:
        return "none was passed, and a federated user may do nothing without one"
    if kind in (Kind.IDENTITY, Kind.RESOURCE):
        return "none attached: grants nothing"
    return "none attached: limits nothing"


def _reach(named: Named | None) -> str:
    return {
        Named.ACCOUNT: " the account, so that an identity-based policy in it must allow, too",
        Named.IDENTITY: " the identity behind the session, within the session's own limits",
    }.get(named or Named.DIRECTLY, "")
