"""The condition keys about the tags in a request: ``aws:RequestTag/KEY`` and ``aws:TagKeys``.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from helpers.localaws.iam.actions.asked import Asked, Needed
from helpers.localaws.iam.context import Values

#: Where services put tags to set, and the keys of tags to take away.
_TAGS = ("Tags", "tags", "TagSet")
_KEYS = ("TagKeys", "tagKeys")


def tag_keys(asked: Asked) -> dict[str, Values]:
    """The keys, where the request has tags; ``aws:TagKeys`` may have several values."""
    return keys_of(tags_of(asked), asked)


def keys_of(tags: dict[str, str], asked: Asked) -> dict[str, Values]:
    """The same, for tags that were found elsewhere in the request."""
    names = list(tags) + [name for one in _KEYS for name in asked.texts(one)]
    keys: dict[str, Values] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    if names:
        keys["aws:TagKeys"] = names
    return keys


def tags_of(asked: Asked) -> dict[str, str]:
    """The tags that the request sets: services write them as an object or as a list of pairs."""
    for name in _TAGS:
        if found := asked.get(name):
            return as_tags(found)
    return {}


def as_tags(found: Any) -> dict[str, str]:
    """Tags in any of the forms that services have for them."""
    if isinstance(found, dict):
        return {str(key): str(value) for key, value in found.items()}
    tags = {}
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict):
            key = one.get("Key") or one.get("key") or one.get("TagKey")
            value = one.get("Value") or one.get("value") or one.get("TagValue") or ""
            if key:
                tags[str(key)] = str(value)
    return tags


def if_tagged(
    action: str, resources: Callable[[Asked], Sequence[str]]
) -> Callable[[Asked], Iterable[Needed]]:
    """What a creating operation needs besides, where it brings tags along."""

    def needed(asked: Asked) -> Iterable[Needed]:
        if tags_of(asked):
            for arn in resources(asked):
                yield Needed(action, arn, tag_keys(asked))

    return needed
