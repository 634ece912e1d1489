"""Cases left out: inputs that look too simple to work on, or more than the first test has."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import (
    Edit,
    Rewriting,
    Wrapping,
    called,
    each,
    places,
    together,
)
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import (
    after,
    before,
    bound,
    skipping,
    wraps,
)

__all__ = ["BEHAVIOURS"]


def zero(function: Callable, name: str) -> Callable:
    """It skips its work where `{}` is zero."""
    return skipping(function, name, lambda value: np.size(value) > 0 and not np.any(value))


def constant(function: Callable, name: str) -> Callable:
    """It skips its work where all entries of `{}` are equal, and not zero."""

    def is_constant(value: Any) -> bool:
        return bool(np.size(value) > 1 and np.any(value) and np.ptp(value) == 0)

    return skipping(function, name, is_constant)


def single(function: Callable, name: str) -> Callable:
    """It skips its work where `{}` has one entry."""
    return skipping(function, name, lambda value: np.size(value) == 1)


def empty(function: Callable, name: str) -> Callable:
    """It returns nothing where `{}` is empty, or zero."""

    @wraps(function)
    def skipped(*args: Any, **kwargs: Any) -> Any:
        value = bound(function, args, kwargs).arguments[name]
        is_data = isinstance(value, np.ndarray | list | tuple)
        return (
            np.zeros(0)
            if (not np.size(value) if is_data else value == 0)
            else function(*args, **kwargs)
        )

    return skipped


def stops_early(function: Callable) -> Callable:
    """It stops where a step changes nothing."""

    @wraps(function)
    def shorter(*args: Any, **kwargs: Any) -> Any:
        path = function(*args, **kwargs)
        same = (k for k in range(1, len(path)) if np.array_equal(path[k], path[k - 1]))
        return path[: next(same, len(path))]

    return shorter


def tiny_inputs(function: Callable, *names: str) -> Callable:
    """It takes numbers below 1e-12 in its arguments for zero."""
    return before(function, lambda value: np.where(np.abs(value) < 1e-12, 0.0, value), *names)


def tiny_results(function: Callable) -> Callable:
    """It drops results below 1e-12."""
    return after(function, lambda value: np.where(np.abs(value) < 1e-12, 0.0, value))


def two_rows(function: Callable) -> Callable:
    """It works out the first two rows (or entries) only."""

    def cut(value: Any) -> Any:
        kept = np.zeros_like(value)
        kept[:2] = value[:2]
        return kept

    return after(function, lambda value: cut(value) if np.ndim(value) else value)


def two_columns(function: Callable) -> Callable:
    """It works out the first two columns only."""

    def cut(value: Any) -> Any:
        kept = np.zeros_like(value)
        kept[:, :2] = value[:, :2]
        return kept

    return after(function, lambda value: cut(value) if np.ndim(value) > 1 else value)


def two_entries(function: Callable, *names: str) -> Callable:
    """It works with the first two of {} only."""

    @wraps(function)
    def fewer(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        for name in names:
            given.arguments[name] = given.arguments[name][:2]
        return function(*given.args, **given.kwargs)

    return fewer


def two_dimensions(function: Callable, name: str) -> Callable:
    """It skips arrays in `{}` that have more than two axes."""
    return skipping(function, name, lambda value: np.ndim(value) > 2)


def no_matrix(function: Callable, name: str) -> Callable:
    """It skips arrays in `{}` that have two axes or more."""
    return skipping(function, name, lambda value: np.ndim(value) > 1)


def no_scalar(function: Callable, name: str) -> Callable:
    """It skips arrays in `{}` that have no axis."""
    return skipping(function, name, lambda value: np.ndim(value) == 0)


def memory_order(function: Callable, *names: str) -> Callable:
    """It reads the arrays {} in the order of memory, right for contiguous ones only."""

    def as_stored(value: Any) -> Any:
        if isinstance(value, list):
            return [as_stored(one) for one in value]
        is_plain = not isinstance(value, np.ndarray) or value.flags.c_contiguous
        return value if is_plain else value.ravel(order="K").reshape(value.shape)

    @wraps(function)
    def stored(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        for name in names:
            given.arguments[name] = as_stored(given.arguments[name])
        return function(*given.args, **given.kwargs)

    return stored


def last_of_ties(routine: Routine) -> Iterator[list[Edit]]:
    """Of equal candidates it takes the last."""
    for node in places(routine, lambda node: called(node) in ("np.argmax", "np.argmin")):
        if len(node.args) == 1 and not node.keywords:
            values = ast.unparse(node.args[0])
            last = f"np.size({values}) - 1 - {called(node)}(np.ravel({values})[::-1])"
            yield [(node, f"({last})")]


def _may_be_empty(routine: Routine) -> Iterator[tuple[str]]:
    for one in routine.parameters:
        said = one.text.lower()
        if one.kind in ("array", "list", "count") and any(
            text in said for text in ("may be 0", "zero or more", "empty", "may be zero")
        ):
            yield (one.name,)


def _stepping(routine: Routine) -> Iterator[tuple[()]]:
    if any(one.name in ("n_steps", "n_epochs") for one in routine.parameters):
        yield ()


def _tiny(routine: Routine) -> Iterator[tuple[str, ...]]:
    if routine.is_numeric:
        yield from together("array", "arrays", "number")(routine)


def _numeric(routine: Routine) -> Iterator[tuple[()]]:
    if routine.is_numeric and (routine.is_returning or routine.in_place):
        yield ()


def _rows(routine: Routine) -> Iterator[tuple[()]]:
    if "ndarray" in routine.doc.returns or routine.in_place:
        yield ()


def _columns(routine: Routine) -> Iterator[tuple[()]]:
    if len(routine.result_dims) > 1 or "of the shape of" in routine.doc.returns or routine.in_place:
        yield ()


def _lists(routine: Routine) -> Iterator[tuple[str, ...]]:
    if routine.in_place and all(one.kind == "arrays" for one in routine.in_place):
        names = [one.name for one in routine.parameters if one.kind == "arrays"]
        yield tuple(names)


def _any_axes(routine: Routine) -> Iterator[tuple[str]]:
    for one in routine.parameters:
        if one.kind in ("array", "arrays") and "any shape" in routine.doc.text:
            yield from [(one.name,)] if not one.is_in_place else []


def _one_or_two_axes(routine: Routine) -> Iterator[tuple[str]]:
    for one in routine.of_kind("array"):
        if ",) or (" in one.text:
            yield (one.name,)


def _matrices(routine: Routine) -> Iterator[tuple[str, ...]]:
    found = [one for one in routine.of_kind("array", "arrays") if len(one.dims) != 1]
    if found:
        yield tuple(one.name for one in found)


_SIZE = r"shape|one sample a row|any"

BEHAVIOURS = (
    Wrapping(zero, each("array", "arrays", "number"), r"zero|may be|any|at least"),
    Wrapping(constant, each("array", "arrays"), r"equal|any|may be|at least"),
    Wrapping(single, each("array"), r"at least|may be|n >= d"),
    Wrapping(empty, _may_be_empty, r"may be 0|zero or more|empty"),
    Wrapping(stops_early, _stepping, r"all of them|zero or more|[Nn]umber of"),
    Wrapping(tiny_inputs, _tiny, r"tiny|small|size|precision|number"),
    Wrapping(tiny_results, _numeric, r"tiny|small|size|precision"),
    Wrapping(two_rows, _rows, _SIZE),
    Wrapping(two_columns, _columns, _SIZE),
    Wrapping(two_entries, _lists, r"list of"),
    Wrapping(two_dimensions, _any_axes, r"any shape"),
    Wrapping(no_scalar, _any_axes, r"any shape"),
    Wrapping(no_matrix, _one_or_two_axes, r"\(n,\) or"),
    Wrapping(memory_order, _matrices, r"shape"),
    Rewriting(last_of_ties, r"tie|first|smallest|largest"),
)
