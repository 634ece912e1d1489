"""How many digits distinguish the values that a message shows side by side."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["DIGITS", "digits_for", "told_apart"]

DIGITS = (6, 10, 17)
"""What numbers are shown with: as a rule, where more tell more, and all that a float has."""

_NUMBER = re.compile(r"nan|-?inf|-?\d[\d.]*(?:e[-+]?\d+)?")
_MAX_ITEMS = 100

Show = Callable[[Any, int], str]


def digits_for(values: Iterable[object], show: Show) -> int:
    """Return the fewest digits with which no two different numbers look the same.

    Parameters
    ----------
    values : iterable
        What a message shows; arrays and scalars count, in containers, too.
    show : callable
        Takes one of these and the digits, returns its text.
    """
    arrays = [array for value in values for array in _arrays(value)]
    return min(DIGITS, key=lambda digits: _n_alike(arrays, digits, show))


def told_apart(one: object, other: object, show: Show) -> tuple[str, str]:
    """Return the texts of two different values, with enough digits to show the difference."""
    texts = [(show(one, digits), show(other, digits)) for digits in DIGITS]
    return next((pair for pair in texts if _entries(pair[0]) != _entries(pair[1])), texts[0])


def _entries(text: str) -> str:
    """Return what is said about an array before its shape and dtype."""
    return text.partition("  (")[0]


def _arrays(value: object, depth: int = 0) -> Iterator[np.ndarray]:
    if isinstance(value, float | np.floating | np.ndarray):
        array = np.asarray(value)
        if array.dtype.kind == "f":
            yield array
    elif isinstance(value, list | tuple | dict) and depth < 2:  # noqa: PLR2004  (deep is no data)
        items = list(value.values() if isinstance(value, dict) else value)
        for item in items[:_MAX_ITEMS]:
            yield from _arrays(item, depth + 1)


def _n_alike(arrays: Iterable[np.ndarray], digits: int, show: Show) -> int:
    """Count the numbers that look the same as a different number that is shown."""
    pairs = {pair for array in arrays for pair in _shown(array, digits, show)}
    return len({value for value, _ in pairs}) - len({text for _, text in pairs})


def _shown(array: np.ndarray, digits: int, show: Show) -> Iterator[tuple[float, float]]:
    """Yield numbers with their texts; none from an array that is not shown in full."""
    texts = _NUMBER.findall(_entries(show(array, digits)))
    if len(texts) == array.size:
        yield from zip(array.ravel().tolist(), map(float, texts), strict=True)
