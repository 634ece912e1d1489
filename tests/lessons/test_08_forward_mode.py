"""The solutions of forward-mode agree with PyTorch to 1e-10."""

import math
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
def forward(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `forward-mode`."""
    return solve("08-automatic-differentiation", "forward-mode")


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
