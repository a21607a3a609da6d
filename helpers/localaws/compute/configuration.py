"""A function's configuration: what may be given, within which limits, and what is the default.

Limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
Texts of refusals: recorded from AWS, see tests/fidelity/test_configuration.py.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from helpers.localaws.compute.api import Asked
from helpers.localaws.compute.errors import InvalidParameterValue, ValidationError
from helpers.localaws.compute.runtimes.names import check_runtime
from helpers.localaws.compute.variables import RESERVED

_FIELDS = (
    "Description", "Handler", "Runtime", "Role", "Timeout", "MemorySize", "Environment", "Layers",
    "EphemeralStorage", "DeadLetterConfig", "TracingConfig", "LoggingConfig", "KMSKeyArn",
    "VpcConfig", "FileSystemConfigs", "ImageConfig", "SnapStart", "PackageType", "Architectures",
)  # fmt: skip

#: Member, name in messages, least, most.
_RANGES = (("Timeout", "timeout", 1, 900), ("MemorySize", "memorySize", 128, 10240))
MAX_ENVIRONMENT_BYTES = 4096
MAX_LAYERS = 5


def given_configuration(asked: Asked) -> dict[str, Any]:
    """What the request says about the configuration."""
    return {name: asked[name] for name in _FIELDS if asked.get(name) is not None}


def check_configuration(config: dict[str, Any], *, new: bool) -> None:
    """Raise ValidationError or InvalidParameterValue for what AWS would refuse."""
    for member, shown, least, most in _RANGES:
        if member in config:
            _check_range(config[member], shown, least, most)
    if storage := config.get("EphemeralStorage"):
        _check_range(storage["Size"], "ephemeralStorage.size", 512, 10240)
    zipped = config.get("PackageType", "Zip") == "Zip"
    if zipped and not (config.get("Runtime") and config.get("Handler")):
        raise InvalidParameterValue(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )
    if not zipped and (config.get("Runtime") or config.get("Handler") or config.get("Layers")):
        raise InvalidParameterValue(
            "Runtime, Handler and Layers are not supported for functions created with container "
            "images."
        )
    if zipped:
        check_runtime(config["Runtime"])
    if re.search(r"\s", config.get("Handler", "")):
        _refuse(config["Handler"], "handler", r"satisfy regular expression pattern: [^\s]+")
    _check_role_arn(config.get("Role", ""))
    _check_environment(config.get("Environment", {}).get("Variables") or {})
    _check_logging(config.get("LoggingConfig", {}))
    architectures = config.get("Architectures", ["x86_64"])
    if len(architectures) != 1 or architectures[0] not in ("x86_64", "arm64"):
        shown = f"[{', '.join(architectures)}]"
        _refuse(
            shown,
            "architectures",
            "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member "
            "must not be null]",
        )
    if len(config.get("Layers", [])) > MAX_LAYERS:
        raise InvalidParameterValue(f"Cannot reference more than {MAX_LAYERS} layers.")


def complete(config: dict[str, Any], name: str) -> dict[str, Any]:
    """The configuration with AWS's defaults for what was not given."""
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    logging |= config.get("LoggingConfig", {})
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
    completed = {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        **config,
        "LoggingConfig": logging,
    }
    if not any(completed.get("Environment", {}).values()):
        completed.pop("Environment", None)
    return completed


def _check_range(value: int, shown: str, least: int, most: int) -> None:
    if value < least:
        _refuse(value, shown, f"have value greater than or equal to {least}")
    if value > most:
        _refuse(value, shown, f"have value less than or equal to {most}")


def _refuse(value: Any, shown: str, constraint: str) -> NoReturn:
    raise ValidationError(
        f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy constraint: "
        f"Member must {constraint}"
    )


def _check_role_arn(role: str) -> None:
    pattern = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
    if not re.fullmatch(pattern, role):
        _refuse(role, "role", f"satisfy regular expression pattern: {pattern}")


def _check_environment(variables: dict[str, str]) -> None:
    unable = "Lambda was unable to configure your environment variables because the environment "
    for name in variables:
        if not re.fullmatch(r"[a-zA-Z]([a-zA-Z0-9_])+", name) and name not in RESERVED:
            shown = "{" + ", ".join(f"{key}={value}" for key, value in variables.items()) + "}"
            raise ValidationError(
                f"1 validation error detected: Value '{shown}' at 'environment.variables' failed "
                "to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy "
                "regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]"
            )
    reserved = sorted(set(variables) & RESERVED)
    if reserved:
        raise InvalidParameterValue(
            f"{unable}variables you have provided contains reserved keys that are currently not "
            f"supported for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MAX_ENVIRONMENT_BYTES:
        raise InvalidParameterValue(
            f"{unable}variables you have provided exceeded the 4KB limit. String measured: "
            f"{measured}"
        )


def _check_logging(logging: dict[str, str]) -> None:
    levels = logging.get("ApplicationLogLevel") or logging.get("SystemLogLevel")
    if levels and logging.get("LogFormat", "Text") == "Text":
        raise InvalidParameterValue(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your '
            'request or change the LogFormat to "JSON" and try again.'
        )
