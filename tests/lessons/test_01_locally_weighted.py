"""The solutions of locally-weighted agree with NumPy and scikit-learn to 1e-8."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import LeaveOneOut, cross_val_predict

SIZES = [(6, 1), (12, 2), (40, 5)]


@pytest.fixture(scope="module")
def local(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `locally-weighted`."""
    return solve("01-linear-regression", "locally-weighted")


def local_line(
    X: np.ndarray, y: np.ndarray, query: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return what scikit-learn predicts at a query by a weighted line, and its slopes."""
    model = LinearRegression(tol=1e-10).fit(X, y, sample_weight=weights)
    return model.predict(query[np.newaxis])[0], model.coef_


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestLocalFits:
    """`locally-weighted` on random data of several sizes."""

    def sample(self, n: int, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw samples of a bent surface, and queries among them."""
        rng = np.random.default_rng([n, d])
        X = rng.normal(size=(n, d))
        y = np.sin(X).sum(axis=1) + 0.3 * rng.normal(size=n)
        return X, y, rng.normal(size=(7, d))

    def test_kernel_is_that_of_the_library_but_for_a_factor(
        self, local: SimpleNamespace, n: int, d: int
    ) -> None:
        """Weights are those of `rbf_kernel` with gamma = 1/(2τ²), divided by the largest."""
        X, _, queries = self.sample(n, d)
        for query in queries:
            kernel = rbf_kernel(X, query[np.newaxis], gamma=1 / (2 * 1.3**2))[:, 0]
            weights = local.gaussian_kernel_weights(X, query, 1.3)
            np.testing.assert_allclose(weights, kernel / kernel.max(), rtol=1e-8)

    def test_weighted_fit_is_that_of_the_library(
        self, local: SimpleNamespace, n: int, d: int
    ) -> None:
        """Coefficients are those of `LinearRegression` with weights of samples."""
        X, y, _ = self.sample(n, d)
        weights = np.random.default_rng(n).uniform(0, 2, size=n)
        model = LinearRegression(fit_intercept=False).fit(X, y, sample_weight=weights)

        w = local.weighted_least_squares(X, y, weights)

        np.testing.assert_allclose(w, model.coef_, rtol=1e-8, atol=1e-8)

    def test_weights_repeat_samples(self, local: SimpleNamespace, n: int, d: int) -> None:
        """A whole weight counts as so many equal samples, as in `lstsq`."""
        X, y, _ = self.sample(n, d)
        counts = np.random.default_rng(n).integers(1, 4, size=n)

        w = local.weighted_least_squares(X, y, counts)

        repeated = np.linalg.lstsq(np.repeat(X, counts, axis=0), np.repeat(y, counts))[0]
        np.testing.assert_allclose(w, repeated, atol=1e-8)

    @pytest.mark.parametrize("bandwidth", [0.8, 1.5, 10.0])
    def test_prediction_is_that_of_a_weighted_line_at_each_query(
        self, local: SimpleNamespace, n: int, d: int, bandwidth: float
    ) -> None:
        """`lwlr_predict` agrees with one weighted `LinearRegression` for each query."""
        X, y, queries = self.sample(n, d)

        y_hat = local.lwlr_predict(X, y, queries, bandwidth)

        for query, value in zip(queries, y_hat, strict=True):
            weights = local.gaussian_kernel_weights(X, query, bandwidth)
            expected, _ = local_line(X, y, query, weights)
            assert value == pytest.approx(expected, abs=1e-8, rel=1e-8)

    def test_planes_are_met_exactly(self, local: SimpleNamespace, n: int, d: int) -> None:
        """A local line has no error on targets that lie on a plane, at any bandwidth."""
        X, _, queries = self.sample(n, d)
        w = np.arange(1.0, d + 1)
        for bandwidth in [0.7, 3.0]:
            y_hat = local.lwlr_predict(X, X @ w + 2, queries, bandwidth)
            np.testing.assert_allclose(y_hat, queries @ w + 2, atol=1e-8)

    def test_error_left_out_is_that_of_as_many_fits(
        self, local: SimpleNamespace, n: int, d: int
    ) -> None:
        """For one bandwidth, fits of scikit-learn without each sample give the same error."""
        X, y, _ = self.sample(n, d)
        errors = []
        for i in range(n):
            rest = np.arange(n) != i
            weights = local.gaussian_kernel_weights(X[rest], X[i], 1.5)
            errors.append(local_line(X[rest], y[rest], X[i], weights)[0] - y[i])

        error = local.leave_one_out_error(X, y, 1.5)

        assert error == pytest.approx(np.mean(np.square(errors)), rel=1e-8)


def test_lowess_is_the_same_with_other_weights(local: SimpleNamespace) -> None:
    """With tricube weights of the nearest half, the weighted fit is a step of LOWESS."""
    rng = np.random.default_rng(5)
    x = np.sort(rng.uniform(0, 6, size=30))
    y = np.sin(x) + 0.2 * rng.normal(size=30)
    for query in [0.1, 2.7, 5.9]:
        distance = np.abs(x - query)
        weights = np.clip(1 - (distance / np.sort(distance)[14]) ** 3, 0, 1) ** 3
        columns = np.column_stack([np.ones(30), x - query])

        value = local.weighted_least_squares(columns, y, weights)[0]

        expected, _ = local_line(x[:, np.newaxis], y, np.array([query]), weights)
        assert value == pytest.approx(expected, abs=1e-8)


def test_wide_bandwidth_leaves_the_line_of_least_squares(local: SimpleNamespace) -> None:
    """Where all samples weigh alike, each is left out as `cross_val_predict` does it."""
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:60, [2, 8]], y[:60]
    y_hat = cross_val_predict(LinearRegression(), X, y, cv=LeaveOneOut())

    error = local.leave_one_out_error(X, y, 1e4)

    assert error == pytest.approx(np.mean((y_hat - y) ** 2), rel=1e-8)


def test_one_fit_at_each_sample_gives_the_error_left_out(local: SimpleNamespace) -> None:
    """The residuals divided by 1 - S_ii, with the smoother matrix S, are those left out."""
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(25, 2)), rng.normal(size=25)
    smoother = np.column_stack([local.lwlr_predict(X, e, X, 1.2) for e in np.eye(25)])

    residuals = (smoother @ y - y) / (1 - np.diag(smoother))

    np.testing.assert_allclose(smoother @ y, local.lwlr_predict(X, y, X, 1.2), atol=1e-8)
    expected = local.leave_one_out_error(X, y, 1.2)
    assert np.mean(residuals**2) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("bandwidth", "count"), [(1e4, 2.0), (1e-4, 25.0)])
def test_smoother_matrix_counts_coefficients(
    local: SimpleNamespace, bandwidth: float, count: float
) -> None:
    """Its trace is 2 for a line, and n where each sample is on its own."""
    X = np.random.default_rng(3).normal(size=(25, 1))
    smoother = np.column_stack([local.lwlr_predict(X, e, X, bandwidth) for e in np.eye(25)])

    assert np.trace(smoother) == pytest.approx(count, rel=1e-3)


def test_far_queries_rest_on_the_nearest_sample(local: SimpleNamespace) -> None:
    """A million bandwidths away weights do not vanish, and the nearest target is predicted."""
    X, y = np.array([[0.0], [1.0], [3.0]]), np.array([5.0, 6.0, 8.5])

    y_hat = local.lwlr_predict(X, y, np.array([[1e3], [-1e3]]), 1e-3)

    np.testing.assert_allclose(y_hat, [8.5, 5.0], atol=1e-8)


def test_choice_is_the_least_error_and_the_largest_of_equal_ones(local: SimpleNamespace) -> None:
    """The bandwidth has the least error of all, and a tie goes to the smoother fit."""
    rng = np.random.default_rng(4)
    X = rng.uniform(-3, 3, size=(30, 1))
    y = np.sin(2 * X[:, 0]) + 0.2 * rng.normal(size=30)
    bandwidths = np.array([2.0, 0.1, 0.5, 0.3, 8.0])
    errors = [local.leave_one_out_error(X, y, bandwidth) for bandwidth in bandwidths]

    assert local.leave_one_out_bandwidth(X, y, bandwidths) == bandwidths[np.argmin(errors)]
    assert local.leave_one_out_bandwidth(X, np.zeros(30), bandwidths) == 8.0
