"""Reserved and provisioned concurrency, and the account's limits.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from typing import Any

from helpers.localaws.compute import arn
from helpers.localaws.compute.api import Asked, operation
from helpers.localaws.compute.code import MAX_UNZIPPED_BYTES, MAX_ZIPPED_BYTES
from helpers.localaws.compute.concurrency import ACCOUNT_LIMIT, UNRESERVED_MINIMUM, unreserved
from helpers.localaws.compute.errors import (
    InvalidParameterValue,
    ProvisionedConcurrencyConfigNotFound,
    ResourceConflict,
    ResourceNotFound,
    ValidationError,
)
from helpers.localaws.compute.function import LATEST, Function
from helpers.localaws.compute.operations.paging import page

_BELOW_MINIMUM = (
    "decreases account's UnreservedConcurrentExecution below its minimum value of "
    f"[{UNRESERVED_MINIMUM}]."
)


@operation
def put_function_concurrency(asked: Asked) -> dict[str, Any]:
    function, wanted = _unqualified(asked), asked["ReservedConcurrentExecutions"]
    if wanted < 0:
        raise ValidationError(
            f"1 validation error detected: Value '{wanted}' at 'reservedConcurrentExecutions' "
            "failed to satisfy constraint: Member must have value greater than or equal to 0"
        )
    with asked.functions.lock:
        left = unreserved(asked.functions) + (function.reserved or 0) - wanted
        if wanted and left < UNRESERVED_MINIMUM:
            raise InvalidParameterValue(
                f"Specified ReservedConcurrentExecutions for function {_BELOW_MINIMUM}"
            )
        if wanted < function.provisioned_total:
            raise InvalidParameterValue(
                f" ReservedConcurrentExecutions  {wanted} should not be lower than function's "
                f"total provisioned concurrency [{function.provisioned_total}]."
            )
        function.reserved = wanted
    return {"ReservedConcurrentExecutions": wanted}


@operation
def get_function_concurrency(asked: Asked) -> dict[str, Any]:
    function = _unqualified(asked)
    if function.reserved is None:
        return {}
    return {"ReservedConcurrentExecutions": function.reserved}


@operation
def delete_function_concurrency(asked: Asked) -> None:
    _unqualified(asked).reserved = None


@operation
def put_provisioned_concurrency_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _qualified(asked, for_put=True)
    wanted = asked["ProvisionedConcurrentExecutions"]
    if wanted < 1:
        raise ValidationError(
            f"1 validation error detected: Value '{wanted}' at 'provisionedConcurrentExecutions' "
            "failed to satisfy constraint: Member must have value greater than or equal to 1"
        )
    for other in asked.service.provisioned.of(function):
        if other.version is function.version(qualifier) and other.qualifier != qualifier:
            raise ResourceConflict(
                "Version is pointed by a Provisioned Concurrency alias"
                if qualifier.isdigit()
                else "Alias can't be used for Provisioned Concurrency configuration on an already "
                "Provisioned version"
            )
    before = asked.service.provisioned.get(function, qualifier)
    total = function.provisioned_total - (before.requested if before else 0) + wanted
    if function.reserved is not None and total > function.reserved:
        raise InvalidParameterValue(
            "Requested Provisioned Concurrency should not be greater than the "
            "reservedConcurrentExecution for function"
        )
    if function.reserved is None:
        free = unreserved(asked.functions)
        if total > free:
            raise InvalidParameterValue(
                "Specified ConcurrentExecutions for function is greater than account's unreserved "
                f"concurrency [{free}]."
            )
        if free - total < UNRESERVED_MINIMUM:
            raise InvalidParameterValue(
                f"Specified ConcurrentExecutions for function {_BELOW_MINIMUM}"
            )
    return asked.service.provisioned.put(function, qualifier, wanted).configuration()


@operation
def get_provisioned_concurrency_config(asked: Asked) -> dict[str, Any]:
    function, qualifier = _qualified(asked)
    setting = asked.service.provisioned.get(function, qualifier)
    if setting is None:
        raise ProvisionedConcurrencyConfigNotFound(
            "No Provisioned Concurrency Config found for this function"
        )
    return setting.configuration()


@operation
def delete_provisioned_concurrency_config(asked: Asked) -> None:
    function, qualifier = _qualified(asked)
    asked.service.provisioned.remove(function, qualifier)


@operation
def list_provisioned_concurrency_configs(asked: Asked) -> dict[str, Any]:
    function = _unqualified(asked)
    settings = asked.service.provisioned.of(function)
    shown = [
        {"FunctionArn": function.arn(one.qualifier), **one.configuration()} for one in settings
    ]
    return page(asked, "ProvisionedConcurrencyConfigs", shown)


@operation
def get_account_settings(asked: Asked) -> dict[str, Any]:
    functions = asked.functions.all()
    stored = sum(one.package.size for each in functions for one in each.everything())
    return {
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800,
            "CodeSizeUnzipped": MAX_UNZIPPED_BYTES,
            "CodeSizeZipped": MAX_ZIPPED_BYTES,
            "ConcurrentExecutions": ACCOUNT_LIMIT,
            "UnreservedConcurrentExecutions": unreserved(asked.functions),
        },
        "AccountUsage": {"TotalCodeSize": stored, "FunctionCount": len(functions)},
    }


def _unqualified(asked: Asked) -> Function:
    named = arn.parse(asked["FunctionName"])
    if named.qualifier:
        raise InvalidParameterValue(
            "This operation is permitted on Lambda functions only. Aliases and versions do not "
            "support this operation. Please specify either a function name or an unqualified "
            "function ARN."
        )
    return asked.functions.get(named.name)


def _qualified(asked: Asked, for_put: bool = False) -> tuple[Function, str]:
    named = arn.parse(asked["FunctionName"], asked.get("Qualifier"))
    function, qualifier = asked.functions.get(named.name), named.qualifier or LATEST
    if qualifier == LATEST:
        raise InvalidParameterValue(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
            if for_put
            else "The function resource provided must be an alias or a published version."
        )
    if qualifier not in function.aliases and not qualifier.isdigit():
        raise ResourceNotFound(f"Cannot find alias arn: {function.arn(qualifier)}")
    function.version(qualifier)
    return function, qualifier
