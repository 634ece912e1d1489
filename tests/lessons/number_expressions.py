"""Random expressions of numbers of any kind, and PyTorch to hold their derivatives against."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

__all__ = ["Expression", "evaluate", "expressions", "tensor", "torch", "torch_functions", "vectors"]

torch = pytest.importorskip("torch")

Expression = tuple[Any, ...]

# Each keeps its results in a range where neither library overflows, and away from kinks.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda _, a, b: a + b,
    "difference": lambda _, a, b: a - 2 * b,
    "product": lambda _, a, b: 0.5 * a * b,
    "quotient": lambda _, a, b: a / (1 + b * b),
    "power": lambda lib, a, b: (1 + a * a) ** lib.tanh(b),
    "exponential": lambda lib, a, b: 2 ** lib.tanh(a) - b,
    "cube": lambda lib, a, b: lib.sin(a) ** 3 + b,
    "reciprocal": lambda lib, a, b: 1 / (2 + lib.cos(a)) - (-b),
    "exp": lambda lib, a, b: lib.exp(lib.tanh(a)) * b,
    "log": lambda lib, a, b: lib.log(2 + lib.sin(a)) + b,
    "sqrt": lambda lib, a, b: b - lib.sqrt(1 + a * a),
    "branch": lambda lib, a, b: lib.sin(a) if a > b else lib.cos(b) * a,
}


def expressions(n_inputs: int) -> st.SearchStrategy[Expression]:
    """Return random expressions: an input's number, a constant, or an operation on two of them."""
    leaves = st.one_of(
        st.tuples(st.integers(0, n_inputs - 1)),
        st.tuples(st.just("constant"), st.floats(-2, 2)),
    )
    return st.recursive(
        leaves, lambda two: st.tuples(st.sampled_from(sorted(OPERATIONS)), two, two), max_leaves=12
    )


def evaluate(expression: Expression, inputs: Any, lib: Any) -> Any:
    """Return the value of an expression of numbers of any kind."""
    match expression:
        case ("constant", value):
            return value
        case (int(i),):
            return inputs[i]
        case (name, one, other):
            a, b = (evaluate(part, inputs, lib) for part in (one, other))
            return OPERATIONS[name](lib, a, b)
    raise ValueError(expression)


def torch_functions() -> SimpleNamespace:
    """Return PyTorch's elementary functions, which take plain numbers too."""

    def of_any(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: function(torch.as_tensor(x, dtype=torch.float64))

    names = ("sin", "cos", "exp", "log", "sqrt", "tanh")
    return SimpleNamespace(**{name: of_any(getattr(torch, name)) for name in names})


def tensor(values: Any) -> Any:
    """Return a tensor in double precision."""
    return torch.tensor(np.asarray(values, dtype=float))


vectors = st.lists(st.floats(-2, 2), min_size=3, max_size=3)
