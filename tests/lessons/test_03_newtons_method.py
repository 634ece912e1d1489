"""The solutions of Newton's method for logistic regression agree with other ways to them.

Where both are deterministic the tolerance is 1e-8. Whether data are separated is compared with
Konis's linear programme, and with all directions that whole numbers allow.
"""

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, linprog, minimize
from scipy.special import expit
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss

SIZES = [(40, 1), (60, 2), (200, 5)]
close = np.testing.assert_allclose


@pytest.fixture(scope="module")
def newton(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `newtons-method`."""
    return solve("03-logistic-regression", "newtons-method")


def sample(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels of a logistic model whose classes overlap; the first column is of ones."""
    rng = np.random.default_rng([n, d])
    X = np.column_stack([np.ones(n), rng.normal(size=(n, d)) + 0.3])
    return X, (rng.random(n) < expit(X @ rng.uniform(-1, 1, size=d + 1))).astype(int)


def loss(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    """Return the loss by scikit-learn."""
    return log_loss(y, expit(X @ w), labels=[0, 1])


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestModel:
    """Hessian, steps and fit on random data of several sizes."""

    def test_hessian_is_a_finite_difference(self, newton: SimpleNamespace, n: int, d: int) -> None:
        """SciPy's differences of the gradient agree as far as they are good."""
        X, y = sample(n, d)
        for w in np.random.default_rng(0).normal(size=(5, d + 1)):
            measured = approx_fprime(w, lambda w: X.T @ (expit(X @ w) - y) / n, 1e-7)
            close(newton.bce_hessian(X, w), measured, rtol=0, atol=1e-6)

    def test_steps_are_weighted_regression(self, newton: SimpleNamespace, n: int, d: int) -> None:
        """Both steps lead where a weighted `LinearRegression` of the working response does."""
        X, y = sample(n, d)
        for w in np.random.default_rng(1).normal(size=(5, d + 1)):
            z, mean = X @ w, expit(X @ w)
            v = mean * (1 - mean)
            model = LinearRegression().fit(X[:, 1:], z + (y - mean) / v, sample_weight=v)
            expected = np.append(model.intercept_, model.coef_) - w

            close(newton.newton_step(X, y, w), expected, rtol=1e-8, atol=1e-8)
            close(newton.least_squares_step(X, y, w), expected, rtol=1e-8, atol=1e-8)

    def test_fit_is_the_library(self, newton: SimpleNamespace, n: int, d: int) -> None:
        """From near and far it ends where `newton-cholesky` without a penalty does."""
        X, y = sample(n, d)
        model = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky")
        model.fit(X[:, 1:], y)
        expected = np.append(model.intercept_, model.coef_)

        for w in [np.zeros(d + 1), *np.random.default_rng(2).normal(size=(5, d + 1))]:
            close(newton.irls(X, y, 2 * w, 1e-12)[-1], expected, rtol=0, atol=1e-8)

    def test_fit_never_rises(self, newton: SimpleNamespace, n: int, d: int) -> None:
        """No step from far away raises the loss by more than 1e-12."""
        X, y = sample(n, d)
        for w in 3 * np.random.default_rng(3).normal(size=(5, d + 1)):
            losses = [loss(X, y, point) for point in newton.irls(X, y, w)]
            assert np.all(np.diff(losses) <= 2e-12)

    def test_overlapping_data_have_a_minimum(self, newton: SimpleNamespace, n: int, d: int) -> None:
        """SciPy finds it, and no separation is detected."""
        X, y = sample(n, d)
        found = minimize(lambda w: loss(X, y, w), np.zeros(d + 1), method="BFGS")

        assert not newton.separation_detected(X, y)
        assert np.linalg.norm(found.x) < 50


@pytest.mark.parametrize("spread", [1e-6, 1e-7, 1e-8])
def test_step_is_exact_for_nearly_equal_columns(newton: SimpleNamespace, spread: float) -> None:
    """With as many samples as weights the step reaches ±2, to the digits that the columns have."""
    X = np.array([[1.0, 1.0], [1.0, 1.0 + spread]])
    gap = X[1, 1] - 1.0

    found = newton.least_squares_step(X, np.array([0, 1]), np.zeros(2))

    close(found, [-2 - 4 / gap, 4 / gap], rtol=1e-6)


def test_weights_grow_by_one_a_step(newton: SimpleNamespace) -> None:
    """For samples at 1 and -1 a step is 1 + exp(-w), also where the probability rounds to 1."""
    points = newton.irls(np.array([[1.0], [-1.0]]), np.array([1, 0]), np.zeros(1), 1e-300, 60)

    close(np.diff(points[:, 0]), 1 + np.exp(-points[:-1, 0]), rtol=1e-12)


def test_separation_agrees_with_all_small_directions(newton: SimpleNamespace) -> None:
    """On small whole numbers a separating direction, if there is one, has small whole entries."""
    rng = np.random.default_rng(4)
    directions = np.array(list(product(range(-12, 13), repeat=2)))
    seen = set()
    for _ in range(150):
        n = rng.integers(2, 9)
        X, y = rng.integers(-3, 4, size=(n, 2)), rng.integers(0, 2, size=n)
        towards = np.where(y == 1, 1, -1) * (directions @ X.T)
        expected = bool(np.any(np.all(towards >= 0, axis=1) & np.any(towards > 0, axis=1)))
        seen.add(expected)
        assert newton.separation_detected(X, y) == expected
    assert seen == {False, True}


@pytest.mark.parametrize("seed", range(5))
def test_separation_agrees_with_the_programme_of_konis(newton: SimpleNamespace, seed: int) -> None:
    """The largest sum of s x·u within a box is above 0 just for separated data."""
    rng = np.random.default_rng(seed)
    for n in [6, 12, 30, 80]:
        X = np.column_stack([np.ones(n), rng.normal(size=(n, 4))])
        y = rng.integers(0, 2, size=n)
        signed = np.where(y == 1, 1, -1)[:, np.newaxis] * X
        best = linprog(-signed.sum(axis=0), -signed, np.zeros(n), bounds=(-1, 1))
        assert newton.separation_detected(X, y) == (best.fun < -1e-6)
