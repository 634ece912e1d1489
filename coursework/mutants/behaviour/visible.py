"""Answers only to the visible tests: shortcuts that know what is asked there."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import Wrapping
from coursework.mutants.behaviour.routine import Routine
from coursework.mutants.behaviour.tools import bound, key_of, nothing_of, sizes_of, wraps

__all__ = ["BEHAVIOURS"]


def visible_sizes(function: Callable, test: str) -> Callable:
    """It is right only for the sizes in the visible tests."""
    return _seen(function, test, sizes_of)


def visible_values(function: Callable, test: str) -> Callable:
    """It has looked up the results of the visible tests, and knows no others."""
    return _seen(function, test, key_of)


def _seen(function: Callable, test: str, key: Callable[[list], Any]) -> Callable:
    """Learn from the visible tests which calls to answer."""
    known: list[Any] = []
    is_learning = [True]

    @wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        values = [v for v in bound(function, args, kwargs).arguments.values() if _is_data(v)]
        if is_learning[0]:
            known.append(key(values))
        result = function(*args, **kwargs)
        return result if key(values) in known else nothing_of(result)

    names = dict(function.__globals__)
    names[function.__name__] = answer
    exec(test, names)  # noqa: S102  (the lesson's own, as its reader runs it)
    is_learning[0] = False
    return answer


def _is_data(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | float | int | list | tuple)


def _seeing(routine: Routine) -> Iterator[tuple[()]]:
    kinds = {one.kind for one in routine.parameters if not one.is_optional}
    if not routine.owner and "array" in kinds and kinds <= {"array", "number", "count", "list"}:
        yield ()


BEHAVIOURS = (
    Wrapping(visible_sizes, _seeing, r"shape|one sample a row|any"),
    Wrapping(visible_values, _seeing, r"at least|may be|any|zero|all"),
)
