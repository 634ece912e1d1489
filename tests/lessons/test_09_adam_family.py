"""The solutions of adam-family take the steps of PyTorch, to 1e-10 over 100 steps."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from optimizer_steps import N_STEPS, assert_same_steps

close = pytest.approx


@pytest.fixture(scope="module")
def adam_family(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `adam-family`."""
    return solve("09-optimizers", "adam-family")


@pytest.fixture
def double(torch: Any) -> Iterator[None]:
    """Let PyTorch keep NAdam's product of momenta in double precision, as we do."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("double")
class TestAdamFamily:
    """`adam-family` against `torch.optim`, and its bounds against measured steps."""

    THEIRS: ClassVar = {"Adam": "Adam", "AdaMax": "Adamax", "Nadam": "NAdam", "AdamW": "AdamW"}
    CASES = (
        ("Adam", {}),
        ("Adam", {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.2}),
        ("Adam", {"lr": 0.1, "amsgrad": True}),
        ("Adam", {"lr": 0.2, "betas": (0.6, 0.7), "weight_decay": 0.1, "amsgrad": True}),
        ("AdaMax", {}),
        ("AdaMax", {"lr": 0.1, "betas": (0.7, 0.8), "eps": 0.1, "weight_decay": 0.2}),
        ("Nadam", {}),
        ("Nadam", {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.2}),
        ("Nadam", {"lr": 0.1, "momentum_decay": 0.0}),
        ("Nadam", {"lr": 0.1, "momentum_decay": 1.0, "weight_decay": 0.1}),
        ("AdamW", {}),
        ("AdamW", {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.5}),
        ("AdamW", {"lr": 0.1, "weight_decay": 0.0}),
    )

    @pytest.mark.parametrize(("name", "settings"), CASES)
    @pytest.mark.parametrize("rates", [None, lambda step: 0.3 / (1 + step % 7)])
    def test_steps_are_those_of_the_library(
        self,
        adam_family: SimpleNamespace,
        torch: Any,
        name: str,
        settings: dict[str, Any],
        rates: Callable[[int], float] | None,
    ) -> None:
        """Each takes PyTorch's steps, by default too, with a rate fixed or changing."""
        theirs = getattr(torch.optim, self.THEIRS[name])

        assert_same_steps(
            torch,
            getattr(adam_family, name)(**settings),
            lambda params: theirs(params, **settings),
            rates=rates,
        )

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("Adam", {"m": "exp_avg", "v": "exp_avg_sq"}),
            ("AdaMax", {"m": "exp_avg", "u": "exp_inf"}),
            ("Nadam", {"m": "exp_avg", "v": "exp_avg_sq", "mu_product": "mu_product"}),
            ("AdamW", {"m": "exp_avg", "v": "exp_avg_sq"}),
        ],
    )
    def test_state_is_that_of_the_library(
        self, adam_family: SimpleNamespace, torch: Any, name: str, kept: dict[str, str]
    ) -> None:
        """What is kept between steps is what PyTorch keeps."""
        made = []

        def make(params: list) -> Any:
            made.append(getattr(torch.optim, self.THEIRS[name])(params))
            return made[0]

        ours = getattr(adam_family, name)()
        assert_same_steps(torch, ours, make)

        assert ours.t == N_STEPS
        for mine, its in kept.items():
            buffers = [state[its].numpy() for state in made[0].state.values()]
            states = getattr(ours, mine)
            states = states if isinstance(states, list) else [states] * len(buffers)
            for state, buffer in zip(states, buffers, strict=True):
                np.testing.assert_allclose(state, buffer, rtol=1e-10, atol=1e-10)

    @pytest.mark.parametrize(("warmup", "total"), [(2, 9), (5, 40), (30, 31)])
    def test_schedule_is_two_of_the_library(
        self, adam_family: SimpleNamespace, torch: Any, warmup: int, total: int
    ) -> None:
        """The rates are those of a linear warm-up followed by cosine annealing."""
        schedulers = torch.optim.lr_scheduler
        optimizer = torch.optim.SGD([torch.zeros(1)], 0.7)
        rise = schedulers.LinearLR(optimizer, 1 / warmup, 1.0, warmup - 1)
        fall = schedulers.CosineAnnealingLR(optimizer, total - warmup, 0.1)
        both = schedulers.SequentialLR(optimizer, [rise, fall], [warmup - 1])
        for t in range(1, total + 1):
            rate = adam_family.warmup_cosine(t, 0.7, warmup, total, 0.1)
            assert rate == close(optimizer.param_groups[0]["lr"], rel=1e-10)
            optimizer.step()
            both.step()

    @pytest.mark.parametrize(
        ("name", "growth", "bound"), [("Adam", 0.9 / 0.999, 7.28), ("AdaMax", 1.0, 1.0091)]
    )
    def test_steps_are_bounded(
        self, adam_family: SimpleNamespace, name: str, growth: float, bound: float
    ) -> None:
        """No step is longer than the lesson says, and growing gradients come near the bound."""
        rng = np.random.default_rng(0)
        streams = [
            np.r_[np.zeros(20_000), growth ** -np.arange(150.0)],
            rng.standard_cauchy(5000),
            rng.normal(size=5000) * 10 ** rng.uniform(-5, 5, 5000),
        ]
        longest = []
        for stream in streams:
            optimizer, theta, path = getattr(adam_family, name)(1.0, eps=1e-300), np.zeros(1), [0.0]
            for g in stream:
                optimizer.step([theta], [np.array([g])])
                path.append(theta[0])
            longest.append(np.abs(np.diff(path)).max())

        assert max(longest) <= bound
        assert longest[0] > 0.95 * bound

    @pytest.mark.parametrize("large", [2.1, 3.0, 10.0])
    def test_counterexample_leads_astray(self, adam_family: SimpleNamespace, large: float) -> None:
        """Adam ends at the worst point of Reddi's example, AMSGrad at the best."""
        for amsgrad, end in ((False, 1.0), (True, -1.0)):
            theta = np.zeros(1)
            optimizer = adam_family.Adam(betas=(0.0, 1 / (1 + large**2)), amsgrad=amsgrad)
            for t in range(1, 10_001):
                optimizer.lr = 0.5 / np.sqrt(t)
                optimizer.step([theta], [np.array([large if t % 3 == 1 else -1.0])])
                np.clip(theta, -1.0, 1.0, out=theta)
            assert theta == close(end, abs=0.02)

    @pytest.mark.parametrize("name", ["Adam", "AdaMax", "Nadam", "AdamW"])
    def test_arrays_of_single_precision_stay_themselves(
        self, adam_family: SimpleNamespace, name: str
    ) -> None:
        """A step writes into the caller's arrays and keeps their type."""
        theta = np.array([1.0, 2.0], dtype=np.float32)

        getattr(adam_family, name)(0.5).step([theta], [np.array([1.0, -1.0])])

        assert theta.dtype == np.float32
        assert theta[0] < 1.0
        assert theta[1] > 2.0
