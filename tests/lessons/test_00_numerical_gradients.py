"""The solutions of numerical-gradients agree with SciPy, PyTorch and derivatives known by formula.

Derivatives are compared to 1e-8: the error of central differences with the default step is
about ε^(2/3) = 4e-11 for functions of size 1, and SciPy takes its steps by rules of its own.
"""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from scipy.differentiate import derivative
from scipy.differentiate import jacobian as scipy_jacobian
from scipy.optimize import approx_fprime, check_grad, rosen, rosen_der, rosen_hess

EPSILON = np.finfo(float).eps


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `numerical-gradients`."""
    return solve("00-warm-up", "numerical-gradients")


@pytest.mark.parametrize("f", [np.sin, np.exp, np.tanh, np.arctan, lambda x: x**3 - x])
@pytest.mark.parametrize("x", [-1.3, 0.0, 0.5, 1.0])
def test_central_difference_is_the_derivative_of_the_library(
    lesson: SimpleNamespace, f: Callable[[float], float], x: float
) -> None:
    """With a step of ε^(1/3) it agrees with SciPy's adaptive derivative."""
    slope = lesson.central_difference(f, x, lesson.REL_STEP)

    np.testing.assert_allclose(slope, derivative(f, x).df, atol=1e-8)


@pytest.mark.parametrize("h", [1.0, 0.3, 0.1, 0.03])
def test_truncation_error_is_the_one_of_the_text(lesson: SimpleNamespace, h: float) -> None:
    """The error is h²/6 f''' up to the next term, h⁴/120 of the fifth derivative."""
    error = lesson.central_difference(np.sin, 1.0, h) - np.cos(1.0)

    np.testing.assert_allclose(error, -(h**2) / 6 * np.cos(1.0), rtol=h**2 / 10)


@pytest.mark.parametrize("x", np.linspace(-3, 3, 7))
@pytest.mark.parametrize("h", np.logspace(-12, 0, 13))
def test_error_is_within_the_bound_of_the_text(lesson: SimpleNamespace, h: float, x: float) -> None:
    """It is at most M h²/6 + δ/h, where δ counts the rounding of x ± h too."""
    error = lesson.central_difference(np.exp, x, h) - np.exp(x)

    delta = EPSILON * np.exp(x + h) * (1 + abs(x) + h)
    assert abs(error) <= np.exp(x + h) * h**2 / 6 + delta / h


def test_best_step_is_the_one_of_the_text(lesson: SimpleNamespace) -> None:
    """On the sine at 1 no step is more than ten times as good as the cube root of 3δ/M."""
    best = np.cbrt(3 * EPSILON / 2 * np.sin(1) / np.cos(1))

    def typical_error(h: float) -> float:
        around = h * np.linspace(0.8, 1.25, 25)
        slopes = [lesson.central_difference(np.sin, 1.0, near) for near in around]
        return np.sqrt(np.mean((np.array(slopes) - np.cos(1.0)) ** 2))

    assert typical_error(best) < 10 * min(map(typical_error, np.logspace(-12, 0, 49)))
    assert best / 3 < lesson.REL_STEP < 3 * best


def test_step_sizes_lead_to_other_numbers(lesson: SimpleNamespace) -> None:
    """However large or small x is, x ± h differ from x."""
    x = np.concatenate([10.0 ** np.arange(-20, 300, 20), [0.0], -(10.0 ** np.arange(-20, 300, 20))])
    h = lesson.step_sizes(x)

    assert np.all((x + h > x) & (x - h < x))


@pytest.mark.parametrize("n", [2, 3, 8])
class TestRosenbrock:
    """SciPy's Rosenbrock function comes with its gradient and its Hessian."""

    def point(self, n: int) -> np.ndarray:
        """Draw a point around zero."""
        return np.random.default_rng(n).normal(scale=0.5, size=n)

    def test_gradient_is_that_of_the_library(self, lesson: SimpleNamespace, n: int) -> None:
        """The gradient agrees with the derived one."""
        x = self.point(n)

        gradient = lesson.numerical_gradient(rosen, x)

        scale = np.max(np.abs(rosen_der(x)))
        np.testing.assert_allclose(gradient, rosen_der(x), atol=1e-8 * scale)

    def test_gradient_is_better_than_forward_differences(
        self, lesson: SimpleNamespace, n: int
    ) -> None:
        """It has more digits than SciPy's one-sided differences."""
        x = self.point(n)

        ours = np.max(np.abs(lesson.numerical_gradient(rosen, x) - rosen_der(x)))
        theirs = np.max(np.abs(approx_fprime(x, rosen) - rosen_der(x)))

        assert ours < theirs / 10

    def test_jacobian_of_the_gradient_is_the_hessian(self, lesson: SimpleNamespace, n: int) -> None:
        """Second derivatives agree with the derived ones."""
        x = self.point(n)

        hessian = lesson.jacobian(rosen_der, x)

        scale = np.max(np.abs(rosen_hess(x)))
        np.testing.assert_allclose(hessian, rosen_hess(x), atol=1e-8 * scale)

    def test_check_tells_right_from_wrong_as_the_library_does(
        self, lesson: SimpleNamespace, n: int
    ) -> None:
        """A gradient with one entry off by a hundredth fails both checks, the right one none."""
        x, size = self.point(n), np.linalg.norm(rosen_der(self.point(n)))

        def wrong(x: np.ndarray) -> np.ndarray:
            return rosen_der(x) * np.append(np.ones(n - 1), 1.01)

        assert lesson.gradient_check(rosen, rosen_der, x) < 1e-6
        assert check_grad(rosen, rosen_der, x) < 1e-6 * size
        np.testing.assert_allclose(lesson.gradient_check(rosen, wrong, x), 0.01 / 1.01, rtol=1e-4)
        assert check_grad(rosen, wrong, x) > 1e-6 * size


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (5, 1), (3, 5), (5, 3), (4, 4)])
def test_jacobian_is_that_of_the_library(lesson: SimpleNamespace, m: int, n: int) -> None:
    """It agrees with SciPy's adaptive Jacobian, rows and columns in the same places."""
    rng = np.random.default_rng(10 * m + n)
    A, x = rng.normal(size=(m, n)), rng.normal(size=n)

    def f(x: np.ndarray) -> np.ndarray:
        return np.tanh(np.tensordot(A, x, axes=1))

    np.testing.assert_allclose(lesson.jacobian(f, x), scipy_jacobian(f, x).df, atol=1e-8)


def test_relative_error_is_a_tolerance_of_both_kinds(lesson: SimpleNamespace) -> None:
    """It is at most `tol` exactly where |a - b| <= tol · max(|a|, |b|) or <= tol · floor."""
    rng = np.random.default_rng(4)
    a = 10.0 ** rng.uniform(-8, 2, size=2000) * rng.choice([-1, 1], size=2000)
    b = a * (1 + rng.normal(scale=1e-3, size=2000))
    for floor, tol in [(1e-4, 1e-3), (1e-6, 5e-4), (1.0, 1e-4)]:
        difference, larger = np.abs(a - b), np.maximum(np.abs(a), np.abs(b))
        expected = (difference <= tol * larger) | (difference <= tol * floor)

        np.testing.assert_array_equal(lesson.relative_error(a, b, floor) <= tol, expected)


def test_gradient_of_the_library_passes_the_check(
    lesson: SimpleNamespace, torch: ModuleType
) -> None:
    """What PyTorch derives of a small network agrees, weight by weight, on five draws."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, w = torch.tensor(rng.normal(size=(6, 3))), rng.normal(size=(3, 4))

        def loss(w: object, X: object = X) -> object:
            return torch.mean(torch.tanh(X @ torch.as_tensor(w)) ** 2)

        def gradient(w: np.ndarray, loss: Callable[[object], object] = loss) -> np.ndarray:
            at = torch.tensor(w, requires_grad=True)
            loss(at).backward()
            return at.grad.numpy()

        assert lesson.gradient_check(lambda w, loss=loss: float(loss(w)), gradient, w) < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_smooth_gradients_agree_below_a_millionth(lesson: SimpleNamespace, seed: int) -> None:
    """The lesson's table of verdicts: right ones lie below 1e-6, slightly wrong ones above."""
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(9, 6)), rng.normal(size=6)

    def f(x: np.ndarray) -> float:
        return np.mean(np.log(np.cosh(A @ x)))

    def gradient(x: np.ndarray) -> np.ndarray:
        return A.T @ np.tanh(A @ x) / 9

    assert lesson.gradient_check(f, gradient, x) < 1e-6
    assert lesson.gradient_check(f, lambda x: 1.002 * gradient(x), x) > 1e-3
    # At zero, where derivatives and floor meet, too.
    assert lesson.gradient_check(f, gradient, np.zeros(6)) < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_right_gradient_is_accused_where_slopes_vanish_and_the_function_does_not(
    lesson: SimpleNamespace, seed: int
) -> None:
    """Near a minimum of some thousands round-off fails a floor of 1e-4, and a floor of 10 helps."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(200, 5)), 80 * rng.normal(size=200)
    minimum = np.linalg.lstsq(X, y)[0]

    def f(w: np.ndarray) -> float:
        return np.mean((X @ w - y) ** 2)

    def gradient(w: np.ndarray) -> np.ndarray:
        return 2 / len(y) * X.T @ (X @ w - y)

    near = minimum + 1e-3 * rng.normal(size=(20, 5))
    assert max(lesson.gradient_check(f, gradient, w) for w in near) > 1e-6
    assert max(lesson.gradient_check(f, gradient, w, floor=10.0) for w in near) < 1e-6
    assert lesson.gradient_check(f, gradient, minimum + 30) < 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_random_direction_dilutes_one_wrong_entry(lesson: SimpleNamespace, seed: int) -> None:
    """Among a million entries one that is wrong moves the number by at most a few hundredths."""
    rng = np.random.default_rng(seed)
    weights, v = rng.normal(size=(2, 10**6))
    wrong = weights * np.append(2.0, np.ones(10**6 - 1))

    along = lesson.central_difference(lambda h: weights @ (h * v), 0.0, lesson.REL_STEP)

    assert lesson.relative_error(np.array([weights @ v]), np.array([along]))[0] < 1e-6
    assert 1e-7 < lesson.relative_error(np.array([wrong @ v]), np.array([along]))[0] < 0.05
