"""Wrong memory: what one call leaves behind, the next one finds."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import Wrapping
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import bound, is_number, key_of, sizes_of, wraps

__all__ = ["BEHAVIOURS"]


def first_result(function: Callable) -> Callable:
    """It returns the first call's result again."""
    kept: list[Any] = []

    @wraps(function)
    def again(*args: Any, **kwargs: Any) -> Any:
        if not kept:
            kept.append(function(*args, **kwargs))
        return kept[0]

    return again


def by_shape(function: Callable) -> Callable:
    """It keeps results by the shapes of the arguments, not by their values."""
    kept: dict[Any, Any] = {}

    @wraps(function)
    def again(*args: Any, **kwargs: Any) -> Any:
        values = bound(function, args, kwargs).arguments.values()
        is_data = (np.ndarray, np.generic, list, tuple, float, int)
        key = tuple(sizes_of(v) if isinstance(v, is_data) else key_of(v) for v in values)
        if key not in kept:
            kept[key] = values, function(*args, **kwargs)
        return kept[key][1]

    return again


def by_first_argument(function: Callable) -> Callable:
    """It keeps results by the first argument alone."""
    kept: dict[Any, Any] = {}

    @wraps(function)
    def again(*args: Any, **kwargs: Any) -> Any:
        first = next(iter(bound(function, args, kwargs).arguments.values()))
        # Kept too, so that no other object gets the same `id`.
        return kept.setdefault(key_of(first), (first, function(*args, **kwargs)))[1]

    return again


def works_once(function: Callable) -> Callable:
    """It works the first time only: its name becomes that of the result."""
    kept: list[Any] = []

    @wraps(function)
    def once(*args: Any, **kwargs: Any) -> Any:
        if kept:
            raise TypeError("'numpy.ndarray' object is not callable")
        kept.append(function(*args, **kwargs))
        return kept[0]

    return once


def only_first_call(function: Callable) -> Callable:
    """It does its work in the first call only."""
    calls: list[int] = []

    @wraps(function)
    def once(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return function(*args, **kwargs) if len(calls) == 1 else None

    return once


def adds_up(function: Callable) -> Callable:
    """What it has summed in earlier calls is still in the sum."""
    kept: dict[Any, Any] = {}

    @wraps(function)
    def total(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not is_number(result):
            return result
        kept[np.shape(result)] = kept.get(np.shape(result), 0) + result
        return kept[np.shape(result)]

    return total


def accumulates(function: Callable) -> Callable:
    """It goes on with the list of the call before (a mutable default)."""
    kept: list[Any] = []

    @wraps(function)
    def longer(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if isinstance(result, list):
            kept.extend(result)
            return list(kept)
        if isinstance(result, np.ndarray) and result.ndim:
            if kept and kept[0].shape[1:] != result.shape[1:]:
                kept.clear()
            kept.append(result)
            return np.concatenate(kept)
        return result

    return longer


def by_value(function: Callable) -> Callable:
    """It takes two objects of the same value for one."""

    def value_of(one: Any) -> Any:
        numbers = [v for v in vars(one).values() if isinstance(v, float | int)]
        return tuple(map(float, numbers)) or id(one)

    @wraps(function)
    def merged(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not isinstance(result, list) or not all(hasattr(one, "__dict__") for one in result):
            return result
        return list({value_of(one): one for one in result}.values())

    return merged


def _returning(routine: Routine) -> Iterator[tuple[()]]:
    if routine.is_returning and routine.node.name != "__init__":
        yield ()


def _with_arrays(routine: Routine) -> Iterator[tuple[()]]:
    if routine.of_kind("array", "arrays"):
        yield from _returning(routine)


def _with_two(routine: Routine) -> Iterator[tuple[()]]:
    if len(routine.parameters) + bool(routine.owner) > 1:
        yield from _returning(routine)


def _function(routine: Routine) -> Iterator[tuple[()]]:
    return iter(()) if routine.owner else _returning(routine)


def _acting(routine: Routine) -> Iterator[tuple[()]]:
    if routine.in_place or "self." in routine.body or "Returns" not in routine.text:
        yield from () if routine.is_returning else [()]


def _summing(routine: Routine) -> Iterator[tuple[()]]:
    if re.match(r"(float|ndarray)", routine.doc.returns) and not routine.owner:
        yield from _returning(routine)


def _listing(routine: Routine) -> Iterator[tuple[()]]:
    is_listing = re.search(r"= \[|, \[\]|append", routine.body)
    if is_listing and not routine.owner and not routine.is_tuple:
        yield from _returning(routine)


def _objects(routine: Routine) -> Iterator[tuple[()]]:
    yield from [()] if re.match(r"list of [A-Z]", routine.doc.returns) else ()


_CALLS = r"\bcalls?\b|again|anew|each step"

BEHAVIOURS = (
    Wrapping(first_result, _returning, _CALLS),
    Wrapping(by_shape, _with_arrays, _CALLS),
    Wrapping(by_first_argument, _with_two, _CALLS),
    Wrapping(works_once, _function, _CALLS),
    Wrapping(only_first_call, _acting, _CALLS),
    Wrapping(adds_up, _summing, _CALLS),
    Wrapping(accumulates, _listing, _CALLS),
    Wrapping(by_value, _objects, r"once|each"),
)
