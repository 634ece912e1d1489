"""The solutions of gradient-descent agree with NumPy and scikit-learn to 1e-8."""

from collections.abc import Callable
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
