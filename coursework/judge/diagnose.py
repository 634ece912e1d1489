"""How a wrong value differs from the right one in general: for what no known mistake explains.

Each rule looks at the value that came and the one expected, and says in a sentence what
would make one of the other; the first that fits speaks. A rule needs a value that is far
from fitting by chance: no rule speaks of zeros alone.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from coursework.check import Call

__all__ = ["diagnose"]

_RTOL = 1e-6

Rule = Callable[[np.ndarray, np.ndarray], str | None]


def diagnose(came: object, expected: object, calls: Iterable[Call] = (), printed: str = "") -> str:
    """Say how a value differs from the expected one; "" where no rule fits.

    Parameters
    ----------
    came, expected : object
        Plain data, as `check.CheckFailed` holds them.
    calls : iterable of Call
        The calls that made the value: their inputs' sizes name a factor.
    printed : str
        What the student's code printed during the call.
    """
    if came is None and expected is not None:
        return _nothing(printed)
    pair = _numbers(came), _numbers(expected)
    if pair[0] is None or pair[1] is None:
        return _among(came, expected, calls)
    sizes = dict(_sizes(calls))
    rules: tuple[Rule, ...] = (
        *(_not_finite, _imprecise, _transposed, _axis, _one_step, _cumulative, _truncated),
        _unit,
        lambda one, other: _factor(one, other, sizes),
    )
    with np.errstate(all="ignore"):
        return next((text for rule in rules if (text := rule(*pair))), "")


def _nothing(printed: str) -> str:
    if printed:
        return "It prints its result instead of returning it: end the function with return."
    return "It returns nothing: a function without return gives None."


def _among(came: object, expected: object, calls: Iterable[Call]) -> str:
    """Diagnose the first of several results that differs; they may only be swapped."""
    if not (isinstance(came, tuple | list) and isinstance(expected, tuple | list)):
        return ""
    if len(came) != len(expected):
        return ""
    if not _is_equal_list(came, expected) and _is_equal_list(came, expected[::-1]):
        return "The results are right, but in the opposite order."
    for one, other in zip(came, expected, strict=True):
        if not _is_equal_list([one], [other]):
            return diagnose(one, other, calls)
    return ""


def _is_equal_list(one: Iterable[object], other: Iterable[object]) -> bool:
    pairs = [(_numbers(a), _numbers(b)) for a, b in zip(one, other, strict=True)]
    return all(a is not None and b is not None and _equal(a, b) for a, b in pairs)


def _numbers(value: object) -> np.ndarray | None:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufc" and array.size else None


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=_RTOL, atol=1e-12, equal_nan=True))


def _not_finite(came: np.ndarray, expected: np.ndarray) -> str | None:
    if np.all(np.isfinite(came)) or not np.all(np.isfinite(expected)):
        return None
    if np.any(np.isnan(came)):
        return (
            "It gives NaN where a number is expected: look for 0/0, inf - inf, 0·inf, "
            "or the logarithm or root of a negative number."
        )
    return "It overflows to infinity: look for exp of a large number or a division by zero."


def _imprecise(came: np.ndarray, expected: np.ndarray) -> str | None:
    if not _equal(came, expected):
        return None
    return "The first six digits are right, and more are asked for: where are digits lost?"


def _transposed(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.ndim > 1 and came.T.shape == expected.shape and _equal(came.T, expected):
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
    return "The numbers are right, in an array of another shape."


def _one_step(came: np.ndarray, expected: np.ndarray) -> str | None:
    """Compare sequences along the first axis that begin or end one step off."""
    if came.ndim != expected.ndim or not came.ndim or came.shape[1:] != expected.shape[1:]:
        return None
    n, wanted = len(came), len(expected)
    if n == wanted + 1 and (_equal(came[1:], expected) or _equal(came[:-1], expected)):
        return "It holds one step too many: the first or the last is not asked for."
    if n + 1 == wanted and n > 1 and (_equal(came, expected[1:]) or _equal(came, expected[:-1])):
        return "It holds one step too few: the first or the last is missing."
    has_overlap = n == wanted > 2  # noqa: PLR2004  (two entries at least)
    if has_overlap and (_equal(came[1:], expected[:-1]) or _equal(came[:-1], expected[1:])):
        return "It is one step off: each entry is the one expected beside it."
    return None


def _cumulative(came: np.ndarray, expected: np.ndarray) -> str | None:
    if came.ndim == expected.ndim + 1 and len(came) > 1 and _equal(came[-1], expected):
        return "It gives all values on the way; only the last is asked for."
    if came.shape == expected.shape and came.ndim == 1 and len(came) > 1:
        if _equal(came, np.cumsum(expected)):
            return "It is the running sum of what is expected."
        if _equal(came, np.diff(expected, prepend=0)):
            return "It is the change from entry to entry of what is expected."
    return None


def _truncated(came: np.ndarray, expected: np.ndarray) -> str | None:
    is_cut = came.dtype.kind in "iu" and expected.dtype.kind == "f"
    if not is_cut or not np.any(came) or not np.array_equal(came, np.trunc(expected)):
        return None
    return (
        "The decimals are cut off: an array of integers keeps integers only. "
        "Make it an array of floats."
    )


def _factor(came: np.ndarray, expected: np.ndarray, sizes: dict[str, int]) -> str | None:
    ratio = _ratio(came, expected)
    if ratio is None:
        return None
    if np.isclose(ratio, -1, rtol=_RTOL):
        return "The sign is the opposite of what is expected."
    known = {"2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5}
    for name, size in sizes.items():
        known |= {f"{name} = {size}": float(size), f"1/{name}, {name} = {size}": 1 / size}
    for name, value in known.items():
        if np.isclose(ratio, value, rtol=_RTOL) and not np.isclose(value, 1):
            return f"It is the expected value times {name}."
    return f"It is the expected value times {ratio:.6g} in every entry." if came.size > 1 else None


def _ratio(came: np.ndarray, expected: np.ndarray) -> float | None:
    if came.shape != expected.shape or came.dtype.kind == "c" or expected.dtype.kind == "c":
        return None
    is_zero = np.isclose(expected, 0, atol=1e-12)
    if np.all(is_zero) or not np.allclose(came[is_zero], 0, atol=1e-9):
        return None
    ratios = came[~is_zero] / expected[~is_zero]
    first = float(ratios.flat[0])
    if abs(first) < _RTOL or not np.allclose(ratios, first, rtol=_RTOL, atol=0):
        return None
    return first


def _unit(came: np.ndarray, expected: np.ndarray) -> str | None:
    factors = {
        "degrees where radians are expected": np.degrees(1.0),
        "radians where degrees are expected": np.radians(1.0),
        "a logarithm of base 2 where the natural one is expected": 1 / np.log(2.0),
        "a logarithm of base 10 where the natural one is expected": 1 / np.log(10.0),
    }
    ratio = _ratio(came, expected)
    for name, factor in factors.items():
        if ratio is not None and np.isclose(ratio, factor, rtol=_RTOL):
            return f"It is {name}."
    return None


def _sizes(calls: Iterable[Call]) -> Iterator[tuple[str, int]]:
    """Name the sizes of the inputs as the course does: n rows, d columns."""
    for call in calls:
        for name, value in call.inputs:
            shape = np.shape(value) if isinstance(value, np.ndarray) else ()
            if shape and shape[0] > 2:  # noqa: PLR2004  (2 has a name of its own)
                yield f"the length of {name}", shape[0]
            if len(shape) > 1 and shape[1] > 2:  # noqa: PLR2004
                yield f"the number of columns of {name}", shape[1]
