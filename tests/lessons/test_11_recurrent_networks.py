"""The solutions of recurrent-networks agree with PyTorch, with differences and with theory."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from coursework.built.differences import gradient_check

#: Steps, sequences, inputs and units: distinct sizes, equal ones, and a one in each place.
SIZES = [(1, 1, 1, 1), (6, 4, 3, 5), (3, 3, 3, 3), (1, 2, 3, 4), (5, 1, 2, 3), (4, 3, 1, 2)]


@pytest.fixture(scope="module")
def recurrent(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `recurrent-networks`."""
    return solve("11-deep-learning", "recurrent-networks")


def drawn(sizes: tuple[int, ...], n_gates: int) -> list[np.ndarray]:
    """Return what is read, the start, the start of the cells, W_x, W_h, b, and blame."""
    steps, n, d, m = sizes
    rng = np.random.default_rng(sizes)
    shapes = [(steps, n, d), (n, m), (n, m), (d, n_gates * m), (m, n_gates * m), (n_gates * m,)]
    return [rng.normal(size=shape) for shape in [*shapes, (steps, n, m)]]


def theirs(torch: ModuleType, name: str, given: list[np.ndarray]) -> list[np.ndarray]:
    """Return PyTorch's states, then the gradients of X, the starts, W_x, W_h and b."""
    X, *starts, w_x, w_h, b, blame = given
    net = getattr(torch.nn, name)(X.shape[2], w_h.shape[0]).double()
    with torch.no_grad():
        for parameter, ours in zip(net.parameters(), [w_x.T, w_h.T, b, 0 * b], strict=True):
            parameter.copy_(torch.tensor(ours))
    read = torch.tensor(X, requires_grad=True)
    h0, c0 = (torch.tensor(start[np.newaxis], requires_grad=True) for start in starts)
    states, _ = net(read, h0 if name == "RNN" else (h0, c0))
    states.backward(torch.tensor(blame))
    begin = [h0.grad.numpy()[0]] + ([] if name == "RNN" else [c0.grad.numpy()[0]])
    weights = [parameter.grad.numpy().T for parameter in list(net.parameters())[:3]]
    return [states.detach().numpy(), read.grad.numpy(), *begin, *weights]


def assert_close(ours: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Assert that all arrays agree to 1e-8 and better."""
    for one, other in zip(ours, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
class TestAgainstPyTorch:
    """Forward and backward, for distinct and for equal sizes."""

    def test_rnn(self, recurrent: SimpleNamespace, torch: ModuleType, sizes: tuple) -> None:
        """States and all five gradients are those of `nn.RNN`."""
        given = drawn(sizes, 1)
        X, h0, _, w_x, w_h, b, blame = given
        states = recurrent.rnn_forward(X, h0, w_x, w_h, b)

        np.testing.assert_array_equal(states[0], h0)
        np.testing.assert_allclose(states[1], recurrent.rnn_step(X[0], h0, w_x, w_h, b))
        grads = recurrent.rnn_backward(blame, X, states, w_x, w_h)
        assert_close([states[1:], *grads], theirs(torch, "RNN", given))

    def test_lstm(self, recurrent: SimpleNamespace, torch: ModuleType, sizes: tuple) -> None:
        """States and all six gradients are those of `nn.LSTM`."""
        given = drawn(sizes, 4)
        X, h0, c0, w_x, w_h, b, blame = given
        states, cells = recurrent.lstm_forward(X, h0, c0, w_x, w_h, b)

        grads = recurrent.lstm_backward(blame, X, states, cells, w_x, w_h, b)
        assert_close([states[1:], *grads], theirs(torch, "LSTM", given))

    def test_lstm_step_is_a_cell(
        self, recurrent: SimpleNamespace, torch: ModuleType, sizes: tuple
    ) -> None:
        """One step is that of `nn.LSTMCell`, state and cell."""
        X, h0, c0, w_x, w_h, b, _ = drawn(sizes, 4)
        cell = torch.nn.LSTMCell(sizes[2], sizes[3]).double()
        with torch.no_grad():
            for parameter, ours in zip(cell.parameters(), [w_x.T, w_h.T, b, 0 * b], strict=True):
                parameter.copy_(torch.tensor(ours))
            expected = cell(torch.tensor(X[0]), (torch.tensor(h0), torch.tensor(c0)))

        step = recurrent.lstm_step(X[0], h0, c0, w_x, w_h, b)
        assert_close(list(step), [one.numpy() for one in expected])


def test_rnn_backward_passes_the_gradient_check(recurrent: SimpleNamespace) -> None:
    """Central differences of a nonlinear loss agree, for the recurrent weights as well."""
    X, h0, _, w_x, w_h, b, blame = drawn((6, 4, 3, 5), 1)

    def loss(w_h: np.ndarray) -> float:
        return float(np.sum(blame * recurrent.rnn_forward(X, h0, w_x, w_h, b)[1:] ** 3))

    def gradient(w_h: np.ndarray) -> np.ndarray:
        states = recurrent.rnn_forward(X, h0, w_x, w_h, b)
        return recurrent.rnn_backward(3 * blame * states[1:] ** 2, X, states, w_x, w_h)[3]

    assert gradient_check(loss, gradient, w_h) < 1e-6


@pytest.mark.parametrize("limit", [0.01, 1.0, 1e3])
def test_clipping_is_pytorchs(recurrent: SimpleNamespace, torch: ModuleType, limit: float) -> None:
    """Norm and gradients are those of `clip_grad_norm_`, which adds 1e-6 to the norm."""
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=shape) for shape in [(3, 4), (4, 4), (4,), ()]]
    tensors = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads]
    for tensor, g in zip(tensors, grads, strict=True):
        tensor.grad = torch.tensor(g)
    expected = torch.nn.utils.clip_grad_norm_(tensors, limit)

    clipped, norm = recurrent.clip_gradients(grads, limit)

    assert norm == pytest.approx(float(expected), rel=1e-12)
    for one, tensor in zip(clipped, tensors, strict=True):
        np.testing.assert_allclose(one, tensor.grad.numpy(), rtol=1e-6)
    total = np.sqrt(sum(np.sum(g**2) for g in clipped))
    assert total == pytest.approx(min(limit, norm), rel=1e-12)


def test_training_is_pytorchs(recurrent: SimpleNamespace, torch: ModuleType) -> None:
    """Windows, states, clipping and Adagrad together give the same parameters and losses."""
    rng = np.random.default_rng(1)
    n, k, m, window, limit = 2, 4, 5, 3, 0.5
    start = recurrent.init_params(k, m, rng)
    streams = rng.integers(0, k, size=(11, n))
    net, output = torch.nn.RNN(k, m).double(), torch.nn.Linear(m, k).double()
    leaves = [net.weight_ih_l0, net.weight_hh_l0, net.bias_ih_l0, output.weight, output.bias]
    with torch.no_grad():
        net.bias_hh_l0.zero_()
        for leaf, ours in zip(leaves, start, strict=True):
            leaf.copy_(torch.tensor(ours.T))
    optimizer = torch.optim.Adagrad(leaves, lr=0.1)
    expected, zeros = [], torch.zeros((1, n, m), dtype=torch.float64)
    h = zeros
    for step in range(7):
        row = 3 * (step % 3)  # rows 0, 3 and 6 begin a window; 9 + 3 rows there are not
        h = zeros if row == 0 else h.detach()
        codes = torch.tensor(streams[row : row + window + 1])
        one_hot = torch.nn.functional.one_hot(codes[:-1], k).double()
        states, h = net(one_hot, h)
        scores = output(states).reshape(-1, k)
        loss = torch.nn.functional.cross_entropy(scores, codes[1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        norm = torch.sqrt(sum(torch.sum(leaf.grad**2) for leaf in leaves))
        for leaf in leaves:
            leaf.grad *= min(1.0, limit / norm)
        optimizer.step()
        expected.append(float(loss.detach()))

    params, losses = recurrent.train(streams, start, 0.1, window, limit, 7)

    np.testing.assert_allclose(losses, expected, rtol=1e-8)
    assert_close(params, [leaf.detach().numpy().T for leaf in leaves])


def test_letters_are_drawn_with_the_networks_probabilities(recurrent: SimpleNamespace) -> None:
    """The frequencies of 4000 letters are the softmax of scores over the temperature."""
    scores = np.array([0.0, 1.0, 2.0])
    params = [np.zeros((3, 2)), np.zeros((2, 2)), np.zeros(2), np.zeros((2, 3)), scores]
    for temperature in (0.5, 1.0, 2.0):
        written = recurrent.sample(0, 4000, params, temperature, np.random.default_rng(0))
        p = recurrent.softmax(scores[np.newaxis] / temperature)[0]
        shares = np.bincount(written, minlength=3) / 4000
        assert np.all(np.abs(shares - p) < 4 * np.sqrt(p * (1 - p) / 4000))


@pytest.mark.parametrize("seed", range(5))
def test_blame_stays_within_the_bounds(recurrent: SimpleNamespace, seed: int) -> None:
    """Blame lies between powers of least slope times stretch, and of greatest."""
    rng = np.random.default_rng(seed)
    X, w_h, b = rng.normal(size=(12, 1, 4)), rng.normal(size=(4, 4)), np.zeros(4)
    states = recurrent.rnn_forward(X, np.zeros((1, 4)), np.eye(4), w_h, b)
    blame = np.zeros((12, 1, 4))
    blame[-1] = rng.normal(size=(1, 4))
    values = np.linalg.svd(w_h, compute_uv=False)
    slopes = 1 - states[1:] ** 2
    for k in range(1, 13):
        args = blame[-k:], X[-k:], states[-k - 1 :], np.eye(4), w_h
        ratio = np.linalg.norm(recurrent.rnn_backward(*args)[1]) / np.linalg.norm(blame[-1])
        assert ratio <= (slopes.max() * values[0]) ** k * (1 + 1e-12)
        assert ratio >= (slopes.min() * values[-1]) ** k * (1 - 1e-12)


def test_streams_are_pieces_side_by_side(recurrent: SimpleNamespace) -> None:
    """Seven codes in two streams: two pieces of three, and one code is dropped."""
    np.testing.assert_array_equal(recurrent.as_streams(np.arange(7), 2), [[0, 3], [1, 4], [2, 5]])
