"""Values as a record keeps them: plain, of bounded size, and comparable.

Values from the student's process and from a known mistake, which runs in the judge, are kept in
the same form: a number is an array without axes, an object is the name of its class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursework.check.compare import plain
from coursework.judge.standin import StandIn, handle_of

__all__ = ["Array", "Thing", "freeze", "is_alike", "n_bytes", "noise"]

_RTOL = 1e-9
_NOISE = 1e3
_WHOLE = 4096
_SAMPLE = 1024
_MAX_ITEMS = 1000
_MAX_DEPTH = 16
_MAX_TEXT = 1000
_PER_ITEM = 64


@dataclass(frozen=True, eq=False)
class Array:
    """Numbers or texts; if there are many, a sample of entries, and for numbers their sums.

    Attributes
    ----------
    shape : tuple of int
    entries : ndarray, shape (k,)
    """

    shape: tuple[int, ...]
    entries: np.ndarray

    @property
    def whole(self) -> np.ndarray | None:
        """The array itself, if all of it has been kept."""
        return self.entries.reshape(self.shape) if self.is_whole else None

    @property
    def is_whole(self) -> bool:
        """Whether all entries have been kept."""
        return self.entries.size == np.prod(self.shape)

    @property
    def is_text(self) -> bool:
        """Whether it holds texts."""
        return self.entries.dtype.kind in "US"


@dataclass(frozen=True)
class Thing:
    """Something that is not data, by its kind; or a container other than list or tuple."""

    kind: str
    items: tuple[Any, ...] = ()


def freeze(value: Any, depth: int = 0) -> Any:
    """Return a value as a record keeps it: None, an Array, a Thing, or a tuple of these."""
    if value is None:
        return None
    if isinstance(value, StandIn) or depth == _MAX_DEPTH:
        return Thing(_label(value))
    if isinstance(value, Mapping):
        pairs = ((_key(key), freeze(item, depth + 1)) for key, item in _first(value.items()))
        return Thing(f"dict of {len(value)}", tuple(sorted(pairs, key=lambda pair: pair[0])))
    if isinstance(value, set | frozenset):
        return Thing(f"set of {len(value)}", tuple(sorted(map(_key, _first(value)))))
    came = plain(value)
    if isinstance(came, np.ndarray):
        return _array(came)
    if isinstance(came, list | tuple):
        items = tuple(freeze(item, depth + 1) for item in _first(came))
        return items if len(items) == len(came) else Thing(f"{len(came)} values", items)
    return Thing(_label(came))


def _label(value: Any) -> str:
    """Name the class of an object, the same for the student's and its counterpart in the judge."""
    if isinstance(value, StandIn):
        handle = handle_of(value)
        return "function" if handle.kind == "function" else (handle.names or ("?",))[0]
    is_function = callable(value) and not isinstance(value, type)
    return "function" if is_function else type(value).__name__


def _first(items: Any) -> list[Any]:
    return [item for item, _ in zip(items, range(_MAX_ITEMS), strict=False)]


def _key(value: Any) -> str:
    is_plain = isinstance(value, str | bytes | int | float | complex | tuple | np.generic)
    return repr(value)[:_MAX_TEXT] if is_plain else type(value).__name__


def _array(value: np.ndarray) -> Array | Thing:
    if value.dtype.kind in "US":
        short, width = value.ravel()[:_WHOLE], _letters(value.dtype)
        return Array(value.shape, short.astype(f"{short.dtype.kind}{min(width, _MAX_TEXT)}"))
    if value.dtype.kind not in "biufc":
        is_number = not value.ndim and isinstance(value.item(), int)
        return Thing(f"number {value.item()}" if is_number else "array of objects")
    if value.size <= _WHOLE:
        return Array(value.shape, value.ravel().copy())
    entries = value.ravel()[np.linspace(0, value.size - 1, _SAMPLE).astype(int)]
    with np.errstate(all="ignore"):
        sums = [value.sum(dtype=complex).real, np.abs(value.astype(complex)).sum()]
    return Array(value.shape, np.concatenate([entries, sums]))


def _letters(kind: np.dtype) -> int:
    return kind.itemsize // (4 if kind.kind == "U" else 1)


def n_bytes(value: Any) -> int:
    """Return roughly how much memory a frozen value takes."""
    if isinstance(value, Array):
        return _PER_ITEM + value.entries.nbytes
    if isinstance(value, Thing):
        return len(value.kind) + n_bytes(value.items)
    if isinstance(value, tuple):
        return _PER_ITEM + sum(map(n_bytes, value))
    return len(value) if isinstance(value, str) else 0


def is_alike(
    one: Any, other: Any, expected: Any = None, *, atol: float = 0.0, noise: float = 0.0
) -> bool:
    """Whether two frozen values are the same up to rounding.

    Parameters
    ----------
    one, other : frozen values
    expected : frozen value
        The right value if both are wrong: a small error must be the same in both.
    atol : float
        Difference that does not count, besides the rounding of larger numbers.
    noise : float
        The effect of rounding on such a value, relative to its largest entry, see `noise`.
    """

    def is_same(a: Array, b: Array) -> bool:
        rtol = _RTOL + _NOISE * noise
        if not _is_close(a, b, rtol, atol):
            return False
        # Nine digits of a value say nothing about a mistake in the tenth.
        if not (isinstance(expected, Array) and expected.shape == a.shape):
            return True
        off, apart = _distance(b, expected), _distance(a, b)
        return not np.isfinite(off) or apart <= max(1e-3 * off, _NOISE * noise * _scale(b))

    return _are_alike(one, other, is_same)


def noise(one: Any, shaken: Any) -> float:
    """Return how far a value moves when the last digits of its inputs change.

    Relative to its largest entry; infinity if it becomes another kind of value.
    """
    sizes = [0.0]

    def measure(a: Array, b: Array) -> bool:
        distance, scale = _distance(a, b), _scale(a)
        sizes.append(distance / scale if scale else distance)
        return not a.is_text or not distance

    return max(sizes) if _are_alike(one, shaken, measure) else np.inf


def _are_alike(one: Any, other: Any, is_same: Callable[[Array, Array], bool]) -> bool:
    """Whether two values have the same structure, and their arrays are the same."""
    if isinstance(one, Array) and isinstance(other, Array):
        return one.shape == other.shape and one.is_text == other.is_text and is_same(one, other)
    if isinstance(one, Thing) and isinstance(other, Thing):
        return one.kind == other.kind and _are_alike(one.items, other.items, is_same)
    if isinstance(one, tuple) and isinstance(other, tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_are_alike(a, b, is_same) for a, b in pairs)
    return type(one) is type(other) and one == other


def _is_close(one: Array, other: Array, rtol: float, atol: float) -> bool:
    if one.is_text:
        return not _distance(one, other)
    if np.array_equal(one.entries, other.entries):
        return True
    floor = min(rtol, 1e-12) * _scale(other) + 1e-3 * min(atol, 1e-9)
    if rtol > _RTOL:
        return _distance(one, other) <= rtol * _scale(other) + floor
    with np.errstate(all="ignore"):
        return np.allclose(one.entries, other.entries, rtol, floor, equal_nan=True)


def _scale(array: Array) -> float:
    if array.is_text:
        return 1.0
    return float(np.abs(array.entries[np.isfinite(array.entries)]).max(initial=0.0))


def _distance(one: Array, other: Array) -> float:
    """Return the largest difference; infinity if one number is finite and the other is not."""
    a, b = one.entries, other.entries
    if one.is_text or other.is_text:
        return 0.0 if np.array_equal(a, b) else np.inf
    with np.errstate(all="ignore"):
        is_same = (a == b) | (np.isnan(a) & np.isnan(b))
        apart = np.abs(np.subtract(a, b, dtype=complex))[~is_same]
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max(initial=0.0))
