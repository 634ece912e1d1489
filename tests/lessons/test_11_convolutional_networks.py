"""The solutions of convolutional-networks agree with PyTorch, SciPy and differences."""

from collections.abc import Callable
from itertools import product
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from coursework.built.arrays import batches
from coursework.built.backprop import softmax_cross_entropy
from coursework.built.differences import numerical_gradient

PICTURES = [(4, 5), (5, 5), (7, 6)]
KERNELS = [(1, 1), (2, 3), (3, 3), (3, 2)]
STRIDES = [1, 2, 3]
PADDINGS = [0, 1, 2]


@pytest.fixture(scope="module")
def convolution(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `convolutional-networks`."""
    return solve("11-deep-learning", "convolutional-networks")


def test_correlate_is_scipys(convolution: SimpleNamespace) -> None:
    """It is SciPy's correlation, and its convolution with the filter turned."""
    rng = np.random.default_rng(0)
    for (height, width), (kh, kw) in product(PICTURES, KERNELS):
        x, w = rng.normal(size=(height, width)), rng.normal(size=(kh, kw))
        ours = convolution.correlate(x, w)

        np.testing.assert_allclose(ours, correlate2d(x, w, "valid"), rtol=1e-9, atol=1e-12)
        turned = convolve2d(x, w[::-1, ::-1], "valid")
        np.testing.assert_allclose(ours, turned, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("stride", STRIDES)
class TestConvolution:
    """A layer of filters, for several pictures, filters, channels and batches."""

    def test_layer_and_gradients_are_pytorchs(
        self, convolution: SimpleNamespace, torch: ModuleType, stride: int, padding: int
    ) -> None:
        """Loops, product and all three gradients agree to 1e-8."""
        rng = np.random.default_rng([stride, padding])
        for size, kernel, c, m, n in product(PICTURES, KERNELS, (1, 2, 3), (1, 3), (1, 2)):
            X, W = rng.normal(size=(n, c, *size)), rng.normal(size=(m, c, *kernel))
            b = rng.normal(size=m)
            tensors = [torch.tensor(part, requires_grad=True) for part in (X, W, b)]
            there = torch.nn.functional.conv2d(*tensors, stride=stride, padding=padding)
            dz = rng.normal(size=there.shape)
            there.backward(torch.tensor(dz))

            maps = convolution.conv2d_forward(X, W, b, stride, padding)
            loops = convolution.conv2d_naive(X, W, b, stride, padding)
            grads = convolution.conv2d_backward(dz, X, W, stride, padding)

            np.testing.assert_allclose(maps, there.detach().numpy(), rtol=1e-8, atol=1e-11)
            np.testing.assert_allclose(maps, loops, rtol=1e-8, atol=1e-11)
            for ours, tensor in zip(grads, tensors, strict=True):
                np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-8, atol=1e-11)

    def test_windows_are_pytorchs_unfold_and_fold(
        self, convolution: SimpleNamespace, torch: ModuleType, stride: int, padding: int
    ) -> None:
        """The table is `unfold`, with windows as rows, and the way back is `fold`."""
        rng = np.random.default_rng([stride, padding])
        for size, kernel, c, n in product(PICTURES, KERNELS, (1, 3), (1, 2)):
            X = rng.normal(size=(n, c, *size))
            how = {"stride": stride, "padding": padding}
            there = torch.nn.functional.unfold(torch.tensor(X), kernel, **how)
            rows = there.transpose(1, 2).reshape(-1, there.shape[1]).numpy()

            np.testing.assert_array_equal(convolution.im2col(X, *kernel, stride, padding), rows)

            blame = rng.normal(size=there.shape)
            back = torch.nn.functional.fold(torch.tensor(blame), size, kernel, **how).numpy()
            table = blame.transpose(0, 2, 1).reshape(rows.shape)
            ours = convolution.col2im(table, X.shape, *kernel, stride, padding)
            np.testing.assert_allclose(ours, back, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("stride", STRIDES)
def test_max_pooling_is_pytorchs_with_its_ties(
    convolution: SimpleNamespace, torch: ModuleType, size: int, stride: int
) -> None:
    """Maxima and gradients agree, also where whole windows are equal."""
    rng = np.random.default_rng([size, stride])
    for shape in [(2, 3, 4, 5), (1, 2, 6, 6), (2, 2, 3, 3)]:
        for X in (
            rng.normal(size=shape),
            rng.integers(-1, 2, size=shape).astype(float),
            np.zeros(shape),
        ):
            tensor = torch.tensor(X, requires_grad=True)
            there = torch.nn.functional.max_pool2d(tensor, size, stride)
            dy = rng.normal(size=there.shape)
            there.backward(torch.tensor(dy))

            np.testing.assert_array_equal(
                convolution.max_pool_forward(X, size, stride), there.detach().numpy()
            )
            np.testing.assert_allclose(
                convolution.max_pool_backward(dy, X, size, stride),
                tensor.grad.numpy(),
                rtol=1e-9,
                atol=1e-13,
            )


NETWORKS = [
    ([(3, 2, 3, 3)], [2], 3 * 2 * 2),
    ([(3, 2, 3, 3), (4, 3, 3, 3)], [2, 2], 4),
    ([(2, 2, 5, 5), (3, 2, 1, 1)], [1, 4], 3),
]


@pytest.mark.parametrize(("filters", "pools", "n_features"), NETWORKS)
class TestNetworks:
    """Networks of one and two layers of filters, on pictures of 4 by 5."""

    def test_backward_passes_the_gradient_check(
        self, convolution: SimpleNamespace, filters: list, pools: list, n_features: int
    ) -> None:
        """Central differences agree, for every weight and bias."""
        rng = np.random.default_rng(0)
        layers = convolution.init_cnn(filters, n_features, 3, rng)
        layers = [(W, b + rng.normal(size=b.shape)) for W, b in layers]
        X, y = rng.normal(size=(2, 2, 4, 5)), np.array([2, 0])
        A, z = convolution.cnn_forward(X, layers, pools)
        _, dz = softmax_cross_entropy(y, A[-1])

        grads = convolution.cnn_backward(dz, A, z, layers, pools)

        for i, j in product(range(len(layers)), range(2)):

            def loss(part: np.ndarray, i: int = i, j: int = j) -> float:
                pair = list(layers[i])
                pair[j] = part
                changed = [*layers[:i], tuple(pair), *layers[i + 1 :]]
                return softmax_cross_entropy(y, convolution.cnn_forward(X, changed, pools)[0][-1])[
                    0
                ]

            measured = numerical_gradient(loss, layers[i][j])
            np.testing.assert_allclose(grads[i][j], measured, rtol=1e-5, atol=1e-8)

    def test_training_is_pytorchs_sgd(
        self,
        convolution: SimpleNamespace,
        torch: ModuleType,
        filters: list,
        pools: list,
        n_features: int,
    ) -> None:
        """After three epochs weights and losses agree to 1e-8, with the same batches."""
        rng = np.random.default_rng(1)
        layers = convolution.init_cnn(filters, n_features, 3, rng)
        X, y = rng.normal(size=(7, 2, 4, 5)), rng.integers(0, 3, size=7)
        tensors = [[torch.tensor(part, requires_grad=True) for part in pair] for pair in layers]
        optimizer = torch.optim.SGD([part for pair in tensors for part in pair], lr=0.1)
        functional, expected, draws = torch.nn.functional, [], np.random.default_rng(2)
        for _ in range(3):
            total = 0.0
            for X_batch, y_batch in batches(X, y, 3, draws):
                maps = torch.tensor(X_batch)
                for (W, b), size in zip(tensors[:-1], pools, strict=True):
                    maps = functional.conv2d(maps, W, b, padding=W.shape[2] // 2)
                    maps = functional.max_pool2d(torch.relu(maps), size)
                scores = maps.flatten(1) @ tensors[-1][0] + tensors[-1][1]
                loss = functional.cross_entropy(scores, torch.tensor(y_batch))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += float(loss.detach()) * len(y_batch)
            expected.append(total / len(y))

        trained, losses = convolution.cnn_train(
            X, y, layers, pools, 0.1, 3, 3, np.random.default_rng(2)
        )

        np.testing.assert_allclose(losses, expected, rtol=1e-8)
        for ours, there in zip(trained, tensors, strict=True):
            for part, tensor in zip(ours, there, strict=True):
                np.testing.assert_allclose(part, tensor.detach().numpy(), rtol=1e-8, atol=1e-10)
