"""The student's table of objects: the counterparts of a test's objects.

This module runs in the student's process.
"""

import contextlib
from itertools import count
from typing import Any, cast

import numpy as np

from coursework.ipc.identity import KEEP, Labels, is_same, refill

__all__ = ["Counterparts"]

_MAX_OBJECTS = 20_000
_USUAL = [True]  # the layout of a writable array in the usual memory order


class Counterparts:
    """Keeps an object for each of the judge's numbers, and for each number sent to the judge."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: the test cell has ended."""
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by `id`, of objects that the judge has named
        self._tags = count(-1, -1)

    def label(self, value: Any) -> Any:
        """Return the value of a message with numbers."""
        return Labels(self._mark).of(value)

    def _mark(self, value: Any) -> tuple[int, int] | None:
        number, tag = self._numbers.get(id(value), 0), 0
        if len(self._objects) < _MAX_OBJECTS:
            tag = next(self._tags)
            self._objects[tag] = value
        return (number, tag) if number or tag else None

    def admit(self, number: int, mark: int, content: Any) -> Any:
        """Return the object of a number, which now has this content.

        One that was made here is never overwritten by an outdated version: if it has changed
        since, what came becomes another object.
        """
        content, layout = content if type(content) is tuple else (content, _USUAL)
        known = self._objects.get(number)
        if known is not None:
            is_known = is_same(known, content) if mark == KEEP else refill(known, content)
            if not is_known:
                self.drop([number])
                known = None
        if known is None:
            known = self._objects[number] = self._made(content, *layout)
        self._numbers[id(known)] = number
        if mark != KEEP and isinstance(known, np.ndarray):
            _set_writeable(known, layout[0])
        return known

    def drop(self, numbers: list[int]) -> None:
        """Forget objects that the test no longer has."""
        for number in numbers:
            known = self._objects.pop(number, None)
            if self._numbers.get(id(known)) == number:
                del self._numbers[id(known)]

    def _made(self, content: Any, _: bool, *layout: Any) -> Any:  # noqa: FBT001
        if not layout:
            return content
        if isinstance(layout[0], str):
            return np.array(content, order=cast("Any", layout[0]))
        return self._view(content, *layout)

    def _view(
        self, content: np.ndarray, root: list[Any], offset: int, strides: list[int]
    ) -> np.ndarray:
        number, shape, dtype, order = root
        owner = self._objects.get(number)
        if owner is None:
            owner = self._objects[number] = np.zeros(shape, dtype, order)
            self._numbers[id(owner)] = number
        was_writeable = owner.flags.writeable
        try:
            owner.flags.writeable = True
            memory = owner.reshape(-1, order="A").view(np.uint8)
            view = np.ndarray(content.shape, content.dtype, memory, offset, strides)
            view[...] = content
        except (TypeError, ValueError):  # the student's code has changed the owner's form
            return content
        finally:
            _set_writeable(owner, was_writeable)
        return view


def _set_writeable(array: np.ndarray, is_writeable: bool) -> None:  # noqa: FBT001
    if array.flags.writeable != is_writeable:
        with contextlib.suppress(ValueError):
            array.flags.writeable = is_writeable
