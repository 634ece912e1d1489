"""The solutions of the perceptron agree with scikit-learn, and keep what Novikoff proved."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import Perceptron, SGDClassifier

SIZES = [(1, 1), (8, 8), (40, 3), (150, 2), (30, 60)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `perceptron`."""
    return solve("03-logistic-regression", "perceptron")


def noisy(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of which some lie on the wrong side, with both labels where n allows it."""
    rng = np.random.default_rng([n, d, seed])
    X = rng.normal(size=(n, d)) + 0.3
    y = np.where(X @ rng.normal(size=d) + 0.3 * rng.normal(size=n) > 0, 1, -1)
    y[:2] = [1, -1][:n]
    return X, y


def gapped(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Draw samples with a gap between the classes, and a boundary in its middle."""
    rng = np.random.default_rng([n, d, seed])
    X, w, b = rng.normal(size=(n, d)), rng.normal(size=d), rng.normal()
    w /= np.linalg.norm(w)
    y = np.where(X @ w + b > 0, 1.0, -1.0)
    return X + 0.2 * y[:, np.newaxis] * w, y, w, b


@pytest.mark.parametrize(("n", "d"), SIZES[1:])
@pytest.mark.parametrize("n_epochs", [1, 3, 20])
def test_fits_are_the_library(lesson: SimpleNamespace, n: int, d: int, n_epochs: int) -> None:
    """Last and averaged weights are those of scikit-learn without shuffling, to 1e-8."""
    options = {"max_iter": n_epochs, "tol": None, "shuffle": False}
    averaging = SGDClassifier(
        loss="perceptron", average=True, learning_rate="constant", eta0=1, penalty=None, **options
    )
    for seed in SEEDS:
        X, y = noisy(n, d, seed)
        for model, (w, b) in [
            (Perceptron(**options), lesson.perceptron_fit(X, y, n_epochs)[:2]),
            (averaging, lesson.averaged_perceptron(X, y, n_epochs)),
        ]:
            model.fit(X, y)
            np.testing.assert_allclose(w, model.coef_[0], rtol=0, atol=1e-8)
            assert b == pytest.approx(model.intercept_[0], abs=1e-8)


def test_update_is_partial_fit(lesson: SimpleNamespace) -> None:
    """One sample at a time it makes the same steps as the library."""
    X, y = noisy(60, 4, 0)
    model, w, b = Perceptron(), np.zeros(4), 0.0
    for x, label in zip(X, y, strict=True):
        model.partial_fit(x[np.newaxis], [label], classes=[-1, 1])
        w, b = lesson.perceptron_update(x, label, w, b)
        np.testing.assert_allclose(w, model.coef_[0], rtol=0, atol=1e-10)
        assert b == pytest.approx(model.intercept_[0], abs=1e-10)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_novikoff(lesson: SimpleNamespace, n: int, d: int) -> None:
    """With a gap it stops, after no more mistakes than the bound, with each step as proved."""
    for seed in SEEDS:
        X, y, w_good, b_good = gapped(n, d, seed)
        A, good = np.column_stack([X, np.ones(n)]), np.append(w_good, b_good)
        good /= np.linalg.norm(good)
        gamma, longest = np.min(y * (A @ good)), np.max(np.linalg.norm(A, axis=1))
        bound = lesson.mistake_bound(X, y, w_good, b_good)
        assert bound == pytest.approx((longest / gamma) ** 2, rel=1e-10)

        w, b, mistakes = lesson.perceptron_fit(X, y, 5000)

        assert mistakes[-1] == 0
        assert mistakes.sum() <= bound
        assert lesson.margin(X, y, w, b) > 0
        k, state = 0, (np.zeros(d), 0.0)
        for i in list(range(n)) * len(mistakes):
            k += y[i] * (X[i] @ state[0] + state[1]) <= 0
            state = lesson.perceptron_update(X[i], y[i], *state)
            weights = np.append(*state)
            assert k * gamma <= good @ weights + 1e-9
            assert np.linalg.norm(weights) <= np.sqrt(k) * longest + 1e-9
        assert k == mistakes.sum()


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_bound_is_reached_by_orthogonal_samples(lesson: SimpleNamespace, order: int) -> None:
    """Rows of a Hadamard matrix need as many mistakes as the bound allows, whatever the labels."""
    rows = np.array([[1.0]])
    for _ in range(order):
        rows = np.block([[rows, rows], [rows, -rows]])
    y = np.random.default_rng(order).choice([-1.0, 1.0], size=len(rows))
    u = rows.T @ y

    mistakes = lesson.perceptron_fit(rows[:, 1:], y, 9)[2]

    np.testing.assert_array_equal(mistakes, [len(rows), 0])
    assert lesson.mistake_bound(rows[:, 1:], y, u[1:], u[0]) == pytest.approx(len(rows), rel=1e-12)


def test_margin_is_the_distance_to_the_boundary(lesson: SimpleNamespace) -> None:
    """The sample that is worst, moved by the margin, lies on the boundary."""
    for seed in SEEDS:
        X, y, w, b = gapped(30, 3, seed)
        width = lesson.margin(X, y, 3 * w, 3 * b)
        moved = y * ((X - width * y[:, np.newaxis] * w) @ w + b)
        assert np.min(moved) == pytest.approx(0, abs=1e-12)
        assert lesson.margin(X, -y, w, b) < 0
        assert lesson.mistake_bound(X, -y, w, b) == np.inf


def test_exclusive_or_cycles(lesson: SimpleNamespace) -> None:
    """After each epoch of four mistakes the weights are zero again."""
    X, y = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]), np.array([1, -1, -1, 1])
    for n_epochs in (1, 2, 9):
        w, b, mistakes = lesson.perceptron_fit(X, y, n_epochs)
        np.testing.assert_array_equal(np.append(w, b), np.zeros(3))
        np.testing.assert_array_equal(mistakes, np.full(n_epochs, 4))
