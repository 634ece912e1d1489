"""The solutions of Gaussian naive Bayes agree with scikit-learn and SciPy."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_wine
from sklearn.naive_bayes import GaussianNB

SIZES = [(6, 1, 2), (9, 3, 3), (40, 5, 4), (200, 13, 3), (30, 60, 2)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `gaussian-naive-bayes`."""
    return solve("04-generative-models", "gaussian-naive-bayes")


def classes(n: int, d: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of k classes of unequal size, each with scales of its own."""
    rng = np.random.default_rng([n, d, k, seed])
    y = rng.permutation(np.append(np.repeat(np.arange(k), 2), rng.integers(k, size=n - 2 * k)))
    scales = 10.0 ** rng.uniform(-2, 2, size=d)
    X = scales * (rng.normal(size=(n, d)) + rng.normal(size=(k, d))[y])
    return X, y


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
@pytest.mark.parametrize("share", [0.0, 1e-9, 0.1])
def test_model_is_the_library(
    lesson: SimpleNamespace, n: int, d: int, k: int, share: float
) -> None:
    """Description, log joint, log posterior and decisions are those of `GaussianNB`, to 1e-8."""
    for seed in SEEDS:
        X, y = classes(n, d, k, seed)
        new, _ = classes(n, d, k, seed + 100)
        model = GaussianNB(var_smoothing=share).fit(X, y)

        priors, means, variances = lesson.fit(X, y, k)
        variances = lesson.smooth_variances(variances, X, share)

        np.testing.assert_allclose(priors, model.class_prior_, rtol=1e-12)
        np.testing.assert_allclose(means, model.theta_, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(variances, model.var_, rtol=1e-8)
        likelihood = lesson.gaussian_log_likelihood(new, means, variances)
        joint = model.predict_joint_log_proba(new)
        np.testing.assert_allclose(np.log(priors) + likelihood, joint, rtol=1e-8, atol=1e-8)
        log_p = lesson.log_posterior(new, priors, means, variances)
        np.testing.assert_allclose(log_p, model.predict_log_proba(new), rtol=1e-8, atol=1e-7)
        guess = lesson.predict(new, priors, means, variances)
        np.testing.assert_array_equal(guess, model.predict(new))


def test_smoothing_is_the_library_by_default(lesson: SimpleNamespace) -> None:
    """The default share is the library's."""
    X, y = load_wine(return_X_y=True)
    _, _, variances = lesson.fit(X, y, 3)
    model = GaussianNB().fit(X, y)
    smooth = lesson.smooth_variances(variances, X)
    np.testing.assert_allclose(smooth, model.var_, rtol=1e-12)
    assert smooth[0, 0] - variances[0, 0] == pytest.approx(model.epsilon_, rel=1e-8)


@pytest.mark.parametrize("d", [1, 2, 7])
def test_likelihood_is_a_diagonal_gaussian(lesson: SimpleNamespace, d: int) -> None:
    """The log density is SciPy's, with the variances on the diagonal of a covariance."""
    rng = np.random.default_rng(d)
    X, means = rng.normal(size=(9, d)), rng.normal(size=(3, d))
    variances = rng.uniform(0.1, 3, size=(3, d))
    actual = lesson.gaussian_log_likelihood(X, means, variances)
    for k in range(3):
        expected = multivariate_normal(means[k], np.diag(variances[k])).logpdf(X)
        np.testing.assert_allclose(actual[:, k], expected, rtol=1e-10)


@pytest.mark.parametrize("distance", [0.0, 40.0, 1e4, 1e8, 1e9, 1e20])
@pytest.mark.parametrize("d", [2, 300])
def test_posterior_keeps_its_norm(lesson: SimpleNamespace, distance: float, d: int) -> None:
    """Probabilities add up to 1, however far away a sample lies, and logarithms are finite."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        means, variances = rng.normal(size=(4, d)), rng.uniform(0.5, 2, size=(4, d))
        means[:, 0], variances[:, 0] = 0.0, 1.0
        X = rng.normal(size=(6, d))
        X[:, 0] += distance
        log_p = lesson.log_posterior(X, rng.dirichlet(np.ones(4)), means, variances)
        assert np.all(np.isfinite(log_p))
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("copies", [2, 5, 20])
def test_copies_multiply_the_log_odds(lesson: SimpleNamespace, copies: int) -> None:
    """With equal priors copied features change no decision, and multiply the log-odds."""
    X, y = load_wine(return_X_y=True)
    _, means, variances = lesson.fit(X, y, 3)
    once = lesson.log_posterior(X, np.full(3, 1 / 3), means, variances)
    tables = [np.tile(table, copies) for table in (X, means, variances)]
    often = lesson.log_posterior(tables[0], np.full(3, 1 / 3), *tables[1:])
    odds, stated = once[:, 1:] - once[:, :1], often[:, 1:] - often[:, :1]
    np.testing.assert_allclose(stated, copies * odds, rtol=1e-9, atol=1e-9)
    sure, right = lesson.confidence_and_accuracy(once, y)
    surer, as_right = lesson.confidence_and_accuracy(often, y)
    assert sure < surer
    assert right == as_right


def test_another_unit_counts_as_a_copy(lesson: SimpleNamespace) -> None:
    """Fahrenheit beside Celsius adds the same to the log-odds."""
    X, y = classes(50, 1, 2, 0)
    both = np.hstack([X, 1.8 * X + 32])
    priors, means, variances = lesson.fit(both, y, 2)
    celsius, fahrenheit = (
        lesson.gaussian_log_likelihood(both[:, [j]], means[:, [j]], variances[:, [j]])
        for j in range(2)
    )
    np.testing.assert_allclose(np.diff(celsius), np.diff(fahrenheit), rtol=1e-8, atol=1e-10)
    assert priors.sum() == pytest.approx(1.0)
