"""What a target receives of an event: a constant, a part of it, or a template that is filled in.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from helpers.localaws.triggers.eventbridge.tokens import ARRAY, OBJECT, Malformed, Tokens

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.\-]+)>")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]|\['([^']*)'\]")
#: A text in a template with whatever is escaped in it, so that what is inside quotes is known.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MISSING = object()

RULE_ARN, RULE_NAME = "aws.events.rule-arn", "aws.events.rule-name"
INGESTION = "aws.events.event.ingestion-time"
EVENT, EVENT_JSON = "aws.events.event", "aws.events.event.json"
PREDEFINED = {RULE_ARN, RULE_NAME, INGESTION, EVENT, EVENT_JSON}


class InvalidJson(Exception):
    """What the template came to is no JSON: values are put in as they are, quotes and all."""


def check(target: dict[str, Any]) -> str | None:
    """AWS's reason to refuse the input that PutTargets names; None where there is none."""
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name)]
    identity = target["Id"]
    if len(given) > 1:
        return (
            f"Only one of Input, InputPath, or InputTransformer must be provided for target "
            f"{identity}."
        )
    if given == ["Input"]:
        try:
            json.loads(target["Input"])
        except ValueError:
            return f"Invalid Input for target {identity}."
    if given != ["InputTransformer"]:
        return None
    template = target["InputTransformer"].get("InputTemplate") or ""
    known = {*target["InputTransformer"].get("InputPathsMap", {}), *PREDEFINED}
    for name in _PLACEHOLDER.findall(template):
        if name not in known:
            return f"InputTemplate for target {identity} contains invalid placeholder {name}."
    try:
        _read_all(Tokens(_PLACEHOLDER.sub("null", template)))
    except Malformed as problem:
        place = str(problem).rpartition("\n at ")[2]
        return f"Invalid InputTemplate for target {identity} : {place}."
    return None


def _read_all(tokens: Tokens) -> None:
    """Lines of text in quotes are JSON values one after the other."""
    while not tokens.ended():
        tokens.next()


def text_for(target: dict[str, Any], event: dict[str, Any], variables: dict[str, str]) -> str:
    """The text that ``target`` (an entry of PutTargets) receives.

    ``variables`` holds the rule's ARN and name and the ingestion time, by their predefined names.
    Raises InvalidJson where a template for JSON comes to something else.
    """
    if target.get("Input"):
        return str(target["Input"])
    if path := target.get("InputPath"):
        found = at_path(event, path)
        return _dump(None if found is _MISSING else found)
    transformer = target.get("InputTransformer")
    if not transformer:
        return _dump(event)
    paths = transformer.get("InputPathsMap") or {}
    values: dict[str, Any] = {name: at_path(event, path) for name, path in paths.items()}
    values |= variables
    values[EVENT] = _without_detail(event)
    values[EVENT_JSON] = event
    return fill_in(transformer["InputTemplate"], values)


def fill_in(template: str, values: dict[str, Any]) -> str:
    """The template with its placeholders replaced.

    A template for JSON is made small and has to be JSON in the end; a text stays as it is.
    """
    is_json = template.lstrip().startswith((OBJECT, ARRAY))
    filled, at = "", 0
    for quoted in _TEXT.finditer(template):
        filled += _replace(template[at : quoted.start()], values, is_json, quoted=False)
        filled += _replace(quoted[0], values, is_json, quoted=True)
        at = quoted.end()
    filled += _replace(template[at:], values, is_json, quoted=False)
    if not is_json:
        return filled
    try:
        return _dump(json.loads(filled))
    except ValueError:
        raise InvalidJson(filled) from None


def _replace(part: str, values: dict[str, Any], is_json: bool, quoted: bool) -> str:
    def value_of(found: re.Match[str]) -> str:
        value = values.get(found[1], _MISSING)
        if value is _MISSING:
            return "" if quoted or not is_json else '""'
        if isinstance(value, str):
            return value if quoted or not is_json else json.dumps(value)
        text = _dump(value)
        return text if is_json else text.replace('"', "")

    return _PLACEHOLDER.sub(value_of, part)


def at_path(event: Any, path: str) -> Any:
    """What stands at a JSON path (``$.detail.items[0].name``); ``*`` gives a list of everything."""
    found, at, many = [event], 1, False
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return _MISSING
        name, index, quoted = step.groups()
        at = step.end()
        many = many or name == "*" or index == "*"
        found = [below for one in found for below in _step(one, name or quoted, index)]
    if many:
        return found
    return found[0] if found else _MISSING


def _step(node: Any, name: str | None, index: str | None) -> list[Any]:
    if name == "*" or index == "*":
        if isinstance(node, dict):
            return list(node.values())
        return node if isinstance(node, list) else []
    if index is not None:
        return [node[int(index)]] if isinstance(node, list) and int(index) < len(node) else []
    return [node[name]] if isinstance(node, dict) and name in node else []


def _without_detail(event: dict[str, Any]) -> dict[str, Any]:
    """``aws.events.event``: AWS leaves detail out and writes detail-type in another way."""
    names = ("id", "account", "detail-type", "time", "source", "region", "resources", "version")
    return {
        "detailType" if name == "detail-type" else name: event[name]
        for name in names
        if name in event
    }


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
