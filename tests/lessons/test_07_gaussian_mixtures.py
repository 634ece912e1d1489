"""The solutions of Gaussian mixtures agree with SciPy and scikit-learn, from the same start."""

import warnings
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture

from coursework.built import clustering, gaussian
from coursework.built.arrays import one_hot

SIZES = [(40, 1, 3), (60, 3, 3), (80, 2, 2), (120, 5, 4), (30, 2, 1)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `gaussian-mixtures`."""
    return solve("07-unsupervised-learning", "gaussian-mixtures")


def shared_points(n: int, d: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw points in loose groups, and shares to start from."""
    rng = np.random.default_rng([n, d, k, seed])
    y = np.arange(n) % k
    X = rng.normal(size=(n, d)) + 2 * y[:, np.newaxis]
    return X, 0.6 * one_hot(y, k) + 0.4 * rng.dirichlet(np.ones(k), size=n)


def library(model: tuple[np.ndarray, ...], **settings: float) -> GaussianMixture:
    """Return a mixture of scikit-learn that starts from these components."""
    weights, means, covariances = model
    inverse = np.linalg.inv(covariances)
    return GaussianMixture(
        len(weights), weights_init=weights, means_init=means, precisions_init=inverse, **settings
    )


def fit(mixture: GaussianMixture, X: np.ndarray) -> GaussianMixture:
    """Fit a mixture without the warning that it has not come to its end."""
    with warnings.catch_warnings(action="ignore"):
        return mixture.fit(X)


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_densities_are_those_of_scipy(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Log densities, responsibilities and likelihood come from SciPy's densities, to 1e-10."""
    for seed in SEEDS:
        X, shares = shared_points(n, d, k, seed)
        weights, means, covariances = model = lesson.m_step(X, shares)
        components = [
            multivariate_normal(mean, covariance)
            for mean, covariance in zip(means, covariances, strict=True)
        ]
        table = np.column_stack([np.atleast_1d(one.logpdf(X)) for one in components])
        density = np.exp(table) @ weights

        ours = lesson.log_gaussian(X, means, covariances)
        np.testing.assert_allclose(ours, table, rtol=1e-10, atol=1e-10)
        expected = weights * np.exp(table) / density[:, np.newaxis]
        np.testing.assert_allclose(lesson.responsibilities(X, *model), expected, atol=1e-12)
        assert lesson.log_likelihood(X, *model) == pytest.approx(np.sum(np.log(density)), rel=1e-10)


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_em_is_the_library(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Weights, means, covariances and likelihoods of some rounds are the library's, to 1e-8."""
    for seed in SEEDS:
        X, shares = shared_points(n, d, k, seed)
        for floor in [1e-6, 0.1]:
            start = lesson.m_step(X, shares, floor)
            theirs = fit(library(start, tol=0, max_iter=8, reg_covar=floor), X)

            ours, before = start, []
            for _ in range(8):
                before.append(lesson.log_likelihood(X, *ours) / n)
                ours = lesson.m_step(X, lesson.responsibilities(X, *ours), floor)

            expected = theirs.weights_, theirs.means_, theirs.covariances_
            for a, b in zip(ours, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)
            np.testing.assert_allclose(before, theirs.lower_bounds_, rtol=1e-8)
            assert lesson.bic(X, *ours) == pytest.approx(theirs.bic(X), rel=1e-8)
            resp = lesson.responsibilities(X, *ours)
            np.testing.assert_allclose(resp, theirs.predict_proba(X), atol=1e-8)


def test_em_takes_the_rounds_that_it_says(lesson: SimpleNamespace) -> None:
    """`em` is `m_step`, and rounds up to the first that gains less than `tol` for each point."""
    for seed in SEEDS:
        X, shares = shared_points(80, 2, 2, seed)
        *found, history = lesson.em(X, shares, tol=1e-4)
        gains = np.diff(history) / 80
        assert np.all(gains[:-1] >= 1e-4)
        assert gains[-1] < 1e-4
        start = lesson.m_step(X, shares)
        theirs = fit(library(start, tol=0, max_iter=len(gains)), X)
        np.testing.assert_allclose(found[1], theirs.means_, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_no_round_lowers_the_likelihood(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Without a floor the likelihood never falls, but for rounding."""
    for seed in SEEDS:
        X, shares = shared_points(n, d, k, seed)
        history = lesson.em(X, shares, 0.0, tol=1e-12, max_iter=60)[3]
        assert np.all(np.diff(history) >= -1e-9)


def test_bound_touches_the_likelihood(lesson: SimpleNamespace) -> None:
    """F is below the log-likelihood for any shares, and equal to it for the responsibilities."""
    for seed in SEEDS:
        X, shares = shared_points(60, 3, 3, seed)
        weights, means, covariances = model = lesson.m_step(X, shares)
        joint = np.log(weights) + lesson.log_gaussian(X, means, covariances)
        likelihood = lesson.log_likelihood(X, *model)
        assert np.sum(shares * (joint - np.log(shares))) < likelihood
        resp = lesson.responsibilities(X, *model)
        assert np.sum(resp * (joint - np.log(resp))) == pytest.approx(likelihood, rel=1e-12)


def test_m_step_is_best_for_its_shares(lesson: SimpleNamespace) -> None:
    """No small change of weights, means or covariances raises what the M step maximises."""
    rng = np.random.default_rng(0)
    for seed in SEEDS:
        X, shares = shared_points(60, 3, 3, seed)
        weights, means, covariances = lesson.m_step(X, shares, 0.0)

        def total(
            w: np.ndarray,
            m: np.ndarray,
            covs: np.ndarray,
            points: np.ndarray = X,
            table: np.ndarray = shares,
        ) -> float:
            return np.sum(table * (np.log(w) + lesson.log_gaussian(points, m, covs)))

        best = total(weights, means, covariances)
        for _ in range(20):
            other = weights * np.exp(0.05 * rng.normal(size=3))
            noise = np.eye(3) + 0.05 * rng.normal(size=(3, 3, 3))
            assert total(other / np.sum(other), means, covariances) < best
            assert total(weights, means + 0.05 * rng.normal(size=means.shape), covariances) < best
            turned = noise @ covariances @ noise.transpose(0, 2, 1)
            assert total(weights, means, turned) < best


def test_hard_shares_are_classes(lesson: SimpleNamespace) -> None:
    """With shares of 0 and 1 the components are the classes of discriminant analysis."""
    X, y = load_iris(return_X_y=True)
    weights, means, covariances = lesson.m_step(X, one_hot(y, 3), 0.0)
    np.testing.assert_allclose(weights, gaussian.class_priors(y, 3), rtol=1e-12)
    np.testing.assert_allclose(means, gaussian.class_means(X, y, 3), rtol=1e-12)
    expected = gaussian.class_covariances(X, y, means)
    np.testing.assert_allclose(covariances, expected, rtol=1e-10, atol=1e-12)


def test_narrow_round_components_are_k_means(lesson: SimpleNamespace) -> None:
    """Equal weights and tiny round covariances give the labels of the nearest means."""
    for seed in SEEDS:
        X, _ = shared_points(60, 3, 3, seed)
        narrow = np.repeat(1e-6 * np.eye(3)[np.newaxis], 3, axis=0)
        resp = lesson.responsibilities(X, np.full(3, 1 / 3), X[:3], narrow)
        expected = one_hot(clustering.assign(X, X[:3]), 3)
        np.testing.assert_allclose(resp, expected, atol=1e-12)


def test_floor_bounds_the_variances(lesson: SimpleNamespace) -> None:
    """A component that collapses ends on the floor, and without one it has no inverse."""
    X = np.array([[0.0], [2.0], [4.0], [10.0]])
    shares = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    for floor in [1e-9, 1e-6, 1e-3]:
        covariances = lesson.em(X, shares, floor)[2]
        assert covariances[1, 0, 0] == pytest.approx(floor, rel=1e-3)
    with pytest.raises(np.linalg.LinAlgError):
        lesson.em(X, shares, 0.0)


def test_start_decides_where_em_ends(lesson: SimpleNamespace) -> None:
    """From k-means the stripes of sample 15 end lower than from the true groups, to stay there."""
    tilt = np.array([[3**0.5, 1.0], [-1.0, 3**0.5]]) / 2
    y = np.repeat([0, 1, 2], 60)
    noise = np.random.default_rng(15).normal(size=(180, 2)) * [2.5, 0.3]
    X = (2.2 * y[:, np.newaxis] * [0.0, 1.0] + noise) @ tilt
    best = lesson.em(X, one_hot(y, 3))[3][-1]
    labels = clustering.k_means(X, 3, np.random.default_rng(0))[1]
    *found, history = lesson.em(X, one_hot(labels, 3), tol=1e-10, max_iter=400)
    assert history[-1] < best - 60
    for seed in SEEDS:
        other = np.random.default_rng(seed).dirichlet(np.ones(3), size=180)
        nearby = 0.95 * lesson.responsibilities(X, *found) + 0.05 * other
        again = lesson.em(X, nearby, tol=1e-10, max_iter=400)[3]
        assert again[-1] == pytest.approx(history[-1], abs=1e-3)


def test_bic_cannot_tell_a_spike_from_a_group(lesson: SimpleNamespace) -> None:
    """With a tiny floor BIC prefers a spike on one point; with one of 1e-6 it does not."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        wide, narrow = 1.6 * rng.normal(size=(150, 2)), [3.0, 0.0] + 0.5 * rng.normal(size=(100, 2))
        X = np.append(wide, narrow, axis=0)
        for floor, preferred in [(1e-6, False), (1e-12, True)]:
            *two, _ = lesson.em(X, one_hot(np.repeat([0, 1], [150, 100]), 2), floor)
            weights, means, covariances = two
            spiked = (
                np.append(weights * 249 / 250, 1 / 250),
                np.append(means, X[:1], axis=0),
                np.append(covariances, [floor * np.eye(2)], axis=0),
            )
            *three, _ = lesson.em(X, lesson.responsibilities(X, *spiked), floor)
            assert (lesson.bic(X, *three) < lesson.bic(X, *two)) == preferred


def test_iris_is_the_library(lesson: SimpleNamespace) -> None:
    """On the irises, all four features, the components are the library's to 1e-8."""
    X = load_iris().data
    labels = clustering.k_means(X, 3, np.random.default_rng(0))[1]
    *ours, history = lesson.em(X, one_hot(labels, 3))
    rounds = len(history) - 1
    theirs = fit(library(lesson.m_step(X, one_hot(labels, 3)), tol=0, max_iter=rounds), X)
    assert theirs.n_iter_ == rounds
    for a, b in zip(ours, [theirs.weights_, theirs.means_, theirs.covariances_], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)
    assert lesson.bic(X, *ours) == pytest.approx(theirs.bic(X), rel=1e-10)
