"""AWS Systems Manager: its Parameter Store."""

from __future__ import annotations

import base64
from typing import Any


def show_ciphertext() -> None:
    """Reason: without WithDecryption moto shows a SecureString's value in plain text.

    KMS's Decrypt opens what is shown, with the parameter's ARN as encryption context.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    from moto.kms.models import kms_backends
    from moto.kms.utils import encrypt
    from moto.ssm.models import Parameter

    respond = Parameter.response_object

    def response_object(
        self: Any, decrypt: bool = False, region: str | None = None
    ) -> dict[str, Any]:
        shown = respond(self, decrypt, region)
        if decrypt or self.parameter_type != "SecureString" or "ARN" not in shown:
            return shown
        if not hasattr(self, "ciphertext"):  # made once: it stays the same, as a stored one does
            kms = kms_backends[self.account_id][region or ""]
            blob = encrypt(
                master_keys=kms.keys,
                key_id=kms.any_id_to_key_id(self.keyid),
                plaintext=str(self.decrypt(self.value)).encode(),
                encryption_context={"PARAMETER_ARN": shown["ARN"]},
            )
            self.ciphertext = base64.b64encode(blob).decode()
        return {**shown, "Value": self.ciphertext}

    parameter: Any = Parameter
    parameter.response_object = response_object
