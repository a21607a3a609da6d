"""The URIs by which integrations and authorisers name a function.

``arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations``, or, in
an HTTP API's integration, the function's ARN alone. ``${stageVariables.name}`` may stand anywhere.
Source: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html (uri)
"""

from __future__ import annotations

import re

_INVOCATION = re.compile(
    r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/+2015-03-31/functions/(?P<arn>.+)"
    r"/(?:invocations|response-streaming-invocations)"
)
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9_$-]+(?::[a-zA-Z0-9_$-]+)?"
)
_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


def function_arn(uri: str, stage_variables: dict[str, str]) -> str:
    """The function that an integration's URI names; "" where it names none."""
    filled = _VARIABLE.sub(lambda found: stage_variables.get(found[1], ""), uri)
    found = _INVOCATION.fullmatch(filled)
    if found:
        return found["arn"]
    return filled if _FUNCTION.fullmatch(filled) else ""


def names_a_function(uri: str, *, plain: bool) -> bool:
    """Whether a URI is of a form that API Gateway takes; ``plain``: an ARN alone is one."""
    sample = _VARIABLE.sub("v", uri)
    found = _INVOCATION.fullmatch(sample)
    if found:
        # With a stage variable the name may be anything, as long as there is one.
        return bool(_FUNCTION.fullmatch(found["arn"])) or uri != sample
    return plain and (bool(_FUNCTION.fullmatch(sample)) or (uri != sample and "lambda" in uri))
