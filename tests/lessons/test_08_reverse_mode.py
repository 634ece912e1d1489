"""The solutions of reverse-mode agree with PyTorch to 1e-10."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

torch = pytest.importorskip("torch")
# Parts of `torch.func` are compiled at first use in a way that PyTorch itself deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")


SAMPLE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def reverse_mode(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `reverse-mode`."""
    return solve("08-automatic-differentiation", "reverse-mode")


@st.composite
def graph_programs(
    draw: st.DrawFn, n_kinds: int = 11
) -> tuple[list[tuple[int, int, int]], list[float]]:
    """Draw an expression graph, as steps (kind, left, right), and a point of 1 to 4 inputs."""
    places = st.integers(0, 1000)
    steps = draw(st.lists(st.tuples(st.integers(0, n_kinds - 1), places, places), max_size=25))
    return steps, draw(st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=4))


def program_of(lesson: SimpleNamespace, steps: list[tuple[int, int, int]]) -> Callable:
    """Return a function of a list of numbers that runs the steps; its result is a vector."""

    def program(x: Any) -> list[Any]:
        found = list(x)
        for kind, i, j in steps:
            found.append(lesson.STEPS[kind](found[i % len(found)], found[j % len(found)]))
        return [found[-1] * 1.0, found[-1] * found[len(found) // 2]]

    return program


def assert_same(actual: np.ndarray, expected: Any) -> None:
    """Compare with tensors of PyTorch, to 1e-10."""
    np.testing.assert_allclose(actual, expected.detach().numpy(), rtol=1e-10, atol=1e-10)


class TestReverseMode:
    """`reverse-mode` on expression graphs drawn at random, and at the edges."""

    @SAMPLE
    @given(graph=graph_programs())
    def test_gradient_is_that_of_pytorch(self, reverse_mode: SimpleNamespace, graph: tuple) -> None:
        """The gradient of any expression graph agrees with autograd."""
        steps, x = graph
        program = program_of(reverse_mode, steps)
        at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        program(at)[1].backward()
        assume(at.grad.abs().max() < 1e6)

        assert_same(reverse_mode.gradient(lambda x: program(x)[1], np.array(x)), at.grad)

    @SAMPLE
    @given(graph=graph_programs(), u=st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
    def test_vjp_is_that_of_pytorch(
        self, reverse_mode: SimpleNamespace, graph: tuple, u: tuple[float, float]
    ) -> None:
        """Values and product of a vector with the Jacobian agree with `functional.vjp`."""
        steps, x = graph
        program = program_of(reverse_mode, steps)
        values, expected = torch.autograd.functional.vjp(
            lambda x: torch.stack(program(x)),
            torch.tensor(x, dtype=torch.float64),
            torch.tensor(u, dtype=torch.float64),
        )
        assume(expected.abs().max() < 1e6)

        outputs, product = reverse_mode.vjp(program, np.array(x), np.array(u))

        assert_same(outputs, values)
        assert_same(product, expected)

    @SAMPLE
    @given(graph=graph_programs())
    def test_hessian_vector_product_is_that_of_pytorch(
        self, reverse_mode: SimpleNamespace, graph: tuple
    ) -> None:
        """Forward over reverse agrees with reverse over reverse."""
        steps, x = graph
        program = program_of(reverse_mode, steps)
        v = np.linspace(-1.0, 2.0, len(x))
        expected = torch.autograd.functional.hvp(
            lambda x: program(x)[1], torch.tensor(x, dtype=torch.float64), torch.tensor(v)
        )[1]
        assume(expected.abs().max() < 1e6)

        product = reverse_mode.hessian_vector_product(lambda x: program(x)[1], np.array(x), v)

        assert_same(product, expected)

    @pytest.mark.parametrize("seed", range(5))
    def test_gradient_is_the_slope_of_the_program(
        self, reverse_mode: SimpleNamespace, seed: int
    ) -> None:
        """The gradient agrees with central differences."""
        rng = np.random.default_rng(seed)
        program, x = reverse_mode.random_program(rng, 15), rng.normal(size=3)

        def value(x: np.ndarray) -> float:
            return program([reverse_mode.Value(a) for a in x]).data

        slopes = [(value(x + step) - value(x - step)) / 2e-6 for step in 1e-6 * np.eye(3)]
        np.testing.assert_allclose(reverse_mode.gradient(program, x), slopes, rtol=1e-6, atol=1e-7)

    def test_leaves_add_up_as_in_pytorch(self, reverse_mode: SimpleNamespace) -> None:
        """Gradients of several outputs with a common part sum up in the leaves."""
        x, y = reverse_mode.Value(0.7), reverse_mode.Value(-1.3)
        x_torch, y_torch = (
            torch.tensor(v.data, dtype=torch.float64, requires_grad=True) for v in (x, y)
        )
        for a, b, keep in [(x, y, {}), (x_torch, y_torch, {"retain_graph": True})]:
            p = a * b
            for output in (p.tanh() + a, p * p, p * p * b):
                output.backward(**keep)

        np.testing.assert_allclose([x.grad, y.grad], [x_torch.grad, y_torch.grad], rtol=1e-12)

    @pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2])
    @pytest.mark.parametrize("base", [-1.5, 0.0, 2.0])
    def test_powers_at_the_edges_are_those_of_pytorch(
        self, reverse_mode: SimpleNamespace, base: float, exponent: int
    ) -> None:
        """Whole exponents, for negative and zero bases."""
        if base == 0 and exponent < 0:
            with pytest.raises(ZeroDivisionError):
                reverse_mode.Value(base) ** exponent
            return
        x, at = (
            reverse_mode.Value(base),
            torch.tensor(base, dtype=torch.float64, requires_grad=True),
        )
        (x**exponent).backward()
        (at**exponent).backward()

        assert x.grad == pytest.approx(at.grad.item(), rel=1e-12)

    def test_deep_graphs_need_no_recursion(self, reverse_mode: SimpleNamespace) -> None:
        """A chain of 20,000 steps, and one of 60 doublings with 2⁶⁰ paths, are no trouble."""
        x = reverse_mode.Value(0.5)
        y = sum([x] * 20_000)
        y.backward()
        assert x.grad == 20_000

        doubled = start = reverse_mode.Value(1.0)
        for _ in range(60):
            doubled = doubled + doubled
        doubled.backward()
        assert start.grad == 2.0**60

    @pytest.mark.parametrize(("n", "d"), [(1, 2), (40, 3), (9, 1)])
    def test_logistic_loss_is_that_of_the_library(
        self, reverse_mode: SimpleNamespace, n: int, d: int
    ) -> None:
        """Loss and gradient agree with scikit-learn's loss and with the formula."""
        rng = np.random.default_rng([n, d])
        X, y, w = rng.normal(size=(n, d)), rng.integers(2, size=n), rng.normal(size=d)
        p = 1 / (1 + np.exp(-X @ w))

        weights = [reverse_mode.Value(w_j) for w_j in w]
        loss = reverse_mode.logistic_loss(X, y, weights)
        loss.backward()

        assert loss.data == pytest.approx(log_loss(y, p, labels=[0, 1]), abs=1e-10)
        np.testing.assert_allclose([v.grad for v in weights], X.T @ (p - y) / n, atol=1e-10)
