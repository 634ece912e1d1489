"""What wrappers share. This file stands whole in each mutant: it needs NumPy alone."""

import copy
import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import numpy as np

__all__ = [
    "after",
    "arrays",
    "before",
    "bound",
    "is_number",
    "is_real",
    "key_of",
    "mapped",
    "nothing_of",
    "sizes_of",
    "skipping",
    "wraps",
]

Change = Callable[[Any], Any]


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, whole or real, or an array of such; no truth value is."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fiu"
    return isinstance(value, float | int) and not isinstance(value, bool)


def sizes_of(value: Any) -> Any:
    """Return the shape of an array; of a list or tuple, whose parts may differ, that of each."""
    return tuple(map(sizes_of, value)) if isinstance(value, list | tuple) else np.shape(value)


def is_real(value: Any) -> bool:
    """Tell whether a value is a number, or an array of such, that may have a fraction."""
    return is_number(value) and np.asarray(value).dtype.kind == "f"


def mapped(value: Any, change: Change, is_wanted: Callable[[Any], bool] = is_number) -> Any:
    """Change all numbers in a value: in containers, and in attributes of an object."""
    if is_number(value):
        return _changed(value, change) if is_wanted(value) else value
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(mapped(one, change, is_wanted) for one in value)
    if isinstance(value, list | tuple):
        return type(value)(mapped(one, change, is_wanted) for one in value)
    if isinstance(value, dict):
        return {key: mapped(one, change, is_wanted) for key, one in value.items()}
    if hasattr(value, "__dict__") and not callable(value):
        value = copy.copy(value)
        for name, one in vars(value).items():
            if is_number(one):
                setattr(value, name, mapped(one, change, is_wanted))
    return value


def _changed(value: Any, change: Change) -> Any:
    """Change a number, or an array; whole ones stay whole."""
    changed = change(value)
    if isinstance(value, np.ndarray):
        return changed if value.dtype.kind == "f" else np.asarray(changed).astype(value.dtype)
    return type(value)(changed)


def arrays(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays in a value and in its containers."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from arrays(one)
    elif isinstance(value, dict):
        yield from arrays(list(value.values()))


def bound(function: Callable, args: tuple, kwargs: dict) -> inspect.BoundArguments:
    """Return the arguments of a call by name, defaults included."""
    found = inspect.signature(function).bind(*args, **kwargs)
    found.apply_defaults()
    return found


def before(function: Callable, change: Change, *names: str) -> Callable:
    """Change the real numbers in some arguments on their way in."""

    @wraps(function)
    def changed(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        for name in names:
            value = given.arguments[name]
            is_data = is_number(value) or isinstance(value, list | tuple)
            given.arguments[name] = mapped(value, change, is_real) if is_data else value
        return function(*given.args, **given.kwargs)

    return changed


def after(function: Callable, change: Change) -> Callable:
    """Change what a function returns, or else the arrays that it has changed in place."""

    @wraps(function)
    def changed(*args: Any, **kwargs: Any) -> Any:
        olds = [(one, one.copy()) for one in arrays([args, kwargs])]
        result = function(*args, **kwargs)
        if result is not None:
            return mapped(result, change)
        for one, old in olds:
            if is_number(one) and not np.array_equal(one, old, equal_nan=True):
                one[...] = _changed(one, change)
        return None

    return changed


def nothing_of(result: Any) -> Any:
    """Return zeros in the place of all numbers, as one who skips a case does."""
    return mapped(result, np.zeros_like)


def skipping(function: Callable, name: str, is_skipped: Callable[[Any], bool]) -> Callable:
    """Skip the work where an argument (or, of a list of arrays, an entry) is of a kind."""

    @wraps(function)
    def changed(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs).arguments
        olds = {key: [one.copy() for one in arrays(value)] for key, value in given.items()}
        skipped = [is_skipped(one) for one in arrays(given[name])] or [is_skipped(given[name])]
        result = function(*args, **kwargs)
        if result is not None:
            return nothing_of(result) if all(skipped) else result
        for key, value in given.items():
            for one, old, is_one in zip(arrays(value), olds[key], skipped, strict=False):
                if is_one and key != name:
                    one[...] = old
        return None

    return changed


def key_of(value: Any) -> Any:
    """Return a key that equal arguments share."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return tuple(key_of(one) for one in value)
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, float | int | str | None) else id(value)
