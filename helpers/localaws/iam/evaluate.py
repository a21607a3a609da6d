"""The decision: allowed, or denied by whom.

An explicit deny in any policy ends it. Then, within one account, the organization's limits must
allow, and either the resource's own policy or the identity's policies must grant; what the identity
is granted goes through its permissions boundary and its session policies. Between accounts both
sides must agree.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpers.localaws.iam.policy import Kind, Policy, Statement
from helpers.localaws.iam.principal import Named, Type
from helpers.localaws.iam.request import Request


@dataclass(frozen=True)
class Decision:
    """What was decided, and what decided it.

    Denied explicitly: ``policy`` and ``statement`` are the ones that deny. Denied implicitly:
    ``kind`` is the kind of policy that would have had to allow and did not. Allowed: ``policy`` and
    ``statement`` are the ones that grant; None for a root user, who needs no grant.
    """

    request: Request
    allowed: bool
    kind: Kind
    policy: Policy | None = None
    statement: Statement | None = None
    #: How directly the resource's own policy grants to this principal; None: it does not.
    granted: Named | None = None

    @property
    def explicit(self) -> bool:
        """Whether a statement denies; a denial without one is implicit."""
        return not self.allowed and self.statement is not None


Found = tuple[Policy, Statement]


def decide(request: Request) -> Decision:
    """Whether the request is allowed."""
    if found := find(request, request.policies(), allows=False):
        return Decision(request, False, found[0].kind, *found)
    caller, target = request.caller, request.target
    for level in caller.service_control:  # every level must let the action through
        if level and not find(request, level):
            return Decision(request, False, Kind.SERVICE_CONTROL)
    if target.endpoint and not find(request, [target.endpoint]):
        return Decision(request, False, Kind.ENDPOINT)
    granted, by_resource = resource_grant(request)
    if not caller.principal.has_account:  # a service or a stranger has no policies of its own
        return _granted_by_resource(request, granted, by_resource)
    if request.crosses_accounts:
        return _across_accounts(request, granted, by_resource)
    if target.must_allow and granted is None:
        return Decision(request, False, _own_kind(request))
    if granted is Named.DIRECTLY and by_resource:
        return Decision(request, True, by_resource[0].kind, *by_resource, granted)
    if caller.principal.type is Type.ROOT:
        return Decision(request, True, Kind.IDENTITY, granted=granted)
    if granted is Named.IDENTITY and by_resource:
        # To name a role is not to name its session: the limits of the session still hold.
        refused = _limits(request)
        return refused or Decision(request, True, by_resource[0].kind, *by_resource, granted)
    return _by_identity(request, granted)


def find(request: Request, policies: Iterable[Policy], allows: bool = True) -> Found | None:
    """The first statement that allows (or denies) the request."""
    arn, context = request.target.arn, request.context
    for policy in policies:
        for statement in policy.document.about(request.action)[allows]:
            if (
                statement.is_about_resource(arn, context)
                and (statement.principal is None or _names(statement, request))
                and (not statement.conditions or statement.holds(context))
            ):
                return policy, statement
    return None


def _names(statement: Statement, request: Request) -> bool:
    caller = request.caller
    return statement.names(caller.principal, caller.boundary is not None) is not None


def resource_grant(request: Request) -> tuple[Named | None, Found | None]:
    """The most direct grant in the resource's own policies."""
    best, found = None, None
    has_boundary = request.caller.boundary is not None
    for policy in request.target.policies:
        for statement in policy.document.about(request.action)[True]:
            named = statement.names(request.caller.principal, has_boundary)
            if (
                named is not None
                and (best is None or named > best)
                and statement.is_about_resource(request.target.arn, request.context)
                and statement.holds(request.context)
            ):
                best, found = named, (policy, statement)
    return best, found


def _granted_by_resource(request: Request, granted: Named | None, found: Found | None) -> Decision:
    if found is None:
        return Decision(request, False, _own_kind(request))
    return Decision(request, True, found[0].kind, *found, granted)


def _across_accounts(request: Request, granted: Named | None, found: Found | None) -> Decision:
    """The account of the resource and the account of the caller must both allow."""
    if granted is None:
        return Decision(request, False, _own_kind(request))
    if request.caller.principal.type is Type.ROOT:
        return _granted_by_resource(request, granted, found)
    return _by_identity(request, granted)


def _by_identity(request: Request, granted: Named | None) -> Decision:
    found = find(request, request.caller.identity)
    if found is None:
        return Decision(request, False, Kind.IDENTITY, granted=granted)
    return _limits(request) or Decision(request, True, Kind.IDENTITY, *found, granted)


def _limits(request: Request) -> Decision | None:
    """The denial, if the permissions boundary or a session policy does not let it through."""
    caller = request.caller
    if caller.boundary and not find(request, [caller.boundary]):
        return Decision(request, False, Kind.BOUNDARY)
    if caller.session is not None and not find(request, caller.session):
        return Decision(request, False, Kind.SESSION)
    if caller.session is None and caller.principal.type is Type.FEDERATED_USER:
        return Decision(request, False, Kind.SESSION)  # without a session policy: nothing
    return None


def _own_kind(request: Request) -> Kind:
    policies = request.target.policies
    return policies[0].kind if policies else Kind.RESOURCE
