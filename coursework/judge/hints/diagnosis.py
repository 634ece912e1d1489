"""How wrong values differ from the right ones, if no known mistake explains them.

Each rule says in a sentence what would turn one into the other; a rule applies if its sentence
is true of every check that fails, so that it is no accident, and the first such rule is enough.
A rule needs values that reveal something: none applies to zeros alone.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from coursework.judge.hints.fingerprint import Record
from coursework.judge.hints.value import Array

__all__ = ["diagnose", "nothing"]

_RTOL = 1e-6
_LEAST_ENTRIES = 2

Pair = tuple[np.ndarray, np.ndarray]
Rule = Callable[[np.ndarray, np.ndarray], str | None]


def diagnose(records: Sequence[Record]) -> str:
    """Say how the failing values differ from the expected ones; "" if no rule fits all.

    Parameters
    ----------
    records : sequence of Record
        All failures of an exercise.
    """
    if not records or any(record.problem for record in records):
        return ""
    if all(_is_reversed(record.value, record.expected) for record in records):
        return "The results are right, but in the opposite order."
    found = [pair for record in records for pair in _differing(record.value, record.expected)]
    pairs = [pair for pair in found if pair is not None]
    if len(pairs) < len(found) or _n_telling(pairs) < _LEAST_ENTRIES:
        return ""
    with np.errstate(all="ignore"):
        said = next(filter(None, (_common(rule, pairs) for rule in _RULES)), "")
        said = said or _factor(pairs, [dict(record.sizes) for record in records])
    if said and any(isinstance(record.expected, tuple) for record in records):
        return f"Of each result that differs: {said[0].lower()}{said[1:]}"
    return said


def nothing(printed: str = "") -> str:
    """Say where None in place of a value may come from, and what was printed meanwhile."""
    if printed:
        return "Something is printed, but None returned: print shows a value, return gives it back."
    return "None came back where a value is expected: a function without return gives None."


def _common(rule: Rule, pairs: Sequence[Pair]) -> str | None:
    """Return what a rule says, if it says the same about all."""
    first = rule(*pairs[0])
    return first if first and all(rule(*pair) == first for pair in pairs[1:]) else None


def _differing(came: object, expected: object) -> Iterator[Pair | None]:
    """Yield the numbers that differ, of several results only those that do; None for no numbers."""
    if isinstance(came, tuple) and isinstance(expected, tuple) and len(came) == len(expected):
        for one, other in zip(came, expected, strict=True):
            yield from _differing(one, other)
        return
    one, other = _numbers(came), _numbers(expected)
    if one is None or other is None:
        yield None
    elif one.shape != other.shape or not np.array_equal(one, other, equal_nan=True):
        yield one, other


def _numbers(value: object) -> np.ndarray | None:
    if not (isinstance(value, Array) and value.is_whole and value.entries.size):
        return None
    return value.whole if value.entries.dtype.kind in "iufc" else None


def _n_telling(pairs: Sequence[Pair]) -> int:
    return sum(int(np.count_nonzero(came)) for came, _ in pairs)


def _is_reversed(came: object, expected: object) -> bool:
    if not (isinstance(came, tuple) and isinstance(expected, tuple)):
        return False
    return _are_equal(came, expected[::-1]) and not _are_equal(came, expected)


def _are_equal(came: tuple[object, ...], expected: tuple[object, ...]) -> bool:
    pairs = [(_numbers(a), _numbers(b)) for a, b in zip_longest(came, expected)]
    return all(a is not None and b is not None and _equal(a, b) for a, b in pairs)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    finite = np.abs(other[np.isfinite(other)])
    floor = 1e-12 * finite.max(initial=0.0)
    return bool(np.allclose(one, other, rtol=_RTOL, atol=floor, equal_nan=True))


def _not_finite(came: np.ndarray, expected: np.ndarray) -> str | None:
    if np.all(np.isfinite(came)) or not np.all(np.isfinite(expected)):
        return None
    if np.any(np.isnan(came)):
        return (
            "It gives NaN where a number is expected, as do 0/0, inf - inf, 0·inf, "
            "and the logarithm or root of a negative number."
        )
    return (
        "It gives infinity where a finite number is expected, as do the exponential of a "
        "large number and a division by zero."
    )


def _imprecise(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.shape != expected.shape or not np.allclose(came, expected, rtol=_RTOL, atol=0):
        return None
    return "It is right to a millionth, but more is required: where are digits lost?"


def _transposed(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.ndim > 1 and _equal(came.T, expected):
        return "It is the transpose of what is expected."
    return None


def _axis(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.shape == expected.shape or came.size != expected.size:
        return None
    if not _equal(came.ravel(), expected.ravel()):
        return None
    if came.ndim > expected.ndim:
        return "The numbers are right, in an array with an axis too many."
    if came.ndim < expected.ndim:
        return "The numbers are right, in an array with an axis too few (see keepdims)."
    return "The numbers are right, but in an array of a different shape."


def _one_step(came: np.ndarray, expected: np.ndarray) -> str | None:
    """Compare sequences along the first axis that begin or end one step off."""
    if came.ndim != expected.ndim or not came.ndim or came.shape[1:] != expected.shape[1:]:
        return None
    n, wanted = len(came), len(expected)
    if n == wanted + 1 and (_equal(came[1:], expected) or _equal(came[:-1], expected)):
        return "It holds one entry too many: the first or the last is not asked for."
    if n + 1 == wanted and (_equal(came, expected[1:]) or _equal(came, expected[:-1])):
        return "It holds one entry too few: the first or the last is missing."
    has_overlap = n == wanted > 2  # noqa: PLR2004  (two entries at least)
    if has_overlap and (_equal(came[1:], expected[:-1]) or _equal(came[:-1], expected[1:])):
        return "It is one step off: each entry is what is expected beside it."
    return None


def _cumulative(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.ndim == expected.ndim + 1 and len(came) > 1 and _equal(came[-1], expected):
        return "Its last entry is what is expected, and the others are not asked for."
    if came.shape == expected.shape and came.ndim == 1 and len(came) > 1:
        if _equal(came, np.cumsum(expected)):
            return "It is the running sum of what is expected."
        if _equal(came, np.diff(expected, prepend=0)):
            return "It is the change from entry to entry of what is expected."
    return None


def _truncated(came: np.ndarray, expected: np.ndarray) -> str | None:
    is_cut = came.dtype.kind in "iu" and expected.dtype.kind == "f"
    if not is_cut or not np.array_equal(came, np.trunc(expected)):
        return None
    return (
        "It is what is expected without its decimals: an array of integers keeps none. "
        "Make it an array of floats."
    )


def _opposite(came: np.ndarray, expected: np.ndarray) -> str | None:
    is_opposite = np.isclose(_ratio(came, expected), -1, rtol=_RTOL)
    return "The sign is the opposite of what is expected." if is_opposite else None


def _unit(came: np.ndarray, expected: np.ndarray) -> str | None:
    ratio = _ratio(came, expected)
    for name, factor in _UNITS.items():
        if np.isclose(ratio, factor, rtol=_RTOL):
            return f"It is the expected value times {factor:.6g}, which is {name}."
    return None


_UNITS = {
    "what a radian is in degrees": np.degrees(1.0),
    "what a degree is in radians": np.radians(1.0),
    "a logarithm of base 2 over the natural one": 1 / np.log(2.0),
    "a logarithm of base 10 over the natural one": 1 / np.log(10.0),
}
_RULES: tuple[Rule, ...] = (
    *(_not_finite, _imprecise, _transposed, _axis, _one_step, _cumulative, _truncated),
    *(_opposite, _unit),
)


def _factor(pairs: Sequence[Pair], sizes: Sequence[dict[str, int]]) -> str:
    """Name the factor between all values: a number, or a size that differs each time."""
    ratios = np.array([_ratio(*pair) for pair in pairs])
    if np.any(np.isnan(ratios)) or np.allclose(ratios, 1, rtol=_RTOL):
        return ""
    if np.allclose(ratios, ratios[0], rtol=_RTOL, atol=0):
        name = next((text for text, n in _SIMPLE.items() if np.isclose(ratios[0], n)), "")
        return f"It is the expected value times {name or format(ratios[0], '.6g')} in every entry."
    if len(pairs) != len(sizes):
        return ""
    for name in (name for name in sizes[0] if all(name in size for size in sizes)):
        lengths = np.array([size[name] for size in sizes], dtype=float)
        for text, factors in ((name, lengths), (f"1/{name}", 1 / lengths)):
            if np.allclose(ratios, factors, rtol=_RTOL, atol=0):
                return f"It is the expected value times {text}."
    return ""


_SIMPLE = {"1/2": 0.5, "-1/2": -0.5}


def _ratio(came: np.ndarray, expected: np.ndarray) -> float:
    """Return the factor between two arrays; NaN if there is no single one."""
    if came.shape != expected.shape or "c" in (came.dtype.kind, expected.dtype.kind):
        return np.nan
    is_zero = expected == 0
    if np.all(is_zero) or np.any(came[is_zero] != 0):
        return np.nan
    ratios = came[~is_zero] / expected[~is_zero]
    first = float(ratios.flat[0])
    is_factor = abs(first) >= _RTOL and np.allclose(ratios, first, rtol=_RTOL, atol=0)
    return first if is_factor else np.nan
