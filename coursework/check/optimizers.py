"""What hidden tests of optimizers share: two take the same steps, and keep the same state.

An optimizer has `step(params, grads)`, which changes a list of arrays in place, and a rate `lr`.
The functions are here because no reader of a lesson needs them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from coursework.check.assertions import close, in_place

__all__ = ["same_at_extremes", "same_in_turn", "same_steps"]

_SHAPES = ((4,), (2, 3), (3, 3), (), (1, 5, 2), (4,))
_RATES = (0.5, 0.1, 0.0, 0.3, 0.01)
_SIZES = (1e-25, 1e-18, 1.0, 1e6)


def same_steps(optimizer: Any, expected: Any, rng: np.random.Generator, n_steps: int = 40) -> None:
    """Check that two optimizers agree after each step, and leave the gradients alone.

    The gradients are written into the same arrays again and again, as a caller may.

    Raises
    ------
    CheckFailed
        A parameter, or a gradient, is not what it should be.
    """
    params = [np.array(rng.normal(size=shape)) for shape in _SHAPES]
    others = [p.copy() for p in params]
    grads = [np.empty(shape) for shape in _SHAPES]
    step = optimizer.step
    for k in range(1, n_steps + 1):
        for g in grads:
            g[...] = rng.normal(size=g.shape)
        before = [g.copy() for g in grads]
        expected.step(others, before)
        step(in_place(params), in_place(grads))
        came, right = {"params": params, "grads": grads}, {"params": others, "grads": before}
        close({f"after step {k}": came}, {f"after step {k}": right})


def same_in_turn(
    make: Callable[..., Any],
    make_expected: Callable[..., Any],
    settings: Mapping[str, Any],
    state: Sequence[str],
    rng: np.random.Generator,
) -> None:
    """Check two optimizers that alternate at changing rates, and all that they keep.

    At the end a parameter in single precision takes gradients in double precision.

    Raises
    ------
    CheckFailed
        A parameter, or an attribute named in `state`, is not what it should be.
    """
    shapes = ((3,), (4, 2))
    pairs = [(make(**settings), make_expected(**settings)) for _ in range(2)]
    params = [[rng.normal(size=shape) for shape in shapes] for _ in pairs]
    others = [[p.copy() for p in some] for some in params]
    for lr in _RATES:
        for (mine, its), p, q in zip(pairs, params, others, strict=True):
            grads = [rng.normal(size=shape) for shape in shapes]
            mine.lr = its.lr = lr
            its.step(q, grads)
            mine.step(in_place(p), grads)
            close({"params": p}, {"params": q})
            for name in state:
                close({name: getattr(mine, name)}, {name: getattr(its, name)})
    _same_in_single_precision(make(**settings), make_expected(**settings), rng)


def _same_in_single_precision(mine: Any, its: Any, rng: np.random.Generator) -> None:
    w = rng.normal(size=6).astype(np.float32)
    q = w.astype(float)
    for _ in range(3):
        grads = [rng.normal(size=6)]
        its.step([q], grads)
        mine.step(in_place([w]), grads)
    close(w, q, rtol=1e-4, atol=1e-5)


def same_at_extremes(
    make: Callable[..., Any], make_expected: Callable[..., Any], rng: np.random.Generator
) -> None:
    """Check steps along gradients that are tiny, huge, zero, all equal or differently laid out.

    Raises
    ------
    CheckFailed
        A parameter is not what it should be.
    """
    for size in _SIZES:
        params = [np.zeros(5), np.zeros((3, 2))]
        others, mine, its = [p.copy() for p in params], make(), make_expected()
        for _ in range(2):
            grads = [size * rng.normal(size=5), np.asfortranarray(size * rng.normal(size=(3, 2)))]
            its.step(others, grads)
            mine.step(in_place(params), grads)
            close(params, others, atol=0)
    params = [rng.normal(size=4) for _ in range(3)]
    others = [p.copy() for p in params]
    mine, its = make(weight_decay=0.3), make_expected(weight_decay=0.3)
    for _ in range(2):
        grads = [np.zeros(4), np.full(4, 0.5), rng.normal(size=4)]
        its.step(others, grads)
        mine.step(in_place(params), grads)
        close(params, others)
