"""The solutions of logistic regression agree with SciPy, scikit-learn and finite differences."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

SIZES = [(40, 1), (60, 2), (200, 5)]
close = pytest.approx


@pytest.fixture(scope="module")
def logistic(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `foundations`."""
    return solve("03-logistic-regression", "foundations")


def sample(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels of a logistic model whose classes overlap, so that there is a minimum."""
    rng = np.random.default_rng([n, d])
    X = rng.normal(size=(n, d)) + 0.5 * rng.normal(size=(n, 1)) + 0.3
    p = expit(X @ rng.uniform(-1, 1, size=d) - 0.2)
    return X, (rng.random(n) < p).astype(float)


def test_sigmoid_is_expit(logistic: SimpleNamespace) -> None:
    """Values agree to 12 digits between -700 and 700, tiny ones too, and without a warning."""
    z = np.concatenate([np.linspace(-700, 700, 2001), [0.0, 1e-300, -1e-9]])

    np.testing.assert_allclose(logistic.sigmoid(z), expit(z), rtol=1e-12)
    np.testing.assert_array_equal(logistic.sigmoid(np.array([1000.0, -1000.0])), [1.0, 0.0])


def test_log_odds_is_logit(logistic: SimpleNamespace) -> None:
    """It agrees with SciPy, at 0 and 1 as well, and undoes the sigmoid below 1/2."""
    p = np.concatenate([10.0 ** -np.arange(0, 300, 7), np.linspace(0, 1, 101)])
    z = np.linspace(-600, -0.5, 211)

    np.testing.assert_allclose(logistic.log_odds(p), logit(p), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(logistic.log_odds(logistic.sigmoid(z)), z, rtol=1e-9)


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestModel:
    """Loss, gradient and fits on random data of several sizes."""

    def test_cross_entropy_is_log_loss(self, logistic: SimpleNamespace, n: int, d: int) -> None:
        """Where probabilities are neither 0 nor 1, `log_loss` says the same."""
        X, y = sample(n, d)
        z = X @ np.linspace(-1, 1, d) + 0.3

        assert logistic.binary_cross_entropy(y, z) == close(log_loss(y, expit(z)), rel=1e-10)

    def test_gradient_is_a_finite_difference(
        self, logistic: SimpleNamespace, n: int, d: int
    ) -> None:
        """`check_grad` finds no difference beyond its own error."""
        X, y = sample(n, d)
        for theta in np.random.default_rng(0).normal(size=(5, d + 1)):
            error = check_grad(
                lambda t: logistic.binary_cross_entropy(y, X @ t[:-1] + t[-1]),
                lambda t: np.append(*logistic.bce_gradient(X, y, t[:-1], t[-1])),
                theta,
            )
            assert error < 1e-6

    def test_fit_is_the_library(self, logistic: SimpleNamespace, n: int, d: int) -> None:
        """Gradient descent ends where `LogisticRegression` without a penalty does, to 1e-8."""
        X, y = sample(n, d)
        model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000, solver="newton-cholesky")
        model.fit(X, y)

        w, b = logistic.fit(X, y, np.zeros(d), 0.0, 1.0, 20_000)

        np.testing.assert_allclose(w, model.coef_[0], rtol=0, atol=1e-8)
        assert b == close(model.intercept_[0], abs=1e-8)
        for threshold in (0.5, 0.2):
            expected = model.predict_proba(X)[:, 1] >= threshold
            np.testing.assert_array_equal(logistic.predict(X, w, b, threshold), expected)

    def test_steps_below_the_bound_lower_the_loss(
        self, logistic: SimpleNamespace, n: int, d: int
    ) -> None:
        """No rate below 8 / λ_max ever goes uphill, from several starts."""
        X, y = sample(n, d)
        A = np.column_stack([X, np.ones(n)])
        bound = 8 / np.linalg.eigvalsh(A.T @ A / n)[-1]
        for w in 3 * np.random.default_rng(1).normal(size=(4, d)):
            b, losses = 1.0, []
            for _ in range(50):
                losses.append(logistic.binary_cross_entropy(y, X @ w + b))
                w, b = logistic.fit(X, y, w, b, 0.999 * bound, 1)  # noqa: PLW2901
            assert np.all(np.diff(losses) <= 1e-12)

    def test_one_batch_is_gradient_descent_and_batches_of_one_are_sgd(
        self, logistic: SimpleNamespace, n: int, d: int
    ) -> None:
        """The three fits agree where they are the same method."""
        X, y = sample(n, d)
        start = np.linspace(-1, 1, d), 0.5
        rng = np.random.default_rng

        whole = logistic.fit_minibatch(X, y, *start, 0.3, 9, n, rng(2))
        single = logistic.fit_minibatch(X, y, *start, 0.3, 2, 1, rng(3))

        for ours, theirs in [
            (whole, logistic.fit(X, y, *start, 0.3, 9)),
            (single, logistic.fit_sgd(X, y, *start, 0.3, 2, rng(3))),
        ]:
            np.testing.assert_allclose(np.append(*ours), np.append(*theirs), rtol=1e-10)

    def test_stochastic_steps_come_near_the_minimum(
        self, logistic: SimpleNamespace, n: int, d: int
    ) -> None:
        """At a small rate both end within 2 % of the least loss; they do not come to rest there."""
        X, y = sample(n, d)
        w, b = logistic.fit(X, y, np.zeros(d), 0.0, 1.0, 5000)
        least = logistic.binary_cross_entropy(y, X @ w + b)
        rng = np.random.default_rng(4)
        for w, b in (
            logistic.fit_sgd(X, y, np.zeros(d), 0.0, 0.01, 60, rng),
            logistic.fit_minibatch(X, y, np.zeros(d), 0.0, 0.08, 60, 8, rng),
        ):
            assert least <= logistic.binary_cross_entropy(y, X @ w + b) <= 1.02 * least


def test_cross_entropy_is_finite_where_the_library_cuts_off(logistic: SimpleNamespace) -> None:
    """Being sure and wrong costs |z|, and being sure and right nothing."""
    z = np.array([1000.0, -1000.0])

    assert logistic.binary_cross_entropy(np.array([0, 1]), z) == close(1000)
    assert logistic.binary_cross_entropy(np.array([1, 0]), z) == 0


def test_odds_ratio_is_a_ratio_of_odds(logistic: SimpleNamespace) -> None:
    """It is what the probabilities before and after say, wherever one starts."""
    rng = np.random.default_rng(5)
    for z, w, change in rng.normal(size=(50, 3)):
        before, after = expit(z), expit(z + w * change)
        ratio = after / (1 - after) / (before / (1 - before))
        assert logistic.odds_ratio(w, change) == close(ratio, rel=1e-10)
