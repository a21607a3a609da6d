"""AWS STS."""

from __future__ import annotations

from typing import Any


def name_the_caller() -> None:
    """Reason: to moto the learner is nobody in particular, an "STS user" of a name of its own."""
    from moto.sts.models import STSBackend

    from helpers.localaws.gateway import principals

    def get_caller_identity(self: Any, access_key_id: str, region: str) -> tuple[str, str, str]:
        who = principals.of(self.account_id, access_key_id).principal
        return who.unique_id, who.arn, who.account

    STSBackend.get_caller_identity = get_caller_identity


def make_real_sessions() -> None:
    """Reasons: moto keeps no tags, managed session policies, source identity or moment of a
    session, knows no limits of its duration, and answers GetSessionToken and GetFederationToken
    with credentials that are always the same and nobody's."""
    from moto.core.responses import ActionResult
    from moto.sts.exceptions import STSClientError
    from moto.sts.responses import TokenResponse

    from helpers.localaws.gateway import principals, sessions

    def refusing(operation: Any) -> Any:
        def call(self: Any) -> Any:
            try:
                return operation(self, principals.of(self.current_account, self.access_key))
            except sessions.Refused as problem:
                raise STSClientError(problem.code, problem.message) from None

        return call

    def with_size(self: Any, result: dict[str, Any]) -> dict[str, Any]:
        percent = sessions.packed_percent(self._get_params())
        result.pop("PackedPolicySize", None)
        return result | ({"PackedPolicySize": percent} if percent else {})

    assume = TokenResponse.assume_role

    def assume_role(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        sessions.check_assume_role(asked, who, principals.role(asked["RoleArn"]))
        answer = assume(self)
        result: Any = answer.result
        sessions.furnish(result["Credentials"], asked, who)
        if asked.get("SourceIdentity"):
            result["SourceIdentity"] = asked["SourceIdentity"]
        return ActionResult(with_size(self, result))

    def get_session_token(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        session = sessions.of_user(self.backend, asked, who, "GetSessionToken")
        return ActionResult({"Credentials": session})

    def get_federation_token(self: Any, who: principals.Identity) -> Any:
        asked = self._get_params()
        session = sessions.of_user(self.backend, asked, who, "GetFederationToken")
        named = f"{session.account_id}:{session.name}"
        arn = f"arn:aws:sts::{session.account_id}:federated-user/{session.name}"
        result = {
            "Credentials": session,
            "FederatedUser": {"FederatedUserId": named, "Arn": arn},
        }
        return ActionResult(with_size(self, result))

    responses: Any = TokenResponse
    responses.assume_role = refusing(assume_role)
    responses.get_session_token = refusing(get_session_token)
    responses.get_federation_token = refusing(get_federation_token)
