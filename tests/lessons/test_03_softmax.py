"""The solutions of softmax regression agree with SciPy, scikit-learn, PyTorch and differences."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import expit
from scipy.special import softmax as scipy_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from coursework.built.differences import jacobian
from coursework.built.engine import Tensor

SIZES = [(40, 1, 2), (60, 2, 3), (90, 3, 3), (200, 5, 4)]
close = pytest.approx


@pytest.fixture(scope="module")
def softmax(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `softmax`."""
    return solve("03-logistic-regression", "softmax")


def sample(n: int, d: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels of a softmax model whose classes overlap."""
    rng = np.random.default_rng([n, d, k])
    X = rng.normal(size=(n, d)) + 0.3
    scores = X @ rng.normal(size=(d, k))
    y = np.argmax(scores + rng.gumbel(size=(n, k)), axis=1)
    y[:k] = np.arange(k)
    return X, y


@pytest.mark.parametrize("shape", [(1,), (5,), (3, 4), (4, 4), (2, 3, 4)])
def test_softmax_is_scipys(softmax: SimpleNamespace, shape: tuple[int, ...]) -> None:
    """Values agree to 12 digits, tiny ones too, wherever the scores lie."""
    rng = np.random.default_rng(0)
    for shift in (0.0, 1000.0, -1000.0):
        z = shift + rng.uniform(-300, 300, size=shape)
        np.testing.assert_allclose(softmax.softmax(z), scipy_softmax(z, axis=-1), rtol=1e-12)
        np.testing.assert_allclose(softmax.softmax(z).sum(axis=-1), 1.0)


def test_two_classes_are_the_sigmoid(softmax: SimpleNamespace) -> None:
    """The probability of class 1 is the sigmoid of the difference of the scores."""
    z = 10 * np.random.default_rng(1).normal(size=(50, 2))

    np.testing.assert_allclose(softmax.softmax(z)[:, 1], expit(z[:, 1] - z[:, 0]), rtol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_it_agrees_with_log_softmax_of_the_engine(softmax: SimpleNamespace, shift: float) -> None:
    """Loss and gradient are those of the tensors' `log_softmax`."""
    rng = np.random.default_rng(2)
    z, y = shift + 3 * rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
    tensor = Tensor(z)
    loss = -tensor.log_softmax()[np.arange(6), y].mean()
    loss.backward()

    assert softmax.cross_entropy(y, z) == close(float(loss), rel=1e-10)
    np.testing.assert_allclose(softmax.softmax_gradient(y, z), tensor.grad, atol=1e-12)


def test_it_is_pytorchs_cross_entropy(softmax: SimpleNamespace) -> None:
    """Loss and gradient agree at ordinary tensor and at ±1000."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    for size in (1.0, 1000.0):
        z, y = size * rng.normal(size=(9, 5)), rng.integers(0, 5, size=9)
        tensor = torch.tensor(z, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(tensor, torch.tensor(y))
        loss.backward()

        assert softmax.cross_entropy(y, z) == close(float(loss.detach()), rel=1e-12)
        gradient = tensor.grad.numpy()
        np.testing.assert_allclose(softmax.softmax_gradient(y, z), gradient, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_jacobian_is_a_finite_difference(softmax: SimpleNamespace, k: int) -> None:
    """Central differences agree, the table is symmetric, and its rows add up to 0."""
    for z in 2 * np.random.default_rng(k).normal(size=(5, k)):
        table = softmax.softmax_jacobian(z)
        np.testing.assert_allclose(table, jacobian(softmax.softmax, z), atol=1e-9)
        np.testing.assert_array_equal(table, table.T)
        np.testing.assert_allclose(table @ np.ones(k), 0.0, atol=1e-15)


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
class TestModel:
    """Loss, gradient and fits on random data of several sizes."""

    def test_cross_entropy_is_log_loss(
        self, softmax: SimpleNamespace, n: int, d: int, k: int
    ) -> None:
        """Where probabilities are not 0, `log_loss` says the same."""
        X, y = sample(n, d, k)
        z = X @ np.random.default_rng(0).normal(size=(d, k))

        expected = log_loss(y, scipy_softmax(z, axis=1), labels=np.arange(k))
        assert softmax.cross_entropy(y, z) == close(expected, rel=1e-10)

    def test_gradient_is_a_finite_difference(
        self, softmax: SimpleNamespace, n: int, d: int, k: int
    ) -> None:
        """`check_grad` finds no difference beyond its own error."""
        _, y = sample(n, d, k)
        z = np.random.default_rng(0).normal(size=n * k)
        error = check_grad(
            lambda t: softmax.cross_entropy(y, t.reshape(n, k)),
            lambda t: softmax.softmax_gradient(y, t.reshape(n, k)).ravel(),
            z,
        )
        assert error < 1e-6

    def test_fit_is_the_library(self, softmax: SimpleNamespace, n: int, d: int, k: int) -> None:
        """Gradient descent ends at the probabilities of `LogisticRegression`, to 1e-7.

        For two classes the library penalises the difference of the weights, of which each
        of ours has one half: a penalty of lam on ours is half of it on the difference.
        """
        X, y = sample(n, d, k)
        lam = 0.01
        strength = 1 / (2 * n * lam) if k > 2 else 1 / (n * lam)
        model = LogisticRegression(C=strength, tol=1e-12, solver="newton-cholesky").fit(X, y)

        W, b = softmax.fit_softmax(X, y, np.zeros((d, k)), np.zeros(k), lam, 0.5, 10_000)

        p = softmax.softmax(X @ W + b)
        np.testing.assert_allclose(p, model.predict_proba(X), rtol=0, atol=1e-7)
        np.testing.assert_allclose(W.sum(axis=1), 0.0, atol=1e-10)
        if k > 2:
            np.testing.assert_allclose(W.T, model.coef_, rtol=0, atol=1e-6)

    def test_a_constant_for_all_classes_is_seen_by_the_penalty_alone(
        self, softmax: SimpleNamespace, n: int, d: int, k: int
    ) -> None:
        """Without a penalty it stays as it was, and with one it dies out."""
        X, y = sample(n, d, k)
        zeros = np.zeros((d, k)), np.zeros(k)
        shift = np.arange(1.0, d + 1)[:, np.newaxis]
        for lam, left in [(0.0, 1.0), (0.05, 0.97**200)]:
            W, b = softmax.fit_softmax(X, y, *zeros, lam, 0.3, 200)
            other, b1 = softmax.fit_softmax(X, y, zeros[0] + shift, zeros[1], lam, 0.3, 200)

            mean = np.mean(other - W, axis=1, keepdims=True)
            np.testing.assert_allclose(mean, left * shift, rtol=1e-9)
            assert b1.sum() == close(b.sum(), abs=1e-10)
            if lam == 0:
                np.testing.assert_allclose(X @ other + b1 - X @ shift, X @ W + b, atol=1e-9)
