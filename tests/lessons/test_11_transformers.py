"""The solutions of transformers agree with PyTorch to 1e-8, forwards and backwards."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

SIZES = [(1, 1, 1, 2), (2, 4, 2, 3), (3, 5, 4, 2)]  # sequences, places, heads, columns of a head


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `transformers`."""
    return solve("11-deep-learning", "transformers")


def give(torch: Any, array: np.ndarray) -> Any:
    """Return a tensor of PyTorch's that wants a gradient."""
    return torch.tensor(array, requires_grad=True)


@pytest.mark.parametrize("sight", ["all places", "no future"])
@pytest.mark.parametrize("size", SIZES)
class TestAttention:
    """Attention and its gradients are those of `torch.nn.functional`."""

    def test_forwards_and_backwards(
        self, lesson: SimpleNamespace, torch: Any, size: tuple[int, ...], sight: str
    ) -> None:
        """Answers and all three gradients agree, with any axes in front."""
        n, length, h, d = size
        masked = sight == "no future"
        rng = np.random.default_rng(size)
        q, k, v, slopes = rng.normal(size=(4, n, h, length, d))
        there = [give(torch, array) for array in (q, k, v)]
        out = torch.nn.functional.scaled_dot_product_attention(*there, is_causal=masked)
        out.backward(torch.tensor(slopes))

        mask = lesson.causal_mask(length) if masked else None
        answers, weights = lesson.scaled_dot_product_attention(q, k, v, mask)
        grads = lesson.attention_backward(slopes, q, k, v, weights)

        np.testing.assert_allclose(answers, out.detach().numpy(), atol=1e-8)
        np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-12)
        for ours, theirs in zip(grads, there, strict=True):
            np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-8)

    def test_a_block_is_the_one_of_pytorch(
        self, lesson: SimpleNamespace, torch: Any, size: tuple[int, ...], sight: str
    ) -> None:
        """The whole block agrees with `TransformerEncoderLayer`, and so does its way back."""
        n, length, h, d = size
        masked = sight == "no future"
        rng, width = np.random.default_rng(size), h * d
        block = lesson.new_block(width, rng)
        for tensor in block.values():
            tensor.data = tensor.data + 0.1 * rng.normal(size=tensor.shape)
        layer = torch.nn.TransformerEncoderLayer(
            width, h, 2 * width, dropout=0.0, norm_first=True, batch_first=True, dtype=torch.float64
        )
        values = {name: torch.tensor(tensor.data.T.copy()) for name, tensor in block.items()}
        with torch.no_grad():
            attention = layer.self_attn
            attention.in_proj_weight.copy_(
                torch.cat([values[name] for name in ("W_q", "W_k", "W_v")])
            )
            attention.in_proj_bias.zero_()
            attention.out_proj.weight.copy_(values["W_o"])
            attention.out_proj.bias.zero_()
            for part, weight, bias in [
                (layer.norm1, "gain_1", "shift_1"),
                (layer.norm2, "gain_2", "shift_2"),
                (layer.linear1, "W_1", "b_1"),
                (layer.linear2, "W_2", "b_2"),
            ]:
                part.weight.copy_(values[weight])
                part.bias.copy_(values[bias])
        x, seed = rng.normal(size=(2, n, length, width))
        there, ours = give(torch, x), lesson.Tensor(x)
        mask = lesson.causal_mask(length) if masked else None

        # In this layer True says where a place may not look.
        out = layer(there, src_mask=None if mask is None else torch.tensor(~mask))
        out.backward(torch.tensor(seed))
        y = lesson.transformer_block(ours, block, h, mask)
        y.backward(seed)

        np.testing.assert_allclose(y.data, out.detach().numpy(), atol=1e-8)
        np.testing.assert_allclose(ours.grad, there.grad.numpy(), atol=1e-8)
        np.testing.assert_allclose(block["W_o"].grad.T, attention.out_proj.weight.grad, atol=1e-8)
        stacked = np.vstack([block[name].grad.T for name in ("W_q", "W_k", "W_v")])
        np.testing.assert_allclose(stacked, attention.in_proj_weight.grad, atol=1e-8)
        for name, part in [("gain_1", layer.norm1.weight), ("W_1", layer.linear1.weight)]:
            np.testing.assert_allclose(block[name].grad.T, part.grad, atol=1e-8)


@pytest.mark.parametrize("shape", [(3,), (4, 5), (2, 3, 6), (2, 2, 3, 2)])
def test_layer_norm_is_that_of_pytorch(
    lesson: SimpleNamespace, torch: Any, shape: tuple[int, ...]
) -> None:
    """Values and all three gradients agree, with any axes in front."""
    rng, d = np.random.default_rng(shape), shape[-1]
    x, dy, gain, shift = *rng.normal(size=(2, *shape)), *rng.normal(size=(2, d))
    layer, there = torch.nn.LayerNorm(d, dtype=torch.float64), give(torch, x)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(gain))
        layer.bias.copy_(torch.tensor(shift))
    out = layer(there)
    out.backward(torch.tensor(dy))

    dx, dgain, dshift = lesson.layer_norm_backward(dy, x, gain)

    np.testing.assert_allclose(lesson.layer_norm(x, gain, shift), out.detach().numpy(), atol=1e-8)
    np.testing.assert_allclose(dx, there.grad.numpy(), atol=1e-8)
    np.testing.assert_allclose(dgain, layer.weight.grad.numpy(), atol=1e-8)
    np.testing.assert_allclose(dshift, layer.bias.grad.numpy(), atol=1e-8)


def test_places_turn_by_a_rotation_that_depends_on_the_distance_alone(
    lesson: SimpleNamespace,
) -> None:
    """The product of two rows depends on how far apart they are, not on where."""
    places = lesson.positional_encoding(50, 16)
    products = places @ places.T

    for distance in [0, 1, 7]:
        np.testing.assert_allclose(np.diag(products, distance), products[0, distance], atol=1e-8)


def test_the_future_changes_nothing(lesson: SimpleNamespace) -> None:
    """Whatever comes later, scores of earlier places stay as they are."""
    network = lesson.Transformer(7, 8, 2, np.random.default_rng(0))
    codes = np.array([[1, 4, 2, 6, 0]])
    before = network.scores(codes).data

    codes[0, 3:] = [5, 3]
    after = network.scores(codes).data

    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-12)
    assert np.all(np.abs(after[:, 3:] - before[:, 3:]).max(axis=-1) > 1e-3)


def test_a_few_steps_of_training_lower_the_loss(lesson: SimpleNamespace) -> None:
    """A small network learns a sequence by heart, through the solutions' own gradients."""
    network = lesson.Transformer(5, 8, 1, np.random.default_rng(0))
    optimizer, codes = lesson.Adam(1e-2), np.array([[0, 1, 2, 3, 4, 0, 1, 2]])
    losses = [
        lesson.train_step(network, optimizer, codes[:, :-1], codes[:, 1:].ravel())
        for _ in range(60)
    ]

    assert losses[0] > 1.0
    assert losses[-1] < 0.1
    written = lesson.generate(
        lambda shown: network.scores(shown[np.newaxis]).data[0], codes[0, :1], 5, 7, 0, None
    )
    assert list(written) == [0, 1, 2, 3, 4, 0]
