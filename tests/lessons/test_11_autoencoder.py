"""The solutions of autoencoder agree with PyTorch, and where nothing bends with PCA."""

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA

Layers = list[tuple[np.ndarray, np.ndarray]]

ACTIVATIONS = ["identity", "relu", "tanh", "sigmoid"]
SIZES = [((5, 2, 5), 7), ((4, 6, 2, 6, 4), 5), ((3, 3, 3, 3, 3), 3), ((2, 4, 3, 1, 5, 3, 2), 1)]


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    """Return PyTorch, where it is installed."""
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def auto(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `autoencoder`."""
    return solve("11-deep-learning", "autoencoder")


def network(sizes: tuple[int, ...], rng: np.random.Generator) -> Layers:
    """Draw weights and biases."""
    return [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(sizes)]


def theirs(torch: ModuleType, inputs: np.ndarray, tensors: list, activation: str) -> tuple:
    """Return code and reconstruction of an autoencoder of PyTorch's tensors."""
    function = {"identity": lambda hidden: hidden} | {n: getattr(torch, n) for n in ACTIVATIONS[1:]}
    hidden, middle, code = torch.tensor(inputs), len(tensors) // 2, None
    for number, (W, b) in enumerate(tensors, start=1):
        hidden = hidden @ W + b
        code = hidden if number == middle else code
        if number not in (middle, len(tensors)):
            hidden = function[activation](hidden)
    return code, hidden


def as_tensors(torch: ModuleType, layers: Layers) -> list:
    """Return the layers as leaves whose gradients are wanted."""
    return [tuple(torch.tensor(part, requires_grad=True) for part in pair) for pair in layers]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("sizes", "n"), SIZES)
def test_codes_losses_and_slopes_are_those_of_the_library(
    auto: SimpleNamespace, torch: ModuleType, sizes: tuple[int, ...], n: int, activation: str
) -> None:
    """Forward and backward agree with PyTorch to 1e-8, for targets other than the input, too."""
    rng = np.random.default_rng([n, len(sizes)])
    layers, X, targets = (
        network(sizes, rng),
        rng.normal(size=(n, sizes[0])),
        rng.normal(size=(n, sizes[0])),
    )
    tensors = as_tensors(torch, layers)
    code, drawn = theirs(torch, X, tensors, activation)
    expected = torch.nn.functional.mse_loss(drawn, torch.tensor(targets)) * sizes[0]
    expected.backward()

    loss, grads = auto.loss_gradients(X, targets, layers, activation)

    np.testing.assert_allclose(auto.encode(X, layers, activation), code.detach().numpy(), atol=1e-8)
    copy = auto.decode(auto.encode(X, layers, activation), layers, activation)
    np.testing.assert_allclose(copy, drawn.detach().numpy(), atol=1e-8)
    assert loss == pytest.approx(float(expected.detach()), rel=1e-10)
    assert auto.reconstruction_loss(targets, copy) == pytest.approx(loss, rel=1e-10)
    for pair, there in zip(grads, tensors, strict=True):
        for ours, tensor in zip(pair, there, strict=True):
            np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-8, atol=1e-10)


def test_training_takes_the_steps_of_the_library(auto: SimpleNamespace, torch: ModuleType) -> None:
    """With all samples in a batch, losses and weights are those of PyTorch's Adam."""
    rng = np.random.default_rng(0)
    X, layers = rng.normal(size=(12, 4)), network((4, 3, 2, 3, 4), rng)
    tensors = as_tensors(torch, layers)
    optimizer = torch.optim.Adam([part for pair in tensors for part in pair], lr=0.02)
    expected = []
    for _ in range(30):
        optimizer.zero_grad()
        _, drawn = theirs(torch, X, tensors, "tanh")
        loss = ((drawn - torch.tensor(X)) ** 2).sum() / len(X)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())

    trained, losses = auto.train(X, X, layers, "tanh", 0.02, 12, 30, np.random.default_rng(0))

    np.testing.assert_allclose(losses, expected, rtol=1e-8)
    for pair, there in zip(trained, tensors, strict=True):
        for ours, tensor in zip(pair, there, strict=True):
            np.testing.assert_allclose(ours, tensor.detach().numpy(), atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_a_trained_linear_autoencoder_is_pca(auto: SimpleNamespace, seed: int) -> None:
    """Loss and both spaces are those of scikit-learn's `PCA`; no start has a smaller loss."""
    wines = load_wine().data
    wines = (wines - wines.mean(axis=0)) / wines.std(axis=0)
    pca = PCA(2).fit(wines)
    least = auto.reconstruction_loss(wines, pca.inverse_transform(pca.transform(wines)))
    rng = np.random.default_rng(seed)
    layers = [(0.3 * W, b) for W, b in network((13, 2, 13), rng)]
    for lr, epochs in [(0.01, 1500), (0.001, 500)]:
        layers, losses = auto.train(wines, wines, layers, "identity", lr, 178, epochs, rng)
        assert min(losses) >= least - 1e-12

    assert losses[-1] == pytest.approx(least, abs=1e-5)
    for columns in (layers[0][0], layers[1][0].T):
        apart = auto.projector(columns) - auto.projector(pca.components_.T)
        angle = np.max(subspace_angles(columns, pca.components_.T))
        assert np.linalg.norm(apart, 2) == pytest.approx(np.sin(angle), abs=1e-8)
        assert np.sin(angle) < 1e-2


@pytest.mark.parametrize(("d", "k"), [(1, 1), (5, 1), (6, 3), (4, 4)])
def test_projector_is_symmetric_and_keeps_the_columns(
    auto: SimpleNamespace, d: int, k: int
) -> None:
    """P is its own square and its own transpose, and leaves the columns where they are."""
    columns = np.random.default_rng([d, k]).normal(size=(d, k)) * np.geomspace(1, 1e5, k)
    found = auto.projector(columns)

    np.testing.assert_allclose(found @ columns, columns, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(found @ found, found, atol=1e-12)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    assert np.trace(found) == pytest.approx(k)


@pytest.mark.parametrize(("n", "d", "k"), [(1, 1, 1), (6, 4, 2), (3, 3, 3), (5, 2, 4)])
def test_tied_slopes_are_those_of_the_library(
    auto: SimpleNamespace, torch: ModuleType, n: int, d: int, k: int
) -> None:
    """PyTorch adds both uses of one matrix by itself."""
    rng = np.random.default_rng([n, d, k])
    X, W = rng.normal(size=(n, d)), rng.normal(size=(d, k))
    inputs, weights = torch.tensor(X), torch.tensor(W, requires_grad=True)
    (((inputs @ weights @ weights.T - inputs) ** 2).sum() / n).backward()

    np.testing.assert_allclose(
        auto.tied_gradient(X, W), weights.grad.numpy(), rtol=1e-8, atol=1e-10
    )


def test_mask_loses_the_share(auto: SimpleNamespace) -> None:
    """Of many entries about the share is lost, and the others stay."""
    X = 1 + np.random.default_rng(0).random((400, 50))
    damaged = auto.mask(X, 0.3, np.random.default_rng(1))

    assert np.mean(damaged == 0) == pytest.approx(0.3, abs=0.01)
    np.testing.assert_array_equal(damaged[damaged != 0], X[damaged != 0])
