"""The solutions of bias-variance agree with NumPy, scikit-learn and closed forms to 1e-8."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

close = pytest.approx
DEGREES = [0, 1, 3, 6]


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `bias-variance`."""
    return solve("02-regularization", "bias-variance")


def readings(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw values of one feature between -1 and 1, and targets that depend on them."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=n)
    return x, np.cos(3 * x) + 0.3 * rng.normal(size=n)


@pytest.mark.parametrize("degree", DEGREES[1:])
def test_features_are_those_of_the_library(lesson: SimpleNamespace, degree: int) -> None:
    """`PolynomialFeatures` without its ones makes the same columns."""
    x = np.random.default_rng(degree).normal(size=7)
    theirs = PolynomialFeatures(degree, include_bias=False).fit_transform(x[:, np.newaxis])

    np.testing.assert_allclose(lesson.polynomial_features(x, degree), theirs, rtol=1e-8)


def test_features_of_whole_numbers_do_not_overflow(lesson: SimpleNamespace) -> None:
    """1000 to the power 7 is more than 64 bits hold; NumPy's own power goes wrong there."""
    powers = lesson.polynomial_features(np.array([1000]), 7)

    np.testing.assert_allclose(powers[0], [1e3, 1e6, 1e9, 1e12, 1e15, 1e18, 1e21], rtol=1e-12)
    assert np.array([1000])[0] ** 7 != 1e21


@pytest.mark.parametrize("degree", DEGREES)
@pytest.mark.parametrize("n", [7, 12, 80])
def test_fit_is_that_of_the_libraries(lesson: SimpleNamespace, n: int, degree: int) -> None:
    """`np.polyfit` and a pipeline of scikit-learn find the same polynomial."""
    x, y = np.linspace(-1, 1, n), readings(n, degree)[1]
    w, b = lesson.fit_polynomial(x, y, degree)

    np.testing.assert_allclose([b, *w], np.polyfit(x, y, degree)[::-1], atol=1e-8)
    if degree:
        model = make_pipeline(PolynomialFeatures(degree, include_bias=False), LinearRegression())
        y_hat = model.fit(x[:, np.newaxis], y).predict(x[:, np.newaxis])
        np.testing.assert_allclose(lesson.polynomial(degree)(x, y, x), y_hat, atol=1e-8)


@pytest.mark.parametrize(("n", "test_size"), [(2, 1), (9, 4), (50, 49)])
def test_split_is_that_of_the_library(lesson: SimpleNamespace, n: int, test_size: int) -> None:
    """With one generator of the older kind both splits have the same samples, in one order."""
    X, y = np.random.default_rng(n).normal(size=(n, 3)), np.arange(n)
    theirs = model_selection.train_test_split(X, y, test_size=test_size, random_state=3)

    ours = lesson.train_test_split(X, y, test_size, np.random.RandomState(3))

    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, other)


class Polynomial(BaseEstimator):
    """The lesson's polynomial of degree 2, as an estimator of scikit-learn."""

    def __init__(self, model: Callable[..., np.ndarray] | None = None) -> None:
        self.model = model

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Polynomial":
        """Keep the samples."""
        self.samples_ = X[:, 0], y
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Fit to the samples, and predict."""
        return self.model(*self.samples_, X[:, 0])


def test_learning_curve_is_that_of_the_library(lesson: SimpleNamespace) -> None:
    """scikit-learn's `learning_curve` gives the same errors for the same split."""
    x, y = readings(60, 5)
    sizes, parts = [10, 25, 40], (np.arange(40), np.arange(40, 60))
    model = lesson.polynomial(2)
    _, train, val = model_selection.learning_curve(
        Polynomial(model),
        x[:, np.newaxis],
        y,
        train_sizes=sizes,
        cv=[parts],
        scoring="neg_mean_squared_error",
    )

    errors = lesson.learning_curve(model, x[:40], y[:40], x[40:], y[40:], sizes)

    np.testing.assert_allclose(errors, [-train[:, 0], -val[:, 0]], atol=1e-8)


@pytest.mark.parametrize("n_sets", [1, 2, 30])
def test_parts_add_up_to_the_distance_from_the_truth(lesson: SimpleNamespace, n_sets: int) -> None:
    """Bias² plus variance is the mean of (predictions - truth)², up to rounding."""
    rng = np.random.default_rng(n_sets)
    predictions, truth = rng.normal(size=(n_sets, 9)), rng.normal(size=9)

    parts = lesson.bias_variance_decomposition(predictions, truth)

    assert sum(parts) == close(np.mean((predictions - truth) ** 2), abs=1e-8)
    assert parts[1] == close(np.mean(np.var(predictions, axis=0)), abs=1e-8)


@pytest.mark.parametrize("degree", DEGREES)
def test_parts_of_a_polynomial_are_those_of_the_hat_matrix(
    lesson: SimpleNamespace, degree: int
) -> None:
    """At the places of the fit the variance is a share p/n of the noise, and H leaves the bias.

    The tolerance is five standard deviations of the mean over 4000 sets.
    """
    n, p, sets = 15, degree + 1, 4000
    x, rng = np.linspace(-1, 1, n), np.random.default_rng(degree)
    truth = lesson.true_brightness(x)
    design = np.vander(x, p)
    left = truth - design @ np.linalg.lstsq(design, truth)[0]
    variance = 15**2 * p / n

    predictions = lesson.repeated_predictions(
        lesson.polynomial(degree), lambda: (x, lesson.read_meter(x, rng)), x, sets
    )
    parts = lesson.bias_variance_decomposition(predictions, truth)

    bias_squared = np.mean(left**2) + variance / sets
    spread = 2 * np.sqrt(np.mean(left**2) * variance / sets / n) + variance / sets
    assert parts[0] == close(bias_squared, abs=5 * spread)
    assert parts[1] == close(variance, abs=5 * variance * np.sqrt(2 / (p * sets)))


def test_each_experiment_is_done_once(lesson: SimpleNamespace) -> None:
    """Row i belongs to the i-th data set that was drawn."""
    sets = [(np.zeros(2), np.array([i, i + 2.0])) for i in range(5)]
    waiting = iter(sets)

    rows = lesson.repeated_predictions(
        lambda _, y, x_new: np.full(len(x_new), y.mean()), lambda: next(waiting), np.zeros(3), 5
    )

    np.testing.assert_array_equal(rows, np.arange(1.0, 6.0)[:, np.newaxis] * np.ones(3))
    assert next(waiting, None) is None
