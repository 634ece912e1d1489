"""Random expressions of arrays, which Hypothesis makes up and two engines compute."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

__all__ = ["KINKED", "SMOOTH", "Expression"]


@dataclass(frozen=True)
class Step:
    """One line of an expression: an input array, or an operation on earlier lines."""

    array: np.ndarray | None = None
    is_leaf: bool = False
    ours: Callable[..., Any] | None = None
    theirs: Callable[..., Any] | None = None
    operands: tuple[int, ...] = ()


class Expression:
    """A random expression, as a list of steps that either engine can run.

    Parameters
    ----------
    tensor : type
        Our class, which tells the shapes while the expression grows.
    data : Hypothesis's data
        Chooses operations and shapes.
    """

    def __init__(self, tensor: type, data: st.DataObject) -> None:
        self.tensor, self.data = tensor, data
        # The numbers are generic: no kinks, and no ties that rounding decides.
        self.rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        self.steps: list[Step] = []
        self.values: list[Any] = []
        full = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
        self.nodes = [self.leaf(self.shape(full)) for _ in range(3)]

    def shape(self, full: list[int]) -> tuple[int, ...]:
        """Choose a shape that broadcasts to the full one."""
        lengths = [self.data.draw(st.sampled_from([n, n, 1])) for n in full]
        return tuple(lengths[self.data.draw(st.integers(0, len(full))) :])

    def leaf(self, shape: tuple[int, ...]) -> int:
        """Add numbers whose gradient is wanted."""
        return self._add(Step(self.rng.uniform(-1.5, 1.5, size=shape), is_leaf=True))

    def constant(self, like: int) -> int:
        """Add numbers in the shape of a value."""
        return self._add(Step(self.rng.normal(size=self.values[like].shape)))

    def apply(self, ours: Callable, *operands: int, theirs: Callable | None = None) -> int:
        """Add an operation; PyTorch's where it is written in another way."""
        return self._add(Step(ours=ours, theirs=theirs or ours, operands=operands))

    def _add(self, step: Step) -> int:
        self.steps.append(step)
        self.values.append(_run(step, self.values, self.tensor, "ours"))
        return len(self.steps) - 1

    def grow(self, operations: dict[str, Callable[["Expression", int], int]]) -> None:
        """Add the result of a random operation on a random value."""
        operation = operations[self.data.draw(st.sampled_from(sorted(operations)))]
        self.nodes.append(operation(self, self.data.draw(st.sampled_from(self.nodes))))
        value = self.values[self.nodes[-1]].data
        # What is very large has large rounding errors, too.
        assume(value.size and np.max(np.abs(value)) < 1e3)

    def end(self) -> None:
        """Add the loss: a number that depends on every value."""
        weighted = [
            self.apply(lambda x, w: (x * w).sum(), node, self.constant(node)) for node in self.nodes
        ]
        self.apply(lambda *terms: sum(terms[1:], terms[0]), *weighted)

    def run(self, make: Callable[..., Any], side: str, shift: float = 0.0) -> tuple[Any, list[Any]]:
        """Compute the loss with leaves that are shifted each in a direction of its own.

        Returns
        -------
        loss, leaves
        """
        values: list[Any] = []
        for number, step in enumerate(self.steps):
            if step.is_leaf and shift:
                step = Step(step.array + shift * self.direction(number), is_leaf=True)  # noqa: PLW2901
            values.append(_run(step, values, make, side))
        leaves = [v for v, step in zip(values, self.steps, strict=True) if step.is_leaf]
        return values[-1], leaves

    def direction(self, number: int) -> np.ndarray:
        """Return the direction in which a leaf is shifted."""
        return np.random.default_rng(number).normal(size=self.steps[number].array.shape)


def _run(step: Step, values: list[Any], make: Callable[..., Any], side: str) -> Any:
    if step.array is not None:
        return make(step.array, requires_grad=step.is_leaf)
    return getattr(step, side)(*(values[i] for i in step.operands))


Operation = Callable[[Expression, int], int]


def _one(function: Callable) -> Operation:
    return lambda e, x: e.apply(function, x)


def _two(function: Callable) -> Operation:
    def operation(e: Expression, x: int) -> int:
        fitting = [y for y in e.nodes if _fit(e.values[x].shape, e.values[y].shape)]
        return e.apply(function, x, e.data.draw(st.sampled_from(fitting)))

    return operation


def _fit(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    pairs = zip(reversed(one), reversed(other), strict=False)
    return all(m == n or 1 in (m, n) for m, n in pairs)


def _distinct(operation: Operation) -> Operation:
    """Shift each entry by a number of its own first."""
    return lambda e, x: operation(e, e.apply(lambda a, b: a + b, x, e.constant(x)))


def _reduced(name: str, theirs: str) -> Operation:
    def operation(e: Expression, x: int) -> int:
        ndim, keepdims = e.values[x].ndim, e.data.draw(st.booleans())
        axes = st.permutations(range(ndim)).flatmap(
            lambda order: st.integers(1, max(1, ndim)).map(lambda count: tuple(order[:count]))
        )
        one = st.integers(-ndim, ndim - 1) if ndim else st.none()
        axis = e.data.draw(st.one_of(st.none(), one, axes if ndim else st.none()))
        dim = tuple(range(ndim)) if axis is None else axis
        return e.apply(
            lambda a: getattr(a, name)(axis=axis, keepdims=keepdims),
            x,
            theirs=lambda a: getattr(a, theirs)(dim=dim, keepdim=keepdims),
        )

    return operation


def _multiplied(e: Expression, x: int) -> int:
    """Multiply with a vector, a matrix or a stack that fits, on either side."""
    shape = e.values[x].shape
    if not shape:
        return x
    is_left = len(shape) > 1 and e.data.draw(st.booleans())
    if is_left:
        inner = shape[-2]
        other = e.leaf(e.data.draw(st.sampled_from([(inner,), (2, inner), (2, 1, 3, inner)])))
        return e.apply(lambda a, b: b @ a, x, other)
    inner = shape[-1]
    others = [(inner,), (inner, 2), (*shape[:-2], inner, 3), (2, *[1] * len(shape), inner, 1)]
    return e.apply(lambda a, b: a @ b, x, e.leaf(e.data.draw(st.sampled_from(others))))


def _indexed(e: Expression, x: int) -> int:
    shape = e.values[x].shape
    if not shape:
        return x
    places = st.lists(st.integers(-shape[0], shape[0] - 1), min_size=1, max_size=5)
    index = e.data.draw(
        st.one_of(
            places,
            places.map(lambda rows: (rows, ..., 0) if len(shape) > 1 else rows),
            st.integers(0, shape[0] - 1),
            st.integers(0, shape[0] - 1).map(lambda start: slice(start, None, 2)),
            st.just(e.rng.random(size=shape) < 0.7),
            st.just((..., None)),
        )
    )
    return e.apply(lambda a: a[index], x)


def _permuted(e: Expression, x: int) -> int:
    axes = e.data.draw(st.permutations(range(e.values[x].ndim)))
    return e.apply(lambda a: a.transpose(*axes), x, theirs=lambda a: a.permute(tuple(axes)))


def _reshaped(e: Expression, x: int) -> int:
    size = e.values[x].size
    shapes = [(-1,), (1, size), (size, 1, 1)] + ([(2, size // 2)] if size % 2 == 0 else [])
    shape = e.data.draw(st.sampled_from(shapes))
    return e.apply(lambda a: a.reshape(shape), x)


def _log_softmax(e: Expression, x: int) -> int:
    ndim = e.values[x].ndim
    if not ndim:
        return x
    axis = e.data.draw(st.integers(-ndim, ndim - 1))
    return e.apply(lambda a: a.log_softmax(axis), x)


SMOOTH: dict[str, Operation] = {
    "add": _two(lambda a, b: a + b),
    "subtract": _two(lambda a, b: a - b),
    "multiply": _two(lambda a, b: a * b),
    "divide": _two(lambda a, b: a / (b * b + 1)),
    "with numbers": _one(lambda a: (2 - a) + 3 * a - 1 / (a * a + 2)),
    "negate": _one(lambda a: -a),
    "cube": _one(lambda a: a**3),
    "root": _one(lambda a: (a * a + 1) ** 0.5),
    "exp": _one(lambda a: a.tanh().exp()),
    "log": _one(lambda a: (a * a + 1).log()),
    "sum": _reduced("sum", "sum"),
    "mean": _reduced("mean", "mean"),
    "matmul": _multiplied,
    "index": _indexed,
    "transpose": _permuted,
    "reshape": _reshaped,
    "log_softmax": _log_softmax,
}
KINKED: dict[str, Operation] = {
    "relu": _distinct(_one(lambda a: a.relu())),
    "max": _distinct(_reduced("max", "amax")),
}
