"""Reads JSON piece by piece and always knows where it stands.

AWS compiles event patterns and filter policies while it reads them, and each of its refusals ends
in the place that it had reached: ``at [Source: (String)"{…}"; line: 1, column: 11]``. So the place
has to be counted as AWS's reader counts it: a text is only entered (one character) until it is
looked at, and a field's name is followed as far as the beginning of its value.
Source: https://github.com/FasterXML/jackson-core (the reader that AWS's engine uses)
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

OBJECT, END_OBJECT, ARRAY, END_ARRAY = "{", "}", "[", "]"
NAME, TEXT, NUMBER, TRUE, FALSE, NULL = "name", "text", "number", "true", "false", "null"
#: Characters of the source that an error quotes.
_QUOTED = 500
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z0-9_$]+")
_LITERALS = {"true": TRUE, "false": FALSE, "null": NULL}


class Malformed(Exception):
    """What is wrong, with the place where it was seen."""


class Tokens:
    """The tokens of one JSON document, in order. ``kind`` and ``value`` are those of the last."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0  #: characters that have been read
        self._open: list[str] = []  #: the objects and arrays that are not closed yet
        self._starts: list[int] = []
        self._first = True  #: nothing has been read yet in the innermost of them
        self._value_follows = False  #: a name has been read, and its value already entered
        self._entered: tuple[str, Any, str] = ("", None, "")
        self._end_of_text: int | None = None
        self.kind: str | None = None
        self.value: Any = None  #: a text, or a number as int or float
        self.raw = ""  #: a number as it is written

    def next(self) -> str:
        """Read one token further and return its kind.

        Raises Malformed where the document is no JSON, or at its end.
        """
        self._leave_text()
        if self._value_follows:
            self._value_follows = False
            self.kind, self.value, self.raw = self._entered
            return self.kind
        self._skip_blanks()
        inside = self._open[-1] if self._open else None
        sign = self._look()
        if inside and sign == (END_OBJECT if inside == OBJECT else END_ARRAY):
            self._at += 1
            self._open.pop()
            self._starts.pop()
            self._first = False
            return self._got(sign)
        if inside and not self._first:
            what = "Object" if inside == OBJECT else "Array"
            self._expect(",", f"was expecting comma to separate {what} entries")
            self._skip_blanks()
        self._first = False
        if inside == OBJECT:
            return self._name()
        return self._got(*self._enter_value())

    def ended(self) -> bool:
        """Whether everything is closed and nothing follows but blanks."""
        self._leave_text()
        self._skip_blanks()
        return not self._open and self._at >= len(self._source)

    def text(self) -> str:
        """The last token's text, which moves the place behind it."""
        self._leave_text()
        if self.kind in (TEXT, NAME):
            return str(self.value)
        return self.raw if self.kind == NUMBER else str(self.kind)

    def refuse(self, message: str) -> NoReturn:
        """Raise Malformed with this message and the place."""
        raise Malformed(f"{message}\n at {self._place(self._at)}")

    # -- one value -----------------------------------------------------------------------------

    def _name(self) -> str:
        if self._look() != '"':
            self._unexpected("was expecting double-quote to start field name")
        name, self._at = self._text_at(self._at)
        self._skip_blanks()
        self._expect(":", "was expecting a colon to separate field name and value")
        self._skip_blanks()
        self._entered = self._enter_value()
        self._value_follows = True
        return self._got(NAME, name)

    def _enter_value(self) -> tuple[str, Any, str]:
        sign = self._look()
        if sign in (OBJECT, ARRAY):
            self._starts.append(self._at)
            self._open.append(sign)
            self._first = True
            self._at += 1
            return sign, None, sign
        if sign == '"':
            value, self._end_of_text = self._text_at(self._at)
            self._at += 1
            return TEXT, value, ""
        if found := _NUMBER.match(self._source, self._at):
            self._at = found.end()
            raw = found[0]
            return NUMBER, json.loads(raw), raw
        word = _WORD.match(self._source, self._at)
        if word is None:
            self._unexpected("expected a valid value (JSON String, Number, Array, Object or token "
                             "'null', 'true' or 'false')")  # fmt: skip
        self._at = word.end()
        if word[0] not in _LITERALS:
            self.refuse(
                f"Unrecognized token '{word[0]}': was expecting (JSON String, Number, Array, "
                "Object or token 'null', 'true' or 'false')"
            )
        return _LITERALS[word[0]], None, word[0]

    def _text_at(self, start: int) -> tuple[str, int]:
        """The text that begins with the quote at ``start``, and where it has ended."""
        end = start + 1
        while end < len(self._source) and self._source[end] != '"':
            end += 2 if self._source[end] == "\\" else 1
        if end >= len(self._source):
            self._at = len(self._source)
            self.refuse("Unexpected end-of-input: was expecting closing quote for a string value")
        try:
            return json.loads(self._source[start : end + 1]), end + 1
        except ValueError as problem:
            self._at = end
            self.refuse(f"Illegal text: {problem}")

    # -- small steps ---------------------------------------------------------------------------

    def _got(self, kind: str, value: Any = None, raw: str = "") -> str:
        self.kind, self.value, self.raw = kind, value, raw
        return kind

    def _leave_text(self) -> None:
        if self._end_of_text is not None and not self._value_follows:
            self._at, self._end_of_text = self._end_of_text, None

    def _skip_blanks(self) -> None:
        while self._at < len(self._source) and self._source[self._at] in " \t\r\n":
            self._at += 1

    def _look(self) -> str:
        if self._at < len(self._source):
            return self._source[self._at]
        if not self._open:
            self.refuse("No content to map due to end-of-input")
        kind = "Object" if self._open[-1] == OBJECT else "Array"
        self.refuse(
            f"Unexpected end-of-input: expected close marker for {kind} (start marker at "
            f"{self._place(self._starts[-1])})"
        )

    def _expect(self, sign: str, otherwise: str) -> None:
        if self._look() != sign:
            self._unexpected(otherwise)
        self._at += 1

    def _unexpected(self, hint: str) -> NoReturn:
        sign = self._look()
        self.refuse(f"Unexpected character ('{sign}' (code {ord(sign)})): {hint}")

    def _place(self, at: int) -> str:
        before = self._source[:at]
        line = before.count("\n") + 1
        column = at - (before.rfind("\n") + 1) + 1
        quoted, rest = self._source[:_QUOTED], len(self._source) - _QUOTED
        cut = f"[truncated {rest} chars]" if rest > 0 else ""
        return f'[Source: (String)"{quoted}"{cut}; line: {line}, column: {column}]'
