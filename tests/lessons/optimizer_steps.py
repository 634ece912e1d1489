"""Steps of an optimizer along random gradients: ours, and PyTorch's."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

__all__ = ["N_STEPS", "assert_same_steps"]

N_STEPS = 100
_SHAPES = [(4,), (2, 3), (), (1, 5, 2)]


def _run_ours(
    optimizer: Any, seed: int, rates: Callable[[int], float] | None = None
) -> Iterator[list[np.ndarray]]:
    """Yield the parameters after each step along random gradients."""
    rng = np.random.default_rng(seed)
    params = [np.array(rng.normal(size=shape)) for shape in _SHAPES]
    for step in range(N_STEPS):
        if rates:
            optimizer.lr = rates(step)
        grads = [np.array(rng.normal(size=shape)) for shape in _SHAPES]
        before = [g.copy() for g in grads]
        optimizer.step(params, grads)
        assert all(np.array_equal(g, b) for g, b in zip(grads, before, strict=True))
        yield params


def _run_theirs(
    torch: Any, make: Callable[..., Any], seed: int, rates: Callable[[int], float] | None = None
) -> Iterator[list[np.ndarray]]:
    """Yield the parameters of PyTorch's optimizer after each step along the same gradients."""
    rng = np.random.default_rng(seed)
    params = [torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in _SHAPES]
    optimizer = make(params)
    for step in range(N_STEPS):
        if rates:
            optimizer.param_groups[0]["lr"] = rates(step)
        for p, shape in zip(params, _SHAPES, strict=True):
            p.grad = torch.tensor(rng.normal(size=shape), dtype=torch.float64)
        optimizer.step()
        yield [p.detach().numpy() for p in params]


def assert_same_steps(
    torch: Any,
    optimizer: Any,
    make: Callable[..., Any],
    seed: int = 0,
    rates: Callable[[int], float] | None = None,
) -> None:
    """Hold an optimizer of ours against one of PyTorch's after each of 100 steps."""
    both = zip(
        _run_ours(optimizer, seed, rates), _run_theirs(torch, make, seed, rates), strict=True
    )
    for ours, theirs in both:
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-10, atol=1e-10)
