"""The solutions of gradient-descent agree with NumPy and scikit-learn to 1e-8."""

from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, SGDRegressor

from coursework import data

close = pytest.approx


@pytest.fixture(scope="module")
def gradient_descent(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `gradient-descent`."""
    return solve("01-linear-regression", "gradient-descent")


@pytest.mark.parametrize("n", [1, 6, 45])
class TestGradientDescent:
    """`gradient-descent` on random data of several sizes."""

    def sample(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw points around a line."""
        X, y = data.line(n, low=-1.0, high=2.0, noise=0.5, rng=np.random.default_rng(n))
        return X[:, 0], y

    def test_gradient_is_that_of_the_matrix_form(
        self, gradient_descent: SimpleNamespace, n: int
    ) -> None:
        """The derivatives by slope and intercept are 2/n Xᵀ(Xw - y) with a column of ones."""
        x, y = self.sample(n)
        design, point = np.column_stack([x, np.ones(n)]), np.array([0.5, -1.5])

        gradient = gradient_descent.mse_gradient(x, y, *point)

        expected = 2 / n * design.T @ (design @ point - y)
        np.testing.assert_allclose(gradient, expected, atol=1e-8)

    def test_stable_rate_is_that_of_the_singular_values(
        self, gradient_descent: SimpleNamespace, n: int
    ) -> None:
        """The Hessian is 2/n XᵀX, so the border is n over the largest singular value squared."""
        x, _ = self.sample(n)
        singular_values = np.linalg.svd(np.column_stack([x, np.ones(n)]), compute_uv=False)

        rate = gradient_descent.largest_stable_rate(x)

        assert rate == close(n / singular_values[0] ** 2, abs=1e-8)

    def test_descent_ends_at_the_line_of_the_library(
        self, gradient_descent: SimpleNamespace, n: int
    ) -> None:
        """Below the largest stable rate it converges to a least-squares fit."""
        x, y = self.sample(n)
        rate = 0.9 * gradient_descent.largest_stable_rate(x)
        model = LinearRegression().fit(x[:, np.newaxis], y)

        w, b = gradient_descent.gradient_descent(x, y, 0.0, 0.0, rate, 2000)[-1]

        np.testing.assert_allclose(w * x + b, model.predict(x[:, np.newaxis]), atol=1e-8)

    def test_stochastic_steps_are_those_of_the_library(
        self, gradient_descent: SimpleNamespace, n: int
    ) -> None:
        """On the same samples in the same order, each epoch ends where `SGDRegressor` is."""
        x, y = self.sample(n)
        lr, n_epochs, orders = 0.03, 4, np.random.default_rng(8)
        model = SGDRegressor(penalty=None, learning_rate="constant", eta0=2 * lr, shuffle=False)
        expected = []
        for order in (orders.permutation(n) for _ in range(n_epochs)):
            model.partial_fit(x[order, np.newaxis], y[order])
            expected.append([model.coef_[0], model.intercept_[0]])

        descend = gradient_descent.stochastic_gradient_descent
        path = descend(x, y, 0.0, 0.0, lr, n_epochs, np.random.default_rng(8))

        np.testing.assert_allclose(path[n::n], expected, atol=1e-8)

    @pytest.mark.parametrize("batch_size", [1, 4, 45, 60])
    def test_batches_are_those_of_the_order(
        self, gradient_descent: SimpleNamespace, n: int, batch_size: int
    ) -> None:
        """Each step is one in matrix form on the next samples of the epoch's order."""
        x, y = self.sample(n)
        design, point, lr = np.column_stack([x, np.ones(n)]), np.array([1.0, -1.0]), 0.1
        expected, orders = [point], np.random.default_rng(9)
        for order in (orders.permutation(n) for _ in range(3)):
            for batch in np.split(order, np.arange(batch_size, n, batch_size)):
                residual = design[batch] @ point - y[batch]
                point = point - lr * 2 / len(batch) * design[batch].T @ residual
                expected.append(point)

        descend = gradient_descent.minibatch_gradient_descent
        path = descend(x, y, 1.0, -1.0, lr, 3, batch_size, np.random.default_rng(9))

        np.testing.assert_allclose(path, expected, atol=1e-8)


def test_stable_rate_is_a_border(gradient_descent: SimpleNamespace) -> None:
    """One per cent below it the loss falls in every step; one per cent above it, it explodes."""
    x, y = np.array([0.0, 1.0, 4.0, 6.0]), np.array([1.0, 0.0, 5.0, 2.0])
    rate = gradient_descent.largest_stable_rate(x)

    def losses(share: float) -> np.ndarray:
        path = gradient_descent.gradient_descent(x, y, 3.0, -1.0, share * rate, 1000)
        return gradient_descent.losses_along(x, y, path)

    assert np.all(np.diff(losses(0.99)) <= 1e-12)
    assert losses(1.01)[-1] > 1e6


def test_single_samples_wander_in_proportion_to_the_rate(gradient_descent: SimpleNamespace) -> None:
    """The lesson's variance of SGD with independent draws is η σ² / (1 - η)."""
    y, rng, lr = np.array([-1.0, 1.0]), np.random.default_rng(10), 0.1
    b, visited = 0.0, []
    for target in rng.choice(y, size=20_000):
        _, b = gradient_descent.gradient_step(np.zeros(1), np.array([target]), 0.0, b, lr)
        visited.append(b)

    assert np.var(visited) == close(lr / (1 - lr), rel=0.05)


def test_best_rate_shrinks_both_parts_alike(gradient_descent: SimpleNamespace) -> None:
    """At 2 / (λ_min + λ_max) each part of the error shrinks by (κ - 1) / (κ + 1) a step."""
    x = np.array([0.0, 1.0, 4.0, 6.0])
    small, large = np.linalg.eigvalsh(2 / 4 * np.vander(x, 2).T @ np.vander(x, 2))
    kappa = large / small

    path = gradient_descent.gradient_descent(x, 3 * x - 1, 0.0, 0.0, 2 / (small + large), 9)

    errors = np.linalg.norm(path - [3.0, -1.0], axis=1)
    np.testing.assert_allclose(errors[1:] / errors[:-1], (kappa - 1) / (kappa + 1), atol=1e-8)


def test_one_step_fits_a_standardised_feature(gradient_descent: SimpleNamespace) -> None:
    """With mean 0 and mean square 1 the bowl is round, and the rate 1/2 arrives at once."""
    rng = np.random.default_rng(11)
    x, y = rng.normal(20.0, 3.0, size=30), rng.normal(size=30)
    z = (x - np.mean(x)) / np.std(x)

    point = gradient_descent.gradient_descent(z, y, 0.3, -2.0, 0.5, 1)[-1]

    np.testing.assert_allclose(point, np.polyfit(z, y, 1), atol=1e-8)


@pytest.mark.parametrize("m", [1, 2, 4, 6])
def test_noise_of_a_batch_is_that_of_all_its_draws(m: int) -> None:
    """Over all batches of m the mean varies by σ²/m (n - m)/(n - 1), as the lesson proves."""
    values = np.random.default_rng(12).normal(size=6)

    means = [np.mean(batch) for batch in combinations(values, m)]

    assert np.var(means) == close(np.var(values) / m * (6 - m) / 5, abs=1e-12)


def test_halving_the_rate_freezes_before_it_arrives(gradient_descent: SimpleNamespace) -> None:
    """A rate halved in each epoch ends away from the minimum; one that falls as 1/k does not."""
    X, y = data.line(24, low=0.0, high=2.0, noise=1.5, slope=7.0, rng=np.random.default_rng(7))
    x, best = X[:, 0], np.polyfit(X[:, 0], y, 1)

    def left(rate_of: Callable[[int], float]) -> float:
        rng, point = np.random.default_rng(13), (0.0, 3.0)
        for epoch in range(200):
            descend = gradient_descent.stochastic_gradient_descent
            point = descend(x, y, *point, rate_of(epoch), 1, rng)[-1]
        return gradient_descent.loss(x, y, *point) - gradient_descent.loss(x, y, *best)

    assert left(lambda epoch: 0.1 * 0.5**epoch) > 0.1
    assert left(lambda epoch: 0.1 / (1 + epoch / 4)) < 0.001
