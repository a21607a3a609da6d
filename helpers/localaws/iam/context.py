"""The request context: condition keys and their values.

Names of keys do not care about upper and lower case, tag names in them included.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Value = str | bool | int | float
Values = Value | Iterable[Value] | None


class Context:
    """``Context({"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ["team", "cost"]})``.

    A value of None means that the key is absent, which is not the same as an empty list.
    """

    __slots__ = ("_names", "_values")

    def __init__(self, keys: Mapping[str, Values]) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self.update(keys)

    def update(self, keys: Mapping[str, Values]) -> None:
        """Add keys, or replace their values."""
        for name, values in keys.items():
            if values is None:
                continue
            if isinstance(values, (str, bool, int, float)):
                values = (values,)
            self._values[name.lower()] = tuple(as_text(one) for one in values)
            self._names[name.lower()] = name

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a key, named in lower case; None: it is absent."""
        return self._values.get(key)

    def with_keys(self, keys: Mapping[str, Values]) -> Context:
        """A copy with more keys."""
        copy = Context({})
        copy._values, copy._names = dict(self._values), dict(self._names)
        copy.update(keys)
        return copy

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        """Every key as it was first written, with its values."""
        return {self._names[key]: values for key, values in self._values.items()}


def as_text(value: Value) -> str:
    """A JSON value as condition operators compare it: ``true``, ``5``, ``text``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
