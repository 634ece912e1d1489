"""The solutions of glm agree with scikit-learn, SciPy and finite differences.

Both sides compute in double precision; the fits are compared to 1e-6, since each library stops
by a rule of its own.
"""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.metrics import d2_tweedie_score, log_loss, mean_poisson_deviance

from coursework.built.differences import jacobian

FAMILIES = ["gaussian", "bernoulli", "poisson"]


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `glm`."""
    return solve("03-logistic-regression", "glm")


def sample(family: str, seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features with a column of ones, outcomes of this family, and their weights."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    w = 0.6 * rng.normal(size=3)
    if family == "gaussian":
        return X, X @ w + rng.normal(size=n), w
    if family == "bernoulli":
        return X, (rng.random(n) < expit(X @ w)).astype(int), w
    return X, rng.poisson(np.exp(X @ w)), w


def log_likelihood(y: np.ndarray, mu: np.ndarray, family: str) -> float:
    """Return SciPy's logarithm of how likely the outcomes are."""
    if family == "gaussian":
        return np.sum(stats.norm.logpdf(y, mu))
    if family == "bernoulli":
        return np.sum(stats.bernoulli.logpmf(y, mu))
    return np.sum(stats.poisson.logpmf(y, mu))


def test_links_are_those_of_scipy(lesson: SimpleNamespace) -> None:
    """The sigmoid and the logit have functions of their own there."""
    z = np.linspace(-700, 700, 141)

    np.testing.assert_allclose(lesson.inverse_link(z, "bernoulli"), expit(z), rtol=1e-12)
    mu = np.linspace(0, 1, 33)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(lesson.link(mu, "bernoulli"), logit(mu), atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_link_undoes_inverse_link(lesson: SimpleNamespace, family: str) -> None:
    """There and back again, where rounding allows it."""
    z = np.linspace(-20, 12, 65)

    back = lesson.link(lesson.inverse_link(z, family), family)

    np.testing.assert_allclose(back, z, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_deviance_are_differences_of_scipys(
    lesson: SimpleNamespace, family: str, seed: int
) -> None:
    """Terms without weights cancel between two models of the same outcomes."""
    X, y, w = sample(family, seed)
    mu, other = (lesson.inverse_link(X @ v, family) for v in (w, w / 2))
    fall = log_likelihood(y, mu, family) - log_likelihood(y, other, family)

    losses = [lesson.negative_log_likelihood(X, y, v, family) for v in (w, w / 2)]
    deviances = [lesson.deviance(y, means, family) for means in (mu, other)]

    np.testing.assert_allclose(losses[1] - losses[0], fall, rtol=1e-8)
    np.testing.assert_allclose(deviances[1] - deviances[0], 2 * fall, rtol=1e-8)


@pytest.mark.parametrize("family", FAMILIES)
def test_gradient_and_step_are_those_of_finite_differences(
    lesson: SimpleNamespace, family: str
) -> None:
    """The gradient is the slope of the loss, and the Hessian that of the gradient."""
    X, y, w = sample(family, 1)
    loss = lambda v: np.array([lesson.negative_log_likelihood(X, y, v, family)])  # noqa: E731
    gradient = lesson.glm_gradient(X, y, w, family)
    hessian = jacobian(lambda v: lesson.glm_gradient(X, y, v, family), w)

    np.testing.assert_allclose(gradient, jacobian(loss, w)[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        hessian @ lesson.irls_step(X, y, w, family), -gradient, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("family", FAMILIES)
def test_fit_is_that_of_scikit_learn(lesson: SimpleNamespace, family: str, seed: int) -> None:
    """Without their penalties."""
    X, y, _ = sample(family, seed)
    model = {
        "gaussian": LinearRegression(),
        "bernoulli": LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky"),
        "poisson": PoissonRegressor(alpha=0, tol=1e-10, solver="newton-cholesky"),
    }[family].fit(X[:, 1:], y)

    fitted = lesson.glm_fit(X, y, family, 1e-9)

    np.testing.assert_allclose(fitted, np.append(model.intercept_, model.coef_), atol=1e-6)


def test_deviance_is_that_of_scikit_learn(lesson: SimpleNamespace) -> None:
    """A mean there, and a sum here; that of labels is twice their log loss."""
    X, y, w = sample("poisson", 3)
    mu = np.exp(X @ w)
    found = lesson.deviance(y, mu, "poisson")
    null = lesson.deviance(y, np.full(len(y), y.mean()), "poisson")

    np.testing.assert_allclose(found / len(y), mean_poisson_deviance(y, mu))
    np.testing.assert_allclose(1 - found / null, d2_tweedie_score(y, mu, power=1))

    X, y, w = sample("bernoulli", 3)
    mu = expit(X @ w)
    np.testing.assert_allclose(
        lesson.deviance(y, mu, "bernoulli"), 2 * log_loss(y, mu, normalize=False)
    )


@pytest.mark.parametrize("count", [20, 300, 5000])
def test_fit_survives_a_leap_that_overflows(lesson: SimpleNamespace, count: int) -> None:
    """The whole first step from zero leads to the count less one."""
    fitted = lesson.glm_fit(np.ones((3, 1)), np.full(3, count), "poisson", 1e-7)

    np.testing.assert_allclose(fitted, [np.log(count)], rtol=1e-9)
