"""The solutions of adaptive-rates take the steps of PyTorch, to 1e-10 over 100 steps."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from optimizer_steps import assert_same_steps

close = pytest.approx


@pytest.fixture(scope="module")
def adaptive(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `adaptive-rates`."""
    return solve("09-optimizers", "adaptive-rates")


class TestAdaptiveRates:
    """`adaptive-rates` against `torch.optim`, and what it derives against measured steps."""

    CASES = (
        ("Adagrad", {}),
        ("Adagrad", {"lr": 0.3, "weight_decay": 0.2}),
        ("Adagrad", {"lr": 0.3, "initial_accumulator_value": 0.7, "eps": 0.1}),
        ("RMSprop", {}),
        ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 0.05, "weight_decay": 0.2}),
        ("RMSprop", {"lr": 0.02, "momentum": 0.9}),
        ("RMSprop", {"lr": 0.02, "alpha": 0.9, "centered": True}),
        ("RMSprop", {"alpha": 0.7, "momentum": 0.6, "weight_decay": 0.1, "centered": True}),
        ("Adadelta", {}),
        ("Adadelta", {"lr": 0.4, "rho": 0.7}),
        ("Adadelta", {"rho": 0.95, "eps": 0.01, "weight_decay": 0.2}),
    )

    @pytest.mark.parametrize(("name", "settings"), CASES)
    @pytest.mark.parametrize("rates", [None, lambda step: 0.3 / (1 + step % 7)])
    def test_steps_are_those_of_the_library(
        self,
        adaptive: SimpleNamespace,
        torch: Any,
        name: str,
        settings: dict[str, float],
        rates: Callable[[int], float] | None,
    ) -> None:
        """Each optimizer takes PyTorch's steps, with its defaults, its options, changing rates."""
        optimizer, theirs = getattr(adaptive, name)(**settings), getattr(torch.optim, name)

        assert_same_steps(torch, optimizer, lambda params: theirs(params, **settings), rates=rates)

    @pytest.mark.parametrize(
        ("name", "settings", "state"),
        [
            ("Adagrad", {"weight_decay": 0.1}, {"square_sum": "sum"}),
            (
                "RMSprop",
                {"alpha": 0.9, "momentum": 0.5, "centered": True},
                {"square_avg": "square_avg", "grad_avg": "grad_avg", "velocity": "momentum_buffer"},
            ),
            ("Adadelta", {"lr": 0.3}, {"square_avg": "square_avg", "delta_avg": "acc_delta"}),
        ],
    )
    def test_state_is_that_of_the_library(
        self,
        adaptive: SimpleNamespace,
        torch: Any,
        name: str,
        settings: dict[str, float],
        state: dict[str, str],
    ) -> None:
        """What is kept between steps is what PyTorch keeps, under the names given here."""
        made = []

        def make(params: list) -> Any:
            made.append(getattr(torch.optim, name)(params, **settings))
            return made[0]

        ours = getattr(adaptive, name)(**settings)
        assert_same_steps(torch, ours, make)

        for mine, its in state.items():
            kept = [state[its].numpy() for state in made[0].state.values()]
            for a, b in zip(getattr(ours, mine), kept, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)

    @pytest.mark.parametrize("shape", [(1, 3), (20, 4)])
    def test_own_rates_are_those_of_adagrad(
        self, adaptive: SimpleNamespace, shape: tuple[int, int]
    ) -> None:
        """Adagrad's last step is the last gradient times the rates of all gradients so far."""
        gradients = np.random.default_rng(3).normal(size=shape)
        path = adaptive.walk(adaptive.Adagrad(0.3), np.zeros(shape[1]), gradients)

        last = np.diff(path, axis=0, prepend=0.0)[-1]

        np.testing.assert_allclose(last, -adaptive.own_rates(gradients, 0.3) * gradients[-1])

    def test_best_rate_is_that_of_a_sorted_search(self, adaptive: SimpleNamespace) -> None:
        """Of many losses, some nan, some infinite, it is the first of the smallest."""
        rng = np.random.default_rng(4)
        for _ in range(50):
            rates = rng.permutation(8) + 1.0
            losses = rng.choice([1.0, 2.0, np.nan, np.inf], size=8)
            finite = [(loss, k) for k, loss in enumerate(losses) if np.isfinite(loss)]
            loss, k = min(finite, default=(np.inf, 0))

            found = adaptive.best_rate(dict(zip(rates, losses, strict=True)).get, rates)

            assert found == (rates[k], loss)

    @pytest.mark.parametrize("seed", range(5))
    def test_own_rates_tell_wines_where_one_rate_does_not(
        self, adaptive: SimpleNamespace, seed: int
    ) -> None:
        """On any split the best of 31 rates leaves gradient descent three times the loss."""
        wine = pytest.importorskip("sklearn.datasets").load_wine()
        chosen = np.random.default_rng(seed).permutation(178)[:118]
        X, targets = wine.data[chosen], np.eye(3)[wine.target[chosen]]
        X, targets = X - X.mean(axis=0), targets - targets.mean(axis=0)

        def loss_of(optimizer: Any) -> float:
            W = np.zeros((13, 3))
            with np.errstate(all="ignore"):
                for _ in range(200):
                    optimizer.step([W], [2 / 118 * X.T @ (X @ W - targets)])
                return np.mean(np.sum((X @ W - targets) ** 2, axis=1))

        one, own = (
            adaptive.best_rate(lambda rate, make=make: loss_of(make(rate)), np.logspace(-9, 1, 31))
            for make in (adaptive.SGD, adaptive.Adagrad)
        )

        assert one[1] > 3 * own[1]

    def test_least_squares_is_right_for_about_98_of_100_wines(self) -> None:
        """The share that the opening promises is the mean of twenty splits."""
        wine = pytest.importorskip("sklearn.datasets").load_wine()
        shares = []
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(178)
            seen, unseen = order[:118], order[118:]
            X = np.c_[wine.data, np.ones(178)]
            W = np.linalg.lstsq(X[seen], np.eye(3)[wine.target[seen]], rcond=None)[0]
            shares.append(np.mean(np.argmax(X[unseen] @ W, axis=1) == wine.target[unseen]))

        assert np.mean(shares) == close(0.98, abs=0.005)

    @pytest.mark.parametrize("curvature", [10.0, 100.0, 1000.0])
    def test_cliff_ten_times_as_steep_costs_ten_times_and_460_more(
        self, adaptive: SimpleNamespace, curvature: float
    ) -> None:
        """Adagrad's steps across the plain grow with the cliff, RMSprop's by a fixed number."""

        def steps_of(optimizer: Any, steepness: float) -> int:
            theta, step, arrived = np.array([-5.0]), 0, 0
            while step - arrived < 100 and step < 4000:
                wall, valley = steepness * theta - 1, theta - 10
                gradient = np.where(theta < 0, wall, np.where(theta < 9, -1.0, valley))
                optimizer.step([theta], [gradient])
                step += 1
                arrived = step if abs(theta[0] - 10) > 0.1 else arrived
            return arrived + 1

        gentle, steep = curvature, 10 * curvature
        adagrad, rmsprop = adaptive.Adagrad, adaptive.RMSprop

        times = steps_of(adagrad(100.0), steep) / steps_of(adagrad(100.0), gentle)
        assert times == close(10, abs=1.1)
        for rate in (1.0, 3.0, 10.0):
            assert 0 < steps_of(rmsprop(rate), steep) - steps_of(rmsprop(rate), gentle) <= 460

    def test_centred_steps_grow_along_a_constant_gradient(self, adaptive: SimpleNamespace) -> None:
        """With nothing but a mean the variance fades: 2 rates at the shortest, 15 at step 51."""
        theta, optimizer = np.zeros(1), adaptive.RMSprop(1.0, 0.9, centered=True)
        path = [0.0]
        for _ in range(60):
            optimizer.step([theta], [np.ones(1)])
            path.append(theta[0])

        steps = abs(np.diff(path))
        assert steps.min() == close(2.0, abs=0.05)
        assert steps[50] == close(15, abs=0.5)

    @pytest.mark.parametrize("alpha", [0.0, 0.5, 0.999])
    @pytest.mark.parametrize("shape", [(1,), (50,), (20, 3), (1, 4)])
    def test_average_is_a_linear_filter(
        self, adaptive: SimpleNamespace, alpha: float, shape: tuple[int, ...]
    ) -> None:
        """The moving average is SciPy's filter with one pole at alpha."""
        signal = pytest.importorskip("scipy.signal")
        values = np.random.default_rng(1).normal(size=shape)

        expected = signal.lfilter([1 - alpha], [1, -alpha], values, axis=0)

        np.testing.assert_allclose(adaptive.moving_average(values, alpha), expected, atol=1e-12)

    @pytest.mark.parametrize("seed", range(5))
    def test_regret_of_adagrad_stays_below_its_bound(
        self, adaptive: SimpleNamespace, seed: int
    ) -> None:
        """On losses |xᵀθ - y| the regret is at most Σ (D²/2η + η) √Σg², D measured."""
        rng = np.random.default_rng(seed)
        best, theta, optimizer = rng.normal(size=4), np.zeros(4), adaptive.Adagrad(0.5)
        regret, reach = 0.0, np.zeros(4)
        for _ in range(500):
            x = rng.normal(size=4) * (rng.random(4) < [1.0, 0.5, 0.1, 0.02])
            y = x @ best + rng.normal()
            regret += abs(x @ theta - y) - abs(x @ best - y)
            reach = np.maximum(reach, abs(theta - best))
            optimizer.step([theta], [np.sign(x @ theta - y) * x])

        bound = (reach**2 / (2 * 0.5) + 0.5) @ np.sqrt(optimizer.square_sum[0])
        assert regret <= bound

    def test_first_steps_are_those_derived(self, adaptive: SimpleNamespace) -> None:
        """A constant slope of any size gives the rate, more than it, and what eps makes it."""
        for slope in (1e-2, -3e4):
            for optimizer, length in (
                (adaptive.Adagrad(0.1), 0.1),
                (adaptive.RMSprop(0.1, alpha=0.96), 0.1 / np.sqrt(1 - 0.96)),
                (adaptive.Adadelta(eps=1e-12), np.sqrt(1e-12 / 0.1)),
            ):
                theta = np.zeros(1)
                optimizer.step([theta], [np.array([slope])])
                assert theta[0] == close(-np.sign(slope) * length, rel=1e-5)

    @pytest.mark.parametrize("curvature", [0.1, 1.0, 40.0])
    def test_rmsprop_ends_half_a_rate_from_the_minimum(
        self, adaptive: SimpleNamespace, curvature: float
    ) -> None:
        """It jumps across the minimum at a distance of η/2, whatever the curvature."""
        theta, optimizer = np.array([1.0]), adaptive.RMSprop(0.02, alpha=0.9)
        for _ in range(2000):
            optimizer.step([theta], [curvature * theta])

        assert abs(theta[0]) == close(0.01, rel=1e-3)

    def test_centred_variance_below_zero_counts_as_zero(self, adaptive: SimpleNamespace) -> None:
        """PyTorch's root of s - m² may be nan for a constant gradient; ours never is."""
        slopes = np.linspace(-2.0, 2.0, 101)
        theta, optimizer = np.zeros(101), adaptive.RMSprop(1e-6, 0.5, 0.1, centered=True)
        for _ in range(200):
            optimizer.step([theta], [slopes])

        assert np.isfinite(theta).all()

    @pytest.mark.parametrize("name", ["Adagrad", "RMSprop", "Adadelta"])
    def test_arrays_of_single_precision_stay_themselves(
        self, adaptive: SimpleNamespace, name: str
    ) -> None:
        """A step writes into the caller's arrays and keeps their type."""
        theta = np.array([1.0, 2.0], dtype=np.float32)

        getattr(adaptive, name)(0.5, weight_decay=0.1).step([theta], [np.array([1.0, -1.0])])

        assert theta.dtype == np.float32
        assert theta[0] < 1.0
        assert theta[1] > 2.0
