"""AWS Lambda.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.rule import Spec, either, named, pass_role
from helpers.localaws.iam.context import Values

#: Operations that may be limited to a version or an alias; all others act on the function.
QUALIFIED = frozenset(
    {
        "AddPermission",
        "DeleteProvisionedConcurrencyConfig",
        "GetProvisionedConcurrencyConfig",
        "Invoke",
        "InvokeAsync",
        "InvokeWithResponseStream",
        "PutProvisionedConcurrencyConfig",
        "RemovePermission",
    }
)


def function_arn(asked: Asked) -> list[str]:
    """From a name, a partial ARN (``ACCOUNT:function:NAME``) or an ARN; any with a qualifier."""
    given = asked.first("FunctionName")
    if given is None:
        return []
    if given.startswith("arn:"):
        *head, name = given.split(":", 6)
        name, _, qualifier = name.partition(":")
        base = ":".join([*head, name])
    else:
        account, function, rest = given.partition(":function:")
        name, _, qualifier = (rest if function else given).partition(":")
        base = asked.arn(f"function:{name}", account=account if function else None)
    qualifier = asked.first("Qualifier") or qualifier
    if qualifier and asked.operation in QUALIFIED:
        base += f":{qualifier}"
    return [base]


def _keys(asked: Asked) -> Mapping[str, Values]:
    vpc = asked.get("VpcConfig") or {}
    keys: dict[str, Values] = {
        "lambda:Layer": asked.get("Layers"),
        "lambda:SubnetIds": vpc.get("SubnetIds"),
        "lambda:SecurityGroupIds": vpc.get("SecurityGroupIds"),
        "lambda:CodeSigningConfigArn": asked.get("CodeSigningConfigArn"),
        "lambda:FunctionUrlAuthType": asked.first("FunctionUrlAuthType", "AuthType"),
    }
    if asked.operation == "AddPermission":
        keys["lambda:Principal"] = asked.get("Principal")
    if asked.operation.endswith("EventSourceMapping"):
        keys["lambda:FunctionArn"] = next(iter(function_arn(asked)), None) or asked.find(
            "event-source-mapping-function", asked.first("UUID") or ""
        )
    return keys


def _with_code_and_layers(asked: Asked) -> Iterable[Needed]:
    """Lambda reads the package and looks at the layers with the caller's permissions."""
    code = asked.get("Code") or asked.parameters
    if code.get("S3Bucket") and code.get("S3Key"):
        action = "s3:GetObjectVersion" if code.get("S3ObjectVersion") else "s3:GetObject"
        yield Needed(action, f"arn:{asked.partition}:s3:::{code['S3Bucket']}/{code['S3Key']}")
    for layer in asked.texts("Layers"):
        yield Needed("lambda:GetLayerVersion", layer)


_role = pass_role("lambda", "Role", associated=function_arn)


def _create(asked: Asked) -> Iterable[Needed]:
    yield from _role(asked)
    yield from _with_code_and_layers(asked)
    if asked.get("Tags"):
        yield Needed("lambda:TagResource", function_arn(asked)[0])


def _configure(asked: Asked) -> Iterable[Needed]:
    yield from _role(asked)
    yield from _with_code_and_layers(asked)


def function_url(function: str, auth_type: str) -> list[Needed]:
    """What it takes to call a function's URL. ``function``: its ARN, or an alias's.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    return [
        Needed("lambda:InvokeFunctionUrl", function, {"lambda:FunctionUrlAuthType": auth_type}),
        Needed("lambda:InvokeFunction", function, {"lambda:InvokedViaFunctionUrl": True}),
    ]


SPEC = Spec(
    "lambda",
    types={
        "function": function_arn,
        "function alias": function_arn,
        "eventSourceMapping": named("event-source-mapping:{}", "UUID"),
        "layer": named("layer:{}", "LayerName"),
        "layerVersion": either(
            named("layer:{}:{}", "LayerName", "VersionNumber"), named("{}", "Arn")
        ),
        "code signing config": named("{}", "CodeSigningConfigArn"),
        "capacityProvider": named("capacity-provider:{}", "CapacityProviderName"),
        "durable execution": named("{}", "DurableExecutionArn"),
    },
    renamed={
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
        "GetLayerVersionByArn": "GetLayerVersion",
    },
    also={
        "CreateFunction": _create,
        "UpdateFunctionConfiguration": _configure,
        "UpdateFunctionCode": _with_code_and_layers,
    },
    keys=_keys,
    arn_parameters=("Resource", "ResourceArn"),
    # A callback's id does not tell whose it is.
    whole={
        f"SendDurableExecutionCallback{how}": "function:*"
        for how in ("Failure", "Heartbeat", "Success")
    },
)
