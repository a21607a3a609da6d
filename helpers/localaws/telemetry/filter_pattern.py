"""Filter patterns of CloudWatch Logs: which log events a filter takes.

There are three kinds, told apart by their first character: terms (``ERROR -debug``), JSON
(``{ $.status >= 500 }``) and space-delimited (``[ip, user, ..., status = 5*]``).
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

#: Regular expressions in one pattern, and what they may consist of.
MAX_REGEXES = 2
_REGEX_CHARACTERS = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.\s]*")

#: The values that the pattern looked at, by their selectors; None: the event does not match.
Extracted = dict[str, str]
Match = Callable[[str], Extracted | None]


class InvalidFilterPattern(Exception):
    """CloudWatch Logs refuses the pattern; the message is AWS's."""


@lru_cache(maxsize=512)
def compile_filter(pattern: str) -> Match:
    """A function from an event's message to what was extracted of it.

    Raises InvalidFilterPattern.
    """
    if pattern.count("%") > 2 * MAX_REGEXES:
        raise InvalidFilterPattern(f"At most {MAX_REGEXES} regular expressions in a pattern")
    text = pattern.strip()
    if text in ("", '""', '" "'):
        return lambda message: {}
    if text.startswith("{"):
        return _json_filter(text)
    if text.startswith("["):
        return _fields_filter(text)
    return _terms_filter(text)


# -- terms -------------------------------------------------------------------------------------

_TERM = re.compile(r'(?P<sign>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]*)%|'
                   r"(?P<plain>\S+))(?=\s|$)")  # fmt: skip


def _terms_filter(text: str) -> Match:
    """Every plain term has to be there, none with ``-``; of those with ``?`` at least one.

    ``?`` is for patterns of its own: beside other terms those with ``?`` are ignored.
    """
    wanted: list[Callable[[str], bool]] = []
    unwanted: list[Callable[[str], bool]] = []
    either: list[Callable[[str], bool]] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            raise InvalidFilterPattern("Invalid filter pattern")
        at = found.end()
        at += len(text[at:]) - len(text[at:].lstrip())
        {"": wanted, "-": unwanted, "?": either}[found["sign"]].append(_term(found))
    if wanted or unwanted:
        either = []

    def match(message: str) -> Extracted | None:
        fits = all(term(message) for term in wanted) and not any(term(message) for term in unwanted)
        return {} if fits and (not either or any(term(message) for term in either)) else None

    return match


def _term(found: re.Match[str]) -> Callable[[str], bool]:
    if found["regex"] is not None:
        return _regex(found["regex"])
    term = found["quoted"]
    if term is not None:
        term = re.sub(r"\\(.)", r"\1", term)
    else:
        term = found["plain"]
        if not all(sign.isalnum() or sign == "_" for sign in term):
            raise InvalidFilterPattern(f"Invalid character(s) in term '{term}'")
    return lambda message: term in message


def _regex(source: str) -> Callable[[str], bool]:
    if not _REGEX_CHARACTERS.fullmatch(source):
        raise InvalidFilterPattern("Invalid regular expression")
    try:
        compiled = re.compile(source)
    except re.error:
        raise InvalidFilterPattern("Invalid regular expression") from None
    return lambda message: compiled.search(message) is not None


# -- conditions, of JSON and of fields ---------------------------------------------------------

#: Looks a selector up: the values there (a wildcard can find more), or None for nothing of use.
Lookup = Callable[[str], "list[Any] | None"]
Condition = Callable[[Lookup], bool]

_CONDITION_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|%(?P<regex>[^%]*)%|'
    r"(?P<sign>&&|\|\||!=|<=|>=|[=<>()])|(?P<word>(?:[^\s=<>!&|()\"%]|&(?!&)|\|(?!\|))+))"
)


class _Conditions:
    """Reads conditions: ``()`` binds closest, then ``&&``, then ``||``."""

    def __init__(self, source: str, is_selector: Callable[[str], bool]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._is_selector = is_selector
        self.selectors: list[str] = []
        at = 0
        while source[at:].strip():
            found = _CONDITION_TOKEN.match(source, at)
            if found is None:
                self._refuse()
            self._tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()

    def read(self) -> Condition:
        condition = self._either()
        if self._tokens:
            self._refuse()
        return condition

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("sign", "||"):
            parts.append(self._both())
        return lambda lookup: any(part(lookup) for part in parts)

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._take("sign", "&&"):
            parts.append(self._one())
        return lambda lookup: all(part(lookup) for part in parts)

    def _one(self) -> Condition:
        if self._take("sign", "("):
            inner = self._either()
            if not self._take("sign", ")"):
                self._refuse()
            return inner
        selector = self._next("word")
        if not self._is_selector(selector):
            self._refuse()
        self.selectors.append(selector)
        if self._take("word", "IS"):
            return _is(selector, self._next("word"))
        if self._take("word", "NOT"):
            if self._next("word") != "EXISTS":
                self._refuse()
            return lambda lookup: lookup(selector) == []
        if self._take("word", "EXISTS"):
            return lambda lookup: lookup(selector) != []
        operator = self._next("sign")
        if operator not in _COMPARE:
            self._refuse()
        return _compared(selector, operator, *self._value())

    def _value(self) -> tuple[str, str]:
        if not self._tokens or self._tokens[0][0] == "sign":
            self._refuse()
        return self._tokens.pop(0)

    def _take(self, kind: str, text: str) -> bool:
        if self._tokens and self._tokens[0] == (kind, text):
            self._tokens.pop(0)
            return True
        return False

    def _next(self, kind: str) -> str:
        if not self._tokens or self._tokens[0][0] != kind:
            self._refuse()
        return self._tokens.pop(0)[1]

    def _refuse(self) -> NoReturn:
        raise InvalidFilterPattern("Invalid metric filter pattern")


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "<": lambda value, wanted: value < wanted,
    "<=": lambda value, wanted: value <= wanted,
    ">": lambda value, wanted: value > wanted,
    ">=": lambda value, wanted: value >= wanted,
}


def _is(selector: str, what: str) -> Condition:
    known: dict[str, Any] = {"NULL": None, "TRUE": True, "FALSE": False}
    if what not in known:
        raise InvalidFilterPattern("Invalid metric filter pattern")
    wanted = known[what]
    return lambda lookup: any(value is wanted for value in lookup(selector) or [])


def _compared(selector: str, operator: str, kind: str, text: str) -> Condition:
    """One comparison; a selector that finds no single value makes it false, ``!=`` too."""
    number = _number(text) if kind == "word" else None
    if operator not in ("=", "!="):
        if number is None:
            raise InvalidFilterPattern("Invalid metric filter pattern")
        fits = _COMPARE[operator]
        return lambda lookup: any(
            (value := _number(one)) is not None and fits(value, number)
            for one in lookup(selector) or []
        )
    equal = _regex(text) if kind == "regex" else _text_matcher(kind, text)

    def same(value: Any) -> bool:
        if number is not None and (given := _number(value)) is not None:
            return given == number
        return equal(_shown(value))

    return lambda lookup: any(
        same(value) == (operator == "=")
        for value in lookup(selector) or []
        if value is not None and not isinstance(value, dict | list)
    )


def _text_matcher(kind: str, text: str) -> Callable[[str], bool]:
    """``*`` stands for anything before or after the rest, not inside of it."""
    if kind == "text":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    inner = text.strip("*")
    before, after = text.startswith("*"), text.endswith("*") and text != ""
    if before and after:
        return lambda value: inner in value
    if before:
        return lambda value: value.endswith(inner)
    if after:
        return lambda value: value.startswith(inner)
    return lambda value: value == text


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", value):
        return None
    return float(value) if isinstance(value, str | int | float) else None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# -- JSON --------------------------------------------------------------------------------------

_SELECTOR = re.compile(r"\$(?:\.[\w\-]+|\[(?:\d+|\*|'[^']*'|\"[^\"]*\")\])+")
_STEP = re.compile(r"\.([\w\-]+)|\[(\d+|\*)\]|\[['\"]([^'\"]*)['\"]\]")


def _json_filter(text: str) -> Match:
    if not text.endswith("}"):
        raise InvalidFilterPattern("Invalid metric filter pattern")
    conditions = _Conditions(text[1:-1], lambda word: _SELECTOR.fullmatch(word) is not None)
    condition = conditions.read()
    selectors = dict.fromkeys(conditions.selectors)

    def match(message: str) -> Extracted | None:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict | list) or not condition(lambda one: _find(document, one)):
            return None
        found = {one: _find(document, one) for one in selectors}
        return {one: _shown(values[0]) for one, values in found.items() if values}

    return match


def _find(document: Any, selector: str) -> list[Any]:
    """What stands at ``$.a.b[0]``; ``[*]`` finds every element."""
    found = [document]
    for name, index, quoted in _STEP.findall(selector):
        found = [below for one in found for below in _below(one, name or quoted, index)]
    return found


def _below(node: Any, name: str, index: str) -> list[Any]:
    if index == "*":
        return node if isinstance(node, list) else []
    if index:
        return [node[int(index)]] if isinstance(node, list) and int(index) < len(node) else []
    return [node[name]] if isinstance(node, dict) and name in node else []


# -- space-delimited ---------------------------------------------------------------------------

_FIELD = re.compile(r'\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)')
_PLACE = re.compile(r'\s*((?:"(?:[^"\\]|\\.)*"|%[^%]*%|[^,"%])*)(?:,|$)')
_NAME = re.compile(r"[\w\-]+")


def _fields_filter(text: str) -> Match:
    """One place for each field, by its name and with its conditions; ``...`` for any number."""
    if not text.endswith("]"):
        raise InvalidFilterPattern("Invalid metric filter pattern")
    places = [place.strip() for place in _places(text[1:-1])]
    dots = [number for number, place in enumerate(places) if place in ("...", "…")]
    if len(dots) > 1:
        raise InvalidFilterPattern("Invalid metric filter pattern")
    fields = [_field(place) for place in places if place not in ("...", "…")]
    before = dots[0] if dots else len(fields)
    behind = len(fields) - before

    def match(message: str) -> Extracted | None:
        values = [found[found.lastindex or 0] for found in _FIELD.finditer(message)]
        if len(values) < len(fields) or (not dots and len(values) > len(fields)):
            return None
        indices = [*range(before), *range(len(values) - behind, len(values))]
        extracted = {f"${number}": value for number, value in enumerate(values, 1)}
        for index, (name, condition) in zip(indices, fields, strict=True):
            value = values[index]
            if not condition(lambda _, value=value: [value]):  # type: ignore[misc]
                return None
            if name:
                del extracted[f"${index + 1}"]
                extracted[f"${name}"] = value
        return extracted

    return match


def _places(inside: str) -> list[str]:
    if not inside.strip():
        return ["..."]  # [] takes every event
    found, at = [], 0
    while at <= len(inside):
        place = _PLACE.match(inside, at)
        if place is None:
            raise InvalidFilterPattern("Invalid metric filter pattern")
        found.append(place[1])
        if place.end() == len(inside) and not place[0].endswith(","):
            break
        at = place.end()
    return found


def _field(place: str) -> tuple[str, Condition]:
    if not place or _NAME.fullmatch(place):
        return place, lambda lookup: True
    name = _NAME.match(place)
    if name is None:
        raise InvalidFilterPattern("Invalid metric filter pattern")
    conditions = _Conditions(place, lambda word: word == name[0])
    return name[0], conditions.read()
