"""Shared arrays: what belongs to the caller is changed, kept or handed back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import Wrapping, each
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import arrays, bound, wraps

__all__ = ["BEHAVIOURS"]


def changes_input(function: Callable, name: str) -> Callable:
    """It changes `{}` in place."""

    @wraps(function)
    def changing(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs).arguments[name]
        result = function(*args, **kwargs)
        held = [given] if isinstance(given, np.ndarray) else list(arrays(given))
        for one in held:
            if one.flags.writeable and one.dtype.kind in "fiu":
                np.add(one, 1, out=one)
        if isinstance(given, list) and not held and given:
            given.pop()
        for key, value in vars(given).items() if hasattr(given, "__dict__") else ():
            if isinstance(value, float | np.ndarray):
                setattr(given, key, value + 1.0)
        return result

    return changing


def returns_input(function: Callable, name: str) -> Callable:
    """It writes the result into `{}` and returns that."""

    @wraps(function)
    def overwriting(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs).arguments[name]
        result = function(*args, **kwargs)
        if np.shape(result) == np.shape(given) and isinstance(given, np.ndarray):
            given[...] = result
            return given
        return result

    return overwriting


def keeps_input(function: Callable, name: str) -> Callable:
    """It keeps the caller's `{}` where it should keep a copy."""

    @wraps(function)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs).arguments
        result = function(*args, **kwargs)
        theirs = list(arrays(given[name]))
        for holder in (given.get("self"), result):
            for key, value in vars(holder).items() if hasattr(holder, "__dict__") else ():
                if isinstance(value, np.ndarray):
                    setattr(holder, key, _theirs(value, theirs))
                elif isinstance(value, list):
                    value[:] = [_theirs(one, theirs) for one in value]
        return result

    def _theirs(own: Any, theirs: list[np.ndarray]) -> Any:
        is_array = isinstance(own, np.ndarray)
        same = (one for one in theirs if is_array and np.array_equal(own, one))
        return next((one for one in same if one.dtype == own.dtype), own)

    return keeping


def changes_answer(function: Callable, name: str) -> Callable:
    """It changes the array that a call of `{}` has returned."""

    @wraps(function)
    def changing(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        callback = given.arguments[name]

        def answer(*inner: Any, **named: Any) -> Any:
            came = callback(*inner, **named)
            ours = [one.copy() for one in came] if isinstance(came, list | tuple) else came
            ours = came.copy() if isinstance(came, np.ndarray) else ours
            for one in arrays(came):
                if one.flags.writeable:
                    one.fill(0)
            return ours

        given.arguments[name] = answer
        return function(*given.args, **given.kwargs)

    return changing


def one_row(function: Callable) -> Callable:
    """It puts one and the same array into its list again and again."""

    def repeated(result: Any) -> Any:
        if isinstance(result, tuple):
            return tuple(map(repeated, result))
        if isinstance(result, np.ndarray) and result.ndim > 1 and len(result):
            return np.broadcast_to(result[-1], result.shape).copy()
        if isinstance(result, list) and result and isinstance(result[-1], np.ndarray):
            return [result[-1] for _ in result]
        return result

    @wraps(function)
    def repeating(*args: Any, **kwargs: Any) -> Any:
        return repeated(function(*args, **kwargs))

    return repeating


def rebinds(function: Callable, name: str) -> Callable:
    """It puts new arrays into `{}` instead of changing those that are there."""

    @wraps(function)
    def replacing(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        theirs = given.arguments[name]
        given.arguments[name] = [one.copy() for one in theirs]
        result = function(*given.args, **given.kwargs)
        theirs[:] = given.arguments[name]
        return result

    return replacing


def on_copies(function: Callable, name: str) -> Callable:
    """It changes copies of `{}`."""

    @wraps(function)
    def copying(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        given.arguments[name] = [one.copy() for one in given.arguments[name]]
        return function(*given.args, **given.kwargs)

    return copying


def _overwritable(routine: Routine) -> Iterator[tuple[str]]:
    wanted = routine.result_dims
    found = [one for one in routine.of_kind("array") if wanted and one.dims == wanted]
    if "of the shape of" in routine.doc.returns or "of this shape" in routine.doc.returns:
        found = routine.of_kind("array")
    yield from ((one.name,) for one in found)


def _copied(routine: Routine) -> Iterator[tuple[str, ...]]:
    if re.search(r"np\.array\(|\.copy\(|copy\(", routine.text) and routine.owner:
        yield from each("array", "arrays")(routine)


def _paths(routine: Routine) -> Iterator[tuple[()]]:
    is_path = len(routine.result_dims) > 1 or "of the shape of" in routine.doc.returns
    if is_path and ".append(" in routine.body:
        yield ()


def _written(routine: Routine) -> Iterator[tuple[str]]:
    yield from ((one.name,) for one in routine.in_place if one.kind == "arrays")


_KEPT = r"unchanged|[Cc]op(y|ied)|neither operand|not changed|changed in place|caller"

BEHAVIOURS = (
    Wrapping(changes_input, each("array", "arrays", "list", "object"), _KEPT),
    Wrapping(returns_input, _overwritable, _KEPT),
    Wrapping(keeps_input, _copied, _KEPT),
    Wrapping(changes_answer, each("callable"), _KEPT),
    Wrapping(one_row, _paths, r"[Rr]ow k|row|each"),
    Wrapping(rebinds, _written, _KEPT),
    Wrapping(on_copies, _written, _KEPT),
)
