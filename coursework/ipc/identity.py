"""The same object stays the same object: what both sides of the wire need for that.

Arrays, lists, dicts, sets and random generators cross with a number. The judge's side gives
numbers to the objects of a test (`originals`), the student's side keeps an object for each
(`counterparts`). A number names an object within one test cell, and nothing more.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import numpy as np

from coursework.ipc.wire import KINDS, MAX_DEPTH, Numbered

__all__ = [
    "KEEP",
    "TAKE",
    "Labels",
    "is_data_array",
    "is_identical",
    "is_same",
    "owner_of",
    "refill",
]

# What the judge says about a content: that it is as it came from there, or that it is new.
KEEP, TAKE = 0, 1

_ATOMS: frozenset[type] = frozenset(
    {int, float, bool, complex, str, bytes, type(None), np.float64, np.int64}
)
_TRACKED = (np.ndarray, list, dict, set, np.random.Generator)

# PCG64 is x ← a x + c modulo 2^128 (O'Neill 2014, section 4.1); NumPy's a.
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MODULUS = 1 << 128
_MAX_DRAWS = 1 << 32
_MAX_LOOKED_THROUGH, _AT_ONCE = 1 << 26, 1 << 16


class Labels:
    """Numbers the objects of one message; an object that occurs twice gets one number.

    Parameters
    ----------
    mark : callable
        Object → the two integers of its `Numbered`, or None if it crosses without.
    array : callable
        Array with a number → what stands for it in its `Numbered`.
    """

    def __init__(
        self,
        mark: Callable[[Any], tuple[int, int] | None],
        array: Callable[[np.ndarray], Any] = lambda array: array,
    ) -> None:
        self._mark = mark
        self._array = array
        self._made: dict[int, tuple[Any, Any]] = {}  # by `id`, beside the object itself

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return the value with `Numbered` in place of the objects in it."""
        kind = type(value)
        # Nested any deeper it does not cross; the encoder says so.
        if kind in _ATOMS or depth > MAX_DEPTH:
            return value
        if kind is tuple:
            return tuple(self._items(value, depth))
        if not issubclass(kind, _TRACKED) or not _is_data(value):
            return value
        made = self._made.get(id(value))
        if made is None:
            made = self._made[id(value)] = value, self._numbered(value, depth)
        return made[1]

    def _numbered(self, value: Any, depth: int) -> Any:
        mark = self._mark(value)
        content = value
        if isinstance(value, np.ndarray):
            content = self._array(value) if mark else value
        elif isinstance(value, list):
            content = self._items(value, depth)
        elif isinstance(value, dict):
            content = dict(zip(value, self._items(value.values(), depth), strict=True))
        return Numbered(*mark, content) if mark else content

    def _items(self, values: Iterable[Any], depth: int) -> Any:
        if type(values) in (list, tuple) and _ATOMS.issuperset(map(type, values)):
            return values
        return [self.of(value, depth + 1) for value in values]


def _is_data(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return is_data_array(value)
    if isinstance(value, np.random.Generator):
        return type(value.bit_generator) is np.random.PCG64
    return True


def is_data_array(array: np.ndarray) -> bool:
    """Whether the entries of an array may cross."""
    return array.dtype.kind in KINDS


def owner_of(array: np.ndarray) -> np.ndarray:
    """Return the array whose memory this one views; itself if there is none."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


# -- contents


def refill(old: Any, new: Any) -> bool:
    """Give an object the content of another, in place; return whether it can have it."""
    if isinstance(old, np.ndarray):
        return isinstance(new, np.ndarray) and _refill_array(old, new)
    if isinstance(old, list) and type(new) is list:
        old[:] = new
    elif isinstance(old, np.random.Generator):
        return isinstance(new, np.random.Generator) and _advance(old, new)
    elif isinstance(old, dict | set) and type(new) in (dict, set) and isinstance(old, type(new)):
        old.clear()
        old.update(new)
    else:
        return False
    return True


def _refill_array(old: np.ndarray, new: np.ndarray) -> bool:
    if old.shape != new.shape:
        return False
    if old.dtype != new.dtype and not np.can_cast(new.dtype, old.dtype, "same_kind"):
        return False
    if not old.flags.writeable:
        return _refill_readonly(old, new)
    old[...] = new
    return True


def _refill_readonly(old: np.ndarray, new: np.ndarray) -> bool:
    chain = [owner_of(old), old]
    flags = [array.flags.writeable for array in chain]
    try:
        for array in chain:
            array.flags.writeable = True
        old[...] = new
    except ValueError:  # somebody else's memory, which cannot be written
        return False
    finally:
        for array, flag in zip(reversed(chain), reversed(flags), strict=True):
            array.flags.writeable = flag
    return True


def is_same(one: Any, other: Any) -> bool:  # noqa: PLR0911  (a table of types reads best flat)
    """Whether two objects have the same content: the same objects and equal plain values."""
    if one is other:
        return True
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        is_alike = (one.shape, one.dtype) == (other.shape, other.dtype)
        return is_alike and one.tobytes() == other.tobytes()
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return one.bit_generator.state == other.bit_generator.state
    if isinstance(one, dict) and isinstance(other, dict):
        return _are_same(one, other) and _are_same(one.values(), other.values())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return isinstance(one, type(other)) and _are_same(one, other)
    if isinstance(one, set) and isinstance(other, set):
        return one == other
    if type(one) is not type(other) or not isinstance(one, (*_ATOMS, np.generic)):
        return False
    return bool(one == other or one != one)  # noqa: PLR0124  (NaN)


def _are_same(ones: Any, others: Any) -> bool:
    return len(ones) == len(others) and all(map(is_same, ones, others))


def is_identical(ones: list[Any], others: list[Any]) -> bool:
    """Whether two lists hold the very same objects."""
    return len(ones) == len(others) and all(map(operator.is_, ones, others))


def _advance(generator: np.random.Generator, copy: np.random.Generator) -> bool:
    """Advance a generator as far as its copy was; leave it if the copy did not just advance.

    If it took any other state, the student's code could choose the random inputs of the
    test's next checks.
    """
    state, other = generator.bit_generator.state, copy.bit_generator.state
    if not state["bit_generator"] == other["bit_generator"] == "PCG64":
        return False
    inc = state["state"]["inc"]
    if other["state"]["inc"] == inc:
        draws = _distance(state["state"]["state"], other["state"]["state"], inc)
        if draws <= _MAX_DRAWS and _is_left_over(state, other, draws):
            generator.bit_generator.state = other
    return True


def _is_left_over(state: Mapping[str, Any], other: Mapping[str, Any], draws: int) -> bool:
    """Whether the 32 bits that are kept for the next small number come from these draws.

    A small number takes half of a draw, and the other half waits, also after larger ones.
    """
    if not other["has_uint32"] or (state["has_uint32"] and state["uinteger"] == other["uinteger"]):
        return True
    bits, latest = np.random.PCG64(), min(draws, _MAX_LOOKED_THROUGH)
    bits.state = cast("Any", state)
    bits.advance(draws - latest)
    for start in range(0, latest, _AT_ONCE):
        halves = bits.random_raw(min(_AT_ONCE, latest - start)) >> np.uint64(32)
        if np.any(halves == other["uinteger"]):
            return True
    return False


def _distance(start: int, end: int, inc: int) -> int:
    """Return the number of steps between two states, bit by bit from the lowest bits."""
    multiplier, bit, distance = _MULTIPLIER, 1, 0
    while start != end:
        if (start ^ end) & bit:
            start = (start * multiplier + inc) % _MODULUS
            distance |= bit
        inc = (multiplier + 1) * inc % _MODULUS
        multiplier = multiplier * multiplier % _MODULUS
        bit <<= 1
    return distance
