"""The solutions of the lasso agree with scikit-learn, and its minima meet their conditions."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import Lasso, enet_path

from coursework import data

SIZES = [(4, 1), (9, 2), (60, 5), (30, 30), (20, 50)]
SHARES = [0.9, 0.3, 0.05]
close = pytest.approx


@pytest.fixture(scope="module")
def lasso(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `lasso`."""
    return solve("02-regularization", "lasso")


def sample(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a linear model with correlated features far from zero, an intercept and noise."""
    rng = np.random.default_rng([n, d])
    X, y = data.linear(n, rng.normal(size=d), intercept=3.0, noise=0.5, rng=rng)
    return X + 0.5 * rng.normal(size=(n, 1)) + 2.0, y


def fitted(X: np.ndarray, y: np.ndarray, lam: float) -> Lasso:
    """Fit the library's lasso, whose loss is half of ours, as exactly as it can."""
    return Lasso(alpha=lam / 2, tol=1e-13, max_iter=1_000_000).fit(X, y)


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("share", SHARES)
class TestLasso:
    """`lasso` on random data of several sizes, for strong and for weak penalties."""

    def test_coordinate_descent_is_the_library(
        self, lasso: SimpleNamespace, n: int, d: int, share: float
    ) -> None:
        """Weights, intercept and zeros are those of `Lasso` with half the penalty."""
        X, y = sample(n, d)
        lam = share * lasso.lambda_max(X, y)
        model = fitted(X, y, lam)

        w, b = lasso.lasso_coordinate_descent(X, y, lam, 1_000_000, 1e-13)

        np.testing.assert_allclose(w, model.coef_, rtol=0, atol=1e-8)
        assert b == close(model.intercept_, abs=1e-8)
        np.testing.assert_array_equal(w == 0, model.coef_ == 0)

    def test_loss_is_twice_the_objective_of_the_library(
        self, lasso: SimpleNamespace, n: int, d: int, share: float
    ) -> None:
        """At any weights the loss is twice (1/2n) ‖r‖² + alpha ‖w‖₁ for λ = 2 alpha."""
        X, y = sample(n, d)
        w, alpha = np.random.default_rng(0).normal(size=d), share

        objective = np.sum((X @ w + 0.7 - y) ** 2) / (2 * n) + alpha * np.abs(w).sum()

        assert lasso.lasso_loss(X, y, w, 0.7, 2 * alpha) == close(2 * objective, rel=1e-12)

    def test_no_weight_can_improve_alone(
        self, lasso: SimpleNamespace, n: int, d: int, share: float
    ) -> None:
        """Slopes are minus λ times the sign of a weight, and at most λ where it is zero."""
        X, y = sample(n, d)
        lam = share * lasso.lambda_max(X, y)

        w, b = lasso.lasso_coordinate_descent(X, y, lam, 1_000_000, 1e-13)

        slopes = 2 / n * X.T @ (X @ w + b - y)
        np.testing.assert_allclose(slopes[w != 0], -lam * np.sign(w[w != 0]), atol=1e-7)
        assert np.all(np.abs(slopes[w == 0]) <= lam + 1e-7)
        assert np.mean(X @ w + b - y) == close(0, abs=1e-10)

    def test_sweeps_and_steps_never_raise_the_loss(
        self, lasso: SimpleNamespace, n: int, d: int, share: float
    ) -> None:
        """Neither coordinate descent nor ISTA at the rate 1/M ever goes uphill."""
        X, y = sample(n, d)
        lam = share * lasso.lambda_max(X, y)
        rate = n / 2 / np.linalg.norm(X - X.mean(axis=0), 2) ** 2
        start = np.random.default_rng(1).normal(size=d)
        for one in (
            lambda w: lasso.lasso_coordinate_descent(X, y, lam, 1, 0.0, w),
            lambda w: lasso.ista(X, y, lam, rate, 1, w),
        ):
            w, losses = start, []
            for _ in range(20):
                w, b = one(w)
                losses.append(lasso.lasso_loss(X, y, w, b, lam))
            assert np.all(np.diff(losses) <= 1e-10 * np.abs(losses[0]))


@pytest.mark.parametrize(("n", "d"), [(9, 2), (60, 5)])
def test_ista_ends_where_the_library_ends(lasso: SimpleNamespace, n: int, d: int) -> None:
    """With more samples than features ISTA agrees with `Lasso`, also at rates up to 2/M."""
    X, y = sample(n, d)
    lam = 0.3 * lasso.lambda_max(X, y)
    model = fitted(X, y, lam)
    rate = n / 2 / np.linalg.norm(X - X.mean(axis=0), 2) ** 2
    for factor in (1.0, 1.9):
        w, b = lasso.ista(X, y, lam, factor * rate, 20_000)

        np.testing.assert_allclose(w, model.coef_, rtol=0, atol=1e-8)
        assert b == close(model.intercept_, abs=1e-8)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_lambda_max_is_the_first_of_the_path_of_the_library(
    lasso: SimpleNamespace, n: int, d: int
) -> None:
    """It is twice the largest alpha of `enet_path`; above it no weight is left, below it one is."""
    X, y = sample(n, d)
    largest = lasso.lambda_max(X, y)
    alphas, _, _ = enet_path(X - X.mean(axis=0), y - y.mean(), l1_ratio=1.0, alphas=3)

    assert largest == close(2 * alphas[0], rel=1e-8)
    above, below = (
        lasso.lasso_coordinate_descent(X, y, factor * largest)[0] for factor in (1.0001, 0.999)
    )
    assert np.count_nonzero(above) == 0
    assert np.count_nonzero(below) == 1


def test_soft_threshold_minimises_what_it_says(lasso: SimpleNamespace) -> None:
    """No point of a fine grid has a smaller ½ (w - z)² + t |w|."""
    grid = np.linspace(-4, 4, 8001)
    rng = np.random.default_rng(2)
    for z, t in zip(rng.normal(size=50), rng.uniform(0, 2, size=50), strict=True):
        w = lasso.soft_threshold(z, t)
        least = np.min(0.5 * (grid - z) ** 2 + t * np.abs(grid))
        assert 0.5 * (w - z) ** 2 + t * abs(w) <= least + 1e-12


def test_best_weight_is_the_lasso_of_one_feature(lasso: SimpleNamespace) -> None:
    """Without an intercept, `Lasso` gives the same weight."""
    rng = np.random.default_rng(3)
    for n in (1, 2, 30):
        x, rest = 1 + rng.normal(size=n), 1 + rng.normal(size=n)
        for lam in (0.01, 0.5, 5.0):
            model = Lasso(alpha=lam / 2, fit_intercept=False, tol=1e-13).fit(x[:, np.newaxis], rest)
            assert lasso.best_weight(x, rest, lam) == close(model.coef_[0], abs=1e-10)


def test_a_shift_of_targets_moves_the_intercept_alone(lasso: SimpleNamespace) -> None:
    """The intercept is not penalised."""
    X, y = sample(40, 6)
    w, b = lasso.lasso_coordinate_descent(X, y, 0.2)
    shifted, intercept = lasso.lasso_coordinate_descent(X, y + 1000, 0.2)

    np.testing.assert_allclose(shifted, w, rtol=0, atol=1e-8)
    assert intercept - b == close(1000, abs=1e-8)


def test_equal_columns_share_one_weight_in_any_way(lasso: SimpleNamespace) -> None:
    """All splits of one sign have the same loss; coordinate descent gives all to the first."""
    X, y = sample(40, 1)
    twins = np.hstack([X, X])
    w, b = lasso.lasso_coordinate_descent(twins, y, 0.1)
    total = np.sum(w)

    assert w[1] == 0
    losses = [
        lasso.lasso_loss(twins, y, np.array([share * total, (1 - share) * total]), b, 0.1)
        for share in (0.0, 0.3, 1.0)
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-12)


def test_coordinate_descent_may_stall_where_kinks_are_shared() -> None:
    """The example of the proof: no weight alone can improve (0, 0), and (1, 1) is the minimum."""

    def loss(u: np.ndarray | float, v: np.ndarray | float) -> np.ndarray | float:
        return (u - 1) ** 2 + (v - 1) ** 2 + 3 * np.abs(u - v)

    line = np.linspace(-3, 3, 6001)

    assert np.all(loss(line, 0.0) >= loss(0.0, 0.0))
    assert np.all(loss(0.0, line) >= loss(0.0, 0.0))
    assert loss(1.0, 1.0) == 0.0 < loss(0.0, 0.0)
