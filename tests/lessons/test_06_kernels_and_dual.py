"""The solutions of kernels and the dual problem agree with scikit-learn."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import pairwise
from sklearn.svm import SVC

SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `kernels-and-dual`."""
    return solve("06-support-vector-machines", "kernels-and-dual")


def samples(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples with a curved boundary, some of them on its wrong side, with both labels."""
    rng = np.random.default_rng([n, d, seed])
    X = rng.normal(size=(n, d))
    curve = X[:, 0] + np.sin(2 * X[:, -1]) + 0.3 * rng.normal(size=n)
    y = np.where(curve > 0, 1.0, -1.0)
    y[:2] = [1, -1]
    return X, y


def multipliers(model: SVC, n: int) -> np.ndarray:
    """Return the multipliers of all samples of a fitted model."""
    alpha = np.zeros(n)
    alpha[model.support_] = np.abs(model.dual_coef_[0])
    return alpha


@pytest.mark.parametrize(("n", "m", "d"), [(1, 1, 1), (5, 3, 2), (4, 4, 4), (30, 20, 8)])
def test_kernels_are_the_library(lesson: SimpleNamespace, n: int, m: int, d: int) -> None:
    """All three agree with `sklearn.metrics.pairwise`, to 1e-10."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, other, gamma, coef0 = rng.normal(size=(n, d)), rng.normal(size=(m, d)), 0.4, 1.3
        np.testing.assert_allclose(
            lesson.linear_kernel(X, other), pairwise.linear_kernel(X, other), rtol=1e-10, atol=1e-12
        )
        np.testing.assert_allclose(
            lesson.polynomial_kernel(X, other, 3, gamma, coef0),
            pairwise.polynomial_kernel(X, other, degree=3, gamma=gamma, coef0=coef0),
            rtol=1e-10,
            atol=1e-11,
        )
        np.testing.assert_allclose(
            lesson.rbf_kernel(X, other, gamma),
            pairwise.rbf_kernel(X, other, gamma=gamma),
            rtol=1e-10,
        )


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_polynomial_kernel_is_a_feature_map(lesson: SimpleNamespace, degree: int) -> None:
    """In one dimension its features are powers, with binomial weights."""
    x = np.random.default_rng(degree).normal(size=(6, 1))
    rows = np.array([1.0])
    for _ in range(degree):
        rows = np.convolve(rows, [1.0, 1.0])
    phi = np.sqrt(rows * 0.7 ** np.arange(degree + 1) * 1.5 ** np.arange(degree, -1, -1))
    phi = phi * x ** np.arange(degree + 1)
    np.testing.assert_allclose(
        lesson.polynomial_kernel(x, x, degree, 0.7, 1.5), phi @ phi.T, rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("price", [0.05, 1.0, 30.0])
@pytest.mark.parametrize(("n", "d"), [(2, 1), (20, 2), (60, 3)])
def test_smo_is_the_library(lesson: SimpleNamespace, n: int, d: int, price: float) -> None:
    """The dual is SVC's to 1e-8, scores and conditions to the tolerance of the stop.

    Where both stop, the multipliers are within that tolerance only, and so are the scores: their
    distance from the best ones shrinks like the square root of what the dual lacks.
    """
    for seed in SEEDS:
        X, y = samples(n, d, seed)
        gram = lesson.rbf_kernel(X, X, 0.8)
        alpha, b = lesson.smo(gram, y, price, tol=1e-8, max_iter=10**6)
        model = SVC(C=price, gamma=0.8, tol=1e-9).fit(X, y)
        dual = lesson.dual_objective(alpha, y, gram)
        assert dual == pytest.approx(
            lesson.dual_objective(multipliers(model, n), y, gram), rel=1e-8
        )
        assert np.max(lesson.kkt_violations(alpha, y, gram, b, price)) <= 1.01e-8
        assert abs(alpha @ y) <= 1e-10 * price * n
        assert np.all((alpha >= 0) & (alpha <= price))
        new = np.random.default_rng(seed).normal(size=(25, d))
        scores = lesson.decision_function(
            new, X, y, alpha, b, lambda left, right: lesson.rbf_kernel(left, right, 0.8)
        )
        theirs = model.decision_function(new)
        if np.any((alpha > 0) & (alpha < price)):
            np.testing.assert_allclose(scores, theirs, atol=1e-4)
        else:  # every intercept between two bounds is right
            np.testing.assert_allclose(scores - b, theirs - model.intercept_[0], atol=1e-4)


@pytest.mark.parametrize("price", [0.1, 1.0, 10.0])
def test_gap_is_the_sum_of_the_brackets(lesson: SimpleNamespace, price: float) -> None:
    """Primal less dual is what section 6 says, for any multipliers within the conditions."""
    for seed in SEEDS:
        X, y = samples(31, 3, seed)
        gram = lesson.polynomial_kernel(X, X, 2, 0.5, 1.0)
        rng = np.random.default_rng(seed)
        alpha, b = lesson.smo(gram, y, price, max_iter=int(rng.integers(1, 15)))[0], rng.normal()
        signed = alpha * y
        m = y * (gram @ signed + b)
        primal = 0.5 * signed @ gram @ signed + price * np.sum(np.maximum(0, 1 - m))
        gap = np.sum(np.where(m <= 1, (price - alpha) * (1 - m), alpha * (m - 1)))
        assert primal - lesson.dual_objective(alpha, y, gram) == pytest.approx(gap, rel=1e-9)


def test_pair_update_is_the_best_point_of_the_line(lesson: SimpleNamespace) -> None:
    """No other point between the limits has a greater dual objective, flat lines too."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X, y = samples(8, 2, seed)
        X[3] = X[5]
        gram, price = lesson.rbf_kernel(X, X, 0.5), rng.uniform(0.1, 3)
        alpha = price * np.clip(rng.uniform(-0.3, 1.3, size=8), 0, 1)
        for i, j in [(3, 5), tuple(rng.permutation(8)[:2])]:
            new = lesson.smo_pair_update(alpha, y, gram, price, i, j)
            low, high = lesson.pair_limits(alpha[i], alpha[j], y[i], y[j], price)
            assert new @ y == pytest.approx(alpha @ y, abs=1e-12)
            assert low - 1e-12 <= new[j] <= high + 1e-12
            assert -1e-12 <= new[i] <= price + 1e-12
            best = lesson.dual_objective(new, y, gram)
            for t in np.linspace(low, high, 30):
                other = alpha.copy()
                other[i], other[j] = alpha[i] + y[i] * y[j] * (alpha[j] - t), t
                assert lesson.dual_objective(other, y, gram) <= best + 1e-12


def test_kkt_violations_vanish_at_the_library(lesson: SimpleNamespace) -> None:
    """SVC keeps kernels in single precision, so its answer has none beyond 1e-5.

    A shifted intercept has that shift.
    """
    for seed in SEEDS:
        X, y = samples(50, 2, seed)
        model = SVC(C=2.0, gamma=0.8, tol=1e-9).fit(X, y)
        gram, alpha = lesson.rbf_kernel(X, X, 0.8), multipliers(model, 50)
        b = model.intercept_[0]
        assert np.max(lesson.kkt_violations(alpha, y, gram, b, 2.0)) < 1e-5
        shifted = lesson.kkt_violations(alpha, y, gram, b + 0.25, 2.0)
        free = (alpha > 1e-6) & (alpha < 2 - 1e-6)
        np.testing.assert_allclose(shifted[free], 0.25, rtol=1e-4)
