"""The solutions of ridge agree with scikit-learn and SciPy to 1e-8, and with what they minimise."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression, Ridge, ridge_regression

from coursework import data
from coursework.built import ridge as built

SIZES = [(4, 1), (9, 2), (60, 5), (6, 6), (5, 9)]
TALL = [(4, 1), (9, 2), (60, 5)]
STRENGTHS = [1e-4, 0.03, 0.5, 20.0]


@pytest.fixture(scope="module")
def ridge(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `ridge`."""
    return solve("02-regularization", "ridge")


def sample(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw a linear model with an intercept, features that are not centred, and noise."""
    rng = np.random.default_rng([n, d, seed])
    X, y = data.linear(n, rng.normal(size=d), intercept=3.0, noise=0.5, rng=rng)
    return X + rng.normal(size=d), y


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("lam", STRENGTHS)
class TestRidge:
    """`ridge` on random data: more samples than columns, as many, and fewer."""

    def test_closed_form_is_that_of_the_library(
        self, ridge: SimpleNamespace, n: int, d: int, lam: float
    ) -> None:
        """`Ridge(alpha=n·lam)` has the same weights and intercept."""
        X, y = sample(n, d)
        model = Ridge(alpha=n * lam, solver="svd").fit(X, y)

        w, b = ridge.ridge_closed_form(X, y, lam)

        np.testing.assert_allclose(w, model.coef_, atol=1e-8)
        assert b == pytest.approx(model.intercept_, abs=1e-8)

    def test_gradient_is_that_of_the_loss(
        self, ridge: SimpleNamespace, n: int, d: int, lam: float
    ) -> None:
        """Central differences of the loss, exact for a quadratic but for rounding, agree."""
        X, y = sample(n, d)
        theta = np.random.default_rng(1).normal(size=d + 1)

        def loss(theta: np.ndarray) -> float:
            return ridge.ridge_loss(X, y, theta[:d], theta[d], lam)

        numbers = [(loss(theta + e) - loss(theta - e)) / 2 for e in np.eye(d + 1)]

        gradient = np.append(*ridge.ridge_gradient(X, y, theta[:d], theta[d], lam))

        np.testing.assert_allclose(gradient, numbers, rtol=1e-8, atol=1e-8)

    def test_gradient_vanishes_at_the_closed_form(
        self, ridge: SimpleNamespace, n: int, d: int, lam: float
    ) -> None:
        """The closed form is a level point of the loss, and its residuals add up to zero."""
        X, y = sample(n, d)
        w, b = ridge.ridge_closed_form(X, y, lam)

        grad_w, grad_b = ridge.ridge_gradient(X, y, w, b, lam)

        np.testing.assert_allclose(grad_w, np.zeros(d), atol=1e-8)
        assert grad_b == pytest.approx(0.0, abs=1e-8)

    def test_path_and_radius_are_those_of_the_closed_form(
        self, ridge: SimpleNamespace, n: int, d: int, lam: float
    ) -> None:
        """The decomposition gives the weights of the equations, and of the library's solver."""
        X, y = sample(n, d)
        w, _ = ridge.ridge_closed_form(X, y, lam)
        centred = X - X.mean(axis=0)
        theirs = ridge_regression(centred, y - y.mean(), alpha=n * lam, solver="svd")

        path = ridge.ridge_path(X, y, np.array([lam, 2 * lam, 0.1 * lam]))

        np.testing.assert_allclose(path[0], w, atol=1e-8)
        np.testing.assert_allclose(path[0], theirs, atol=1e-8)
        assert ridge.lagrange_radius(X, y, lam) == pytest.approx(np.linalg.norm(w), abs=1e-8)


@pytest.mark.parametrize(("n", "d"), TALL)
def test_no_penalty_is_least_squares(ridge: SimpleNamespace, n: int, d: int) -> None:
    """With lam = 0 and independent columns the weights are those of `LinearRegression`."""
    X, y = sample(n, d)
    model = LinearRegression().fit(X, y)

    w, b = ridge.ridge_closed_form(X, y, 0.0)

    np.testing.assert_allclose([*w, b], [*model.coef_, model.intercept_], atol=1e-8)


@pytest.mark.parametrize("shift", [1000.0, -273.15])
def test_shifted_targets_shift_the_intercept_alone(ridge: SimpleNamespace, shift: float) -> None:
    """The intercept is not penalised: it follows the zero of the targets, and nothing else does."""
    X, y = sample(20, 3)
    w, b = ridge.ridge_closed_form(X, y, 0.3)

    shifted_w, shifted_b = ridge.ridge_closed_form(X, y + shift, 0.3)

    np.testing.assert_allclose(shifted_w, w, atol=1e-8)
    assert shifted_b == pytest.approx(b + shift, abs=1e-8)


@pytest.mark.parametrize("X", [np.zeros((4, 2)), np.full((4, 2), 1.5), np.array([[3.0, 1.0]])])
def test_features_that_do_not_vary_get_no_weight(ridge: SimpleNamespace, X: np.ndarray) -> None:
    """Constant columns, and a single sample, leave the mean of the targets."""
    y = np.arange(float(len(X))) + 2.0

    w, b = ridge.ridge_closed_form(X, y, 0.1)

    np.testing.assert_allclose(w, [0.0, 0.0], atol=1e-12)
    assert b == pytest.approx(y.mean())
    np.testing.assert_allclose(ridge.ridge_path(X, y, np.array([0.1])), [[0.0, 0.0]], atol=1e-12)


@pytest.mark.parametrize("lam", [0.1, 1.0])
def test_gradient_descent_arrives_at_the_closed_form(ridge: SimpleNamespace, lam: float) -> None:
    """After many steps at a stable rate the minimum is reached to 1e-8."""
    X, y = sample(40, 3)
    w, b = ridge.ridge_closed_form(X, y, lam)

    descended_w, descended_b = ridge.ridge_gradient_descent(X, y, lam, 0.05, 5000)

    np.testing.assert_allclose(descended_w, w, atol=1e-8)
    assert descended_b == pytest.approx(b, abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "d"), TALL)
class TestMultiplier:
    """`lagrange_multiplier` against what it is the multiplier of."""

    def test_multiplier_leads_back_to_the_radius(
        self, ridge: SimpleNamespace, n: int, d: int, seed: int
    ) -> None:
        """Radius and multiplier are inverse to each other, to 1e-8."""
        X, y = sample(n, d, seed)
        for lam in [1e-3, 0.2, 30.0]:
            radius = ridge.lagrange_radius(X, y, lam)
            assert ridge.lagrange_multiplier(X, y, radius) == pytest.approx(lam, rel=1e-8)

    def test_limit_that_does_not_matter_has_no_price(
        self, ridge: SimpleNamespace, n: int, d: int, seed: int
    ) -> None:
        """Where least squares stays within the limit, the multiplier is exactly zero."""
        X, y = sample(n, d, seed)
        longest = np.linalg.norm(LinearRegression().fit(X, y).coef_)

        assert ridge.lagrange_multiplier(X, y, 1.001 * longest) == 0.0
        assert ridge.lagrange_multiplier(X, y, 0.999 * longest) > 0.0

    def test_weights_are_the_best_within_the_limit(
        self, ridge: SimpleNamespace, n: int, d: int, seed: int
    ) -> None:
        """SciPy's constrained minimiser finds no smaller error, and the same within 1e-6.

        It stops at a tolerance of its own, so 1e-8 cannot be asked of the weights.
        """
        X, y = sample(n, d, seed)
        radius = 0.6 * ridge.lagrange_radius(X, y, 0.0)
        w, b = ridge.ridge_closed_form(X, y, ridge.lagrange_multiplier(X, y, radius))

        found = minimize(
            lambda theta: ridge.ridge_loss(X, y, theta[:d], theta[d], 0.0),
            np.zeros(d + 1),
            method="SLSQP",
            constraints={"type": "ineq", "fun": lambda theta: radius**2 - theta[:d] @ theta[:d]},
            options={"ftol": 1e-14, "maxiter": 1000},
        )

        error = ridge.ridge_loss(X, y, w, b, 0.0)
        assert error == pytest.approx(found.fun, rel=1e-6)
        np.testing.assert_allclose(np.linalg.norm(w), radius, rtol=1e-8)

    def test_multiplier_is_the_price_of_the_limit(
        self, ridge: SimpleNamespace, n: int, d: int, seed: int
    ) -> None:
        """The error falls by the multiplier for each unit of the squared radius (to 1e-5).

        That is the error of a central difference with a step of a thousandth.
        """
        X, y = sample(n, d, seed)
        square = (0.6 * ridge.lagrange_radius(X, y, 0.0)) ** 2

        def error(square: float) -> float:
            lam = ridge.lagrange_multiplier(X, y, np.sqrt(square))
            return ridge.ridge_loss(X, y, *ridge.ridge_closed_form(X, y, lam), 0.0)

        step = 1e-3 * square
        slope = (error(square + step) - error(square - step)) / (2 * step)

        assert -slope == pytest.approx(ridge.lagrange_multiplier(X, y, np.sqrt(square)), rel=1e-5)


def test_built_module_is_the_lesson(ridge: SimpleNamespace) -> None:
    """Later lessons import what this one solves."""
    X, y = sample(12, 3)

    w, b = built.ridge_closed_form(X, y, 0.3)

    np.testing.assert_array_equal(w, ridge.ridge_closed_form(X, y, 0.3)[0])
    assert built.ridge_loss(X, y, w, b, 0.3) == ridge.ridge_loss(X, y, w, b, 0.3)
    np.testing.assert_array_equal(
        built.ridge_gradient(X, y, w, b, 0.3)[0], ridge.ridge_gradient(X, y, w, b, 0.3)[0]
    )
