"""The rule that most operations follow, and how a service says where it differs.

The operation's name is the action's name; AWS's reference knows the action's resource types; for
each of them the service has a builder that makes the ARN from the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.actions.reference import types_of
from helpers.localaws.iam.actions.tags import tag_keys
from helpers.localaws.iam.context import Values
from helpers.localaws.iam.errors import UnmappedOperation

#: The ARNs of one resource type that a request names; empty: it names none.
Builder = Callable[[Asked], Sequence[str]]
Special = Callable[[Asked], Iterable[Needed]]
Keys = Callable[[Asked], Mapping[str, Values]]


def no_keys(asked: Asked) -> Mapping[str, Values]:
    """A service whose parameters fill no condition keys of its own."""
    return {}


@dataclass(frozen=True)
class Spec:
    """What has to be known of a service."""

    prefix: str
    #: How to build the ARNs of each resource type of the reference.
    types: Mapping[str, Builder] = field(default_factory=dict)
    #: Operations whose action has another name.
    renamed: Mapping[str, str] = field(default_factory=dict)
    #: Operations that do not follow the rule at all.
    special: Mapping[str, Special] = field(default_factory=dict)
    #: What operations need besides their own action: ``iam:PassRole``, the use of a key.
    also: Mapping[str, Special] = field(default_factory=dict)
    keys: Keys = no_keys
    #: Parameters that hold the ARN of the resource itself, whatever its type.
    arn_parameters: Sequence[str] = ()
    #: What stands for "no resource in particular": "*", or the ARN that AWS's messages show.
    unscoped: Callable[[Asked], str] = lambda asked: "*"
    #: Operations that take everything of a type where they name nothing.
    whole: Mapping[str, str] = field(default_factory=dict)


def by_rule(spec: Spec, asked: Asked) -> list[Needed]:
    """What the operation needs; raises UnmappedOperation."""
    if special := spec.special.get(asked.operation):
        found = list(special(asked))
    else:
        action = spec.renamed.get(asked.operation, asked.operation)
        context = {**tag_keys(asked), **spec.keys(asked)}
        found = [
            Needed(f"{spec.prefix}:{action}", arn, context)
            for arn in resources(spec, asked, action)
        ]
    if also := spec.also.get(asked.operation):
        found += also(asked)
    return [replace(one, context=_present(one.context)) for one in found]


def _present(context: Mapping[str, Values]) -> dict[str, Values]:
    return {name: values for name, values in context.items() if values is not None}


def resources(spec: Spec, asked: Asked, action: str) -> list[str]:
    """The resources of an action that follows the rule."""
    types = types_of(spec.prefix, action)
    if types is None:
        raise UnmappedOperation(spec.prefix, asked.operation, f"there is no action {action}")
    if not types:
        return [spec.unscoped(asked)]
    for name in spec.arn_parameters:
        if arns := [one for one in asked.texts(name) if one.startswith("arn:")]:
            return arns
    found: list[str] = []
    for one in types:
        builder = spec.types.get(one)
        found += builder(asked) if builder else ()
    if not found and asked.operation in spec.whole:
        found = [asked.arn(spec.whole[asked.operation])]
    if not found:
        raise UnmappedOperation(
            spec.prefix, asked.operation, f"nothing makes the ARN of its {' or '.join(types)}"
        )
    return list(dict.fromkeys(found))


def named(form: str, *parameters: str, region: str | None = None) -> Builder:
    """A builder that puts parameters into the resource part of an ARN, or takes an ARN as it is.

    ``named("table/{}", "TableName")``. A parameter that is a list makes one ARN for each entry.
    """

    def build(asked: Asked) -> list[str]:
        if any(asked.get(name) is None for name in parameters):
            return []
        if len(parameters) == 1:
            return [
                one if one.startswith("arn:") else asked.arn(form.format(one), region=region)
                for one in asked.texts(parameters[0])
            ]
        return [asked.arn(form.format(*(asked.get(one) for one in parameters)), region=region)]

    return build


def either(*builders: Builder) -> Builder:
    """The first of these builders that makes something."""

    def build(asked: Asked) -> Sequence[str]:
        return next((found for one in builders if (found := one(asked))), [])

    return build


def pass_role(service: str, *parameters: str, associated: Builder | None = None) -> Special:
    """Who gives a role to a service needs ``iam:PassRole`` for it.

    ``parameters`` are where roles may stand, with dots for what lies deeper: ``Targets.RoleArn``.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """

    def also(asked: Asked) -> Iterable[Needed]:
        context: dict[str, Values] = {"iam:PassedToService": f"{service}.amazonaws.com"}
        if associated and (arns := associated(asked)):
            context["iam:AssociatedResourceArn"] = arns[0]
        roles = [role for path in parameters for role in _deep(asked.parameters, path.split("."))]
        for role in dict.fromkeys(roles):
            yield Needed("iam:PassRole", role, context)

    return also


def _deep(found: object, path: list[str]) -> list[str]:
    if isinstance(found, list):
        return [text for one in found for text in _deep(one, path)]
    if not path:
        return [found] if isinstance(found, str) and found else []
    return _deep(found.get(path[0]), path[1:]) if isinstance(found, Mapping) else []
