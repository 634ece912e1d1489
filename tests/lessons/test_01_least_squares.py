"""The solutions of least-squares agree with NumPy and scikit-learn to 1e-8."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from coursework import data

SIZES = [(4, 1), (9, 2), (60, 5)]
close = pytest.approx


@pytest.fixture(scope="module")
def least_squares(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `least-squares`."""
    return solve("01-linear-regression", "least-squares")


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestLeastSquares:
    """`least-squares` on random data of several sizes."""

    def sample(self, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw a linear model with an intercept and a little noise."""
        rng = np.random.default_rng([n, d])
        return data.linear(n, rng.normal(size=d), intercept=3.0, noise=0.5, rng=rng)

    @pytest.mark.parametrize("solver", ["normal_equations", "least_squares_svd"])
    def test_weights_are_those_of_the_libraries(
        self, least_squares: SimpleNamespace, solver: str, n: int, d: int
    ) -> None:
        """Both solvers give the weights of `lstsq` and of `LinearRegression`."""
        X, y = self.sample(n, d)
        design = least_squares.add_intercept(X)
        model = LinearRegression().fit(X, y)

        weights = getattr(least_squares, solver)(design, y)

        np.testing.assert_allclose(weights, np.linalg.lstsq(design, y)[0], atol=1e-8)
        np.testing.assert_allclose(weights, [model.intercept_, *model.coef_], atol=1e-8)

    def test_predictions_and_scores_are_those_of_the_library(
        self, least_squares: SimpleNamespace, n: int, d: int
    ) -> None:
        """`predict`, `mse` and `r_squared` agree with scikit-learn for a fitted model."""
        X, y = self.sample(n, d)
        model = LinearRegression().fit(X, y)

        y_hat = least_squares.predict(X, model.coef_, model.intercept_)

        np.testing.assert_allclose(y_hat, model.predict(X), atol=1e-8)
        assert least_squares.mse(y, y_hat) == close(mean_squared_error(y, y_hat), abs=1e-8)
        assert least_squares.r_squared(y, y_hat) == close(r2_score(y, y_hat), abs=1e-8)

    def test_hat_matrix_projects_onto_the_columns(
        self, least_squares: SimpleNamespace, n: int, d: int
    ) -> None:
        """H gives the predictions, is symmetric and its own square, and has trace d."""
        X, y = self.sample(n, d)
        hat = least_squares.hat_matrix(X)

        np.testing.assert_allclose(hat @ y, X @ np.linalg.lstsq(X, y)[0], atol=1e-8)
        np.testing.assert_allclose(hat, hat.T, atol=1e-8)
        np.testing.assert_allclose(hat @ hat, hat, atol=1e-8)
        assert np.trace(hat) == close(d, abs=1e-8)

    def test_svd_gives_the_shortest_weights_of_dependent_columns(
        self, least_squares: SimpleNamespace, n: int, d: int
    ) -> None:
        """With repeated columns, and with more columns than samples, `lstsq` agrees."""
        X, y = self.sample(n, d)
        for columns, targets in [(np.hstack([X, X, -3 * X]), y), (X.T, y[:d])]:
            expected = np.linalg.lstsq(columns, targets)[0]
            weights = least_squares.least_squares_svd(columns, targets)
            np.testing.assert_allclose(weights, expected, atol=1e-8)


@pytest.mark.parametrize(("n", "d"), [(6, 2), (9, 2), (60, 5)])
def test_leave_one_out_is_what_as_many_fits_predict(
    least_squares: SimpleNamespace, n: int, d: int
) -> None:
    """One fit and its leverages give the predictions of scikit-learn's n fits."""
    rng = np.random.default_rng([n, d])
    X, y = data.linear(n, rng.normal(size=d), intercept=3.0, noise=0.5, rng=rng)

    y_hat = least_squares.leave_one_out(least_squares.add_intercept(X), y)

    expected = cross_val_predict(LinearRegression(), X, y, cv=LeaveOneOut())
    np.testing.assert_allclose(y_hat, expected, atol=1e-8)


@pytest.mark.parametrize(("y", "y_hat"), [([4.0, 4.0], [4.0, 4.0]), ([4.0, 4.0], [4.0, 5.0])])
def test_r_squared_of_equal_targets_is_the_convention_of_the_library(
    least_squares: SimpleNamespace, y: list[float], y_hat: list[float]
) -> None:
    """Where all targets are equal the score is 1 or 0, as scikit-learn has it."""
    score = least_squares.r_squared(np.array(y), np.array(y_hat))

    assert score == r2_score(y, y_hat)


def test_r_squared_may_be_negative(least_squares: SimpleNamespace) -> None:
    """Predictions of no fitted model score below zero, as scikit-learn has it."""
    rng = np.random.default_rng(0)
    y, y_hat = rng.normal(size=30), 5 + rng.normal(size=30)

    assert least_squares.r_squared(y, y_hat) == close(r2_score(y, y_hat), abs=1e-8)


def test_svd_of_zeros_gives_zeros(least_squares: SimpleNamespace) -> None:
    """A matrix of zeros alone has rank 0, and its shortest weights are zero."""
    weights = least_squares.least_squares_svd(np.zeros((4, 3)), np.arange(4.0))

    np.testing.assert_array_equal(weights, np.zeros(3))


def test_svd_keeps_digits_that_the_normal_equations_lose(least_squares: SimpleNamespace) -> None:
    """At condition number 1e7 the SVD is right to 1e-8, relative; the normal equations are not."""
    rng = np.random.default_rng(1)
    X, w = data.conditioned(40, np.geomspace(1, 1e-7, 4), rng=rng), rng.normal(size=4)
    error = {
        solver: np.linalg.norm(solver(X, X @ w) - w) / np.linalg.norm(w)
        for solver in (least_squares.least_squares_svd, least_squares.normal_equations)
    }

    assert error[least_squares.least_squares_svd] < 1e-8
    assert error[least_squares.normal_equations] > 1e-6


def test_no_features_leave_the_mean(least_squares: SimpleNamespace) -> None:
    """Without features the design matrix is a column of ones, and the fit is the mean."""
    y = np.array([1.0, 2.0, 9.0])
    design = least_squares.add_intercept(np.empty((3, 0)))

    np.testing.assert_allclose(least_squares.normal_equations(design, y), [4.0], atol=1e-8)
