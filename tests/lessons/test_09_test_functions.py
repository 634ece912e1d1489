"""The solutions of test-functions agree with published minima, SciPy and PyTorch."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import optimize

close = pytest.approx


def published_formula(torch: Any, name: str, z: Any) -> Any:
    """Return a test function at a tensor of two numbers, written out as in print."""
    x, y = z
    pi, w, v = np.pi, 1 + (x - 1) / 4, 1 + (y - 1) / 4
    sin, cos, exp, sqrt = torch.sin, torch.cos, torch.exp, torch.sqrt
    formulas = {
        "sphere": lambda: x**2 + y**2,
        "booth": lambda: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
        "matyas": lambda: 0.26 * (x**2 + y**2) - 0.48 * x * y,
        "rosenbrock": lambda: 100 * (y - x**2) ** 2 + (x - 1) ** 2,
        "beale": lambda: (
            (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
        ),
        "himmelblau": lambda: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        "styblinski_tang": lambda: (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) / 2,
        "goldstein_price": lambda: (
            (1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2))
            * (
                30
                + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
            )
        ),
        "three_hump_camel": lambda: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
        "six_hump_camel": lambda: (
            (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2
        ),
        "mccormick": lambda: sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
        "rastrigin": lambda: 20 + x**2 - 10 * cos(2 * pi * x) + y**2 - 10 * cos(2 * pi * y),
        "levy": lambda: (
            sin(pi * w) ** 2
            + (w - 1) ** 2 * (1 + 10 * sin(pi * w + 1) ** 2)
            + (v - 1) ** 2 * (1 + sin(2 * pi * v) ** 2)
        ),
        "ackley": lambda: (
            -20 * exp(-0.2 * sqrt((x**2 + y**2) / 2))
            - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)
            + 20
            + np.e
        ),
        "easom": lambda: -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2),
        "eggholder": lambda: (
            -(y + 47) * sin(sqrt(abs(y + x / 2 + 47))) - x * sin(sqrt(abs(x - (y + 47))))
        ),
    }
    return formulas[name]()


@pytest.fixture(scope="module")
def objectives(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `test-functions`."""
    return solve("09-optimizers", "test-functions")


class TestTestFunctions:
    """`test-functions` against published minima, SciPy and differences."""

    # As printed by Surjanovic and Bingham (2013), or by Jamil and Yang (2013) where the former
    # have none: value, global minima, and how far the value printed may be off.
    PUBLISHED = (
        ("sphere", 0.0, [(0, 0)], 0.0),
        ("booth", 0.0, [(1, 3)], 0.0),
        ("matyas", 0.0, [(0, 0)], 0.0),
        ("rosenbrock", 0.0, [(1, 1)], 0.0),
        ("beale", 0.0, [(3, 0.5)], 0.0),
        (
            "himmelblau",
            0.0,
            [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)],
            0.0,
        ),
        # Printed as -39.16599 a coordinate, which is off in the fifth digit.
        ("styblinski_tang", 2 * -39.16599, [(-2.903534, -2.903534)], 4e-4),
        ("goldstein_price", 3.0, [(0, -1)], 0.0),
        ("three_hump_camel", 0.0, [(0, 0)], 0.0),
        ("six_hump_camel", -1.0316, [(0.0898, -0.7126), (-0.0898, 0.7126)], 5e-5),
        # Printed as -1.9133, which is rounded up from -1.91322.
        ("mccormick", -1.9133, [(-0.54719, -1.54719)], 1e-4),
        ("rastrigin", 0.0, [(0, 0)], 0.0),
        ("levy", 0.0, [(1, 1)], 0.0),
        ("ackley", 0.0, [(0, 0)], 0.0),
        ("easom", -1.0, [(np.pi, np.pi)], 0.0),
        ("eggholder", -959.6407, [(512, 404.2319)], 5e-5),
    )
    # Local minima that are not global, as published, with their values.
    PUBLISHED_OTHERS = (
        ("goldstein_price", (-0.6, -0.4), 30.0),
        ("goldstein_price", (1.8, 0.2), 84.0),
        ("goldstein_price", (1.2, 0.8), 840.0),
        ("three_hump_camel", (-1.7475, 0.8737), 0.2986),
        ("three_hump_camel", (1.7475, -0.8737), 0.2986),
        ("six_hump_camel", (1.7036, -0.7961), -0.2155),
        ("six_hump_camel", (-1.7036, 0.7961), -0.2155),
        ("six_hump_camel", (1.6071, 0.5687), 2.1043),
        ("six_hump_camel", (-1.6071, -0.5687), 2.1043),
        ("styblinski_tang", (-2.903534, 2.746803), -64.19561),
        ("styblinski_tang", (2.746803, -2.903534), -64.19561),
        ("styblinski_tang", (2.746803, 2.746803), -50.05889),
        ("mccormick", (2.59440, 1.59440), 1.22837),
    )
    NAMES = tuple(name for name, *_ in PUBLISHED)
    ANY_DIMENSION = ("sphere", "rosenbrock", "styblinski_tang", "rastrigin", "ackley", "levy")

    @pytest.mark.parametrize(("name", "value", "minima", "off"), PUBLISHED)
    def test_minima_are_the_published_ones(
        self,
        objectives: SimpleNamespace,
        name: str,
        value: float,
        minima: list[tuple[float, float]],
        off: float,
    ) -> None:
        """The table, and the function there, have the published values and no others."""
        known = objectives.OBJECTIVES[name]
        values = [getattr(objectives, name)(np.array(x))[0] for x in known.minima]

        np.testing.assert_allclose(sorted(known.minima), sorted(minima), atol=1.1e-4)
        assert known.value == close(value, abs=off)
        np.testing.assert_allclose(values, known.value, rtol=1e-14, atol=1e-14)

    @pytest.mark.parametrize(("name", "x", "value"), PUBLISHED_OTHERS)
    def test_other_minima_are_the_published_ones(
        self, objectives: SimpleNamespace, name: str, x: tuple[float, float], value: float
    ) -> None:
        """Each published local minimum is in the table, with its value."""
        others = np.array(objectives.OBJECTIVES[name].others)
        nearest = others[np.argmin(np.abs(others - x).sum(axis=1))]

        np.testing.assert_allclose(nearest, x, atol=1e-4)
        assert getattr(objectives, name)(nearest)[0] == close(value, abs=1e-4)
        assert len(others) == sum(row[0] == name for row in self.PUBLISHED_OTHERS)

    @pytest.mark.parametrize("name", NAMES)
    def test_minima_are_minima(self, objectives: SimpleNamespace, name: str) -> None:
        """There is no slope, but at the egg holder's edge, and no neighbour is lower."""
        function, known = getattr(objectives, name), objectives.OBJECTIVES[name]
        low, high = np.transpose(known.domain)
        circle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        for x in np.array([*known.minima, *known.others]):
            value, gradient = function(x)
            inside = (low < x) & (x < high)
            np.testing.assert_allclose(gradient[inside], 0.0, atol=2e-12)
            assert inside.all() == (name != "eggholder")
            for step in 1e-3 * np.stack([np.cos(circle), np.sin(circle)], axis=1):
                near = np.clip(x + step, low, high)
                assert function(near)[0] > value or np.array_equal(near, x)

    @pytest.mark.parametrize("name", NAMES)
    def test_nothing_in_the_domain_is_lower(self, objectives: SimpleNamespace, name: str) -> None:
        """No point of a grid is below the least value."""
        function, known = getattr(objectives, name), objectives.OBJECTIVES[name]
        grid = [np.linspace(low, high, 61) for low, high in known.domain]

        lowest = min(function(np.array([u, v]))[0] for u in grid[0] for v in grid[1])

        assert lowest >= known.value - 1e-12

    @pytest.mark.parametrize("name", NAMES)
    def test_gradients_pass_scipys_check(self, objectives: SimpleNamespace, name: str) -> None:
        """`scipy.optimize.check_grad` finds the differences of its step, 1e-8, and no more."""
        function, known = getattr(objectives, name), objectives.OBJECTIVES[name]
        rng = np.random.default_rng(3)
        sizes = (1, 2, 5) if name in self.ANY_DIMENSION else (2,)
        for d in sizes if name != "rosenbrock" else (2, 5):
            low, high = known.domain[0]
            points = rng.uniform(low, high, size=(40, d))
            for x in points if name != "easom" else np.pi + points / 60:
                gradient = function(x)[1]
                error = optimize.check_grad(lambda z: function(z)[0], lambda z: function(z)[1], x)
                scale = np.linalg.norm(gradient) + abs(function(x)[0]) + 1.0
                assert gradient.shape == (d,)
                assert error < 2e-5 * scale

    @pytest.mark.parametrize("d", [2, 3, 9])
    def test_rosenbrock_is_scipys(self, objectives: SimpleNamespace, d: int) -> None:
        """Value and gradient are those of `rosen` and `rosen_der`, to 1e-12."""
        for x in np.random.default_rng(d).normal(size=(20, d)):
            value, gradient = objectives.rosenbrock(x)

            assert value == close(optimize.rosen(x), rel=1e-12)
            np.testing.assert_allclose(gradient, optimize.rosen_der(x), rtol=1e-12, atol=1e-10)

    @pytest.mark.parametrize("name", NAMES)
    def test_gradients_are_those_of_autodiff(
        self, objectives: SimpleNamespace, torch: Any, name: str
    ) -> None:
        """The published formula, differentiated by PyTorch, agrees to 1e-10."""
        known = objectives.OBJECTIVES[name]
        points = np.random.default_rng(5).uniform(*np.transpose(known.domain), size=(50, 2))
        for x in points if name != "easom" else np.pi + points / 40:
            z = torch.tensor(x, requires_grad=True)
            formula = published_formula(torch, name, z)
            formula.backward()

            value, gradient = getattr(objectives, name)(x)

            scale = 1e-10 * (1.0 + np.linalg.norm(gradient))
            assert value == close(formula.item(), rel=1e-10, abs=1e-10)
            np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=1e-10, atol=scale)

    @pytest.mark.parametrize("d", [1, 2, 10])
    def test_ackley_at_its_tip(self, objectives: SimpleNamespace, d: int) -> None:
        """The value is 0 and the gradient zeros, for floats and for whole numbers."""
        for kind in (float, int):
            value, gradient = objectives.ackley(np.zeros(d, dtype=kind))

            assert value == close(0.0, abs=1e-14)
            np.testing.assert_array_equal(gradient, np.zeros(d))

    @pytest.mark.parametrize("x", [(47, 0), (2, -48), (0, -47), (-153, -200), (200, -147)])
    def test_egg_holder_on_its_cusps(self, objectives: SimpleNamespace, x: tuple) -> None:
        """Where a root is zero, the gradient is what central differences tend to."""
        x = np.array(x, dtype=float)
        h = 1e-6

        gradient = objectives.eggholder(x)[1]

        for j, step in enumerate(h * np.eye(2)):
            ends = [objectives.eggholder(x + sign * step)[0] for sign in (1, -1)]
            # Beside a cusp the error of a difference is of the size of the root of the step.
            assert gradient[j] == close((ends[0] - ends[1]) / (2 * h), abs=2e-2)

    @pytest.mark.parametrize("name", NAMES)
    def test_points_are_left_alone(self, objectives: SimpleNamespace, name: str) -> None:
        """Whole numbers give the same as floats, and what was handed over stays as it is."""
        function = getattr(objectives, name)
        x = np.array([3, -2])
        before = x.copy()

        value, gradient = function(x)
        same_value, same_gradient = function(x.astype(float))

        np.testing.assert_array_equal(x, before)
        assert value == close(same_value, rel=1e-15)
        assert gradient.dtype == np.float64
        np.testing.assert_allclose(gradient, same_gradient, rtol=1e-15)
