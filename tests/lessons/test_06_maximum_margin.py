"""The solutions of the maximum margin agree with scikit-learn."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import hinge_loss
from sklearn.svm import SVC, LinearSVC

SIZES = [(8, 8), (40, 3), (100, 2), (30, 60)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `maximum-margin`."""
    return solve("06-support-vector-machines", "maximum-margin")


def noisy(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of which some lie on the wrong side, with both labels."""
    rng = np.random.default_rng([n, d, seed])
    X = rng.normal(size=(n, d)) + 0.3
    y = np.where(X @ rng.normal(size=d) + 0.3 * rng.normal(size=n) > 0, 1.0, -1.0)
    y[:2] = [1, -1]
    return X, y


def gapped(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples with a gap between the classes."""
    X, y = noisy(n, d, seed)
    direction = np.random.default_rng(seed).normal(size=d)
    y = np.where(X @ direction > np.median(X @ direction), 1.0, -1.0)
    return X + 0.5 * np.outer(y, direction) / np.linalg.norm(direction), y


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("n_steps", [1, 2, 7, 500])
def test_pegasos_is_the_library(lesson: SimpleNamespace, n: int, d: int, n_steps: int) -> None:
    """SGDClassifier makes the same steps and the same average from the same rows, to 1e-8."""
    for seed in SEEDS:
        X, y = noisy(n, d, seed)
        price = np.random.default_rng(seed).uniform(0.05, 2)
        rows = np.random.default_rng(seed).integers(n, size=n_steps)
        model = SGDClassifier(
            alpha=1 / (n * price),
            fit_intercept=False,
            shuffle=False,
            learning_rate="invscaling",
            eta0=n * price,
            power_t=1.0,
            average=n_steps // 2 + 1,
        )
        model.partial_fit(X[rows], y[rows], classes=[-1, 1])
        w = lesson.pegasos(X, y, price, n_steps, np.random.default_rng(seed))
        np.testing.assert_allclose(w, model.coef_[0], rtol=1e-8, atol=1e-8)


def test_pegasos_comes_near_liblinear(lesson: SimpleNamespace) -> None:
    """After 20 000 steps the objective is within 0.3 % of the minimum that LinearSVC finds.

    It is a property: Pegasos draws at random, and no run of it is exact.
    """
    for seed in SEEDS:
        X, y = noisy(60, 3, seed)
        A = np.column_stack([X, np.ones(60)])
        model = LinearSVC(C=0.1, loss="hinge", tol=1e-9, max_iter=10**6).fit(X, y)
        exact = np.append(model.coef_[0], model.intercept_)
        lowest = lesson.svm_objective(A, y, exact, 0.0, 0.1)
        w = lesson.pegasos(A, y, 0.1, 20_000, np.random.default_rng(seed))
        value = lesson.svm_objective(A, y, w, 0.0, 0.1)
        assert lowest - 1e-6 <= value <= 1.003 * lowest


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_hinge_loss_is_the_library(lesson: SimpleNamespace, n: int, d: int) -> None:
    """Its mean is scikit-learn's metric."""
    for seed in SEEDS:
        X, y = noisy(n, d, seed)
        scores = 2 * X[:, 0]
        assert np.mean(lesson.hinge_loss(y, scores)) == pytest.approx(
            hinge_loss(y, scores), rel=1e-12
        )


@pytest.mark.parametrize("price", [0.1, 1.0])
def test_objective_meets_the_dual(lesson: SimpleNamespace, price: float) -> None:
    """At SVC's solution it is what the dual variables say, to 1e-7, and nowhere lower."""
    for seed in SEEDS:
        X, y = noisy(40, 3, seed)
        model = SVC(kernel="linear", C=price, tol=1e-10).fit(X, y)
        w, b = model.coef_[0], model.intercept_[0]
        dual = np.sum(np.abs(model.dual_coef_)) - 0.5 * w @ w
        value = lesson.svm_objective(X, y, w, b, price)
        assert value == pytest.approx(dual, rel=1e-7)
        rng = np.random.default_rng(seed)
        for size in [1e-3, 0.1, 2.0]:
            other, shift = w + size * rng.normal(size=3), b + size * rng.normal()
            assert lesson.svm_objective(X, y, other, shift, price) >= value - 1e-7


def test_subgradient_touches_from_below(lesson: SimpleNamespace) -> None:
    """The plane with this slope lies nowhere above the objective, at kinks too."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, y = rng.integers(-2, 3, size=(20, 3)), rng.choice([-1, 1], size=20)
        w, b = rng.integers(-1, 2, size=3), int(rng.integers(-1, 2))
        assert np.any(y * (X @ w + b) == 1)
        value = lesson.svm_objective(X, y, w, b, 0.7)
        grad_w, grad_b = lesson.svm_subgradient(X, y, w, b, 0.7)
        for _ in range(50):
            step, shift = rng.normal(size=3), rng.normal()
            plane = value + grad_w @ step + grad_b * shift
            assert lesson.svm_objective(X, y, w + step, b + shift, 0.7) >= plane - 1e-10


@pytest.mark.parametrize("d", [2, 3, 5])
def test_widest_street_is_the_library(lesson: SimpleNamespace, d: int) -> None:
    """Across SVC's weights the street is SVC's; across other directions it is not wider."""
    for seed in SEEDS:
        X, y = gapped(30, d, seed)
        model = SVC(kernel="linear", C=1e8, tol=1e-10).fit(X, y)
        best = model.coef_[0]
        w, b = lesson.canonical_street(X, y, 3 * best)
        np.testing.assert_allclose(w, best, rtol=1e-5)
        assert b == pytest.approx(model.intercept_[0], rel=1e-5, abs=1e-6)
        margins = lesson.geometric_margin(X, y, w, b)
        assert np.min(margins) == pytest.approx(1 / np.linalg.norm(w), rel=1e-9)
        rng = np.random.default_rng(seed)
        for _ in range(100):
            try:
                other, _ = lesson.canonical_street(X, y, best + 0.3 * rng.normal(size=d))
            except ValueError:
                continue
            assert np.linalg.norm(other) >= np.linalg.norm(w) * (1 - 1e-8)
