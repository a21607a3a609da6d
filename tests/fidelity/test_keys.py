"""KMS keys: their state counts, for KMS itself and for a function's environment variables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fidelity import sources

STATES = "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"
VARIABLES = f"{sources.GUIDE}configuration-envvars-encryption.html"

pytestmark = pytest.mark.aws_source(STATES)


def new_key(aws: Any) -> str:
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])


def test_states(aws: Any, refused: Any) -> None:
    """Disabled and about to be deleted: good for nothing, and named in the error."""
    kms, key = aws.client("kms"), new_key(aws)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    for call in (
        lambda: refused(kms.encrypt, KeyId=key, Plaintext=b"x"),
        lambda: refused(kms.decrypt, CiphertextBlob=blob),
        lambda: refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256"),
    ):
        assert call() == ("DisabledException", f"{key} is disabled.", 400)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    code, text, _ = refused(kms.decrypt, CiphertextBlob=blob)
    assert (code, text) == ("KMSInvalidStateException", f"{key} is pending deletion.")
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    aws.clock.advance(days=7, seconds=1)
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "NotFoundException"


@pytest.mark.aws_source(
    "https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html"
)
def test_encryption_context(aws: Any, refused: Any) -> None:
    kms, key = aws.client("kms"), new_key(aws)
    made = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"shop": "1"})
    blob = made["CiphertextBlob"]
    assert refused(kms.decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"shop": "1"})
    assert opened["Plaintext"] == b"x"


@pytest.mark.aws_source(
    VARIABLES,
    f"{sources.API}API_EnvironmentError.html",
    "https://github.com/serverless/examples/issues/279",
)
def test_variables_under_a_key(aws: Any, make: Any, refused: Any) -> None:
    """Opened when an environment starts, and for whoever reads the configuration."""
    kms, key = aws.client("kms"), new_key(aws)
    source = "import os\ndef handler(event, context): return os.environ['TILL']"
    function = make(source, Environment={"Variables": {"TILL": "four"}}, KMSKeyArn=key)
    client, name = function.client, function.name
    version = client.publish_version(FunctionName=name)["Version"]
    assert function.invoke({}).payload == "four"

    def shown() -> Any:
        return client.get_function_configuration(FunctionName=name)["Environment"]

    assert shown() == {"Variables": {"TILL": "four"}}
    kms.disable_key(KeyId=key)
    assert function.invoke({}).payload == "four"  # the warm environment has them
    code, text, status = refused(client.invoke, FunctionName=name, Qualifier=version)
    assert (code, status) == ("KMSDisabledException", 502)
    assert text == (
        "Lambda was unable to decrypt the environment variables because the KMS key used is "
        "disabled. Please check the function's KMS key settings. KMS Exception: DisabledException "
        f"KMS Message: {key} is disabled."
    )
    assert shown()["Error"]["ErrorCode"] == "KMSDisabledException"
    listed = client.list_functions()["Functions"]
    assert any("Error" in one.get("Environment", {}) for one in listed)
    kms.enable_key(KeyId=key)
    other = new_key(aws)
    client.update_function_configuration(FunctionName=name, KMSKeyArn=other)
    function.settle()
    kms.disable_key(KeyId=key)
    assert shown() == {"Variables": {"TILL": "four"}}
    assert function.invoke({}).payload == "four"
    code, text, _ = refused(client.update_function_configuration, FunctionName=name, KMSKeyArn=key)
    assert code == "InvalidParameterValueException"
    assert "is disabled." in text
