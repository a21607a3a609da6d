"""The same code for the next branch: another price list, named by the setting, and a role."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from helpers.teach.labs import CITIES, clearing, making
from helpers.teach.labs.documents import MAY_LOG, allow, document

from .desk import Desk, Invoked
from .shop import KEY, SETTING

#: What a copy takes over as it is.
SAME = ("Runtime", "Handler", "Timeout", "MemorySize", "Architectures", "EphemeralStorage")


def asked_elsewhere(desk: Desk, event: dict[str, Any]) -> tuple[Invoked, int]:
    """What the next branch's copy answers, and what one copy costs there (in cents).

    Nothing in its names tells it from a branch that was opened yesterday; all of it is taken away.
    """
    city = secrets.choice([one for one in CITIES if one != desk.shop.city])
    number = 100_000 + secrets.randbelow(900_000)
    name, bucket = f"{city}-quote-{number}", f"{city}-prices-{number}"
    prices = {one: price + 2 + secrets.randbelow(40) for one, price in desk.shop.prices.items()}
    with _branch(desk, name, bucket, json.dumps(prices)):
        reply = _patiently(desk, name, event)
    return reply, prices[event["format"]]


@contextlib.contextmanager
def _branch(desk: Desk, name: str, bucket: str, prices: str) -> Iterator[None]:
    cloud = desk.cloud
    read = document(allow("Prices", ["s3:GetObject"], f"arn:aws:s3:::{bucket}/{KEY}"))
    try:
        making.bucket(cloud, bucket, {KEY: prices})
        role = making.role(cloud, name, inline={"prices": read}, attached=[MAY_LOG])
        settings = _settings(desk, bucket)
        making.patiently(
            cloud,
            lambda: desk.lambda_.create_function(FunctionName=name, Role=role, **settings),
        )
        making.ready(cloud, name)
        yield
    finally:
        clearing.no_function(cloud, name)
        clearing.no_role(cloud, name)
        clearing.no_bucket(cloud, bucket)


def _settings(desk: Desk, bucket: str) -> dict[str, Any]:
    """create_function's arguments for a copy of what the web shop meets."""
    found = desk.settings
    given = {one: found[one] for one in SAME if one in found}
    variables = {**found.get("Environment", {}).get("Variables", {}), SETTING: bucket}
    given |= {"Environment": {"Variables": variables}, "PackageType": found["PackageType"]}
    given["Layers"] = [layer["Arn"] for layer in found.get("Layers", [])]
    code = desk.lambda_.get_function(FunctionName=desk.name)["Code"]
    if "ImageUri" in code:
        image = found.get("ImageConfigResponse", {}).get("ImageConfig", {})
        return given | {"Code": {"ImageUri": code["ImageUri"]}, "ImageConfig": image}
    with urllib.request.urlopen(code["Location"], timeout=60) as answer:
        return given | {"Code": {"ZipFile": answer.read()}}


def _patiently(desk: Desk, name: str, event: dict[str, Any]) -> Invoked:
    """On an account S3 knows a new role's rights some seconds later."""
    deadline = time.monotonic() + (0 if desk.cloud.kind == "local" else 30)
    while True:
        reply = desk.invoke(event, name)
        if not reply.failed or time.monotonic() >= deadline:
            return reply
        time.sleep(2)
