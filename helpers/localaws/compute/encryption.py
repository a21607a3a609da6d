"""Environment variables under a customer-managed key (``KMSKeyArn``).

They are kept encrypted. Lambda opens them with a session of the function's role when an environment
starts, and in the name of whoever reads the configuration; KMS decides both times.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from helpers.localaws.compute import credentials
from helpers.localaws.compute.errors import InvalidParameterValue, LambdaError
from helpers.localaws.compute.function import Version

if TYPE_CHECKING:
    from helpers.localaws.compute.service import LambdaService

_CONFIG = Config(retries={"total_max_attempts": 1})
#: In a stored configuration, in place of ``Variables``.
SEALED = "Sealed"


class KMSAccessDenied(LambdaError):
    code, status = "KMSAccessDeniedException", 502
    why = "KMS access was denied"


class KMSDisabled(LambdaError):
    code, status = "KMSDisabledException", 502
    why = "the KMS key used is disabled"


class KMSInvalidState(LambdaError):
    code, status = "KMSInvalidStateException", 502
    why = "the state of the KMS key used is not valid for Decrypt"


class KMSNotFound(LambdaError):
    code, status = "KMSNotFoundException", 502
    why = "the KMS key was not found"


_ERRORS: dict[str, type[KMSAccessDenied | KMSDisabled | KMSInvalidState | KMSNotFound]] = {
    "DisabledException": KMSDisabled,
    "KMSInvalidStateException": KMSInvalidState,
    "NotFoundException": KMSNotFound,
}


def seal(service: LambdaService, function_arn: str, config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with its variables encrypted, if it names a key; raises LambdaError."""
    variables = config.get("Environment", {}).get("Variables")
    key = config.get("KMSKeyArn")
    if not (key and variables):
        return config
    try:
        blob = _kms(service, _caller(), key.split(":")[3]).encrypt(
            KeyId=key,
            Plaintext=json.dumps(variables).encode(),
            EncryptionContext=_context(function_arn),
        )["CiphertextBlob"]
    except ClientError as problem:
        raise InvalidParameterValue(
            "Lambda was unable to configure access to your environment variables because the KMS "
            f"key is invalid for Encrypt. Please check your KMS key settings. {_said(problem)}"
        ) from None
    return {**config, "Environment": {SEALED: base64.b64encode(blob).decode()}}


def variables(
    service: LambdaService, function_arn: str, environment: dict[str, Any], access_key: str
) -> dict[str, str]:
    """A function's variables as the holder of ``access_key`` may see them; raises a KMS… error."""
    if SEALED not in environment:
        return dict(environment.get("Variables") or {})
    try:
        opened = _kms(service, access_key, function_arn.split(":")[3]).decrypt(
            CiphertextBlob=base64.b64decode(environment[SEALED]),
            EncryptionContext=_context(function_arn),
        )["Plaintext"]
    except ClientError as problem:
        error = _ERRORS.get(problem.response["Error"]["Code"], KMSAccessDenied)
        raise error(
            f"Lambda was unable to decrypt the environment variables because {error.why}. Please "
            f"check the function's KMS key settings. {_said(problem)}"
        ) from None
    return dict(json.loads(opened))


def as_role(service: LambdaService, version: Version) -> dict[str, str]:
    """The variables for a new environment, opened with a session of the function's role."""
    environment = version.config.get("Environment", {})
    key = ""
    if SEALED in environment:
        role = version.config["Role"]
        session = credentials.session(version.account, version.region, role, version.name)
        key = session["AWS_ACCESS_KEY_ID"]
    return variables(service, version.arn, environment, key)


def reopen(service: LambdaService, version: Version, given: dict[str, Any]) -> dict[str, Any]:
    """What an update has to know to encrypt the variables anew: those that it does not name."""
    environment = version.config.get("Environment", {})
    if "Environment" in given or "KMSKeyArn" not in given:
        return given
    return {
        **given,
        "Environment": {"Variables": variables(service, version.arn, environment, _caller())},
    }


def show(service: LambdaService, answer: Any) -> None:
    """Open, for this caller, the variables in an answer of the API, wherever they stand in it.

    What the caller may not open is an error in that place.
    Source: https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentError.html
    """
    if not isinstance(answer, dict):
        return
    for inner in (answer.get("Configuration"), *answer.get("Functions", ())):
        show(service, inner)
    for inner in answer.get("Versions") or ():
        show(service, inner)
    environment = answer.get("Environment") or {}
    if SEALED not in environment:
        return
    try:
        opened = variables(service, answer["FunctionArn"], environment, _caller())
        answer["Environment"] = {"Variables": opened}
    except LambdaError as problem:
        denied = isinstance(problem, KMSAccessDenied)
        answer["Environment"] = {
            "Error": {
                "ErrorCode": "AccessDeniedException" if denied else problem.code,
                "Message": problem.message.replace(
                    "decrypt the environment", "decrypt your environment"
                ),
            }
        }


def _said(problem: ClientError) -> str:
    error = problem.response["Error"]
    return f"KMS Exception: {error['Code']} KMS Message: {error['Message']}"


def _context(function_arn: str) -> dict[str, str]:
    unqualified = ":".join(function_arn.split(":")[:7])
    return {"aws:lambda:FunctionArn": unqualified}


def _caller() -> str:
    from helpers.localaws.gateway.call import current_call  # it imports this room

    call = current_call()
    return (call.caller.access_key if call else None) or "none"


def _kms(service: LambdaService, access_key: str, region: str) -> Any:
    """KMS as the holder of the key sees it: who is asking is told by the access key alone."""
    return boto3.session.Session().client(
        "kms",
        endpoint_url=service.endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key="on behalf of the caller",
        config=_CONFIG,
    )
