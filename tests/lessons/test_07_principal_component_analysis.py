"""The solutions of principal component analysis agree with NumPy and scikit-learn."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA

SIZES = [(12, 3), (60, 5), (8, 8), (5, 9), (2, 4), (300, 20)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `principal-component-analysis`."""
    return solve("07-unsupervised-learning", "principal-component-analysis")


def samples(n: int, d: int, seed: int) -> np.ndarray:
    """Draw correlated features with different variances, far from the origin."""
    rng = np.random.default_rng([n, d, seed])
    return rng.normal(size=(n, d)) * 1.3 ** np.arange(d) @ rng.normal(size=(d, d)) + 10.0


@pytest.mark.parametrize(("n", "d"), SIZES)
@pytest.mark.parametrize("way", ["pca_eigen", "pca_svd"])
def test_components_are_the_library(lesson: SimpleNamespace, way: str, n: int, d: int) -> None:
    """Components, signs, variances, shares and scores are those of `PCA`, to 1e-8."""
    k = min(n - 1, d)
    for seed in SEEDS:
        X, new = samples(n, d, seed), samples(n, d, seed + 100)
        model = PCA(k, svd_solver="full").fit(X)

        components, variances = getattr(lesson, way)(X, k)

        np.testing.assert_allclose(lesson.center(X)[1], model.mean_, rtol=1e-12)
        np.testing.assert_allclose(components, model.components_, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(variances, model.explained_variance_, rtol=1e-8)
        shares = lesson.explained_variance_ratio(variances, X)
        np.testing.assert_allclose(shares, model.explained_variance_ratio_, rtol=1e-8)
        scores = lesson.project(new, model.mean_, components)
        np.testing.assert_allclose(scores, model.transform(new), rtol=1e-7, atol=1e-7)
        again = lesson.reconstruct(scores, model.mean_, components)
        np.testing.assert_allclose(again, model.inverse_transform(scores), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(("n", "d"), [(12, 3), (60, 5), (300, 20)])
def test_white_scores_are_the_library(lesson: SimpleNamespace, n: int, d: int) -> None:
    """Whitened scores are those of `PCA(whiten=True)`, and their covariance is the identity."""
    for seed in SEEDS:
        X, new = samples(n, d, seed), samples(n, d, seed + 100)
        model = PCA(whiten=True, svd_solver="full").fit(X)
        _, mean = lesson.center(X)
        components, variances = lesson.pca_svd(X, d)
        white = lesson.whiten(new, mean, components, variances)
        np.testing.assert_allclose(white, model.transform(new), rtol=1e-7, atol=1e-7)
        own = lesson.covariance(lesson.whiten(X, mean, components, variances))
        np.testing.assert_allclose(own, np.eye(d), atol=1e-10)


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_covariance_is_numpy(lesson: SimpleNamespace, n: int, d: int) -> None:
    """The covariance is that of `numpy.cov`, also far from the origin and for one feature."""
    for seed in SEEDS:
        X = samples(n, d, seed)
        expected = np.cov(X, rowvar=False)
        np.testing.assert_allclose(lesson.covariance(X), expected, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(lesson.covariance(X + 1e7), expected, rtol=1e-6, atol=1e-6)
        column = X[:, :1]
        np.testing.assert_allclose(lesson.covariance(column), [[np.var(column, ddof=1)]])


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_error_is_the_variance_left_out(lesson: SimpleNamespace, n: int, d: int) -> None:
    """The squared error over n - 1 is the sum of the variances that were dropped."""
    for seed in SEEDS:
        X = samples(n, d, seed)
        _, mean = lesson.center(X)
        components, variances = lesson.pca_svd(X, min(n, d))
        for k in range(1, min(n, d) + 1):
            V = components[:k]
            again = lesson.reconstruct(lesson.project(X, mean, V), mean, V)
            error = np.sum((X - again) ** 2) / (n - 1)
            assert error == pytest.approx(np.sum(variances[k:]), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_no_other_space_loses_less(lesson: SimpleNamespace, k: int) -> None:
    """Random spaces, and spaces close to that of the components, lose more."""
    rng = np.random.default_rng(k)
    for seed in SEEDS:
        X = samples(60, 5, seed)
        centered, _ = lesson.center(X)
        best, variances = lesson.pca_eigen(X, k)
        for step in [1e-3, 0.1, 1.0, 100.0]:
            V = np.linalg.qr(best.T + step * rng.normal(size=(5, k)))[0].T
            kept = np.sum((centered @ V.T) ** 2) / 59
            assert kept < np.sum(variances)


def test_both_ways_agree_on_digits(lesson: SimpleNamespace) -> None:
    """On pictures with blank pixels both ways find the same, and whole numbers are welcome."""
    X = load_digits().data.astype(int)
    eigen, svd = lesson.pca_eigen(X, 40), lesson.pca_svd(X, 40)
    np.testing.assert_allclose(eigen[0], svd[0], atol=1e-8)
    np.testing.assert_allclose(eigen[1], svd[1], rtol=1e-10)
    assert np.min(lesson.pca_eigen(X, 64)[1]) >= 0
    shares = lesson.explained_variance_ratio(svd[1], X)
    assert np.searchsorted(np.cumsum(shares), 0.9) + 1 == 21


def test_equal_variances_leave_the_space(lesson: SimpleNamespace) -> None:
    """Where variances are equal the space of their directions is right, whatever the basis."""
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    cross = np.vstack([np.eye(5), -np.eye(5)]) * [3.0, 3.0, 3.0, 1.0, 1.0] @ turn
    for way in [lesson.pca_eigen, lesson.pca_svd]:
        components, variances = way(cross, 5)
        np.testing.assert_allclose(variances, [2.0, 2.0, 2.0, 2 / 9, 2 / 9])
        space = components[:3].T @ components[:3]
        np.testing.assert_allclose(space, turn[:3].T @ turn[:3], atol=1e-12)


def test_signs_do_not_depend_on_rounding(lesson: SimpleNamespace) -> None:
    """Entries of one size count as equal up to rounding, and the first is made positive."""
    r = 0.5**0.5
    rows = np.array([[-r, r * (1 + 1e-15)], [r * (1 + 1e-15), -r], [-0.6, -0.8], [0.0, -1.0]])
    fixed = lesson.fix_signs(rows)
    np.testing.assert_allclose(fixed, [[r, -r], [r, -r], [0.6, 0.8], [0.0, 1.0]], rtol=1e-12)
    np.testing.assert_array_equal(lesson.fix_signs(-rows), fixed)


def test_units_decide(lesson: SimpleNamespace) -> None:
    """Unscaled, the first component of the wines is proline; divided, it is not."""
    wine = load_wine().data
    components, variances = lesson.pca_svd(wine, 1)
    assert components[0, -1] == pytest.approx(0.9998, abs=5e-5)
    spreads = np.sort(np.std(wine, axis=0, ddof=1))
    np.testing.assert_allclose(spreads[-2:], [14, 315], atol=0.5)
    assert spreads[-3] < 4
    assert lesson.explained_variance_ratio(variances, wine)[0] > 0.99
    scaled = wine / np.std(wine, axis=0)
    assert lesson.explained_variance_ratio(lesson.pca_svd(scaled, 1)[1], scaled)[0] < 0.4


def test_units_change_no_share(lesson: SimpleNamespace) -> None:
    """In units that make all numbers tiny or huge, components and shares stay, and white scores."""
    for scale in [1e-12, 1e-8, 1e8]:
        X = samples(60, 5, 0)
        components, variances = lesson.pca_eigen(X, 3)
        scaled, tiny = lesson.pca_eigen(scale * X, 3)
        np.testing.assert_allclose(scaled, components, atol=1e-9)
        np.testing.assert_allclose(tiny, scale**2 * variances, rtol=1e-9)
        shares = lesson.explained_variance_ratio(variances, X)
        np.testing.assert_allclose(lesson.explained_variance_ratio(tiny, scale * X), shares)
        white = lesson.whiten(X, np.zeros(5), components, variances)
        again = lesson.whiten(scale * X, np.zeros(5), components, tiny)
        np.testing.assert_allclose(again, white, rtol=1e-7)


def test_library_takes_sparse_tables(lesson: SimpleNamespace) -> None:
    """`PCA` subtracts the mean of a sparse table within its products, as the text says."""
    table = sparse.random(300, 80, density=0.1, format="csr", random_state=0)
    model = PCA(3, random_state=0).fit(table)
    components, variances = lesson.pca_svd(table.toarray(), 3)
    np.testing.assert_allclose(model.explained_variance_, variances, rtol=1e-9)
    np.testing.assert_allclose(model.components_, components, atol=1e-6)
    assert model._fit_svd_solver == "arpack"  # noqa: SLF001
