"""Lost digits: too few of them, or some added where a value is small."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import Edit, Rewriting, Wrapping, called, places, together
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import after, before, bound, wraps

__all__ = ["BEHAVIOURS"]


def float32(function: Callable, *names: str) -> Callable:
    """It computes in single precision."""

    def single(value: Any) -> Any:
        return np.float32(value) if isinstance(value, float) else value.astype(np.float32)

    def double(value: Any) -> Any:
        return np.asarray(value).astype(np.float32).astype(float)

    inner = before(function, single, *names) if names else function
    return after(inner, double)


def dtype_of_input(function: Callable, name: str) -> Callable:
    """It gives the result the type of `{}`: where that holds whole numbers, fractions are cut."""

    @wraps(function)
    def cut(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        kind = np.asarray(bound(function, args, kwargs).arguments[name]).dtype
        return np.asarray(result).astype(kind) if kind.kind in "iu" else result

    return cut


def rounded_6(function: Callable) -> Callable:
    """It rounds to 6 digits behind the point."""
    return after(function, lambda value: np.round(value, 6))


def rounded_12(function: Callable) -> Callable:
    """It rounds to 12 digits behind the point."""
    return after(function, lambda value: np.round(value, 12))


def clipped(function: Callable, *names: str) -> Callable:
    """It clips its arguments to -50 … 50."""
    return before(function, lambda value: np.clip(value, -50.0, 50.0), *names)


def log_offset(routine: Routine) -> Iterator[list[Edit]]:
    """It adds 1e-10 under a logarithm."""
    yield from _with_offset(routine, "log", lambda argument: f"{argument} + 1e-10")


def root_offset(routine: Routine) -> Iterator[list[Edit]]:
    """It adds 1e-10 under a root."""
    yield from _with_offset(routine, "sqrt", lambda argument: f"{argument} + 1e-10")


def exponent_clipped(routine: Routine) -> Iterator[list[Edit]]:
    """It clips exponents to -50 … 50."""
    yield from _with_offset(routine, "exp", lambda argument: f"np.clip({argument}, -50, 50)")


def _with_offset(routine: Routine, name: str, change: Callable[[str], str]) -> Iterator[list[Edit]]:
    found = places(routine, lambda node: called(node) == f"np.{name}" and node.args)
    if found:
        yield [(node.args[0], change(ast.unparse(node.args[0]))) for node in found]


def quotient_offset(routine: Routine) -> Iterator[list[Edit]]:
    """It adds 1e-10 to a denominator."""
    for node in places(routine, _is_quotient):
        yield [(node, f"(({ast.unparse(node.left)}) / ({ast.unparse(node.right)} + 1e-10))")]


def _is_quotient(node: Any) -> bool:
    is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    return is_division and not isinstance(node.right, ast.Constant)


def is_close(routine: Routine) -> Iterator[list[Edit]]:
    """It compares with `np.isclose` where equality is meant."""
    for node in places(routine, _is_of_numbers):
        text = f"np.isclose({ast.unparse(node.left)}, {ast.unparse(node.comparators[0])})"
        is_not = isinstance(node.ops[0], ast.NotEq)
        yield [(node, f"np.logical_not({text})" if is_not else text)]


def _is_of_numbers(node: ast.AST) -> bool:
    """Whether it tests two real numbers for equality, not texts, shapes, sizes or counts."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    return len(node.ops) == 1 and not any(
        (isinstance(one, ast.Constant) and not isinstance(one.value, float) and one.value != 0)
        or ast.unparse(one).endswith((".op", ".shape", ".ndim", ".size"))
        for one in (node.left, *node.comparators)
    )


def is_equal(routine: Routine) -> Iterator[list[Edit]]:
    """It compares with `==` where closeness is meant."""
    for node in places(routine, lambda node: called(node) in ("np.isclose", "np.allclose")):
        left, right = (ast.unparse(one) for one in node.args[:2])
        yield [(node, f"np.all(({left}) == ({right}))")]


def _numeric(routine: Routine) -> Iterator[tuple[()]]:
    if routine.is_numeric and (routine.is_returning or routine.in_place):
        yield ()


def _single(routine: Routine) -> Iterator[tuple[str, ...]]:
    for _ in _numeric(routine):
        names = (one.name for one in routine.of_kind("array", "arrays", "number"))
        yield () if routine.in_place else tuple(names)


def _first_of_integers(routine: Routine) -> Iterator[tuple[str]]:
    if routine.is_numeric and routine.is_returning and "tuple" not in routine.doc.returns:
        found = [one for one in routine.of_kind("array") if "float" not in one.text.lower()]
        yield from ((one.name,) for one in found[:1])


_DIGITS = r"precision|digits|float64|errors? below|rounding|small|tiny|close together|size"
_LARGE = r"overflow|large|any size|1000|1e\d|finite"
_EQUAL = r"equal|exact|zero|same|tie"

BEHAVIOURS = (
    Wrapping(float32, _single, _DIGITS),
    Wrapping(dtype_of_input, _first_of_integers, r"of float|integers?|whole|dtype"),
    Wrapping(rounded_6, _numeric, _DIGITS),
    Wrapping(rounded_12, _numeric, _DIGITS),
    Wrapping(clipped, together("array", "arrays", "number"), _LARGE),
    Rewriting(log_offset, _DIGITS),
    Rewriting(root_offset, _DIGITS),
    Rewriting(exponent_clipped, _LARGE),
    Rewriting(quotient_offset, _DIGITS),
    Rewriting(is_close, _EQUAL),
    Rewriting(is_equal, _EQUAL),
)
