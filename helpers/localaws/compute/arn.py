"""The forms in which callers name a function.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (FunctionName): a name
(``f``), a name with qualifier (``f:v1``), a partial ARN (``123456789012:function:f``), a full ARN,
each of the ARNs with or without a qualifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from helpers.localaws.compute.errors import InvalidParameterValue, ValidationError

#: The service model's pattern for FunctionName, as its validation error quotes it.
PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
    r"(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_NAME = re.compile(
    r"(?:(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?P<region>(?:[a-z]+-){2,3}\d):)?"
    r"(?:(?P<account>\d{12}):)?function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True)
class FunctionName:
    """What a caller's ``FunctionName`` (and ``Qualifier``) point to."""

    name: str
    qualifier: str | None
    account: str | None  #: None: the caller's own
    region: str | None  #: None: the endpoint's


def parse(given: str, qualifier: str | None = None) -> FunctionName:
    """Read a function's name in any of its forms.

    Raises ValidationError where no form matches, InvalidParameterValue where the name and
    ``qualifier`` ask for two different versions.
    """
    found = _NAME.fullmatch(given)
    if found is None:
        _refuse(given, f"satisfy regular expression pattern: {PATTERN}")
    if len(given) > 170:
        _refuse(given, "have length less than or equal to 170")
    in_name = found["qualifier"]
    if in_name and qualifier and in_name != qualifier:
        raise InvalidParameterValue(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    return FunctionName(found["name"], in_name or qualifier, found["account"], found["region"])


def parse_new(given: str) -> str:
    """The name of a function to be created: at most 64 characters, without a qualifier."""
    named = parse(given)
    if len(named.name) > 64:
        _refuse(given, "have length less than or equal to 64")
    if named.qualifier:
        raise InvalidParameterValue("The function name must not have a qualifier.")
    return named.name


def _refuse(given: str, constraint: str) -> NoReturn:
    raise ValidationError(
        f"1 validation error detected: Value '{given}' at 'functionName' failed to satisfy "
        f"constraint: Member must {constraint}"
    )


def function_arn(region: str, account: str, name: str, qualifier: str | None = None) -> str:
    """``arn:aws:lambda:us-east-1:123456789012:function:name[:qualifier]``."""
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn
