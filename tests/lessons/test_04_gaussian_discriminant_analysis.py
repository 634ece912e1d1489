"""The solutions of Gaussian discriminant analysis agree with scikit-learn and SciPy to 1e-8."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import sklearn
from scipy.special import expit, softmax
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from coursework.built import gaussian as built

OLD = tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9)
SIZES = [(20, 1, 2), (30, 2, 3), (80, 3, 2), (120, 5, 4)]


@pytest.fixture(scope="module")
def gda(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `gaussian-discriminant-analysis`."""
    return solve("04-generative-models", "gaussian-discriminant-analysis")


def sample(n: int, d: int, n_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw classes of unequal size, with means and covariances of their own."""
    rng = np.random.default_rng([n, d, n_classes, seed])
    least = np.repeat(np.arange(n_classes), d + 2)
    share = rng.dirichlet(np.full(n_classes, 3.0))
    y = rng.permutation(np.append(least, rng.choice(n_classes, size=n - len(least), p=share)))
    roots, centres = rng.normal(size=(n_classes, d, d)), 2 * rng.normal(size=(n_classes, d))
    X = centres[y] + np.einsum("nab,nb->na", roots[y] + np.eye(d), rng.normal(size=(n, d)))
    return X, y


def fitted(
    gda: SimpleNamespace, X: np.ndarray, y: np.ndarray, n_classes: int, *, shared: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return priors, means and covariances by the lesson's functions."""
    means = gda.class_means(X, y, n_classes)
    covariance = gda.shared_covariance if shared else gda.class_covariances
    return gda.class_priors(y, n_classes), means, covariance(X, y, means)


def posterior(joint: np.ndarray) -> np.ndarray:
    """Normalise each row in log space."""
    return np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True))


@pytest.mark.parametrize(("n", "d", "n_classes"), SIZES)
@pytest.mark.parametrize("seed", range(3))
class TestAgainstLibrary:
    """Random classes of several sizes."""

    @pytest.mark.parametrize(
        "solver",
        [
            pytest.param("svd", marks=pytest.mark.skipif(OLD, reason="it divides by n - K there")),
            "lsqr",
            "eigen",
        ],
    )
    def test_lda(
        self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int, solver: str
    ) -> None:
        """Estimates, posteriors and labels are those of `LinearDiscriminantAnalysis`.

        `svd`, which forms no covariance unless it is told to, divides by n, as the others do,
        since scikit-learn 1.9.
        """
        X, y = sample(n, d, n_classes, seed)
        model = LinearDiscriminantAnalysis(solver=solver)
        if solver == "svd":
            model.set_params(store_covariance=True)
        model.fit(X, y)

        priors, means, covariance = fitted(gda, X, y, n_classes, shared=True)

        np.testing.assert_allclose(priors, model.priors_, atol=1e-8)
        np.testing.assert_allclose(means, model.means_, atol=1e-8)
        np.testing.assert_allclose(covariance, model.covariance_, atol=1e-8)
        joint = gda.gda_log_joint(X, priors, means, covariance)
        np.testing.assert_allclose(posterior(joint), model.predict_proba(X), atol=1e-8)
        np.testing.assert_array_equal(
            gda.gda_predict(X, priors, means, covariance), model.predict(X)
        )

    @pytest.mark.skipif(OLD, reason="scikit-learn divides by one less there")
    def test_qda(self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int) -> None:
        """Covariances, posteriors and labels are those of `QuadraticDiscriminantAnalysis`."""
        X, y = sample(n, d, n_classes, seed)
        model = QuadraticDiscriminantAnalysis(store_covariance=True).fit(X, y)

        priors, means, covariances = fitted(gda, X, y, n_classes, shared=False)

        np.testing.assert_allclose(covariances, model.covariance_, atol=1e-8)
        joint = gda.gda_log_joint(X, priors, means, covariances)
        np.testing.assert_allclose(posterior(joint), model.predict_proba(X), atol=1e-8)
        np.testing.assert_array_equal(
            gda.gda_predict(X, priors, means, covariances), model.predict(X)
        )

    def test_density(self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int) -> None:
        """Log densities are those of SciPy, and covariances those of `np.cov` without bias."""
        X, y = sample(n, d, n_classes, seed)
        _, means, covariances = fitted(gda, X, y, n_classes, shared=False)
        for k in range(n_classes):
            expected = np.atleast_2d(np.cov(X[y == k].T, bias=True))
            np.testing.assert_allclose(covariances[k], expected, atol=1e-8)
            density = gda.gaussian_log_density(X, means[k], covariances[k])
            theirs = multivariate_normal(means[k], covariances[k]).logpdf(X)
            np.testing.assert_allclose(density, theirs, rtol=1e-8)

    def test_shared_covariance_is_a_weighted_mean(
        self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int
    ) -> None:
        """The shared covariance weighs those of the classes by their priors."""
        X, y = sample(n, d, n_classes, seed)
        priors, means, covariances = fitted(gda, X, y, n_classes, shared=False)

        mixed = np.einsum("k,kab->ab", priors, covariances)

        np.testing.assert_allclose(gda.shared_covariance(X, y, means), mixed, atol=1e-10)

    def test_estimates_are_most_likely(
        self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int
    ) -> None:
        """No priors, means or covariances nearby give the samples a greater probability."""
        X, y = sample(n, d, n_classes, seed)
        rng = np.random.default_rng(seed)
        for shared in (True, False):
            priors, means, covariances = fitted(gda, X, y, n_classes, shared=shared)

            def likelihood(*model: np.ndarray) -> float:
                return np.sum(gda.gda_log_joint(X, *model)[np.arange(n), y])

            best = likelihood(priors, means, covariances)
            for _ in range(10):
                other = priors * rng.uniform(0.9, 1.1, size=n_classes)
                turn = np.eye(d) + 0.05 * rng.normal(size=(d, d))
                assert likelihood(other / other.sum(), means, covariances) < best
                moved = means + 0.01 * rng.normal(size=means.shape)
                assert likelihood(priors, moved, covariances) < best
                assert likelihood(priors, means, turn @ covariances @ turn.T) < best

    def test_labels_do_not_depend_on_units(
        self, gda: SimpleNamespace, n: int, d: int, n_classes: int, seed: int
    ) -> None:
        """Features mixed by an invertible matrix lead to the same labels."""
        X, y = sample(n, d, n_classes, seed)
        mixing = np.random.default_rng(seed).normal(size=(d, d)) + 3 * np.eye(d)
        for shared in (True, False):
            mixed = fitted(gda, X @ mixing, y, n_classes, shared=shared)
            plain = fitted(gda, X, y, n_classes, shared=shared)
            np.testing.assert_array_equal(
                gda.gda_predict(X @ mixing, *mixed), gda.gda_predict(X, *plain)
            )


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_lda_is_a_logistic_model(gda: SimpleNamespace, d: int, seed: int) -> None:
    """Weights are the library's, and their sigmoid is the posterior, to 1e-8."""
    X, y = sample(60, d, 2, seed)
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(X, y)
    priors, means, covariance = fitted(gda, X, y, 2, shared=True)

    w, b = gda.lda_to_logistic(priors, means, covariance)

    np.testing.assert_allclose(w, model.coef_[0], rtol=1e-8, atol=1e-8)
    assert b == pytest.approx(model.intercept_[0], rel=1e-8, abs=1e-8)
    joint = gda.gda_log_joint(X, priors, means, covariance)
    np.testing.assert_allclose(expit(X @ w + b), posterior(joint)[:, 1], atol=1e-8)


def test_posterior_of_three_classes_is_a_softmax(gda: SimpleNamespace) -> None:
    """On iris the linear scores are those of the library, and their softmax the posterior."""
    X, y = load_iris(return_X_y=True)
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(X, y)
    priors, means, covariance = fitted(gda, X, y, 3, shared=True)

    W = np.linalg.solve(covariance, means.T).T
    scores = X @ W.T + np.log(priors) - 0.5 * np.sum(means * W, axis=1)

    np.testing.assert_allclose(W, model.coef_, rtol=1e-8)
    joint = gda.gda_log_joint(X, priors, means, covariance)
    np.testing.assert_allclose(softmax(scores, axis=1), posterior(joint), atol=1e-8)


@pytest.mark.parametrize(("d", "scale"), [(100, 1e-4), (100, 1e4), (2, 1e-14)])
def test_density_stays_finite(gda: SimpleNamespace, d: int, scale: float) -> None:
    """Determinants beyond a float's range and densities that are rounded to 0 do no harm."""
    X = 50 * np.sqrt(scale) * np.ones((1, d))

    density = gda.gaussian_log_density(X, np.zeros(d), scale * np.eye(d))

    expected = -0.5 * d * (2500 + np.log(scale) + np.log(2 * np.pi))
    np.testing.assert_allclose(density, [expected], rtol=1e-10)


def test_built_module_is_the_lesson(gda: SimpleNamespace) -> None:
    """Later lessons import what this one solves."""
    X, y = sample(30, 2, 3)
    model = fitted(gda, X, y, 3, shared=False)

    np.testing.assert_array_equal(built.gda_log_joint(X, *model), gda.gda_log_joint(X, *model))
    np.testing.assert_array_equal(
        built.gaussian_log_density(X, model[1][0], model[2][0]),
        gda.gaussian_log_density(X, model[1][0], model[2][0]),
    )
