"""AWS Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService


def rotate_secrets(service: LambdaService) -> None:
    """Reasons: moto makes the new version the current one whatever the function did, names the
    secret by its name, and goes on reading the old value after the label AWSCURRENT was moved."""
    from moto.core.exceptions import JsonRESTError
    from moto.secretsmanager import exceptions as errors
    from moto.secretsmanager.models import SecretsManagerBackend

    from helpers.localaws.triggers import rotation

    move_stage = SecretsManagerBackend.update_secret_version_stage

    def rotate_secret(
        self: Any,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        if not self._is_valid_identifier(secret_id):
            raise errors.SecretNotFoundException()
        secret = self.secrets[secret_id]
        if secret.is_deleted():
            raise errors.InvalidRequestException(rotation.DELETED)
        if client_request_token:
            self._client_request_token_validator(client_request_token)
        days = rotation.days(rotation_rules)
        if days is not None and not 1 <= days <= 1000:
            raise errors.InvalidParameterException(
                "RotationRules.AutomaticallyAfterDays must be within 1-1000."
            )
        before = secret.rotation_lambda_arn
        secret.rotation_lambda_arn = rotation_lambda_arn or before
        if not secret.rotation_lambda_arn:
            raise errors.InvalidRequestException(rotation.NO_FUNCTION)
        try:
            version = rotation.begin(service, secret, client_request_token, rotate_immediately)
        except rotation.CannotInvoke:
            secret.rotation_lambda_arn = before
            raise JsonRESTError("AccessDeniedException", rotation.CANNOT_INVOKE) from None
        except rotation.Incomplete:
            raise errors.InvalidRequestException(rotation.INCOMPLETE) from None
        secret.rotation_requested = secret.rotation_enabled = True
        secret.auto_rotate_after_days = days or secret.auto_rotate_after_days
        rotation.keep_schedule(service, secret)
        return secret.to_short_dict(version_id=version)

    def move_stage_and_read_it(
        self: Any, secret_id: str, version_stage: str, **versions: Any
    ) -> tuple[str, str]:
        answer = move_stage(self, secret_id, version_stage, **versions)
        if version_stage == "AWSCURRENT" and versions.get("move_to_version_id"):
            self.secrets[secret_id].set_default_version_id(versions["move_to_version_id"])
        return answer

    SecretsManagerBackend.rotate_secret = rotate_secret
    SecretsManagerBackend.update_secret_version_stage = move_stage_and_read_it


def open_secrets_with_their_key() -> None:
    """Reason: moto hands out a secret whose key is disabled or about to be deleted.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    (DecryptionFailure)
    """
    from moto.core.exceptions import JsonRESTError
    from moto.kms.models import kms_backends
    from moto.secretsmanager.models import SecretsManagerBackend

    from helpers.localaws.keys import state

    read = SecretsManagerBackend.get_secret_value

    def get_secret_value(self: Any, *given: Any, **more: Any) -> Any:
        answer = read(self, *given, **more)
        used = self.secrets[answer["ARN"]].kms_key_id
        if used:
            kms = kms_backends[self.account_id][self.region_name]
            key = kms.keys.get(kms.any_id_to_key_id(used))
            if key is not None and state.problem(key):
                raise JsonRESTError(
                    "DecryptionFailure",
                    "Secrets Manager can't decrypt the protected secret text using the provided "
                    "KMS key.",
                )
        return answer

    backend: Any = SecretsManagerBackend
    backend.get_secret_value = get_secret_value


def read_some_of_many() -> None:
    """Reason: of the secrets of BatchGetSecretValue the caller may read some only.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
    """
    from moto.secretsmanager.models import SecretsManagerBackend

    from helpers.localaws.gateway.policies import partly

    read_many = SecretsManagerBackend.batch_get_secret_value

    def batch_get_secret_value(
        self: Any,
        secret_id_list: list[str] | None = None,
        filters: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Any:
        refused = partly.refused()
        wanted = [one for one in secret_id_list or [] if one not in refused]
        values, errors, token = read_many(self, wanted, filters, **more)
        errors += [partly.error_of_secret(one, *why) for one, why in refused.items()]
        if filters:
            values, more_errors = partly.hide_secrets(values)
            errors += more_errors
        return values, errors, token

    backend: Any = SecretsManagerBackend
    backend.batch_get_secret_value = batch_get_secret_value
