"""The solutions of newtons-method agree with SciPy, PyTorch and closed forms.

Both sides compute in double precision, and are compared to 1e-8. SciPy's trust region stops where
the falls of the loss are rounding, with gradients of some 1e-8 left; so its minimum is first
refined by SciPy's solver of equations, which looks at the gradient alone.
"""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import polar
from scipy.optimize import minimize, newton, root, rosen, rosen_der, rosen_hess

from coursework.built.differences import gradient_check, jacobian


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `newtons-method`."""
    return solve("01-linear-regression", "newtons-method")


class PseudoHuber:
    """A robust loss of a linear model, with its first two derivatives."""

    def __init__(self, n: int, d: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.X = np.column_stack([np.ones(n), rng.normal(size=(n, d - 1))])
        self.y = self.X @ rng.normal(size=d) + rng.standard_t(2, size=n)

    def loss(self, w: np.ndarray) -> float:
        """Return the mean over samples."""
        return np.mean(np.sqrt(1 + (self.X @ w - self.y) ** 2) - 1)

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """Return all first derivatives."""
        r = self.X @ w - self.y
        return self.X.T @ (r / np.sqrt(1 + r**2)) / len(r)

    def hessian(self, w: np.ndarray) -> np.ndarray:
        """Return all second derivatives."""
        r = self.X @ w - self.y
        return self.X.T * (1 + r**2) ** -1.5 @ self.X / len(r)


@pytest.mark.parametrize("a", [0.3, 2.0, 50.0, 1e6])
def test_newton_1d_finds_the_root_of_the_library(lesson: SimpleNamespace, a: float) -> None:
    """Looking for a slope of zero is looking for a root of the slope."""
    found = newton(lambda x: x**2 - a, 1 + a, fprime=lambda x: 2 * x, maxiter=100)

    visited = lesson.newton_1d(lambda x: x**2 - a, lambda x: 2 * x, 1 + a, 30)

    np.testing.assert_allclose(visited[-1], found, rtol=1e-12)


@pytest.mark.parametrize("start", [1.3, 1.5, 2.0, 3.0])
def test_newton_1d_squares_the_error_as_the_text_says(
    lesson: SimpleNamespace, start: float
) -> None:
    """For the slope x² - 2 the new error is e²/(2x), exactly."""
    visited = lesson.newton_1d(lambda x: x**2 - 2, lambda x: 2 * x, start, 3)

    errors = visited - np.sqrt(2)
    np.testing.assert_allclose(errors[1:], errors[:-1] ** 2 / (2 * visited[:-1]), atol=1e-15)


@pytest.mark.parametrize("start", [0.2, 0.9, 1.0, 1.1, 1.3])
def test_newton_1d_cubes_on_the_valley_of_the_text(lesson: SimpleNamespace, start: float) -> None:
    """On √(1 + x²) a step leads from x to -x³."""
    visited = lesson.newton_1d(
        lambda x: x / np.sqrt(1 + x**2), lambda x: (1 + x**2) ** -1.5, start, 3
    )

    np.testing.assert_allclose(visited[1:], -(visited[:-1] ** 3), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 4), (7, 3), (3, 7), (5, 5)])
def test_hessian_mse_is_the_jacobian_of_the_gradient(
    lesson: SimpleNamespace, n: int, d: int
) -> None:
    """Central differences of a linear gradient are exact up to rounding."""
    rng = np.random.default_rng(n + 10 * d)
    X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)

    measured = jacobian(lambda w: 2 / n * X.T @ (X @ w - y), w)

    np.testing.assert_allclose(lesson.hessian_mse(X), measured, atol=1e-8)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (7, 3), (3, 7), (5, 5)])
def test_hessian_mse_is_the_one_of_pytorch(
    lesson: SimpleNamespace, torch: ModuleType, n: int, d: int
) -> None:
    """Automatic differentiation of the loss gives the same matrix."""
    rng = np.random.default_rng(n + 10 * d)
    X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), rng.normal(size=d)
    samples, targets = torch.tensor(X), torch.tensor(y)

    found = torch.autograd.functional.hessian(
        lambda w: torch.mean((samples @ w - targets) ** 2), torch.tensor(w)
    )

    np.testing.assert_allclose(lesson.hessian_mse(X), found.numpy(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (8, 3), (5, 5), (200, 11)])
@pytest.mark.parametrize("start", [0.0, 100.0])
def test_one_newton_step_solves_least_squares(
    lesson: SimpleNamespace, n: int, d: int, start: float
) -> None:
    """From anywhere it leads to the weights of `numpy.linalg.lstsq`."""
    rng = np.random.default_rng(n)
    X, y, w = rng.normal(size=(n, d)), rng.normal(size=n), np.full(d, start)
    gradient = 2 / n * X.T @ (X @ w - y)

    arrived = w + lesson.newton_step(gradient, lesson.hessian_mse(X))

    np.testing.assert_allclose(arrived, np.linalg.lstsq(X, y)[0], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("d", [1, 2, 6])
def test_newton_step_does_not_depend_on_units(lesson: SimpleNamespace, d: int) -> None:
    """With w = A v the step for v, times A, is the step for w."""
    rng = np.random.default_rng(d)
    A, U = rng.normal(size=(2, d, d)) + 2 * np.eye(d)
    hessian, g = U @ U.T + np.eye(d), rng.normal(size=d)

    step = lesson.newton_step(A.T @ g, A.T @ hessian @ A)

    np.testing.assert_allclose(A @ step, lesson.newton_step(g, hessian), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_downhill_step_solves_with_the_absolute_hessian(lesson: SimpleNamespace, d: int) -> None:
    """The positive factor of SciPy's polar decomposition has the sizes as its eigenvalues."""
    rng = np.random.default_rng(d)
    A, g = rng.normal(size=(d, d)), rng.normal(size=d)
    step = lesson.downhill_step(g, A + A.T)

    np.testing.assert_allclose(step, np.linalg.solve(polar(A + A.T)[1], -g), rtol=1e-8, atol=1e-8)
    assert step @ g < 0


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_downhill_step_is_newtons_in_a_bowl(lesson: SimpleNamespace, d: int) -> None:
    """Where all curvatures are above the floor nothing changes."""
    rng = np.random.default_rng(d)
    A, g = rng.normal(size=(d, d)), rng.normal(size=d)
    hessian = A @ A.T + np.eye(d)

    np.testing.assert_allclose(
        lesson.downhill_step(g, hessian), lesson.newton_step(g, hessian), rtol=1e-8, atol=1e-12
    )


@pytest.mark.parametrize("seed", range(20))
def test_backtrack_returns_the_longest_share_that_falls_enough(
    lesson: SimpleNamespace, seed: int
) -> None:
    """Armijo's rule holds for it, and for no longer share that was tried."""
    rng = np.random.default_rng(seed)
    x = 2 * rng.normal(size=3)
    step = -rng.uniform(0.001, 1.0) * rosen_der(x)
    slope = rosen_der(x) @ step

    def holds(t: float) -> bool:
        return rosen(x + t * step) <= rosen(x) + 1e-4 * t * slope

    share = lesson.backtrack(rosen, x, step, slope)

    longer = 2.0 ** np.arange(np.round(np.log2(share)) + 1, 1)
    assert holds(share)
    assert not any(holds(t) for t in longer)


@pytest.mark.parametrize(("n", "d", "seed"), [(20, 1, 0), (50, 3, 1), (200, 5, 2), (30, 8, 3)])
def test_newton_minimize_finds_the_minimum_of_the_library(
    lesson: SimpleNamespace, n: int, d: int, seed: int
) -> None:
    """A robust loss has one minimum; SciPy's trust region finds the same."""
    problem = PseudoHuber(n, d, seed)
    start = np.full(d, 30.0)

    visited = lesson.newton_minimize(problem.loss, problem.gradient, problem.hessian, start, 1e-9)
    found = minimize(
        problem.loss,
        start,
        jac=problem.gradient,
        hess=problem.hessian,
        method="trust-exact",
        options={"gtol": 1e-9},
    )

    refined = root(problem.gradient, found.x, jac=problem.hessian, tol=1e-12).x

    np.testing.assert_allclose(visited[-1], refined, rtol=1e-8, atol=1e-8)
    assert np.max(np.abs(problem.gradient(visited[-1]))) <= 1e-9
    assert gradient_check(problem.loss, problem.gradient, start) < 1e-6


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_newton_minimize_descends_the_banana(lesson: SimpleNamespace, d: int, seed: int) -> None:
    """On Rosenbrock's function each step falls, and the last point has no slope."""
    start = np.random.default_rng(seed).normal(size=d)

    visited = lesson.newton_minimize(rosen, rosen_der, rosen_hess, start, 1e-8)

    assert np.all(np.diff([rosen(x) for x in visited]) < 0)
    assert np.max(np.abs(rosen_der(visited[-1]))) <= 1e-8
    assert np.all(np.linalg.eigvalsh(rosen_hess(visited[-1])) > 0)


@pytest.mark.parametrize("seed", range(5))
def test_newton_minimize_leaves_saddles(lesson: SimpleNamespace, seed: int) -> None:
    """On the landscape of the text it ends in a minimum, u = ±1 and v = 0."""
    rng = np.random.default_rng(seed)
    start = np.array([rng.uniform(-0.4, 0.4), rng.uniform(-1, 1)])

    visited = lesson.newton_minimize(
        lambda x: x[0] ** 4 / 4 - x[0] ** 2 / 2 + x[1] ** 2 / 2,
        lambda x: np.array([x[0] ** 3 - x[0], x[1]]),
        lambda x: np.diag([3 * x[0] ** 2 - 1, 1.0]),
        start,
    )

    np.testing.assert_allclose(np.abs(visited[-1]), [1.0, 0.0], atol=1e-8)
