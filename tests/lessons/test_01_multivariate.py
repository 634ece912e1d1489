"""The solutions of multivariate agree with NumPy and scikit-learn."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coursework import data

SIZES = [(1, 1), (1, 3), (5, 1), (9, 2), (4, 4), (60, 5)]
close = pytest.approx


@pytest.fixture(scope="module")
def multivariate(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `multivariate`."""
    return solve("01-linear-regression", "multivariate")


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestMultivariate:
    """`multivariate` on random tables of several sizes."""

    def sample(self, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw columns with means and spreads of their own, and targets."""
        rng = np.random.default_rng([n, d])
        spreads = 10.0 ** rng.integers(-3, 4, size=d)
        return rng.normal(size=d) + rng.normal(size=(n, d)) * spreads, rng.normal(size=n)

    def test_scale_is_that_of_the_library(
        self, multivariate: SimpleNamespace, n: int, d: int
    ) -> None:
        """`StandardScaler` learns the same mean and scale, constant columns included."""
        X, _ = self.sample(n, d)
        X[:, 0] = 0.1
        scaler = StandardScaler().fit(X)

        mean, scale = multivariate.standardize_fit(X)

        np.testing.assert_allclose(mean, scaler.mean_, rtol=1e-8)
        np.testing.assert_allclose(scale, scaler.scale_, rtol=1e-8)

    def test_new_samples_are_measured_as_by_the_library(
        self, multivariate: SimpleNamespace, n: int, d: int
    ) -> None:
        """Samples that the scale was not learned from are transformed alike."""
        X, _ = self.sample(n, d)
        new = np.random.default_rng(0).normal(size=(3, d))

        measured = multivariate.standardize_apply(new, *multivariate.standardize_fit(X))

        expected = StandardScaler().fit(X).transform(new)
        np.testing.assert_allclose(measured, expected, rtol=1e-8, atol=1e-8)

    def test_gradient_is_the_slope_of_the_loss(
        self, multivariate: SimpleNamespace, n: int, d: int
    ) -> None:
        """SciPy's finite differences of the loss agree, as far as they reach."""
        rng = np.random.default_rng([n, d])
        X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)

        slopes = approx_fprime(w, lambda w: np.mean((X @ w - y) ** 2))

        np.testing.assert_allclose(multivariate.mse_gradient(X, y, w), slopes, atol=1e-5)

    def test_raw_weights_predict_the_same(
        self, multivariate: SimpleNamespace, n: int, d: int
    ) -> None:
        """Standardised and raw model predict the same, on samples of the fit and on others."""
        X, _ = self.sample(n, d)
        rng = np.random.default_rng(1)
        mean, scale = multivariate.standardize_fit(X)
        v, c, new = rng.normal(size=d), rng.normal(), X + rng.normal(size=d)

        w, b = multivariate.to_raw_units(v, c, mean, scale)

        expected = multivariate.standardize_apply(new, mean, scale) @ v + c
        np.testing.assert_allclose(new @ w + b, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("kappa", [1.0, 30.0, 1e6, 1e12])
def test_condition_number_is_that_of_the_hessian(
    multivariate: SimpleNamespace, d: int, kappa: float
) -> None:
    """It is the square of NumPy's for X, and the ratio that the table was drawn with."""
    X = data.conditioned(40, np.geomspace(1, kappa**-0.5, d), rng=np.random.default_rng(d))

    found = multivariate.condition_number(X)

    assert found == close(np.linalg.cond(X) ** 2, rel=1e-8)
    assert found == close(kappa if d > 1 else 1.0, rel=1e-6)
    if kappa <= 30:
        eigenvalues = np.linalg.eigvalsh(2 / 40 * X.T @ X)
        assert found == close(eigenvalues[-1] / eigenvalues[0], rel=1e-8)


@pytest.mark.parametrize(
    "X",
    [
        np.ones((5, 2)),
        np.zeros((5, 1)),
        np.random.default_rng(0).normal(size=(3, 4)),
        np.random.default_rng(0).normal(size=(9, 2)) @ [[1, 2, 3], [4, 5, 6]],
    ],
    ids=["equal", "zero", "wide", "rank 2 of 3"],
)
def test_condition_number_of_dependent_columns_is_infinite(
    multivariate: SimpleNamespace, X: np.ndarray
) -> None:
    """Where NumPy's rank is less than the number of columns, the ravine has a level floor."""
    assert np.linalg.matrix_rank(X) < X.shape[1]
    assert multivariate.condition_number(X) == np.inf


def test_design_matrix_places_features_and_blocks_side_by_side(
    multivariate: SimpleNamespace,
) -> None:
    """Columns keep their order behind the ones, and whole numbers become floats."""
    features = [np.array([1, 2, 3]), np.arange(6).reshape(3, 2), np.array([0.5, 0.0, -1.0])]

    X = multivariate.design_matrix(features)

    np.testing.assert_array_equal(X, [[1, 1, 0, 1, 0.5], [1, 2, 2, 3, 0], [1, 3, 4, 5, -1]])
    assert X.dtype == float


@pytest.mark.parametrize("units", [1.0, 1e-12, 1e9])
def test_fit_arrives_where_the_library_is(multivariate: SimpleNamespace, units: float) -> None:
    """Steps enough lead to `LinearRegression` behind `StandardScaler`, in any units."""
    rng = np.random.default_rng(5)
    X, y = data.linear(80, [3.0, -2.0, 0.5], intercept=7.0, noise=0.5, rng=rng)
    X = (X + np.array([8.0, -3.0, 0.0])) * units
    model = make_pipeline(StandardScaler(), LinearRegression()).fit(X, y)

    w, b = multivariate.fit(X, y, 0.3, 400)

    np.testing.assert_allclose(X @ w + b, model.predict(X), rtol=0, atol=1e-8)
    np.testing.assert_allclose(w * model[0].scale_, model[1].coef_, rtol=0, atol=1e-8)


def test_fit_takes_the_steps_of_the_library(multivariate: SimpleNamespace) -> None:
    """With one sample a step is a step of `SGDRegressor` without a penalty, at half its rate."""
    model = SGDRegressor(penalty=None, learning_rate="constant", eta0=0.2, shuffle=False)
    for _ in range(7):
        model.partial_fit(np.zeros((1, 2)), [5.0])

    w, b = multivariate.fit(np.array([[3.0, -1.0]]), np.array([5.0]), 0.1, 7)

    np.testing.assert_array_equal(w, [0.0, 0.0])
    assert b == close(model.intercept_[0], abs=1e-8)


def test_fit_to_the_patients_arrives_where_the_library_is(multivariate: SimpleNamespace) -> None:
    """Ten features in units of their own, standardised, take some thousand steps."""
    X, y = load_diabetes(return_X_y=True, scaled=False)

    w, b = multivariate.fit(X, y, 0.2, 10_000)

    np.testing.assert_allclose(X @ w + b, LinearRegression().fit(X, y).predict(X), atol=1e-8)


def test_fit_with_more_features_than_samples_is_the_shortest(multivariate: SimpleNamespace) -> None:
    """From zero, of all best fits the one of least norm is found, as by `lstsq`."""
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(6, 12)), rng.normal(size=6)
    mean, scale = multivariate.standardize_fit(X)
    A = np.column_stack([np.ones(6), (X - mean) / scale])

    w, b = multivariate.fit(X, y, 0.03, 8000)

    expected = np.linalg.lstsq(A, y)[0]
    np.testing.assert_allclose(w * scale, expected[1:], atol=1e-8)
    assert b + w @ mean == close(expected[0], abs=1e-8)
