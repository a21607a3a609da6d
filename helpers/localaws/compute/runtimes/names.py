"""The runtimes that Lambda knows: supported ones, and ones that can no longer be used.

Source, as of November 2026: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

from helpers.localaws.compute.errors import InvalidParameterValue

SUPPORTED = (
    "nodejs24.x", "nodejs22.x", "python3.14", "python3.13", "python3.12", "python3.11",
    "python3.10", "java25", "java21", "java17", "java11", "java8.al2", "dotnet10", "dotnet8",
    "ruby4.0", "ruby3.4", "ruby3.3", "provided.al2023",
)  # fmt: skip

RETIRED = (
    "nodejs", "nodejs4.3", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x",
    "nodejs16.x", "nodejs18.x", "nodejs20.x", "python2.7", "python3.6", "python3.7", "python3.8",
    "python3.9", "java8", "go1.x", "provided", "provided.al2", "ruby2.5", "ruby2.7", "ruby3.2",
    "dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "dotnet6", "dotnet7",
)  # fmt: skip


def check_runtime(name: str) -> None:
    """Raise InvalidParameterValue for a runtime that is unknown or retired."""
    if name in RETIRED:
        raise InvalidParameterValue(
            f"The runtime parameter of {name} is no longer supported for creating or updating AWS "
            "Lambda functions. We recommend you use a supported runtime while creating or updating "
            "functions."
        )
    if name not in SUPPORTED:
        raise InvalidParameterValue(
            f"Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
            f"value set: [{', '.join(SUPPORTED)}] or be a valid ARN"
        )
