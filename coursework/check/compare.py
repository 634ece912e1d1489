"""Where two values first differ, by value: a float, a 0-d array and a NumPy scalar are equal."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from coursework.check.describe import describe, describe_value, is_short
from coursework.check.digits import told_apart

__all__ = ["Tolerance", "difference", "is_data", "plain"]

_MAX_PARTS = 5
_PLAIN = bool | int | float | complex | str | bytes | tuple | frozenset | np.generic | None  # type: ignore[type-arg]


@dataclass(frozen=True)
class Tolerance:
    """Allowed difference, as in `numpy.isclose`: |a - b| <= atol + rtol |b|."""

    rtol: float = 1e-6
    atol: float = 1e-9


def plain(value: object) -> object:
    """Return numbers, strings and arrays as an ndarray; containers and the rest as they are."""
    if isinstance(value, dict | set | frozenset | type(None)) or callable(value):
        return value
    if isinstance(value, list | tuple) and not _is_array_like(value):
        return value
    try:
        return np.asarray(value)
    except (TypeError, ValueError):
        return value


def is_data(value: object) -> bool:
    """Whether a value is plain data throughout: numbers, texts, arrays, containers of them."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_data, value))
    if isinstance(value, dict):
        return all(map(is_data, value.values()))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufcSU"
    return isinstance(value, type(None) | bool | int | float | complex | str | bytes | np.generic)


def _is_array_like(value: list[Any] | tuple[Any, ...]) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biufcUS"
    except (TypeError, ValueError):
        return False


def difference(actual: object, expected: object, tolerance: Tolerance) -> str | None:
    """Say in a sentence how `actual` first differs from `expected`; None if it does not.

    Tuples, lists and dicts are compared item by item if they hold more than numbers.
    """
    if isinstance(expected, dict):
        return _dict_difference(actual, expected, tolerance)
    if isinstance(expected, tuple | list) and (
        isinstance(expected, tuple) or not _is_array_like(expected)
    ):
        return _sequence_difference(actual, expected, tolerance)
    if expected is None:
        return None if actual is None else _instead("None", actual)
    if isinstance(expected, set | frozenset):
        return _set_difference(actual, expected)
    return _array_difference(actual, np.asarray(expected), tolerance)


def _dict_difference(actual: object, expected: dict[Any, Any], tolerance: Tolerance) -> str | None:
    if not isinstance(actual, dict):
        return _instead("a dict", actual)
    if actual.keys() != expected.keys():
        return f"Expected the keys {_keys(expected)}, got {_keys(actual)}."
    found = ((key, difference(actual[key], value, tolerance)) for key, value in expected.items())
    lines = [f"At {describe_value(key)}: {text}" for key, text in found if text]
    if len(lines) > _MAX_PARTS:
        lines[_MAX_PARTS:] = [f"… and {len(lines) - _MAX_PARTS} more that differ."]
    return "\n".join(lines) or None


def _keys(value: dict[Any, Any]) -> str:
    return describe_value(sorted(map(str, value)))


def _set_difference(actual: object, expected: set[Any] | frozenset[Any]) -> str | None:
    if not isinstance(actual, set | frozenset):
        return _instead("a set", actual)
    # An object that came back may claim to equal anything.
    strangers = [item for item in actual if not isinstance(item, _PLAIN)]
    if strangers:
        return f"Expected a set of plain values, got one with {_kind(strangers[0])}."
    if actual == expected:
        return None
    return f"Expected the set {describe_value(expected)}, got {describe_value(actual)}."


def _sequence_difference(
    actual: object, expected: tuple[Any, ...] | list[Any], tolerance: Tolerance
) -> str | None:
    if not isinstance(actual, tuple | list | np.ndarray) or np.ndim(_shell(actual)) == 0:
        return _instead(f"{len(expected)} values", actual)
    if len(actual) != len(expected):
        return f"Expected {len(expected)} values, got {len(actual)}."
    for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
        text = difference(one, other, tolerance)
        if text:
            return f"In value {index + 1} of {len(expected)}: {text}"
    return None


def _shell(value: object) -> Any:
    return value if isinstance(value, np.ndarray) else [None]


def _array_difference(actual: object, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    came = plain(actual)
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "biufcUS":
        wanted = f"an array of shape {expected.shape}" if expected.ndim else "a number"
        return _instead(wanted if expected.dtype.kind in "biufc" else describe(expected), actual)
    if (came.dtype.kind in "US") != (expected.dtype.kind in "US"):
        return f"Expected {describe(expected)}, got {describe(came)}."
    if expected.ndim == 0 and came.size == 1:
        came = came.reshape(())
    if came.shape != expected.shape:
        return shape_difference(came.shape, expected.shape)
    return _first_difference(came, expected, tolerance)


def shape_difference(came: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Name the difference of two shapes, and the usual reason if there is one."""
    text = f"The shape is {came}, expected {expected}."
    if sorted(n for n in came if n != 1) == sorted(n for n in expected if n != 1):
        if len(came) == len(expected):
            return text + " The axes are transposed."
        if len(came) > len(expected):
            return text + " There is an axis of length 1 too many: (n, 1) is not (n,)."
        return text + " An axis of length 1 is missing: (n,) is not (n, 1)."
    return text


def _first_difference(came: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> str | None:
    if expected.dtype.kind in "US":
        wrong = came != expected
    else:
        with np.errstate(invalid="ignore", over="ignore"):
            wrong = ~np.isclose(came, expected, tolerance.rtol, tolerance.atol, equal_nan=True)
    if not np.any(wrong):
        return None
    if expected.ndim == 0:
        got, right = told_apart(came, expected, describe_value)
        return f"Got {got}, expected {right}."
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = "[" + ", ".join(map(str, index)) + "]"
    got, right = told_apart(came[index], expected[index], describe_value)
    whole = "" if is_short(came) else f" of shape {came.shape}"
    return (
        f"{np.count_nonzero(wrong)} of {wrong.size} entries{whole} differ, the first at {where}: "
        f"got {got}, expected {right}."
    )


def _instead(expected: str, actual: object) -> str:
    return f"Expected {expected}, got {_kind(actual)}."


def _kind(value: object) -> str:
    if value is None:
        return "None (as from a function without return)"
    if not is_data(value):
        return describe_value(value)
    return f"{describe_value(value)} ({describe(value)})"
