"""AWS IAM."""

from __future__ import annotations

from typing import Any


def read_managed_policies_once() -> None:
    """Keep AWS's 1,600 managed policies instead of reading them again at every reset.

    Reasons: moto makes them anew for each of its six partitions whenever IAM is emptied, which
    takes more than a second, and this course knows one partition. And it empties each IAM (which
    means making it anew) before it throws it away and makes the next.
    """
    from moto.iam.models import IAMBackend

    read = IAMBackend._init_aws_policies
    kept: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
    by_arn: dict[str, dict[str, Any]] = {}

    def _init_aws_policies(self: Any) -> list[Any]:
        if self.partition != "aws":
            return []
        account = self.account_id
        if account not in kept:
            kept[account] = [(policy, dict(vars(policy))) for policy in read(self)]
            by_arn[account] = {policy.arn: policy for policy, _ in kept[account]}
        for policy, at_first in kept[account]:
            vars(policy).clear()
            vars(policy).update(at_first)
        return [policy for policy, _ in kept[account]]

    def _init_managed_policies(self: Any) -> dict[str, Any]:
        return dict(by_arn[self.account_id]) if self.partition == "aws" else {}

    backend: Any = IAMBackend
    backend._init_aws_policies = _init_aws_policies
    backend._init_managed_policies = _init_managed_policies
    backend.reset = lambda self: None
    _let_nobody_change_them()


def _let_nobody_change_them() -> None:
    """Reason: moto lets every account change AWS's own policies, which belong to AWS. The change
    would also outlast a reset.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    """
    from moto.iam.exceptions import IAMException
    from moto.iam.models import IAMBackend

    def refusing(change: Any) -> Any:
        def changed(self: Any, policy_arn: str, *more: Any, **named: Any) -> Any:
            if policy_arn.startswith(f"arn:{self.partition}:iam::aws:policy/"):
                raise IAMException(
                    "AccessDenied", f"Policy {policy_arn} is outside your own account."
                )
            return change(self, policy_arn, *more, **named)

        return changed

    for name in (
        "create_policy_version",
        "delete_policy",
        "delete_policy_version",
        "set_default_policy_version",
        "tag_policy",
        "untag_policy",
    ):
        setattr(IAMBackend, name, refusing(getattr(IAMBackend, name)))


def keep_boundaries_of_users() -> None:
    """Reason: moto knows permissions boundaries of roles alone.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
    """
    from moto.core.responses import EmptyResult
    from moto.iam.exceptions import IAMException
    from moto.iam.models import User
    from moto.iam.responses import IamResponse

    def put(self: Any, user: Any, arn: str) -> None:
        if not arn.startswith("arn:"):
            raise IAMException("InvalidInput", f"ARN {arn} is not valid.")
        if arn not in self.backend.managed_policies:
            scope = "does not exist or is not attachable."
            raise IAMException("NoSuchEntity", f"Policy {arn} {scope}")
        user.permissions_boundary_arn = arn

    create = IamResponse.create_user

    def create_user(self: Any) -> Any:
        answer = create(self)
        result: Any = answer.result
        if arn := self._get_param("PermissionsBoundary"):
            try:
                put(self, result["User"], arn)
            except IAMException:
                self.backend.delete_user(result["User"].name)
                raise
        return answer

    def put_user_permissions_boundary(self: Any) -> Any:
        user = self.backend.get_user(self._get_param("UserName"))
        put(self, user, self._get_param("PermissionsBoundary"))
        return EmptyResult()

    def delete_user_permissions_boundary(self: Any) -> Any:
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = None
        return EmptyResult()

    def shown(user: Any) -> dict[str, str] | None:
        arn = user.permissions_boundary_arn
        kind = "PermissionsBoundaryPolicy"
        return {"PermissionsBoundaryType": kind, "PermissionsBoundaryArn": arn} if arn else None

    users: Any = User
    users.permissions_boundary_arn = None
    users.permissions_boundary = property(shown)
    api: Any = IamResponse
    api.create_user = create_user
    api.put_user_permissions_boundary = put_user_permissions_boundary
    api.delete_user_permissions_boundary = delete_user_permissions_boundary


def simulate_policies() -> None:
    """Reason: moto has none of the four operations that ask what policies would decide."""
    from moto.core.responses import ActionResult
    from moto.iam.exceptions import IAMException
    from moto.iam.responses import IamResponse

    from helpers.localaws.gateway.policies import simulation

    def answering(answer: Any) -> Any:
        def call(self: Any) -> Any:
            try:
                return ActionResult(answer(self, self._get_params()))
            except simulation.NoSuchEntity as problem:
                raise IAMException("NoSuchEntity", str(problem)) from None
            except simulation.InvalidInput as problem:
                raise IAMException("InvalidInput", str(problem)) from None

        return call

    api: Any = IamResponse
    api.simulate_custom_policy = answering(
        lambda self, asked: simulation.of_custom(self.current_account, asked)
    )
    api.simulate_principal_policy = answering(lambda _, asked: simulation.of_principal(asked))
    api.get_context_keys_for_custom_policy = answering(
        lambda _, asked: simulation.keys_of_custom(asked)
    )
    api.get_context_keys_for_principal_policy = answering(
        lambda _, asked: simulation.keys_of_principal(asked)
    )
