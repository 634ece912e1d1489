"""The solutions of backpropagation agree with PyTorch, scikit-learn and differences."""

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from coursework.built.arrays import batches
from coursework.built.differences import gradient_check
from coursework.built.layers import forward

SIZES = [(3, 2), (4, 5, 3), (3, 3, 3), (2, 6, 5, 4), (5, 4, 4, 4, 2)]
ACTIVATIONS = ["identity", "relu", "tanh", "sigmoid"]

Layers = list[tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def backprop(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `backpropagation`."""
    return solve("10-neural-networks", "backpropagation")


def network(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Draw weights and biases."""
    return [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(sizes)]


def theirs(torch: ModuleType, X: np.ndarray, tensors: list, activation: str) -> object:
    """Return the scores of a network of PyTorch's tensors."""
    function = {"identity": lambda hidden: hidden} | {n: getattr(torch, n) for n in ACTIVATIONS[1:]}
    hidden = torch.tensor(X)
    for W, b in tensors[:-1]:
        hidden = function[activation](hidden @ W + b)
    return hidden @ tensors[-1][0] + tensors[-1][1]


def as_tensors(torch: ModuleType, layers: Layers) -> list:
    """Return the layers as leaves whose gradients are wanted."""
    return [tuple(torch.tensor(part, requires_grad=True) for part in pair) for pair in layers]


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (7, 1), (5, 3)])
def test_mse_is_the_libraries(
    backprop: SimpleNamespace, torch: ModuleType, shape: tuple[int, int]
) -> None:
    """The loss is scikit-learn's and PyTorch's, the gradient is PyTorch's."""
    rng = np.random.default_rng(0)
    targets, outputs = rng.normal(size=shape), rng.normal(size=shape)
    loss, slopes = backprop.mse_loss(targets, outputs)
    there = torch.tensor(outputs, requires_grad=True)
    torch.nn.functional.mse_loss(there, torch.tensor(targets)).backward()

    assert loss == pytest.approx(mean_squared_error(targets, outputs), rel=1e-12)
    np.testing.assert_allclose(slopes, there.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("n", "k"), [(1, 2), (5, 2), (9, 4), (4, 4)])
def test_cross_entropy_is_the_libraries(
    backprop: SimpleNamespace, torch: ModuleType, n: int, k: int
) -> None:
    """The loss is `log_loss`; loss and gradient are PyTorch's, also at ±1000."""
    rng = np.random.default_rng([n, k])
    for size in (1.0, 1000.0):
        y, z = rng.integers(0, k, size=n), size * rng.normal(size=(n, k))
        loss, dz = backprop.softmax_cross_entropy(y, z)
        scores = torch.tensor(z, requires_grad=True)
        expected = torch.nn.functional.cross_entropy(scores, torch.tensor(y))
        expected.backward()

        assert loss == pytest.approx(float(expected.detach()), rel=1e-12)
        np.testing.assert_allclose(dz, scores.grad.numpy(), rtol=1e-9, atol=1e-14)
        if size == 1.0:
            p = backprop.softmax(z)
            assert loss == pytest.approx(log_loss(y, p, labels=np.arange(k)), rel=1e-10)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES)
class TestNetworks:
    """Gradients of whole networks, of several depths."""

    def test_backward_is_autograd_layer_by_layer(
        self, backprop: SimpleNamespace, torch: ModuleType, sizes: tuple[int, ...], activation: str
    ) -> None:
        """Each dW and db is PyTorch's to 1e-8 and better."""
        rng = np.random.default_rng(1)
        layers = network(sizes, rng)
        for n in (1, 6):
            X, y = rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], size=n)
            A, z = forward(X, layers, activation)
            _, dz = backprop.softmax_cross_entropy(y, A[-1])
            tensors = as_tensors(torch, layers)
            scores = theirs(torch, X, tensors, activation)
            torch.nn.functional.cross_entropy(scores, torch.tensor(y)).backward()

            grads = backprop.backward(dz, A, z, layers, activation)

            assert len(grads) == len(layers)
            for (dw, db), (W, b) in zip(grads, tensors, strict=True):
                np.testing.assert_allclose(dw, W.grad.numpy(), rtol=1e-8, atol=1e-12)
                np.testing.assert_allclose(db, b.grad.numpy(), rtol=1e-8, atol=1e-12)

    def test_backward_passes_the_gradient_check(
        self, backprop: SimpleNamespace, sizes: tuple[int, ...], activation: str
    ) -> None:
        """Central differences agree, for the mean squared error as well."""
        rng = np.random.default_rng(2)
        layers = network(sizes, rng)
        X, targets = rng.normal(size=(4, sizes[0])), rng.normal(size=(4, sizes[-1]))
        for i, (W, b) in enumerate(layers):

            def changed(W: np.ndarray, i: int = i, b: np.ndarray = b) -> Layers:
                return [*layers[:i], (W, b), *layers[i + 1 :]]

            def loss(W: np.ndarray, changed: Callable = changed) -> float:
                return backprop.mse_loss(targets, forward(X, changed(W), activation)[0][-1])[0]

            def gradient(W: np.ndarray, i: int = i, changed: Callable = changed) -> np.ndarray:
                A, z = forward(X, changed(W), activation)
                _, dz = backprop.mse_loss(targets, A[-1])
                return backprop.backward(dz, A, z, changed(W), activation)[i][0]

            assert gradient_check(loss, gradient, W) < 1e-6

    def test_training_is_pytorchs_sgd(
        self, backprop: SimpleNamespace, torch: ModuleType, sizes: tuple[int, ...], activation: str
    ) -> None:
        """After five epochs weights and losses agree to 1e-8, with the same batches."""
        rng = np.random.default_rng(3)
        layers = network(sizes, rng)
        X, y = rng.normal(size=(11, sizes[0])), rng.integers(0, sizes[-1], size=11)
        tensors = as_tensors(torch, layers)
        optimizer = torch.optim.SGD([part for pair in tensors for part in pair], lr=0.05)
        expected, draws = [], np.random.default_rng(4)
        for _ in range(5):
            total = 0.0
            for X_batch, y_batch in batches(X, y, 4, draws):
                optimizer.zero_grad()
                scores = theirs(torch, X_batch, tensors, activation)
                loss = torch.nn.functional.cross_entropy(scores, torch.tensor(y_batch))
                loss.backward()
                optimizer.step()
                total += float(loss.detach()) * len(y_batch)
            expected.append(total / len(y))

        trained, losses = backprop.train(
            X, y, layers, activation, 0.05, 4, 5, np.random.default_rng(4)
        )

        np.testing.assert_allclose(losses, expected, rtol=1e-8)
        for ours, there in zip(trained, tensors, strict=True):
            for part, tensor in zip(ours, there, strict=True):
                np.testing.assert_allclose(part, tensor.detach().numpy(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("n", "d", "m"), [(1, 1, 1), (4, 3, 2), (3, 3, 3), (6, 2, 5)])
def test_dense_backward_is_autograd(
    backprop: SimpleNamespace, torch: ModuleType, n: int, d: int, m: int
) -> None:
    """All three gradients are PyTorch's."""
    rng = np.random.default_rng([n, d, m])
    dz, X, W = rng.normal(size=(n, m)), rng.normal(size=(n, d)), rng.normal(size=(d, m))
    tensors = [torch.tensor(one, requires_grad=True) for one in (X, W, np.zeros(m))]
    (tensors[0] @ tensors[1] + tensors[2]).backward(torch.tensor(dz))

    for ours, there in zip(backprop.dense_backward(dz, X, W), tensors, strict=True):
        np.testing.assert_allclose(ours, there.grad.numpy(), rtol=1e-10, atol=1e-13)
