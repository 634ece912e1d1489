"""The solutions of 08-automatic-differentiation agree with PyTorch to 1e-10."""

import math
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

ASSIGNMENT = "08-automatic-differentiation"
Solve = Callable[[str, str], SimpleNamespace]
Expression = tuple[Any, ...]

# Each keeps its results in a range where neither library overflows, and away from kinks.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "sum": lambda _, a, b: a + b,
    "difference": lambda _, a, b: a - 2 * b,
    "product": lambda _, a, b: 0.5 * a * b,
    "quotient": lambda _, a, b: a / (1 + b * b),
    "power": lambda lib, a, b: (1 + a * a) ** lib.tanh(b),
    "exponential": lambda lib, a, b: 2 ** lib.tanh(a) - b,
    "cube": lambda lib, a, b: lib.sin(a) ** 3 + b,
    "reciprocal": lambda lib, a, b: 1 / (2 + lib.cos(a)) - (-b),
    "exp": lambda lib, a, b: lib.exp(lib.tanh(a)) * b,
    "log": lambda lib, a, b: lib.log(2 + lib.sin(a)) + b,
    "sqrt": lambda lib, a, b: b - lib.sqrt(1 + a * a),
    "branch": lambda lib, a, b: lib.sin(a) if a > b else lib.cos(b) * a,
}


def expressions(n_inputs: int) -> st.SearchStrategy[Expression]:
    """Return random expressions: an input's number, a constant, or an operation on two of them."""
    leaves = st.one_of(
        st.tuples(st.integers(0, n_inputs - 1)),
        st.tuples(st.just("constant"), st.floats(-2, 2)),
    )
    return st.recursive(
        leaves, lambda two: st.tuples(st.sampled_from(sorted(OPERATIONS)), two, two), max_leaves=12
    )


def evaluate(expression: Expression, inputs: Any, lib: Any) -> Any:
    """Return the value of an expression of numbers of any kind."""
    match expression:
        case ("constant", value):
            return value
        case (int(i),):
            return inputs[i]
        case (name, one, other):
            a, b = (evaluate(part, inputs, lib) for part in (one, other))
            return OPERATIONS[name](lib, a, b)
    raise ValueError(expression)


def torch_functions() -> SimpleNamespace:
    """Return PyTorch's elementary functions, which take plain numbers too."""

    def of_any(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: function(torch.as_tensor(x, dtype=torch.float64))

    names = ("sin", "cos", "exp", "log", "sqrt", "tanh")
    return SimpleNamespace(**{name: of_any(getattr(torch, name)) for name in names})


def tensor(values: Any) -> Any:
    """Return a tensor in double precision."""
    return torch.tensor(np.asarray(values, dtype=float))


vectors = st.lists(st.floats(-2, 2), min_size=3, max_size=3)


@pytest.fixture(scope="module")
def lists(solve: Solve) -> SimpleNamespace:
    """Return the solutions of `computational-graphs`."""
    return solve(ASSIGNMENT, "computational-graphs")


class TestComputationalGraphs:
    """`computational-graphs`: lists of random expressions, their tangents, and their order."""

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(expression=expressions(3), x=vectors, other=vectors)
    def test_list_runs_as_the_program_does(
        self, lists: SimpleNamespace, expression: Expression, x: list[float], other: list[float]
    ) -> None:
        """The list ends with the program's value, also at other inputs if there is no branch."""
        steps = lists.trace(lambda *u: evaluate(expression, u, lists), *x)

        assert lists.misplaced(steps) == []
        assert [node.op for node in steps[:3]] == 3 * ["input"]
        assert steps[-1].value == pytest.approx(evaluate(expression, x, np), rel=1e-13, abs=1e-13)
        assert lists.forward_pass(steps, x) == [node.value for node in steps]
        if "branch" not in str(expression):
            expected = evaluate(expression, other, np)
            value = lists.forward_pass(steps, other)[-1]
            assert value == pytest.approx(expected, rel=1e-13, abs=1e-13)

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(expression=expressions(3), x=vectors, v=vectors)
    def test_tangents_are_those_of_torch(
        self, lists: SimpleNamespace, expression: Expression, x: list[float], v: list[float]
    ) -> None:
        """Value and tangent of the output agree with `torch.func.jvp`."""
        lib = torch_functions()
        expected = torch.func.jvp(
            lambda u: torch.as_tensor(evaluate(expression, u, lib), dtype=torch.float64),
            (tensor(x),),
            (tensor(v),),
        )

        steps = lists.trace(lambda *u: evaluate(expression, u, lists), *x)
        values = lists.forward_pass(steps, x)
        tangents = lists.forward_tangents(steps, values, v)

        came = values[-1], tangents[-1]
        np.testing.assert_allclose(came, [float(part) for part in expected], 1e-10, 1e-10)

    @settings(deadline=None, max_examples=100, derandomize=True)
    @given(expression=expressions(3), x=vectors)
    def test_arrows_carry_the_gradient_of_torch(
        self, lists: SimpleNamespace, expression: Expression, x: list[float]
    ) -> None:
        """Adjoints handed back along the arrows of the drawing are the gradient."""
        steps = lists.trace(lambda *u: evaluate(expression, u, lists), *x)
        layers, edges = lists.draw_graph(steps)

        adjoints = [0.0] * (len(steps) - 1) + [1.0]
        for start, end, partial in sorted(edges, key=lambda edge: -edge[1]):
            assert layers[start] < layers[end]
            adjoints[start] += adjoints[end] * partial
        lib = torch_functions()
        expected = torch.func.grad(lambda u: evaluate(expression, u, lib) + 0 * u.sum())(tensor(x))
        np.testing.assert_allclose(adjoints[:3], expected.numpy(), 1e-10, 1e-10)

    @settings(deadline=None, max_examples=100, derandomize=True)
    @given(expression=expressions(3), x=vectors)
    def test_order_has_all_that_is_needed_once(
        self, lists: SimpleNamespace, expression: Expression, x: list[float]
    ) -> None:
        """Each node after its inputs; what is left out of the list, no node in it uses."""
        steps = lists.trace(lambda *u: evaluate(expression, u, lists), *x)
        order = lists.topological_order(steps[-1])

        assert len(set(order)) == len(order)
        assert set(order) <= set(steps)
        assert lists.misplaced(order) == []
        used = {one for node in order for one in node.inputs}
        assert used | {steps[-1]} == set(order)
        assert order[-1] is steps[-1]
        inputs = [node.value for node in order if node.op == "input"]
        assert lists.forward_pass(order, inputs)[-1] == steps[-1].value

    @pytest.mark.parametrize("depth", [10_000, 100_000])
    def test_depth_is_no_matter(self, lists: SimpleNamespace, depth: int) -> None:
        """Lists and graphs of a hundred thousand steps take no recursion."""

        def chain(x: Any) -> Any:
            for _ in range(depth):
                x = lists.sin(x)
            return x

        steps = lists.trace(chain, 0.5)
        order = lists.topological_order(steps[-1])

        assert order == steps
        assert lists.draw_graph(steps)[0] == list(range(depth + 1))
        tangents = lists.forward_tangents(steps, lists.forward_pass(steps, [0.5]), [1.0])
        assert tangents[-1] == pytest.approx(np.prod(np.cos([n.value for n in steps[:-1]])))

    def test_shared_nodes_are_walked_through_once(self, lists: SimpleNamespace) -> None:
        """A thousand doublings, with two to the thousandth paths, are done in a moment."""
        node = lists.Node("input", [], 0.0)
        for _ in range(1000):
            node = node + node

        assert len(lists.topological_order(node)) == 1001


@pytest.fixture(scope="module")
def forward(solve: Solve) -> SimpleNamespace:
    """Return the solutions of `forward-mode`."""
    return solve(ASSIGNMENT, "forward-mode")


class TestForwardMode:
    """`forward-mode` on random expressions, and at the edges."""

    @settings(deadline=None, max_examples=150, derandomize=True)
    @given(expression=expressions(3), x=vectors, v=vectors)
    def test_jvp_is_that_of_torch(
        self, forward: SimpleNamespace, expression: Expression, x: list[float], v: list[float]
    ) -> None:
        """Value and directional derivative of a random expression agree with `torch.func.jvp`."""
        lib = torch_functions()
        expected = torch.func.jvp(
            lambda u: torch.as_tensor(evaluate(expression, u, lib), dtype=torch.float64),
            (tensor(x),),
            (tensor(v),),
        )

        came = forward.jvp(lambda u: evaluate(expression, u, forward), x, v)

        np.testing.assert_allclose(came, [float(part) for part in expected], 1e-10, 1e-10)

    @settings(deadline=None, max_examples=60, derandomize=True)
    @given(expression=expressions(3), x=vectors)
    def test_gradient_and_hessian_are_those_of_torch(
        self, forward: SimpleNamespace, expression: Expression, x: list[float]
    ) -> None:
        """So do its gradient and, by gradients of gradients, its Hessian."""
        lib = torch_functions()

        def of_torch(u: Any) -> Any:
            # A constant needs a gradient too.
            return evaluate(expression, u, lib) + 0 * u.sum()

        def ours(u: Any) -> Any:
            return evaluate(expression, u, forward)

        gradient = forward.gradient(ours, x)
        hessian = [
            forward.gradient(lambda u, i=i: forward.gradient(ours, u)[i], x) for i in range(3)
        ]

        expected = torch.func.grad(of_torch)(tensor(x))
        np.testing.assert_allclose(gradient, expected.numpy(), 1e-10, 1e-10)
        expected = torch.func.hessian(of_torch)(tensor(x))
        np.testing.assert_allclose(np.array(hessian), expected.numpy(), 1e-9, 1e-9)

    @pytest.mark.parametrize("n_results", [1, 4])
    def test_jvp_of_several_results_is_a_product_with_the_jacobian(
        self, forward: SimpleNamespace, n_results: int
    ) -> None:
        """Each result has its tangent; together they are J v."""
        rng = np.random.default_rng(n_results)
        A, x, v = rng.normal(size=(n_results, 3)), rng.normal(size=3), rng.normal(size=3)

        def f(u: Any, lib: Any) -> list[Any]:
            return [lib.tanh(sum(a * entry for a, entry in zip(row, u, strict=True))) for row in A]

        value, tangent = forward.jvp(lambda u: f(u, forward), x, v)

        jacobian = torch.func.jacrev(lambda u: torch.stack(f(u, torch)))(tensor(x))
        np.testing.assert_allclose(value, np.tanh(A @ x), 1e-10)
        np.testing.assert_allclose(tangent, jacobian.numpy() @ v, 1e-10)

    @pytest.mark.parametrize(
        ("base", "exponent"),
        [
            *((base, exponent) for base in (-1.7, 0.4) for exponent in (-3, -1, 0, 1, 2, 3, 4.0)),
            *((0.0, exponent) for exponent in (0, 1, 2, 3, 4.0)),
        ],
    )
    def test_powers_are_those_of_torch(
        self, forward: SimpleNamespace, base: float, exponent: float
    ) -> None:
        """Whole exponents and any base with a derivative, zero among them, first and second."""

        def slope(x: Any) -> Any:
            return forward.derivative(lambda t: t**exponent, x)

        def slope_of_torch(x: Any) -> Any:
            return torch.func.grad(lambda t: t**exponent)(x)

        assert slope(base) == pytest.approx(float(slope_of_torch(tensor(base))), abs=1e-10)
        second = torch.func.grad(slope_of_torch)(tensor(base))
        assert forward.derivative(slope, base) == pytest.approx(float(second), abs=1e-10)

    def test_nested_derivatives_do_not_mix(self, forward: SimpleNamespace) -> None:
        """The lesson's example of perturbation confusion is 1, with PyTorch as with us."""
        d = forward.derivative

        def d_of_torch(f: Callable[..., Any], x: Any) -> Any:
            return torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]

        one = tensor(1.0)
        expected = d_of_torch(lambda x: x * d_of_torch(lambda y: x + y, one), one)
        assert d(lambda x: x * d(lambda y: x + y, 1.0), 1.0) == float(expected) == 1.0

    def test_program_with_a_loop_has_the_gradient_of_torch(self, forward: SimpleNamespace) -> None:
        """The flight of the ball differentiates itself, by both components of its velocity."""
        velocity = [21.0, 19.0]

        gradient = forward.gradient(lambda v: forward.fly(v[0], v[1])[-1][0], velocity)

        expected = torch.func.grad(lambda v: forward.fly(v[0], v[1])[-1][0])(tensor(velocity))
        np.testing.assert_allclose(gradient, expected.numpy(), 1e-10)

    def test_newton_finds_the_best_angle(self, forward: SimpleNamespace) -> None:
        """At the root of the derivative of the distance, no angle nearby throws further."""
        best = forward.newton(
            lambda angle: forward.derivative(forward.distance, angle), math.pi / 4, tol=1e-9
        )[-1]

        nearby = [forward.distance(best + step) for step in (-1e-3, 1e-3, -0.1, 0.1)]
        assert max(nearby) < forward.distance(best)
        assert math.degrees(best) == pytest.approx(41.2, abs=0.05)

    def test_values_are_those_of_the_program_on_floats(self, forward: SimpleNamespace) -> None:
        """A run on Duals takes the way of the run on floats, and its values to the last bit."""
        floats = forward.fly(21.0, 19.0)
        duals = forward.fly(forward.Dual(21.0, 1.0), forward.Dual(19.0, 1.0))

        assert [tuple(map(forward.primal, point)) for point in duals] == floats


SAMPLE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def reverse_mode(solve: Solve) -> SimpleNamespace:
    """Return the solutions of `reverse-mode`."""
    return solve(ASSIGNMENT, "reverse-mode")


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
