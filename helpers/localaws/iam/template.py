"""Policy variables: ``${aws:username}``, ``${aws:PrincipalTag/team, 'none'}``, ``${*}``.

A variable's value is always meant literally: a ``*`` in a tag's value is no wildcard.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpers.localaws.iam.context import Context
from helpers.localaws.iam.patterns import Piece, expression, pieces_of

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*", re.DOTALL)

#: They stand for themselves where the plain character would be a wildcard or start a variable.
_CHARACTERS = {"*": "*", "?": "?", "$": "$"}


@dataclass(frozen=True)
class Variable:
    """A place that the request's context fills."""

    key: str  #: lower case
    default: str | None

    def value(self, context: Context) -> str | None:
        """The key's value; a key with several values cannot be a variable."""
        values = context.get(self.key)
        if values is not None and len(values) == 1:
            return values[0]
        return self.default


class Template:
    """A text of a policy with its variables."""

    def __init__(self, text: str, variables: bool = True) -> None:
        self.text = text
        self._parts: list[str | Variable | tuple[str]] = []  # a tuple holds a literal character
        at = 0
        for found in _VARIABLE.finditer(text) if variables else ():
            self._add_text(text[at : found.start()])
            self._parts.append(_variable(found[1]))
            at = found.end()
        self._add_text(text[at:])
        self.variables = tuple(part for part in self._parts if isinstance(part, Variable))

    def values(self, context: Context) -> tuple[str | None, ...]:
        """What the variables are in this context: the text depends on nothing else of it."""
        return tuple(one.value(context) for one in self.variables)

    def _add_text(self, text: str) -> None:
        if text:
            self._parts.append(text)

    @property
    def is_fixed(self) -> bool:
        """Whether no request can change it."""
        return not self.variables

    def text_for(self, context: Context) -> str | None:
        """The text with its variables filled; None where one has no value."""
        filled = []
        for part in self._parts:
            value = part.value(context) if isinstance(part, Variable) else "".join(part)
            if value is None:
                return None
            filled.append(value)
        return "".join(filled)

    def pieces_for(self, context: Context) -> list[Piece] | None:
        """The pattern with its variables filled; None where one has no value."""
        pieces: list[Piece] = []
        for part in self._parts:
            if isinstance(part, str):
                pieces += pieces_of(part)
            elif isinstance(part, tuple):
                pieces.append(part[0])
            else:
                value = part.value(context)
                if value is None:
                    return None
                pieces.append(value)
        return pieces

    def expression_for(self, context: Context) -> str | None:
        """A regular expression for ``fullmatch``; None where a variable has no value."""
        pieces = self.pieces_for(context)
        return None if pieces is None else expression(pieces)


def _variable(inside: str) -> Variable | tuple[str]:
    if inside in _CHARACTERS:
        return (_CHARACTERS[inside],)
    if with_default := _DEFAULT.fullmatch(inside):
        return Variable(with_default[1].lower(), with_default[2])
    return Variable(inside.strip().lower(), None)
