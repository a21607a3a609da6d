"""What is in the account: before the run, so that its own can be told from the rest, and after."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore import exceptions as boto

from helpers.cloud.account.kinds import BY_NAME, KINDS, Kind, Place
from helpers.cloud.account.tags import RUN

#: For each kind its ids; None where AWS does not let us look.
Inventory = dict[str, list[str] | None]

#: What AWS says when it does not know who asks (any more).
NO_LOGIN = (
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidToken",
    "InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException",
    "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure",
)  # fmt: skip

#: Kinds that say that somebody works in this account. Roles, policies and log groups are in every
#: account that an organisation has made.
_TELLING = (
    "function", "table", "bucket", "queue", "topic", "state machine", "HTTP API", "REST API",
    "stream", "rule", "event bus", "schedule", "secret", "key", "parameter", "alarm",
)  # fmt: skip
#: Looked at for what an earlier run may have left, though they say nothing of others.
_QUIET = ("role", "layer version")
#: So many of a kind are looked at; of more than that, each is taken for a neighbour.
_MOST = 40


def take(place: Place, *, together: bool = True) -> Inventory:
    """Every id of every kind. ``together`` asks several at once (not while Python ends).

    Raises BotoCoreError and ClientError where AWS cannot be reached or has too much to do.
    """
    if not together:
        return {kind.name: _ids(place, kind) for kind in KINDS}
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = pool.map(lambda kind: _ids(place, kind), KINDS)
        return {kind.name: ids for kind, ids in zip(KINDS, found, strict=True)}


def _ids(place: Place, kind: Kind) -> list[str] | None:
    """Raises BotoCoreError and ClientError where asking again may help."""
    try:
        return sorted(kind.listing(place))
    except boto.ClientError as problem:
        code = code_of(problem)
        status = int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if (
            status >= 500
            or code in NO_LOGIN
            or any(word in code for word in ("Throttl", "TooMany", "Rate", "SlowDown"))
        ):
            raise
        return None


def code_of(problem: Exception) -> str:
    """AWS's code of an error; "" where it is none of AWS's."""
    return str(getattr(problem, "response", {}).get("Error", {}).get("Code", ""))


def new_since(before: Inventory, now: Inventory) -> list[tuple[Kind, str]]:
    """What is there now and was not before, in the order of deletion."""
    found = []
    for kind in KINDS:
        known = set(before.get(kind.name) or ())
        found += [(kind, name) for name in now.get(kind.name) or () if name not in known]
    return found


def runs_tagged(place: Place, ids: list[tuple[Kind, str]]) -> dict[tuple[str, str], str]:
    """For each resource that carries the course's tags, the run that made it."""
    found = {}
    for kind, name in ids:
        try:
            look = kind.look(place, name)
        except (boto.ClientError, boto.BotoCoreError):
            continue
        if look is not None and look.tags and look.tags.get(RUN):
            found[kind.name, name] = look.tags[RUN]
    return found


def neighbours(place: Place, inventory: Inventory) -> tuple[list[str], dict[str, list[str]]]:
    """Who else is here: names of resources without the course's tag, and, by run, those with it.

    The names read "table orders". Nothing of what AWS or Control Tower has put there counts.
    """
    others: list[str] = []
    ours: dict[str, list[str]] = {}
    for name in _TELLING + _QUIET:
        ids = [one for one in inventory.get(name) or [] if "controltower" not in one.lower()]
        tagged = runs_tagged(place, [(BY_NAME[name], one) for one in ids[:_MOST]])
        for one in ids:
            run = tagged.get((name, one))
            if run is None and name in _TELLING:
                others.append(f"{name} {one}")
            elif run is not None:
                ours.setdefault(run, []).append(f"{name} {one}")
    others += _elsewhere(place)
    return others, ours


def _elsewhere(place: Place) -> list[str]:
    """Instances and databases, which no kind of ours covers."""
    looks: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        (
            "instance",
            lambda: [
                one["InstanceId"]
                for group in place.client("ec2").describe_instances()["Reservations"]
                for one in group["Instances"]
                if one["State"]["Name"] != "terminated"
            ],
        ),
        (
            "database",
            lambda: [
                one["DBInstanceIdentifier"]
                for one in place.client("rds").describe_db_instances()["DBInstances"]
            ],
        ),
    )
    found = []
    for name, look in looks:
        try:
            found += [f"{name} {one}" for one in look()]
        except (boto.ClientError, boto.BotoCoreError):
            continue
    return found
