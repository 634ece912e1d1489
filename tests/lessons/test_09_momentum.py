"""The solutions of momentum take the steps of PyTorch, to 1e-10 over 100 steps."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from optimizer_steps import N_STEPS, assert_same_steps

close = pytest.approx


@pytest.fixture(scope="module")
def momentum(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `momentum`."""
    return solve("09-optimizers", "momentum")


class TestMomentum:
    """`momentum` against `torch.optim.SGD`, and its analysis against measured steps."""

    CASES = (
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.3, "weight_decay": 0.2}),
        ("Momentum", {"lr": 0.1, "momentum": 0.9}),
        ("Momentum", {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.5}),
        ("Momentum", {"lr": 0.2, "momentum": 0.7, "dampening": 0.7}),
        ("Momentum", {"lr": 0.2, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.1}),
        ("Nesterov", {"lr": 0.1, "momentum": 0.9}),
        ("Nesterov", {"lr": 0.2, "momentum": 0.6, "weight_decay": 0.1}),
    )

    @pytest.mark.parametrize(("name", "settings"), CASES)
    @pytest.mark.parametrize("rates", [None, lambda step: 0.3 / (1 + step % 7)])
    def test_steps_are_those_of_the_library(
        self,
        momentum: SimpleNamespace,
        torch: Any,
        name: str,
        settings: dict[str, float],
        rates: Callable[[int], float] | None,
    ) -> None:
        """Each optimizer takes PyTorch's steps, with a fixed rate and with one that changes."""
        more = {"nesterov": True} if name == "Nesterov" else {}
        optimizer = getattr(momentum, name)(**settings)

        assert_same_steps(
            torch,
            optimizer,
            lambda params: torch.optim.SGD(params, **settings, **more),
            rates=rates,
        )

    def test_defaults_are_the_usual_ones(self, momentum: SimpleNamespace, torch: Any) -> None:
        """Momentum and Nesterov start from 0.9, without decay and dampening."""
        for name, nesterov in (("Momentum", False), ("Nesterov", True)):
            optimizer = getattr(momentum, name)(0.05)
            assert_same_steps(
                torch,
                optimizer,
                lambda params, nesterov=nesterov: torch.optim.SGD(
                    params, 0.05, momentum=0.9, nesterov=nesterov
                ),
            )

    def test_velocity_is_the_buffer_of_the_library(
        self, momentum: SimpleNamespace, torch: Any
    ) -> None:
        """What is kept between steps is PyTorch's `momentum_buffer`."""
        made = []

        def make(params: list) -> Any:
            made.append(torch.optim.SGD(params, 0.1, momentum=0.8, dampening=0.4))
            return made[0]

        ours = momentum.Momentum(0.1, 0.8, dampening=0.4)
        assert_same_steps(torch, ours, make)

        buffers = [state["momentum_buffer"].numpy() for state in made[0].state.values()]
        for v, buffer in zip(ours.velocity, buffers, strict=True):
            np.testing.assert_allclose(v, buffer, rtol=1e-10, atol=1e-10)

    @pytest.mark.parametrize("d", [1, 3, 8])
    def test_look_ahead_points_are_those_of_the_library(
        self, momentum: SimpleNamespace, torch: Any, d: int
    ) -> None:
        """The original form of Nesterov's method looks where PyTorch's parameters are."""
        rng = np.random.default_rng(d)
        A, start = rng.normal(size=(d, d)), rng.normal(size=d)
        hessian = A.T @ A / d
        theta = torch.tensor(start, requires_grad=True)
        optimizer = torch.optim.SGD([theta], 0.05, momentum=0.8, nesterov=True)
        visited = [start]
        for _ in range(N_STEPS):
            optimizer.zero_grad()
            (theta @ torch.tensor(hessian) @ theta / 2).backward()
            optimizer.step()
            visited.append(theta.detach().numpy().copy())

        points, ahead = momentum.look_ahead(lambda x: hessian @ x, start, 0.05, 0.8, N_STEPS)

        np.testing.assert_allclose(ahead, visited, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(points[1:], ahead[:-1] - 0.05 * ahead[:-1] @ hessian, atol=1e-10)

    @pytest.mark.parametrize("beta", [0.0, 0.3, 0.9, 0.999])
    @pytest.mark.parametrize("product", [0.0, 1e-6, 0.1, 1.0, 3.0, 50.0])
    def test_factor_is_the_spectral_radius_of_a_step(
        self, momentum: SimpleNamespace, beta: float, product: float
    ) -> None:
        """The factor is the largest absolute eigenvalue of what a step does to (θ, v)."""
        step = np.array([[1 - product, -beta], [product, beta]])

        factor = momentum.convergence_factor(product / 4, beta, 4.0)

        assert factor == close(np.abs(np.linalg.eigvals(step)).max(), abs=1e-8)

    @pytest.mark.parametrize("kappa", [1.0, 1.5, 25.0, 1e4])
    def test_best_settings_reach_the_bound(self, momentum: SimpleNamespace, kappa: float) -> None:
        """No direction is slower than (√κ - 1)/(√κ + 1), and no settings near do better."""

        def slowest(lr: float, beta: float) -> float:
            curvatures = np.geomspace(0.5, 0.5 * kappa, 50)
            return max(momentum.convergence_factor(lr, beta, c) for c in curvatures)

        lr, beta = momentum.best_settings(0.5, 0.5 * kappa)
        bound = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)

        assert slowest(lr, beta) == close(bound, abs=1e-7)
        for one, other in ((0.98, 1.0), (1.02, 1.0), (1.0, 0.98), (0.99, 0.99), (1.01, 1.01)):
            assert slowest(one * lr, min(other * beta, 0.9999)) >= bound - 1e-9

    @pytest.mark.parametrize("name", ["SGD", "Momentum", "Nesterov"])
    def test_arrays_of_single_precision_stay_themselves(
        self, momentum: SimpleNamespace, name: str
    ) -> None:
        """A step writes into the caller's arrays and keeps their type."""
        theta = np.array([1.0, 2.0], dtype=np.float32)

        getattr(momentum, name)(0.5, weight_decay=0.1).step([theta], [np.array([1.0, -1.0])])

        assert theta.dtype == np.float32
        assert theta[0] < 1.0
        assert theta[1] > 2.0

    @pytest.mark.parametrize("name", ["SGD", "Momentum", "Nesterov"])
    def test_views_change_where_they_belong(self, momentum: SimpleNamespace, name: str) -> None:
        """A step writes through a view into the array behind it, and nowhere else."""
        whole, gradient = np.ones((3, 4)), np.ones((3, 2))

        for _ in range(2):
            getattr(momentum, name)(0.5).step([whole[::-1, ::2]], [gradient])

        assert (whole[:, ::2] < 1).all()
        assert (whole[:, 1::2] == 1).all()

    def test_dampening_without_momentum_is_applied(self, momentum: SimpleNamespace) -> None:
        """From the second step on it takes its share off the gradient; PyTorch ignores it."""
        theta, optimizer = np.array([0.0]), momentum.Momentum(1.0, 0.0, dampening=0.75)

        for expected in (-4.0, -5.0, -6.0):
            optimizer.step([theta], [np.array([4.0])])
            assert theta[0] == close(expected)

    def test_a_first_gradient_of_zero_is_the_first(self, momentum: SimpleNamespace) -> None:
        """What follows it is dampened."""
        theta, optimizer = np.array([0.0]), momentum.Momentum(1.0, 0.5, dampening=0.75)

        for gradient in (0.0, 4.0):
            optimizer.step([theta], [np.array([gradient])])

        assert optimizer.velocity[0][0] == close(1.0)

    @pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
    def test_borders_of_divergence(self, momentum: SimpleNamespace, beta: float) -> None:
        """Momentum is stable up to ηλ = 2 (1 + β), Nesterov up to 1 + 1 / (1 + 2 β)."""
        for name, border in (("Momentum", 2 * (1 + beta)), ("Nesterov", 1 + 1 / (1 + 2 * beta))):
            for share, is_stable in ((0.99, True), (1.01, False)):
                theta, optimizer = np.array([1.0]), getattr(momentum, name)(1.0, beta)
                for _ in range(3000):
                    optimizer.step([theta], [share * border * theta])
                assert bool(abs(theta[0]) < 1) == is_stable

    @pytest.mark.parametrize("kappa", [4.0, 25.0, 470.0])
    def test_settings_of_nesterov(self, kappa: float) -> None:
        """The usual ones have the factor 1 - 1/√κ, the best ones 1 - 2/√(3κ + 1)."""
        root, more = np.sqrt(kappa), np.sqrt(3 * kappa + 1)
        settings = {
            (1 / kappa, (root - 1) / (root + 1)): 1 - 1 / root,
            (4 / (3 * kappa + 1), (more - 2) / (more + 2)): 1 - 2 / more,
        }

        for (lr, beta), factor in settings.items():
            left = 1 - lr * np.linspace(1.0, kappa, 200)
            roots = [np.roots([1, -c * (1 + beta), c * beta]) for c in left]
            assert max(np.abs(r).max() for r in roots) == close(factor, abs=1e-6)

    def test_trap_catches_momentum_alone(self, momentum: SimpleNamespace) -> None:
        """With its best settings it runs in circles from 3.3; the others arrive."""

        def slope(theta: np.ndarray) -> np.ndarray:
            pieces = [theta < 1, theta < 2]
            return np.select(pieces, [25 * theta, theta + 24], 25 * theta - 24)

        optimizers = {
            "SGD": momentum.SGD(2 / 26),
            "Momentum": momentum.Momentum(*momentum.best_settings(1.0, 25.0)),
            "Nesterov": momentum.Nesterov(1 / 25, 4 / 6),
        }
        ends = {}
        for name, optimizer in optimizers.items():
            theta = np.array([3.3])
            for _ in range(300):
                optimizer.step([theta], [slope(theta)])
            ends[name] = abs(theta[0]) < 1e-6

        assert ends == {"SGD": True, "Momentum": False, "Nesterov": True}

    def test_forms_of_nesterov_part_where_the_rate_changes(self, momentum: SimpleNamespace) -> None:
        """They part by (η - η') β v, and stay apart as long as the gradient persists."""
        beta, gradient = 0.9, np.array([1.0])
        optimizer, ahead = momentum.Nesterov(0.1, beta), np.zeros(1)
        theta, velocity, gap = np.zeros(1), 0.0, 0.0
        for step in range(70):
            lr = 0.1 if step < 50 else 0.01
            if step == 50:
                gap = (0.1 - lr) * beta * velocity
            optimizer.lr = lr
            optimizer.step([ahead], [gradient])
            velocity = beta * velocity + 1.0
            theta = theta - lr * velocity
            its = theta - lr * beta * velocity
            assert abs(ahead[0] - its[0]) == close(abs(gap), abs=1e-9)
