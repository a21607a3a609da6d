"""What is decided on: who asks for which action on which resource, under which policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from helpers.localaws.iam.context import Context
from helpers.localaws.iam.policy import Kind, Policy
from helpers.localaws.iam.principal import Principal


@dataclass(frozen=True)
class Caller:
    """A principal with every policy that grants it something or limits it."""

    principal: Principal
    #: Attached to the user, to the user's groups, or to the role.
    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    #: The session policies that were passed when the session was made; None: none were.
    session: Sequence[Policy] | None = None
    #: One list for each level of the organization (root, units, account) that has any.
    service_control: Sequence[Sequence[Policy]] = ()


@dataclass(frozen=True)
class Target:
    """One resource with every policy that is about it."""

    arn: str  #: "*" where the action knows no resource
    account: str  #: whose it is
    #: Its own policies: a bucket's, a key's with one for each grant, a role's trust policy.
    policies: Sequence[Policy] = ()
    resource_control: Sequence[Policy] = ()
    #: The policy of the VPC endpoint that the request came through.
    endpoint: Policy | None = None

    @property
    def must_allow(self) -> bool:
        """Whether its own policy must allow, even within one account: KMS keys and roles' trust.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        """
        if any(one.kind is Kind.TRUST for one in self.policies):
            return True
        return self.arn.startswith("arn:") and ":kms:" in self.arn and ":key/" in self.arn


@dataclass(frozen=True)
class Request:
    """One action on one resource."""

    caller: Caller
    action: str  #: ``s3:GetObject``
    target: Target
    context: Context = field(default_factory=lambda: Context({}))

    @property
    def crosses_accounts(self) -> bool:
        """Whether caller and resource belong to different accounts."""
        return self.caller.principal.account != self.target.account

    def policies(self) -> Iterator[Policy]:
        """Every policy, in the order in which AWS looks for the one to blame for a denial."""
        for level in self.caller.service_control:
            yield from level
        yield from self.target.resource_control
        if self.target.endpoint:
            yield self.target.endpoint
        yield from self.caller.identity
        yield from self.target.policies
        if self.caller.boundary:
            yield self.caller.boundary
        yield from self.caller.session or ()
