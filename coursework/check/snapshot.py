"""Arguments as they are at a call: copies of what a function may change in place.

Copying runs no code of the student's, and is bounded: what exceeds the bound stays as it is, and
of a larger array only a description is kept.
"""

from collections import OrderedDict, defaultdict, deque
from types import SimpleNamespace
from typing import Any

import numpy as np

from coursework.check.context import Source
from coursework.check.describe import describe_value

__all__ = ["as_now"]

_MAX_ENTRIES = 1_000_000
_MAX_ITEMS = 1000
_MAX_DEPTH = 50
_MAPPINGS = (dict, OrderedDict, defaultdict)


def as_now(*values: object) -> list[Any]:
    """Return copies of the arguments of one call, in which identical objects stay identical."""
    snapshot = _Snapshot()
    return [snapshot.copy(value) for value in values]


class _Snapshot:
    """Copies of one call's arguments."""

    def __init__(self) -> None:
        self._entries, self._items = _MAX_ENTRIES, _MAX_ITEMS
        self._copies: dict[int, Any] = {}

    def copy(self, value: Any, depth: int = 0) -> Any:
        """Return a copy; the value itself if it cannot change, or cannot be copied."""
        if id(value) in self._copies:
            return self._copies[id(value)]
        if self._items <= 0 or depth > _MAX_DEPTH:
            return value
        try:
            made = self._copy(value, depth + 1)
        except Exception:  # noqa: BLE001  (to show an argument must stop no call)
            made = value
        self._copies[id(value)] = made
        return made

    def _copy(self, value: Any, depth: int) -> Any:
        kind: Any = type(value)
        if isinstance(value, np.ndarray):
            return self._array(value, depth)
        if kind in (list, deque, *_MAPPINGS):
            made = self._begin(value, value.copy(), len(value))
            for key in made if kind in _MAPPINGS else range(len(made)):
                made[key] = self.copy(value[key], depth)
            return made
        if kind is tuple:
            return tuple(self.copy(item, depth) for item in value)
        if kind in (set, bytearray):
            return value.copy()
        if kind is SimpleNamespace:
            return self._with_attributes(value, SimpleNamespace(), depth)
        # From a class that a notebook defines, whose module in the judge is "builtins".
        is_own = kind.__module__ in ("__main__", "builtins") and kind.__new__ is object.__new__
        if is_own and not hasattr(kind, "__del__"):
            return self._with_attributes(value, object.__new__(kind), depth)
        return value

    def _begin(self, value: Any, made: Any, n_items: int) -> Any:
        """Note a copy before its items are copied: it may contain itself."""
        self._copies[id(value)] = made
        self._items -= n_items
        return made

    def _array(self, value: np.ndarray, depth: int) -> Any:
        self._entries -= value.size
        if self._entries < 0:
            return Source(describe_value(value))
        if value.dtype.kind != "O":
            return value.copy()
        made = self._begin(value, value.copy(), value.size)
        for place in np.ndindex(value.shape):
            made[place] = self.copy(value[place], depth)
        return made

    def _with_attributes(self, value: Any, made: Any, depth: int) -> Any:
        """Copy what an object has in its `__dict__` and slots."""
        state = object.__getstate__(value)
        own, slots = state if isinstance(state, tuple) else (state, None)
        attributes = (own or {}) | (slots or {})
        self._begin(value, made, 1 + len(attributes))
        for name, item in attributes.items():
            object.__setattr__(made, name, self.copy(item, depth))
        return made
