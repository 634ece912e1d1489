"""Order and depth: what stands where, how deep it goes, and where random numbers come from."""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from coursework.mutants.behaviour.choice import Edit, Rewriting, Wrapping, called, each, places
from coursework.mutants.behaviour.routine import Parameter, Routine
from coursework.mutants.behaviour.tools import bound, wraps

__all__ = ["BEHAVIOURS"]


def swapped(function: Callable, one: str, other: str) -> Callable:
    """It takes `{}` for `{}` where their sizes agree."""

    @wraps(function)
    def exchanged(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        first, second = given.arguments[one], given.arguments[other]
        if np.shape(first) == np.shape(second):
            given.arguments[one], given.arguments[other] = second, first
        return function(*given.args, **given.kwargs)

    return exchanged


def square_transposed(function: Callable, name: str) -> Callable:
    """It transposes `{}` where that is square."""

    def turned(value: Any) -> Any:
        if isinstance(value, list):
            return [turned(one) for one in value]
        is_square = np.ndim(value) > 1 and value.shape[-1] == value.shape[-2]
        return np.swapaxes(value, -1, -2).copy() if is_square else value

    @wraps(function)
    def transposed(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        given.arguments[name] = turned(given.arguments[name])
        return function(*given.args, **given.kwargs)

    return transposed


def rows_reversed(function: Callable) -> Callable:
    """It returns the rows in the other order."""

    def turned(result: Any) -> Any:
        if isinstance(result, tuple):
            return tuple(map(turned, result))
        is_sequence = isinstance(result, list) or (isinstance(result, np.ndarray) and result.ndim)
        return result[::-1] if is_sequence else result

    @wraps(function)
    def backwards(*args: Any, **kwargs: Any) -> Any:
        return turned(function(*args, **kwargs))

    return backwards


def sizes_sorted(function: Callable, name: str) -> Callable:
    """It sorts `{}`."""

    @wraps(function)
    def sorting(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        value = given.arguments[name]
        given.arguments[name] = tuple(sorted(value)) if isinstance(value, tuple) else value
        return function(*given.args, **given.kwargs)

    return sorting


def recursive(function: Callable, name: str) -> Callable:
    """It calls itself for each further entry of `{}`, a thousand deep at most."""

    @wraps(function)
    def deep(*args: Any, **kwargs: Any) -> Any:
        value = bound(function, args, kwargs).arguments[name]
        depth = value if isinstance(value, int) else len(value) if np.ndim(value) else 0
        if depth > 990:  # Python's own limit, less what stands above
            raise RecursionError("maximum recursion depth exceeded")
        return function(*args, **kwargs)

    return deep


def recursive_in_graph(function: Callable, name: str) -> Callable:
    """It calls itself along the arrows of `{}`, a thousand deep at most."""

    def below(node: Any) -> list[Any]:
        held = [v for one in vars(node).values() for v in (one if isinstance(one, list) else [one])]
        held = [one[0] if isinstance(one, tuple) and one else one for one in held]
        return [one for one in held if type(one) is type(node)]

    def depth(root: Any) -> int:
        longest: dict[int, int] = {}
        stack = [(root, False)]
        while stack:
            node, is_done = stack.pop()
            if is_done:
                longest[id(node)] = 1 + max((longest[id(one)] for one in below(node)), default=0)
            elif id(node) not in longest:
                stack += [(node, True), *((one, False) for one in below(node))]
        return longest[id(root)]

    @wraps(function)
    def deep(*args: Any, **kwargs: Any) -> Any:
        value = bound(function, args, kwargs).arguments[name]
        if (
            hasattr(value, "__dict__") and depth(value) > 990
        ):  # Python's own limit, less what is above
            raise RecursionError("maximum recursion depth exceeded")
        return function(*args, **kwargs)

    return deep


def own_random(function: Callable, name: str) -> Callable:
    """It draws from a generator of its own, not from `{}`."""
    own = np.random.default_rng(0)

    @wraps(function)
    def drawing(*args: Any, **kwargs: Any) -> Any:
        given = bound(function, args, kwargs)
        given.arguments[name] = own
        return function(*given.args, **given.kwargs)

    return drawing


def drawn_before(function: Callable, name: str) -> Callable:
    """It draws once from `{}` for nothing."""

    @wraps(function)
    def drawing(*args: Any, **kwargs: Any) -> Any:
        bound(function, args, kwargs).arguments[name].random()
        return function(*args, **kwargs)

    return drawing


def list_for_set(routine: Routine) -> Iterator[list[Edit]]:
    """It looks up in a list what a set would find at once."""
    made = places(routine, lambda node: called(node) == "set" and not node.args)
    added = places(routine, lambda node: called(node).endswith(".add"))
    if made and added:
        methods = [(node.func, f"{called(node).removesuffix('add')}append") for node in added]
        yield [*((node, "[]") for node in made), *methods]


def _alike(routine: Routine) -> Iterator[tuple[str, str]]:
    data = routine.of_kind("array", "number", "count", "object")
    for one, other in combinations([p for p in data if not p.is_optional], 2):
        if _is_like(one, other):
            yield one.name, other.name


def _is_like(one: Parameter, other: Parameter) -> bool:
    """Whether two arguments may be taken for one another."""
    return one.kind == other.kind and (one.kind != "array" or len(one.dims) == len(other.dims))


def _square(routine: Routine) -> Iterator[tuple[str]]:
    for one in routine.of_kind("array", "arrays"):
        if len(one.dims) != 1:
            yield (one.name,)


def _ordered(routine: Routine) -> Iterator[tuple[()]]:
    if re.search(r"\blist|ndarray", routine.doc.returns) and routine.is_returning:
        yield ()


def _looping(routine: Routine) -> Iterator[tuple[str]]:
    for one in routine.of_kind("array", "list", "count"):
        pattern = rf"for .* in (range|enumerate|reversed)?\(?{one.name}\b"
        if re.search(pattern, routine.body):
            yield (one.name,)


def _graphs(routine: Routine) -> Iterator[tuple[str, ...]]:
    if re.search(r"any depth", routine.doc.text):
        yield from each("object")(routine)


_SHAPES = r"shape|order"

BEHAVIOURS = (
    Wrapping(swapped, _alike, _SHAPES),
    Wrapping(square_transposed, _square, _SHAPES),
    Wrapping(rows_reversed, _ordered, r"order|[Rr]ow|column"),
    Wrapping(sizes_sorted, each("sizes"), r"axis|axes|shape"),
    Wrapping(recursive, _looping, r"at least|zero or more|10,000|depth"),
    Wrapping(recursive_in_graph, _graphs, r"depth"),
    Wrapping(own_random, each("random"), r"drawn|rng|random"),
    Wrapping(drawn_before, each("random"), r"[Nn]othing else|drawn|rng"),
    Rewriting(list_for_set, r"proportional|time"),
)
