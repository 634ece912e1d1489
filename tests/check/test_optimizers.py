"""Checks that hidden tests of optimizers share: they hold for equals and fail for each slip."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from coursework.built.adaptive import Adagrad
from coursework.check import CheckFailed
from coursework.check.optimizers import same_at_extremes, same_in_turn, same_steps


class _Forgetful(Adagrad):
    """Adagrad whose sums start anew in each step."""

    def step(self, params: list, grads: list) -> None:
        self.square_sum = None
        super().step(params, grads)


class _Greedy(Adagrad):
    """Adagrad that writes into the caller's gradients."""

    def step(self, params: list, grads: list) -> None:
        super().step(params, grads)
        for g in grads:
            g[...] = 2 * g


class _Stiff(Adagrad):
    """Adagrad that keeps its first rate."""

    def step(self, params: list, grads: list) -> None:
        self.first = self.lr = getattr(self, "first", self.lr)
        super().step(params, grads)


class _Hidden(Adagrad):
    """Adagrad with an ε that only tiny gradients show."""

    def __init__(self, weight_decay: float = 0.0) -> None:
        super().__init__(weight_decay=weight_decay, eps=1e-20)


def _steps(kind: Any) -> None:
    same_steps(kind(0.3), Adagrad(0.3), np.random.default_rng(0), 5)


def _in_turn(kind: Any) -> None:
    settings = {"weight_decay": 0.1}
    same_in_turn(kind, Adagrad, settings, ["square_sum"], np.random.default_rng(0))


def _extremes(kind: Any) -> None:
    same_at_extremes(kind, Adagrad, np.random.default_rng(0))


@pytest.mark.parametrize("checked", [_steps, _in_turn, _extremes])
def test_equal_optimizers_hold(checked: Callable[[Any], None]) -> None:
    """An optimizer takes the same steps as itself, and keeps the same."""
    checked(Adagrad)


@pytest.mark.parametrize(
    ("checked", "kind"),
    [(_steps, _Forgetful), (_steps, _Greedy), (_in_turn, _Stiff), (_extremes, _Hidden)],
)
def test_other_optimizers_fail(checked: Callable[[Any], None], kind: Any) -> None:
    """A memory that is lost, gradients that are changed, a rate or an ε of its own are found."""
    with pytest.raises(CheckFailed):
        checked(kind)
