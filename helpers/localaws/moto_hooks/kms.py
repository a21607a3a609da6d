"""AWS KMS."""

from __future__ import annotations

from typing import Any


def use_only_enabled_keys() -> None:
    """Reason: moto encrypts and decrypts with keys that are disabled or about to be deleted, and
    keeps a key whose waiting period is over.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    from moto.core.exceptions import JsonRESTError
    from moto.kms.models import KmsBackend

    from helpers.localaws.keys import state

    def checked(operation: Any) -> Any:
        def call(self: Any, *arguments: Any, **more: Any) -> Any:
            answer = operation(self, *arguments, **more)
            for key in state.used(self, answer):
                if problem := state.problem(key):
                    raise JsonRESTError(*problem)
            return answer

        return call

    for name in ("encrypt", "decrypt", "sign", "verify", "generate_mac", "verify_mac"):
        setattr(KmsBackend, name, checked(getattr(KmsBackend, name)))

    def by_arn_too(operation: Any) -> Any:
        """Reason: moto takes the ARN of a key for its id here."""

        def call(self: Any, key_id: str, *arguments: Any, **more: Any) -> Any:
            return operation(self, self.any_id_to_key_id(key_id), *arguments, **more)

        return call

    for name in ("enable_key", "disable_key", "cancel_key_deletion", "schedule_key_deletion"):
        setattr(KmsBackend, name, by_arn_too(getattr(KmsBackend, name)))
