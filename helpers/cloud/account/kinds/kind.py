"""One kind of resource: who makes it, how a call names it, how to look at it and to delete it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

Parameters = dict[str, Any]
#: A resource's tags; None for a kind that carries none.
Tags = dict[str, str] | None


class Place(Protocol):
    """Where resources are looked at: an account and a region, through unwatched clients."""

    number: str
    region: str

    def client(self, service: str) -> Any:
        """A boto3 client."""


@dataclass(frozen=True)
class Look:
    """What was found: its tags. ``settled`` False: AWS still makes it, and shows no tags yet."""

    tags: Tags
    settled: bool = True


@dataclass(frozen=True)
class Kind:
    """``name`` stands in messages and in the ledger, ``service`` is boto3's name.

    ``made_by``: for each creating operation, the resource's id from the call's parameters and its
    answer; the answer is empty before the call, and an id that AWS makes up is then "".
    ``named``: the ids that another call's parameters name. ``look``: what is there now, or None.
    ``listing``: every id of the kind in the place.
    """

    name: str
    service: str
    made_by: dict[str, Callable[[Place, Parameters, Parameters], str]]
    named: Callable[[Place, Parameters], Iterable[str]]
    look: Callable[[Place, str], Look | None]
    delete: Callable[[Place, str], object]
    listing: Callable[[Place], Iterator[str]]
    by_hand: str  #: the AWS CLI's command that deletes it
    tag_in: str = ""  #: the parameter that takes tags on creation; "": none does
    tag_keys: tuple[str, str] | None = ("Key", "Value")  #: of a list of tags; None: it is a map
    #: The creating call also succeeds on something that is there already: look before it is sent.
    upserts: bool = False
    #: The creating calls' parameter that takes the run's mark, and its longest text: see tags.py.
    mark_in: tuple[str, int] | None = None
    #: The other operations that write that parameter anew.
    marked_again: tuple[str, ...] = ()
    #: Tags come in a call of their own too, right after the creating one.
    tag_after: Callable[[Place, str, dict[str, str]], object] | None = None
    #: What changes in a call that found nothing in its way: it makes, and never takes over.
    only_new: Callable[[Parameters, dict[str, str]], Parameters] | None = None
    #: It may stand without tags and be ours all the same.
    may_be_bare: bool = False
    #: The operations that name one; empty: all that have the parameters.
    only_in: tuple[str, ...] = ()


#: What AWS says of something that is not there.
_GONE = (
    "NotFound", "NoSuchEntity", "NonExistent", "DoesNotExist", "NoSuchBucket", "NoSuchKey",
    "ResourceNotFound", "404",
)  # fmt: skip


def is_gone(problem: ClientError) -> bool:
    """Whether AWS says that there is no such resource."""
    code = str(problem.response.get("Error", {}).get("Code", ""))
    return any(word in code for word in _GONE)


def looked(find: Callable[[], Tags]) -> Look | None:
    """What ``find`` finds; None where AWS says that there is nothing."""
    try:
        return Look(find())
    except ClientError as problem:
        if is_gone(problem):
            return None
        raise


def pairs(tags: Iterable[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of tags as a dictionary."""
    return {one[key]: one[value] for one in tags}


def pages(client: Any, operation: str, *path: str, **parameters: Any) -> Iterator[Any]:
    """Every item below ``path`` of every page."""
    for page in client.get_paginator(operation).paginate(**parameters):
        found: Any = page
        for part in path:
            found = found.get(part, [])
        yield from found


def values(parameters: Parameters, *names: str) -> Iterator[str]:
    """The texts that the parameters hold under these names."""
    for name in names:
        value = parameters.get(name)
        if isinstance(value, str) and value:
            yield value
