"""The text of a value: its beginning, the same in every process.

It contains no address and no order of a set, and no more of it is made than is shown.
"""

import re
import reprlib
from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

import numpy as np

__all__ = ["in_order", "shown"]

_MAX_ITEMS, _MAX_LEVEL, _MAX_ALL = 60, 8, 500
_MAX_TEXT = 600
_ADDRESS = re.compile(r"<(?:\w+\.|<locals>\.)*(\w+) object at 0x[0-9a-fA-F]+>")
_ELSEWHERE = re.compile(r" at 0x[0-9a-fA-F]+")


def shown(value: object) -> str:
    """Return the beginning of a value's `repr`.

    Raises
    ------
    Exception
        Whatever the `__repr__` of the value, or of one in it, raises.
    """
    return _Shown().repr(value)


def in_order(items: Iterable[Any]) -> list[Any]:
    """Return the items of a set in an order that does not depend on the process."""
    found = list(items)
    if all(isinstance(item, bool | int | float) for item in found):
        return sorted(found)
    return sorted(found, key=shown)


class _Shown(reprlib.Repr):
    """Shows one value."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = _MAX_LEVEL
        self.maxtuple = self.maxlist = self.maxset = self.maxfrozenset = self.maxdeque = _MAX_ITEMS
        self.maxstring = self.maxlong = _MAX_TEXT
        self._left = _MAX_ALL  # items: a list may hold the same list in many places

    def repr1(self, x: Any, level: int) -> str:
        """Show a value in a container, or the container itself."""
        self._left -= 1
        return super().repr1(x, level) if self._left >= 0 else self.fillvalue

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """Show a dict in its own order."""
        if level <= 0 and x:
            return f"{{{self.fillvalue}}}"
        pairs = [
            f"{self.repr1(key, level - 1)}: {self.repr1(x[key], level - 1)}"
            for key in islice(x, _MAX_ITEMS)
        ]
        return f"{{{', '.join(pairs + [self.fillvalue] * (len(x) > _MAX_ITEMS))}}}"

    def repr_set(self, x: set[Any] | frozenset[Any], level: int) -> str:
        """Show a set in order."""
        if not x:
            return "set()"
        if level <= 0:
            return f"{{{self.fillvalue}}}"
        items = [self.repr1(item, level - 1) for item in in_order(x)[:_MAX_ITEMS]]
        return f"{{{', '.join(items + [self.fillvalue] * (len(x) > _MAX_ITEMS))}}}"

    def repr_frozenset(self, x: frozenset[Any], level: int) -> str:
        """Show a frozen set in order."""
        return f"frozenset({self.repr_set(x, level) if x else ''})"

    def repr_ndarray(self, x: np.ndarray, _level: int) -> str:
        """Show a short array in full, of others the shape and dtype."""
        if x.dtype.kind in "biufc" and x.size <= _MAX_ITEMS:
            return repr(x)
        return f"array of shape {x.shape}, {x.dtype}"

    def repr_bytes(self, x: bytes, _level: int) -> str:
        """Show the beginning of bytes."""
        return repr(x[:_MAX_TEXT]) + self.fillvalue * (len(x) > _MAX_TEXT)

    def repr_instance(self, x: Any, level: int) -> str:
        """Show an instance of another class: as the container that it is, or by its `repr`."""
        kind: Any = type(x)
        for base in (dict, set, frozenset, list, tuple):
            if kind.__repr__ is base.__repr__:
                return cast("str", getattr(self, f"repr_{base.__name__}")(x, level))
        if isinstance(x, dict):  # Counter and the like
            return f"{kind.__name__}({self.repr_dict(x, level)})"
        return _ELSEWHERE.sub("", _ADDRESS.sub(r"<\1 object>", repr(x)[: 2 * _MAX_TEXT]))
