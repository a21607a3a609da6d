"""AWS Systems Manager, above all its Parameter Store.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.keys_in_use import use
from helpers.localaws.iam.actions.rule import Spec, named
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values

#: ResourceType of the tagging operations → the resource's part of the ARN.
_TAGGED = {
    "Association": "association/{}",
    "Automation": "automation-execution/{}",
    "Document": "document/{}",
    "MaintenanceWindow": "maintenancewindow/{}",
    "ManagedInstance": "managed-instance/{}",
    "OpsItem": "opsitem/{}",
    "OpsMetadata": "opsmetadata/{}",
    "PatchBaseline": "patchbaseline/{}",
}


def parameter_arn(asked: Asked) -> list[str]:
    """``parameter/app/db`` for ``/app/db``; a version or label behind a colon is left out."""
    given = asked.texts("Name") + asked.texts("Names") + asked.texts("Path")
    if asked.get("ResourceType") == "Parameter":
        given = asked.texts("ResourceId")
    return [parameter(asked, one) for one in given]


def parameter(asked: Asked, name: str) -> str:
    """The ARN of one parameter."""
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:6])
    return asked.arn(f"parameter/{name.partition(':')[0].lstrip('/')}")


def _tagged(asked: Asked) -> list[str]:
    form, name = _TAGGED.get(asked.first("ResourceType") or ""), asked.first("ResourceId")
    return [asked.arn(form.format(name))] if form and name else []


def _keys(asked: Asked) -> Mapping[str, Values]:
    keys: dict[str, Values] = {}
    if asked.operation == "PutParameter":
        keys["ssm:Overwrite"] = bool(asked.parameters.get("Overwrite"))
        keys["ssm:Policies"] = asked.get("Policies")
    if asked.operation == "GetParametersByPath":
        keys["ssm:Recursive"] = bool(asked.parameters.get("Recursive"))
    return keys


def _read(asked: Asked) -> Iterable[Needed]:
    """Decrypting a SecureString uses its key in the caller's name."""
    if asked.parameters.get("WithDecryption"):
        for arn in parameter_arn(asked):
            if key := asked.find("parameter-key", arn):
                yield from use(asked, key, "kms:Decrypt", context={"PARAMETER_ARN": arn})


def _write(asked: Asked) -> Iterable[Needed]:
    arn = parameter_arn(asked)[0]
    if asked.get("Type") == "SecureString" and asked.get("KeyId"):
        key = asked.find("kms-key", asked.get("KeyId")) or asked.arn(
            f"key/{asked.get('KeyId')}", "kms"
        )
        yield from use(asked, key, "kms:Encrypt", context={"PARAMETER_ARN": arn})
    if asked.get("Tags"):
        yield Needed("ssm:AddTagsToResource", arn, tag_keys(asked))


SPEC = Spec(
    "ssm",
    types={
        "parameter": parameter_arn,
        "document": named("document/{}", "Name"),
        "patchbaseline": _tagged,
        "servicesetting": named("servicesetting/{}", "SettingId"),
    },
    also={
        "GetParameter": _read,
        "GetParameters": _read,
        "GetParametersByPath": _read,
        "GetParameterHistory": _read,
        "PutParameter": _write,
    },
    keys=_keys,
    arn_parameters=("ResourceArn",),
)
