"""The judge's table of objects: those that a test has sent, and those that came back.

The test's objects are authoritative. The student's side has a counterpart of each, which gets
its content before each call; changes by the student's code come back only into objects that the
test lends for that (`check.in_place`). What comes back is a new object that remembers which one
it is a copy of: passed back unchanged, it is that object again.

An object is known as long as the test has it, so that its number cannot pass to another. A view
that was made just for a call, such as `x[:3]`, is known while the test has `x` and the view is
among the latest: the student's code may have kept it, and sees in it what the test does to `x`.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count, islice
from sys import getrefcount
from typing import Any

import numpy as np

from coursework.ipc.identity import (
    KEEP,
    TAKE,
    Labels,
    is_data_array,
    is_identical,
    owner_of,
    refill,
)
from coursework.ipc.wire import Malformed

__all__ = ["Originals"]

_MAX_OBJECTS = 10_000
_MAX_BYTES = 1 << 27
_RECENT = 64  # objects looked at before each call
_WATCHED_BYTES = 1 << 20  # of them, in total
_DROPPED = 64
_DROPPED_BYTES = 1 << 24
_ALONE = 2  # references to an object that only the table has: its own, and the question's
_KINDS = (np.ndarray, list, dict, set, np.random.Generator)


class _Entry:
    """An object with its number, the content as agreed, whether it came, its latest message."""

    __slots__ = ("came", "content", "number", "sent", "size", "value")

    def __init__(self, value: Any, number: int, *, came: bool) -> None:
        self.value, self.number, self.came = value, number, came
        self.size = _size(value)
        self.content = _content(value, self.size) if came else None
        self.sent = 0

    def has_changed(self) -> bool:
        """Whether the test has changed it, as far as this is watched."""
        if type(self.content) is bytes:  # for an array, as most objects are
            is_other: bool = self.value.tobytes() != self.content
            return is_other
        if self.content is None:
            return False
        now = _content(self.value, self.size)
        return now is None or not is_identical(self.content, now)

    def agree(self, message: int = 0) -> int:
        """Note the content as agreed between both sides; return what to say about it."""
        self.sent = message
        is_kept = self.came and not self.has_changed()
        self.content = _content(self.value, self.size)
        return KEEP if is_kept else TAKE


class Originals:
    """Knows the objects of one test cell by number.

    Parameters
    ----------
    array_elements : int
        Limit, see `Limits`: the student's side gets no view of larger memory.
    """

    def __init__(self, array_elements: int) -> None:
        self._array_elements = array_elements
        self.clear()

    def clear(self) -> None:
        """Forget everything: the test cell has ended."""
        self._entries: dict[int, _Entry] = {}
        self._numbers = count(1)
        self._message = 0
        self._bytes = 0
        self._sweep_at = 4 * _RECENT
        self._lent: dict[int, Any] = {}
        self._views = Counter[int]()  # for each memory, by its `id`: how many views the table has
        self._dropped: list[int] = []
        self._dropped_bytes = 0

    # -- what is sent

    def label(self, values: Iterable[Any]) -> list[Any]:
        """Return the values of one message with numbers."""
        self._message += 1
        labels = Labels(self._mark, self._placed)
        return [labels.of(value) for value in values]

    def _mark(self, value: Any) -> tuple[int, int] | None:
        entry = self._entries.pop(id(value), None)
        if entry is None:
            entry = self._enter(value)
        else:
            self._entries[id(value)] = entry  # the latest is the last
        return None if entry is None else (entry.number, entry.agree(self._message))

    def _enter(self, value: Any, number: int | None = None) -> _Entry | None:
        entry = _Entry(value, number or 0, came=number is not None)
        is_full = len(self._entries) >= _MAX_OBJECTS or self._bytes + entry.size > _MAX_BYTES
        return None if is_full else self._entered(entry)

    def _entered(self, entry: _Entry) -> _Entry:
        entry.number = entry.number or next(self._numbers)
        self._entries[id(entry.value)] = entry
        self._bytes += entry.size
        self._views[id(_base(entry.value))] += 1
        return entry

    def _placed(self, array: np.ndarray) -> Any:
        """Return an array with its memory layout, if that is not the usual one.

        Of the memory behind a view, only the form is told: the student's side gets no entry of
        it that has not been passed.
        """
        flags = array.flags
        if array.base is None:
            if flags.c_contiguous and flags.writeable:
                return array
            return array, [flags.writeable, "F" if flags.f_contiguous else "C"]
        owner = owner_of(array)
        root = self._root(owner) if owner is not array else None
        if root is None:
            return array if flags.writeable else (array, [False, "C"])
        offset = _address(array) - _address(owner)
        return array, [flags.writeable, root, offset, list(array.strides)]

    def _root(self, owner: np.ndarray) -> list[Any] | None:
        flags = owner.flags
        is_plain = (flags.c_contiguous or flags.f_contiguous) and is_data_array(owner)
        if not is_plain or not 0 < owner.size <= self._array_elements:
            return None
        entry = self._entries.get(id(owner)) or self._enter(owner)
        if entry is None or entry.came:
            return None
        return [entry.number, list(owner.shape), owner.dtype.str, "FC"[flags.c_contiguous]]

    # -- what has changed or disappeared since

    def stale(self) -> list[Any]:
        """Return objects that the test has changed since they were sent; drop those it has lost.

        Call it after `label`, so that what `label` has just seen does not count as changed.
        """
        if len(self._entries) > self._sweep_at:
            earlier = islice(self._entries.values(), len(self._entries) - _RECENT)
            self._living(earlier, _is_held)
            self._sweep_at = max(4 * _RECENT, 2 * len(self._entries))
        changed, left = [], _WATCHED_BYTES
        latest = islice(reversed(self._entries.values()), _RECENT)
        for entry in self._living(latest, self._is_in_sight):
            left -= entry.size
            if left >= 0 and entry.sent != self._message and entry.has_changed():
                changed.append(entry.value)
        return changed

    def _living(self, entries: Iterable[_Entry], lives: Callable[[_Entry], bool]) -> list[_Entry]:
        """Return the entries that are alive; drop the others."""
        living, dead = list[_Entry](), list[_Entry]()
        for entry in entries:
            (living if lives(entry) else dead).append(entry)
        for entry in dead:
            del self._entries[id(entry.value)]
            self._bytes -= entry.size
            self._views[id(_base(entry.value))] -= 1
            self._dropped.append(entry.number)
            self._dropped_bytes += entry.size
        return living

    def _is_in_sight(self, entry: _Entry) -> bool:
        """Whether the test has the object, or the memory that it views."""
        if _is_held(entry):
            return True
        base = _base(entry.value)
        ours = self._views[id(base)] + (id(base) in self._entries)
        return base is not None and getrefcount(base) > _ALONE + ours

    def dropped(self) -> list[int]:
        """Return numbers that the student's side no longer needs, once there are many."""
        if len(self._dropped) < _DROPPED and self._dropped_bytes < _DROPPED_BYTES:
            return []
        dropped, self._dropped, self._dropped_bytes = self._dropped, [], 0
        return dropped

    # -- what comes

    def lend(self, values: Iterable[Any]) -> dict[int, Any]:
        """Let the content of these objects, and of everything in them, come back.

        Returns
        -------
        dict
            What was lent before, for `lend_only`.
        """
        before = self._lent
        self._lent = dict(before)
        for value in values:
            self._lend(value)
        return before

    def lend_only(self, lent: dict[int, Any]) -> None:
        """End what `lend` has begun."""
        self._lent = lent

    def _lend(self, value: Any) -> None:
        if isinstance(value, _KINDS):
            known = self._entries.get(id(value))
            entry = known or self._entered(_Entry(value, 0, came=False))
            if entry.number in self._lent:
                return
            self._lent[entry.number] = value
        inner = value.values() if isinstance(value, dict) else value
        for item in inner if isinstance(value, list | tuple | dict) else ():
            self._lend(item)

    def admit(self, number: int, tag: int, content: Any) -> Any:
        """Take an object that came: a lent one with its new content, or a new one.

        Raises
        ------
        Malformed
            It is not of a kind that has numbers.
        """
        if type(content) not in _KINDS:
            raise Malformed("a number of what has none")
        own = self._lent.get(number)
        if own is not None and refill(own, content):
            self._entries[id(own)].agree()
            self._dropped += [tag] if tag < 0 else []
            return own
        if tag < 0:
            self._enter(content, tag)
        return content


def _is_held(entry: _Entry) -> bool:
    """Whether the test still has the object."""
    return getrefcount(entry.value) > _ALONE


def _base(value: Any) -> Any:
    """Return the owner of the memory behind a view; None for anything else."""
    return value.base if isinstance(value, np.ndarray) else None


def _address(array: np.ndarray) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    return 64 if isinstance(value, np.random.Generator) else 8 * len(value)


def _content(value: Any, size: int) -> Any:
    """Return what shows whether an object has changed; None if it is not watched."""
    if size > _WATCHED_BYTES or isinstance(value, np.random.Generator):
        return None
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return [*value, *value.values()] if isinstance(value, dict) else list(value)
