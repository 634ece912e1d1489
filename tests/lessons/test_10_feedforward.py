"""The solutions of feedforward networks agree with SciPy, scikit-learn, PyTorch and differences."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit
from sklearn.neural_network import MLPClassifier

from coursework.built import layers as built
from coursework.built.differences import central_difference
from coursework.built.logistic import fit, predict
from coursework.built.softmax import fit_softmax, softmax

SIZES = [(3, 1), (1, 1), (4, 3), (2, 5, 1), (3, 3, 3), (6, 4, 5, 3)]
close = pytest.approx


@pytest.fixture(scope="module")
def feedforward(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `feedforward`."""
    return solve("10-neural-networks", "feedforward")


def network(sizes: tuple[int, ...]) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Draw inputs and layers, biases too."""
    rng = np.random.default_rng(sizes)
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return rng.normal(size=(7, sizes[0])), [
        (rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairs
    ]


@pytest.mark.parametrize("name", ["identity", "relu", "tanh", "sigmoid"])
def test_derivatives_are_differences(feedforward: SimpleNamespace, name: str) -> None:
    """Away from the kink each derivative is a central difference of its function."""
    function, derivative = feedforward.ACTIVATIONS[name]
    for z in (-3.0, -0.7, 0.3, 2.5):
        assert derivative(z) == close(central_difference(function, z, 1e-5), abs=1e-9)


def test_slopes_keep_their_digits_in_both_tails(feedforward: SimpleNamespace) -> None:
    """Products of SciPy's sigmoids agree to 1e-12 out to ±700, and ±1000 gives 0."""
    z = np.linspace(-700, 700, 1401)
    slope = expit(z) * expit(-z)
    np.testing.assert_allclose(feedforward.sigmoid_derivative(z), slope, rtol=1e-12)
    np.testing.assert_allclose(feedforward.tanh_derivative(z / 2), 4 * slope, rtol=1e-12)
    for derivative in (feedforward.sigmoid_derivative, feedforward.tanh_derivative):
        np.testing.assert_array_equal(derivative(np.array([-1000, 1000])), [0.0, 0.0])


def test_relu_has_no_slope_at_its_kink(feedforward: SimpleNamespace) -> None:
    """The convention is that of PyTorch: 0."""
    assert feedforward.relu_derivative(0.0) == 0.0
    torch = pytest.importorskip("torch")
    z = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    torch.relu(z).sum().backward()
    np.testing.assert_array_equal(feedforward.relu_derivative(z.detach().numpy()), z.grad.numpy())


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (-10.0, 10.0), (9.5, 10.0), (-3, 4.25)])
def test_the_lamp_is_lit_by_one_switch(
    feedforward: SimpleNamespace, low: float, high: float
) -> None:
    """The network is 0, 1, 1, 0 at its corners, computed by `forward`."""
    corners = np.array([[low, low], [low, high], [high, low], [high, high]])
    A, _ = feedforward.forward(corners, feedforward.xor_network(low, high), "relu")

    np.testing.assert_allclose(A[-1][:, 0], [0, 1, 1, 0], atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
class TestForward:
    """Whole networks of several sizes."""

    @pytest.mark.parametrize("activation", ["identity", "relu", "tanh", "sigmoid"])
    def test_lists_are_what_the_contract_says(
        self, feedforward: SimpleNamespace, sizes: tuple[int, ...], activation: str
    ) -> None:
        """Z are scores, A begins with X and ends with the last scores."""
        X, layers = network(sizes)
        A, Z = feedforward.forward(X, layers, activation)
        function = feedforward.ACTIVATIONS[activation][0]

        assert (len(A), len(Z)) == (len(layers) + 1, len(layers))
        np.testing.assert_array_equal(A[0], X)
        np.testing.assert_array_equal(A[-1], Z[-1])
        for index, (W, b) in enumerate(layers):
            np.testing.assert_allclose(Z[index], A[index] @ W + b, rtol=1e-12)
        for index in range(1, len(layers)):
            np.testing.assert_allclose(A[index], function(Z[index - 1]), rtol=1e-12)

    @pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
    def test_it_is_pytorchs_stack_of_linear(
        self, feedforward: SimpleNamespace, sizes: tuple[int, ...], activation: str
    ) -> None:
        """`nn.Linear` with the transposed weights gives the same scores to 1e-12."""
        torch = pytest.importorskip("torch")
        X, layers = network(sizes)
        there = torch.tensor(X)
        for index, (W, b) in enumerate(layers):
            linear = torch.nn.Linear(*W.shape, dtype=torch.float64)
            linear.weight.data, linear.bias.data = torch.tensor(W.T), torch.tensor(b)
            there = linear(there)
            if index < len(layers) - 1:
                there = getattr(torch, activation)(there)

        scores = feedforward.forward(X, layers, activation)[0][-1]
        np.testing.assert_allclose(scores, there.detach().numpy(), rtol=1e-10, atol=1e-12)

    @pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
    def test_probabilities_are_those_of_scikit_learn(
        self, feedforward: SimpleNamespace, sizes: tuple[int, ...], activation: str
    ) -> None:
        """`MLPClassifier` with the same weights says the same, also with a single output."""
        X, layers = network(sizes)
        labels = np.arange(7) % max(2, sizes[-1])
        model = MLPClassifier(sizes[1:-1], activation=activation)
        model.partial_fit(X, labels, classes=np.unique(labels))
        model.coefs_, model.intercepts_ = [W for W, _ in layers], [b for _, b in layers]

        p = feedforward.probabilities(X, layers, activation)
        expected = model.predict_proba(X)
        np.testing.assert_allclose(p, expected[:, -p.shape[1] :], rtol=1e-10, atol=1e-12)


def test_old_models_are_networks_of_one_layer(feedforward: SimpleNamespace) -> None:
    """Linear, logistic and softmax regression give the same numbers."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, size=40)
    w, b = fit(X, y, np.zeros(3), 0.0, 0.5, 50)
    layers = [(w[:, np.newaxis], np.array([b]))]
    scores = feedforward.forward(X, layers, "relu")[0][-1][:, 0]
    p = feedforward.probabilities(X, layers, "relu")[:, 0]

    np.testing.assert_allclose(scores, X @ w + b, rtol=1e-12)
    np.testing.assert_allclose(p, expit(X @ w + b), rtol=1e-12)
    np.testing.assert_array_equal(p >= 0.5, predict(X, w, b))

    y = rng.integers(0, 3, size=40)
    W, b = fit_softmax(X, y, np.zeros((3, 3)), np.zeros(3), 0.01, 0.5, 50)
    p = feedforward.probabilities(X, [(W, b)], "relu")
    np.testing.assert_allclose(p, softmax(X @ W + b), rtol=1e-12)


@pytest.mark.parametrize(("name", "variance"), [("he_init", 2 / 300), ("xavier_init", 2 / 500)])
def test_initial_weights_have_their_variance(
    feedforward: SimpleNamespace, name: str, variance: float
) -> None:
    """Mean and variance of 60,000 weights, which are the stream of one normal draw."""
    W = getattr(feedforward, name)(300, 200, np.random.default_rng(1))
    drawn = np.random.default_rng(1).standard_normal((300, 200))

    assert np.mean(W) == close(0, abs=5 * np.sqrt(variance / W.size))
    assert np.var(W) == close(variance, rel=0.03)
    np.testing.assert_allclose(W, np.sqrt(variance) * drawn, rtol=1e-12)


def test_pytorchs_initial_weights_have_the_same_variances(feedforward: SimpleNamespace) -> None:
    """`kaiming_normal_` and `xavier_normal_` do, and `Linear` alone has a sixth of He's."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    linear = torch.nn.Linear(300, 200)
    rng = np.random.default_rng(0)
    he = np.var(feedforward.he_init(300, 200, rng))
    xavier = np.var(feedforward.xavier_init(300, 200, rng))

    assert linear.weight.shape == (200, 300)
    assert linear.weight.var().item() == close(he / 6, rel=0.03)
    assert linear.weight.abs().max().item() <= 1 / np.sqrt(300)
    torch.nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
    assert linear.weight.var().item() == close(he, rel=0.03)
    torch.nn.init.xavier_normal_(linear.weight)
    assert linear.weight.var().item() == close(xavier, rel=0.03)


def test_he_keeps_the_mean_square_of_a_signal_through_relu(feedforward: SimpleNamespace) -> None:
    """Over 200 draws a layer leaves the mean square as it was; with Xavier's it is halved."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 50))
    for init, factor in [(feedforward.he_init, 1.0), (feedforward.xavier_init, 0.5)]:
        ratios = [
            np.mean(feedforward.relu(feedforward.dense(X, init(50, 50, rng), np.zeros(50))) ** 2)
            / np.mean(X**2)
            for _ in range(200)
        ]
        assert np.mean(ratios) == close(factor, rel=0.05)


def test_a_network_is_layers_with_zero_biases(feedforward: SimpleNamespace) -> None:
    """Weights are drawn from the first layer to the last, and nothing else is."""
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    layers = feedforward.init_network([4, 6, 2], feedforward.he_init, ours)

    for (W, b), shape in zip(layers, [(4, 6), (6, 2)], strict=True):
        np.testing.assert_array_equal(W, feedforward.he_init(*shape, theirs))
        np.testing.assert_array_equal(b, np.zeros(shape[1]))
    assert ours.bit_generator.state == theirs.bit_generator.state


def test_later_lessons_can_import_what_it_builds() -> None:
    """The module has every name of the contract."""
    names = ["dense", "relu", "relu_derivative", "tanh_derivative", "sigmoid_derivative"]
    names += ["ACTIVATIONS", "he_init", "xavier_init", "init_network", "forward", "probabilities"]
    assert set(names) <= set(built.__all__)
