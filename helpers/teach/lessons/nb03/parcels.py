"""`03.parcels`: one layer for two functions, and a version that callers reach as `prod`."""

from __future__ import annotations

import contextlib
import io
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from helpers.cloud import Cloud
from helpers.teach.checking import Case, Check, Context, NotAttempted, Requirement, Slip
from helpers.teach.checking.functions import Deployed, Reply
from helpers.teach.checking.words import short

LABEL, STAMP = "shop-label", "shop-stamp"
LIBRARY, ALIAS = "parcels.py", "prod"
#: Where Python's runtime looks in a layer.
PLACES = re.compile(r"python/(lib/python3\.\d+/site-packages/)?parcels(\.py|/__init__\.py)")
AGAIN = "Then run this cell again."


@dataclass
class Shop:
    """The two functions, looked at through AWS calls."""

    cloud: Cloud

    @cached_property
    def lambda_(self) -> Any:
        return self.cloud.client("lambda")

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The configuration of each function's $LATEST."""
        return {
            name: self.lambda_.get_function_configuration(FunctionName=name)
            for name in (LABEL, STAMP)
        }

    def layers(self, name: str) -> list[str]:
        """The ARNs of the layer versions that a function's $LATEST uses."""
        return [layer["Arn"] for layer in self.settings[name].get("Layers", [])]

    def names_in_code(self, name: str) -> list[str]:
        """The names of the files in a function's own zip."""
        return _names(self.lambda_.get_function(FunctionName=name)["Code"]["Location"])

    def names_in_layer(self, arn: str) -> list[str]:
        """The names of the files in a layer version; none where it has been deleted since."""
        try:
            found = self.lambda_.get_layer_version_by_arn(Arn=arn)
        except self.lambda_.exceptions.ResourceNotFoundException:
            return []
        return _names(found["Content"]["Location"])

    def invoke(self, name: str, event: Any) -> Reply:
        return Deployed(self.cloud, name, f"{name.split(':')[0]}").invoke(event)


def _names(location: str) -> list[str]:
    with urllib.request.urlopen(location) as reply:
        archive = zipfile.ZipFile(io.BytesIO(reply.read()))
    return [name for name in archive.namelist() if not name.endswith("/")]


@contextlib.contextmanager
def _shop(context: Context) -> Iterator[Shop]:
    shop = Shop(context.cloud)
    missing = shop.lambda_.exceptions.ResourceNotFoundException
    for name in (LABEL, STAMP):
        try:
            config = shop.lambda_.get_function_configuration(FunctionName=name)
        except missing:
            raise NotAttempted(
                f"there is no function {name} yet. Run the cell that deploys both, then this one."
            ) from None
        if config["State"] != "Active" or config["LastUpdateStatus"] == "InProgress":
            shop.cloud.wait_until(partial(_is_settled, shop, name), what="it is ready")
    published = shop.lambda_.list_versions_by_function(FunctionName=LABEL)["Versions"][1:]
    layers = shop.layers(LABEL) + shop.layers(STAMP)
    if not (layers or published) and shop.names_in_code(LABEL) == ["label.py"]:
        raise NotAttempted(
            "both functions are as they were deployed, without a layer. Write your cell above, "
            "run it, then this one."
        )
    yield shop


def _is_settled(shop: Shop, name: str) -> bool:
    config = shop.lambda_.get_function_configuration(FunctionName=name)
    return config["State"] == "Active" and config["LastUpdateStatus"] != "InProgress"


def _answers(shop: Shop, case: Case) -> None:
    """A function's $LATEST gives the right reply. `case.given` is (function, event)."""
    name, event = case.given
    reply = shop.invoke(name, event)
    if reply.failed:
        raise _why_failed(shop, name, reply)
    _same(name, event, reply, case.expected)


def _why_failed(shop: Shop, name: str, reply: Reply) -> Slip:
    seen = f"{name} failed with {reply.error_type}: {short(reply.error_message)}."
    if "parcels" not in reply.error_message:
        return Slip(
            "broken",
            seen,
            "Deploy both as they were given (their cells above), then add the layer. " + AGAIN,
        )
    layers = shop.layers(name)
    if not layers:
        return Slip(
            "no layer",
            f"{seen} It uses no layer.",
            f"update_function_configuration(FunctionName={name!r}, Layers=[…]) takes the layer "
            f"version's ARN. {AGAIN}",
        )
    found = [inside for arn in layers for inside in shop.names_in_layer(arn)]
    library = [inside for inside in found if inside.rpartition("/")[2] == LIBRARY]
    if not library:
        return Slip(
            "empty layer",
            f"{seen} Its layer holds {short(', '.join(found[:4])) or 'nothing'}, and no {LIBRARY}.",
            f"Put {LIBRARY} into the zip and publish the layer again. {AGAIN}",
        )
    if not any(PLACES.fullmatch(inside) for inside in library):
        return Slip(
            "place",
            f"{seen} In the layer it is {short(library[0])}.",
            "A layer is unpacked to /opt, and Python looks in /opt/python: the name in the zip "
            f"has to be python/{LIBRARY}. Publish it again, and let both functions use the new "
            f"version. {AGAIN}",
        )
    return Slip(
        "library",
        seen,
        f"The layer's {LIBRARY} is another one. Take work/03/library/{LIBRARY} as it is. {AGAIN}",
    )


def _same(name: str, event: Any, reply: Reply, expected: Any) -> None:
    if reply.value != expected:
        raise Slip(
            "reply",
            f"{name} answered {short(event)} with {short(reply.value)}, not {short(expected)}.",
            f"Neither handler nor library has to change: take work/03/library/{LIBRARY} as it "
            f"is, and deploy the handlers as they were given. {AGAIN}",
        )


def _one_layer(shop: Shop, case: Case) -> None:
    """The library comes from one layer version that both functions name."""
    for name in (LABEL, STAMP):
        if LIBRARY in (inside.rpartition("/")[2] for inside in shop.names_in_code(name)):
            raise Slip(
                "copied",
                f"{name} carries {LIBRARY} in its own zip.",
                "That works, until one of the copies is mended and the other is not. Deploy the "
                f"handler alone, and let the layer bring the library. {AGAIN}",
            )
    label, stamp = shop.layers(LABEL), shop.layers(STAMP)
    if set(label) & set(stamp):
        return
    for name, layers in ((LABEL, label), (STAMP, stamp)):
        if not layers:
            raise Slip(
                "no layer",
                f"{name} uses no layer.",
                f"Both functions need it. Run update_function_configuration for {name} too. "
                + AGAIN,
            )
    same_name = {arn.rpartition(":")[0] for arn in label} & {a.rpartition(":")[0] for a in stamp}
    if same_name:
        raise Slip(
            "two versions",
            f"the functions use different versions of the layer: {label[0].rpartition(':')[2]} "
            f"and {stamp[0].rpartition(':')[2]}.",
            f"Let both name the newer one. {AGAIN}",
        )
    raise Slip(
        "two layers",
        "each function has a layer of its own.",
        "Then each has a copy of its own, as before. Publish one layer, and name its ARN in both. "
        + AGAIN,
    )


def _prod(shop: Shop, case: Case) -> None:
    """The alias prod of shop-label names a published version that answers."""
    alias = _alias(shop)
    version = alias["FunctionVersion"]
    if version == "$LATEST":
        raise Slip(
            "latest",
            f"{ALIAS} points to $LATEST.",
            "Then every change reaches the callers at once. publish_version gives a number that "
            f"stays as it is; update_alias moves {ALIAS} there. {AGAIN}",
        )
    if alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
        raise Slip(
            "split",
            f"{ALIAS} sends a part of its callers to another version.",
            f"One version is enough here: update_alias(…, RoutingConfig={{}}). {AGAIN}",
        )
    event = case.given
    reply = shop.invoke(f"{LABEL}:{ALIAS}", event)
    if not reply.failed:
        _same(f"{LABEL}:{ALIAS}", event, reply, case.expected)
        return
    config = shop.lambda_.get_function_configuration(FunctionName=LABEL, Qualifier=version)
    seen = f"{ALIAS} points to version {version}, which fails: {short(reply.error_message)}."
    if config.get("Layers") != shop.settings[LABEL].get("Layers"):
        raise Slip(
            "too early",
            seen,
            f"Version {version} was published with other layers than $LATEST has now, and a "
            f"version never changes. Publish another one, and move {ALIAS} to it with "
            f"update_alias. {AGAIN}",
        )
    raise Slip("prod fails", seen, f"Mend $LATEST first, then publish again. {AGAIN}")


def _alias(shop: Shop) -> dict[str, Any]:
    def named(function: str) -> list[str]:
        return [a["Name"] for a in shop.lambda_.list_aliases(FunctionName=function)["Aliases"]]

    names = named(LABEL)
    if ALIAS in names:
        found: dict[str, Any] = shop.lambda_.get_alias(FunctionName=LABEL, Name=ALIAS)
        return found
    if names:
        raise Slip(
            "other name",
            f"{LABEL} has no alias {ALIAS}, but {short(names[0])}.",
            f"Callers will ask for {ALIAS}, letter by letter. {AGAIN}",
        )
    if ALIAS in named(STAMP):
        raise Slip(
            "other function",
            f"the alias {ALIAS} belongs to {STAMP}.",
            f"Each function has aliases of its own. Make one for {LABEL}. {AGAIN}",
        )
    versions = shop.lambda_.list_versions_by_function(FunctionName=LABEL)["Versions"][1:]
    raise Slip(
        "no alias",
        f"{LABEL} has no alias {ALIAS}" + ("." if versions else ", and no published version."),
        "publish_version first: its reply has the number. Then create_alias with Name and "
        f"FunctionVersion. {AGAIN}",
    )


def _label(number: str, prints: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """An event for shop-label, and its right reply."""
    return {"order": number, "prints": prints}, {"order": number, "grams": 4 * prints + 30}


def _stamp(number: str, prints: int) -> tuple[dict[str, Any], dict[str, Any]]:
    cents = 419 if 4 * prints + 30 > 500 else 250
    return {"order": number, "prints": prints}, {"order": number, "cents": cents}


def _asked(name: str, pair: tuple[Any, Any]) -> Case:
    return Case((name, pair[0]), pair[1])


PARCELS = Check(
    key="03.parcels",
    prepare=_shop,
    solution="parcels.py",
    requirements=(
        Requirement(
            "label answers",
            _answers,
            (_asked(LABEL, _label("A-17", 20)), _asked(LABEL, _label("A-18", 300))),
        ),
        Requirement(
            "stamp answers",
            _answers,
            (_asked(STAMP, _stamp("A-17", 20)), _asked(STAMP, _stamp("A-18", 300))),
        ),
        Requirement("one layer", _one_layer),
        Requirement("prod answers", _prod, (Case(*_label("A-19", 12)),)),
    ),
    hints=(
        "Three steps, in this order: publish the layer, let both functions use it, and only then "
        "publish a version.",
        "In the layer's zip the file is called python/parcels.py. Section 5 has the whole call: "
        "publish_layer_version gives an ARN, update_function_configuration takes it.",
        "After each update wait: "
        'lam.get_waiter("function_updated_v2").wait(FunctionName=name). Otherwise the next call '
        "is refused because an update is in progress.",
        'lam.publish_version(FunctionName="shop-label")["Version"] is the number that '
        'create_alias(FunctionName="shop-label", Name="prod", FunctionVersion=…) takes.',
    ),
    praise="One library, two functions, and callers of prod see only what you publish for them.",
)
