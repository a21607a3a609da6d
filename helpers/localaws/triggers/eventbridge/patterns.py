"""Event patterns: what a rule asks of an event. Filter policies of SNS are of the same kind.

A pattern is compiled into branches (``$or`` makes more than one); each is a set of paths with the
matchers of which one has to fit. An event is flattened in the same way: its paths, each with the
values that stand there. Dots in names and levels of objects come to the same.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html and, for
arrays and refusals, AWS's own engine: https://github.com/aws/event-ruler
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from helpers.localaws.triggers.eventbridge.matchers import (
    RESERVED,
    Matcher,
    Refused,
    absent,
    exactly,
    read_operator,
    value_of,
)
from helpers.localaws.triggers.eventbridge.tokens import (
    ARRAY,
    END_ARRAY,
    END_OBJECT,
    OBJECT,
    Malformed,
    Tokens,
)

#: Branches that the ``$or`` of one pattern may come to.
#: Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
MAX_BRANCHES = 1000

Branch = dict[str, list[Matcher]]


class InvalidPattern(Exception):
    """AWS's reason why a pattern is refused."""


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern."""

    branches: list[Branch]

    def matches(self, event: Any) -> bool:
        """Whether the event (parsed JSON) fits; what is no object never does."""
        if not isinstance(event, dict):
            return False
        fields: dict[str, list[_Leaf]] = {}
        try:
            for path, leaf in _leaves(event, "", {}, itertools.count()):
                fields.setdefault(path, []).append(leaf)
        except RecursionError:  # more levels than PutEvents processes
            return False
        return any(_fits(branch, fields) for branch in self.branches)


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern from its JSON text.

    Raises InvalidPattern with AWS's reason, which names the place in the text.
    """
    tokens = Tokens(source)
    branches: list[Branch] = []
    try:
        if tokens.next() != OBJECT:
            tokens.refuse("Filter is not an object")
        _read_object(tokens, branches, "", in_or=False)
    except (Malformed, Refused) as problem:
        raise InvalidPattern(str(problem)) from None
    except RecursionError:
        raise InvalidPattern("The pattern is nested too deeply") from None
    return Pattern(branches)


# -- compiling ---------------------------------------------------------------------------------


def _read_object(tokens: Tokens, branches: list[Branch], path: str, in_or: bool) -> None:
    """Read an object to its end, and put what it asks into every branch."""
    empty = True
    while tokens.next() != END_OBJECT:
        empty = False
        name = str(tokens.value)
        if in_or and name in RESERVED:
            tokens.refuse(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        kind = tokens.next()
        if name == "$or" and kind == ARRAY:
            _read_or(tokens, branches, path)
            continue
        below = f"{path}.{name}" if path else name
        if kind == OBJECT:
            _read_object(tokens, branches, below, in_or)
        elif kind == ARRAY:
            _put(branches, below, _read_values(tokens))
        else:
            tokens.refuse(f'"{name}" must be an object or an array')
    if empty:
        tokens.refuse("Empty objects are not allowed")


def _read_or(tokens: Tokens, branches: list[Branch], path: str) -> None:
    """Each object of ``$or`` makes branches of its own out of those that there are."""
    before = [dict(branch) for branch in branches]
    branches.clear()
    number = 0
    while tokens.next() != END_ARRAY:
        number += 1
        if tokens.kind != OBJECT:
            tokens.refuse("Only JSON object is allowed in array of $or relationship.")
        forked = [dict(branch) for branch in before]
        _read_object(tokens, forked, path, in_or=True)
        branches += forked
        if len(branches) > MAX_BRANCHES:
            raise Refused("Rule is too complex - try using fewer combinations in $or")
    if number < 2:
        tokens.refuse("There must have at least 2 Objects in $or relationship.")


def _read_values(tokens: Tokens) -> list[Matcher]:
    values: list[Matcher] = []
    while tokens.next() != END_ARRAY:
        if tokens.kind == OBJECT:
            values.append(read_operator(tokens))
        elif tokens.kind == ARRAY:
            tokens.refuse("Match value must be String, number, true, false, or null")
        else:
            values.append(exactly(value_of(tokens)))
    if not values:
        tokens.refuse("Empty arrays are not allowed")
    return values


def _put(branches: list[Branch], path: str, values: list[Matcher]) -> None:
    if not branches:
        branches.append({})
    for branch in branches:
        branch[path] = values


# -- matching ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Leaf:
    """A value of the event, and which element it belongs to of each array around it."""

    value: Any
    elements: dict[int, int] = field(default_factory=dict)


def _leaves(
    node: Any, path: str, elements: dict[int, int], arrays: Iterator[int]
) -> Iterator[tuple[str, _Leaf]]:
    """Every value with its path; arrays leave no trace in the path."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}" if path else name, elements, arrays)
    elif isinstance(node, list):
        array = next(arrays)
        for index, value in enumerate(node):
            yield from _leaves(value, path, {**elements, array: index}, arrays)
    else:
        yield path, _Leaf(node, elements)


def _fits(branch: Branch, fields: dict[str, list[_Leaf]]) -> bool:
    """Whether each path of the branch has a value that fits, all of them together.

    Values that lie in different elements of one array do not belong together: the first name of
    one employee and the last name of another make no match.
    """
    chosen: list[list[_Leaf]] = []
    for path, matchers in branch.items():
        leaves = fields.get(path)
        if leaves is None:
            if absent not in matchers:
                return False
            continue
        fitting = [leaf for leaf in leaves if any(fits(leaf.value) for fits in matchers)]
        if not fitting:
            return False
        chosen.append(fitting)
    return _together(chosen, {})


def _together(chosen: list[list[_Leaf]], elements: dict[int, int]) -> bool:
    if not chosen:
        return True
    return any(
        _together(chosen[1:], elements | leaf.elements)
        for leaf in chosen[0]
        if all(elements.get(array, index) == index for array, index in leaf.elements.items())
    )
