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
