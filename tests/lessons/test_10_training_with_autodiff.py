"""The solutions of training-with-autodiff train as PyTorch does, to 1e-8, and read digits."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import Ridge

close = pytest.approx


@pytest.fixture(scope="module")
def network(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `training-with-autodiff`."""
    return solve("10-neural-networks", "training-with-autodiff")


@pytest.mark.parametrize("sizes", [(5, 3), (5, 8, 3), (4, 6, 6, 2)])
class TestSameAsPyTorch:
    """The same weights and batches give the same numbers as `torch.nn.Sequential`."""

    def pair(self, network: SimpleNamespace, torch: Any, sizes: tuple[int, ...]) -> tuple[Any, Any]:
        """Return our network, and PyTorch's with the same weights."""
        ours, parts = network.MLP(sizes, np.random.default_rng(sizes)), []
        for layer in ours.layers:
            layer.b.data = np.random.default_rng(1).normal(size=layer.b.shape)
            linear = torch.nn.Linear(*layer.W.shape, dtype=torch.float64)
            linear.weight.data = torch.tensor(layer.W.data.T.copy())
            linear.bias.data = torch.tensor(layer.b.data.copy())
            parts += [linear, torch.nn.ReLU()]
        return ours, torch.nn.Sequential(*parts[:-1])

    @pytest.mark.parametrize("lead", [(), (7,), (2, 3)])
    def test_scores_and_gradients(
        self, network: SimpleNamespace, torch: Any, sizes: tuple[int, ...], lead: tuple[int, ...]
    ) -> None:
        """Scores and gradients by all parameters agree, with any axes in front."""
        ours, theirs = self.pair(network, torch, sizes)
        rng = np.random.default_rng(2)
        x, seed = rng.normal(size=(*lead, sizes[0])), rng.normal(size=(*lead, sizes[-1]))

        scores, expected = ours(x), theirs(torch.tensor(x))
        scores.backward(seed)
        expected.backward(torch.tensor(seed))

        np.testing.assert_allclose(scores.data, expected.detach().numpy(), atol=1e-12)
        for p, q in zip(network.parameters(ours), theirs.parameters(), strict=True):
            np.testing.assert_allclose(p.grad.T, q.grad.numpy(), atol=1e-12)

    @pytest.mark.parametrize("kind", ["SGD", "Adam"])
    @pytest.mark.parametrize("batch_size", [1, 8, 30, 100])
    def test_epochs(
        self,
        network: SimpleNamespace,
        torch: Any,
        sizes: tuple[int, ...],
        kind: str,
        batch_size: int,
    ) -> None:
        """Losses and weights agree over three epochs, with a smaller last batch, too."""
        ours, theirs = self.pair(network, torch, sizes)
        rng = np.random.default_rng(3)
        X, y = rng.normal(size=(30, sizes[0])), rng.integers(0, sizes[-1], size=30)
        mine = getattr(network, kind)(0.01)
        its = getattr(torch.optim, kind)(theirs.parameters(), lr=0.01)
        draws, same = np.random.default_rng(4), np.random.default_rng(4)
        for _ in range(3):
            order, total = same.permutation(30), 0.0
            for batch in np.split(order, range(batch_size, 30, batch_size)):
                its.zero_grad()
                scores = theirs(torch.tensor(X[batch]))
                loss = torch.nn.functional.cross_entropy(scores, torch.tensor(y[batch]))
                loss.backward()
                its.step()
                total += len(batch) * float(loss.detach())

            loss = network.train_epoch(ours, mine, X, y, batch_size, draws)

            assert loss == close(total / 30, abs=1e-8)
            for p, q in zip(network.parameters(ours), theirs.parameters(), strict=True):
                np.testing.assert_allclose(p.data.T, q.detach().numpy(), atol=1e-8)


class TestParts:
    """Initial weights, shared weights, dropout and early stopping by what they promise."""

    def test_first_weights_keep_the_size_of_signals(self, network: SimpleNamespace) -> None:
        """The mean square of sums stays about 2 through ten layers, within a factor of two."""
        layers = network.MLP((256,) * 11, np.random.default_rng(0)).layers
        h = np.random.default_rng(1).normal(size=(200, 256))
        for layer in layers:
            z = layer(h).data
            h = np.maximum(z, 0.0)
        assert 1.0 < np.mean(z**2) < 4.0

    def test_shared_tensors_are_listed_once(self, network: SimpleNamespace) -> None:
        """A layer that stands twice in a network has two tensors, the very same ones."""
        model = network.MLP((3, 3, 3), np.random.default_rng(0))
        model.layers[1] = model.layers[0]
        found = network.parameters([model, model.layers[0].W])
        assert [p is q for p, q in zip(found, (model.layers[0].W, model.layers[0].b), strict=True)]
        assert len(found) == 2

    @pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
    def test_dropout_keeps_the_mean(self, network: SimpleNamespace, rate: float) -> None:
        """The share that is dropped is the rate, and the mean stays, within five standard errors."""
        h = network.Tensor(np.full((400, 500), 3.0))
        y = network.dropout(h, rate, np.random.default_rng(0))
        share, n = np.mean(y.data == 0), y.size
        assert abs(share - rate) <= 5 * np.sqrt(rate * (1 - rate) / n)
        assert abs(np.mean(y.data) - 3) <= 5 * 3 * np.sqrt(rate / (1 - rate) / n) + 1e-12

    def test_dropout_of_a_linear_model_is_a_ridge_penalty(self, network: SimpleNamespace) -> None:
        """The mean loss over masks has the minimum that the text proves: that of a ridge."""
        rng, rate = np.random.default_rng(0), 0.3
        X = rng.normal(size=(40, 3))
        y = X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=40)
        w = rng.normal(size=3)
        square = np.mean((X @ w - y) ** 2) + rate / (1 - rate) * np.mean(X**2, axis=0) @ w**2
        drawn = [
            np.mean((network.dropout(network.Tensor(X), rate, rng).data @ w - y) ** 2)
            for _ in range(4000)
        ]
        assert np.mean(drawn) == close(square, abs=5 * np.std(drawn) / np.sqrt(4000))
        scale = np.sqrt(rate / (1 - rate) * np.sum(X**2, axis=0))
        ridge = Ridge(alpha=1.0, fit_intercept=False).fit(X / scale, y).coef_ / scale
        gradient = X.T @ (X @ ridge - y) + scale**2 * ridge
        np.testing.assert_allclose(gradient, 0.0, atol=1e-8)

    def test_early_stop_of_descent_is_like_a_penalty(self) -> None:
        """1 - (1 - ηλ)ᵗ and λ/(λ + 1/(ηt)) agree for flat axes, and for steep ones."""
        rate, t = 0.01, 50
        for curvature, tolerance in ((1e-4, 1e-3), (50.0, 0.05)):
            stopped = 1 - (1 - rate * curvature) ** t
            assert stopped == close(curvature / (curvature + 1 / (rate * t)), rel=tolerance)

    def test_evaluation_restores_the_mode(self, network: SimpleNamespace) -> None:
        """`evaluate` drops nothing, records nothing and leaves `training` as it was."""
        model = network.MLP((4, 8, 3), np.random.default_rng(0))
        thinned = network.WithDropout(model, 0.5, np.random.default_rng(1))
        X, y = np.random.default_rng(2).normal(size=(9, 4)), np.arange(9) % 3
        for training in (True, False):
            thinned.training = training
            assert network.evaluate(thinned, X, y) == network.evaluate(model, X, y)
            assert thinned.training is training
        assert all(p.grad is None for p in network.parameters(model))

    def test_patience(self, network: SimpleNamespace) -> None:
        """Training ends `patience` epochs after the first least loss of those seen."""
        rng = np.random.default_rng(0)
        for _ in range(50):
            script, patience = list(rng.integers(0, 9, size=12) / 2), int(rng.integers(1, 5))
            model, epochs = network.MLP((1, 1), rng), []

            def run_epoch(model: Any = model, epochs: list[int] = epochs) -> None:
                epochs.append(1)
                model.layers[0].b.data[...] = len(epochs)

            losses = network.early_stopping(
                model, run_epoch, lambda s=script, e=epochs: s[len(e) - 1], patience, 12
            )

            best = int(np.argmin(losses))
            assert len(losses) == min(12, best + 1 + patience)
            assert model.layers[0].b.data == close(best + 1)


@pytest.mark.parametrize("seed", range(3))
def test_digits_are_read(network: SimpleNamespace, seed: int) -> None:
    """At least 96.5 % of unseen digits are read, whatever the seed of split and weights."""
    digits = load_digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(1797)
    X, y = digits.data[order] / 16, digits.target[order]
    model = network.MLP((64, 128, 10), rng)
    thinned = network.WithDropout(model, 0.25, np.random.default_rng(100 + seed))
    optimizer = network.Adam(2e-3)
    network.early_stopping(
        thinned,
        lambda: network.train_epoch(thinned, optimizer, X[:1200], y[:1200], 32, rng),
        lambda: network.evaluate(thinned, X[1200:1400], y[1200:1400])[0],
        10,
        60,
    )
    assert network.evaluate(thinned, X[1400:], y[1400:])[1] > 0.965
