"""The solutions of computational-graphs agree with PyTorch to 1e-10."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from number_expressions import (
    Expression,
    evaluate,
    expressions,
    tensor,
    torch,
    torch_functions,
    vectors,
)

# Parts of `torch.func` are compiled at first use in a way that PyTorch itself deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")


@pytest.fixture(scope="module")
def lists(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `computational-graphs`."""
    return solve("08-automatic-differentiation", "computational-graphs")


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
