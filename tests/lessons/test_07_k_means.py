"""The solutions of k-means agree with scikit-learn, from the same start."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.metrics import silhouette_samples

from coursework.built import clustering

SIZES = [(12, 1, 3), (9, 3, 3), (40, 2, 5), (100, 5, 7), (60, 13, 4)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def lesson(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `k-means`."""
    return solve("07-unsupervised-learning", "k-means")


def points(n: int, d: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw points in loose groups, and k of them as a start."""
    rng = np.random.default_rng([n, d, k, seed])
    X = rng.normal(size=(n, d)) + 3 * rng.integers(-1, 2, size=(n, 1))
    return X, X[rng.choice(n, k, replace=False)]


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_lloyd_is_the_library(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Centres, labels, inertia and rounds are those of `KMeans` from the same start, to 1e-8."""
    for seed in SEEDS:
        X, start = points(n, d, k, seed)
        model = KMeans(k, init=start, n_init=1, tol=0, algorithm="lloyd").fit(X)

        centers, labels, history = lesson.lloyd(X, start)

        np.testing.assert_array_equal(labels, model.labels_)
        np.testing.assert_allclose(centers, model.cluster_centers_, rtol=1e-8, atol=1e-10)
        assert history[-1] == pytest.approx(model.inertia_, rel=1e-8)
        assert len(history) == model.n_iter_


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e8])
def test_assign_keeps_its_digits_far_away(lesson: SimpleNamespace, offset: float) -> None:
    """Labels are those of distances from differences, however far from the origin points lie."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X, centers = (offset + rng.integers(-9, 10, size=(n, 2)) for n in (50, 4))
        expected = np.argmin(cdist(X, centers), axis=1)
        np.testing.assert_array_equal(lesson.assign(X, centers), expected)


def test_ties_go_to_the_first(lesson: SimpleNamespace) -> None:
    """Of equally near centres the first gets the point."""
    X, centers = np.zeros((3, 2)), np.array([[2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    np.testing.assert_array_equal(lesson.assign(X, centers), [1, 1, 1])
    X, centers = np.array([[6], [7], [0]]), np.array([[1], [9], [3]])
    np.testing.assert_array_equal(lesson.assign(X, centers), [1, 1, 0])


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_neither_step_raises_the_inertia(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Assignment and update lower the inertia or leave it, half round by half round."""
    for seed in SEEDS:
        X, centers = points(n, d, k, seed)
        rng = np.random.default_rng(seed)
        labels = rng.integers(k, size=n)
        values = [lesson.inertia(X, labels, centers)]
        for _ in range(10):
            labels = lesson.assign(X, centers)
            values.append(lesson.inertia(X, labels, centers))
            centers = lesson.update(X, labels, centers)
            values.append(lesson.inertia(X, labels, centers))
        assert np.all(np.diff(values) <= 1e-12 * values[0])


def test_update_lowers_the_inertia_by_how_far_the_centres_move(lesson: SimpleNamespace) -> None:
    """The sum of squares about any place is that about the mean, plus n times the distance."""
    X, centers = points(60, 3, 4, 0)
    labels = np.random.default_rng(1).integers(4, size=60)
    moved = lesson.update(X, labels, centers)
    gain = np.bincount(labels, minlength=4) @ np.sum((moved - centers) ** 2, axis=1)
    before, after = (lesson.inertia(X, labels, c) for c in (centers, moved))
    assert before - after == pytest.approx(gain, rel=1e-10)


def test_empty_cluster_stays(lesson: SimpleNamespace) -> None:
    """A centre without points is where it was, also at the end of a run."""
    X, start = points(30, 2, 3, 0)
    far = np.append(start, [[100.0, 100.0]], axis=0)
    centers, labels, _ = lesson.lloyd(X, far)
    np.testing.assert_array_equal(centers[3], [100.0, 100.0])
    assert 3 not in labels


def test_seeding_draws_by_squared_distance(lesson: SimpleNamespace) -> None:
    """Second centres are as frequent as their squared distances from the first one say."""
    X = np.array([[0.0], [1.0], [4.0], [10.0]])
    rng = np.random.default_rng(0)
    counts = np.zeros((4, 4))
    for _ in range(4000):
        first, second = (
            int(np.flatnonzero(X[:, 0] == c)[0]) for c in lesson.k_means_plus_plus(X, 2, rng)[:, 0]
        )
        counts[first, second] += 1
    squares = (X - X.T) ** 2
    expected = squares / squares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(counts.sum(axis=1) / 4000, 0.25, atol=0.03)
    np.testing.assert_allclose(counts / counts.sum(axis=1, keepdims=True), expected, atol=0.05)


def test_restarts_are_as_good_as_the_library(lesson: SimpleNamespace) -> None:
    """Ten runs on groups that lie apart find what `KMeans` finds in ten runs."""
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        X = np.repeat(10.0 * rng.permutation(9).reshape(3, 3), 30, axis=0) + rng.normal(
            size=(90, 3)
        )
        _, labels, lowest = lesson.k_means(X, 3, np.random.default_rng(seed))
        model = KMeans(3, n_init=10, random_state=seed, tol=0).fit(X)
        assert lowest == pytest.approx(model.inertia_, rel=1e-8)
        assert lowest == pytest.approx(lesson.inertia(X, labels, lesson.update(X, labels, X[:3])))


@pytest.mark.parametrize(("n", "d", "k"), SIZES)
def test_silhouette_is_the_library(lesson: SimpleNamespace, n: int, d: int, k: int) -> None:
    """Silhouettes are those of scikit-learn, to 1e-8, clusters of one point included."""
    for seed in SEEDS:
        X, start = points(n, d, k, seed)
        labels = lesson.assign(X, start)
        expected = silhouette_samples(X, labels)
        np.testing.assert_allclose(lesson.silhouette(X, labels), expected, rtol=1e-8, atol=1e-8)


def test_silhouette_keeps_its_digits_far_away(lesson: SimpleNamespace) -> None:
    """A shift of all points by 1e8 changes nothing, where it is exact."""
    rng = np.random.default_rng(0)
    X, labels = rng.integers(-9, 10, size=(30, 2)), np.repeat([0, 1, 2], 10)
    near = lesson.silhouette(X.astype(float), labels)
    np.testing.assert_allclose(lesson.silhouette(X + 1e8, labels), near, rtol=1e-12, atol=1e-14)


def test_digits_are_grouped_as_by_the_library(lesson: SimpleNamespace) -> None:
    """On the digits a run from one start ends where the library's does."""
    X = load_digits().data
    start = lesson.k_means_plus_plus(X, 10, np.random.default_rng(1))
    centers, labels, _ = lesson.lloyd(X, start)
    model = KMeans(10, init=start, n_init=1, tol=0, algorithm="lloyd").fit(X)
    np.testing.assert_array_equal(labels, model.labels_)
    np.testing.assert_allclose(centers, model.cluster_centers_, rtol=1e-8, atol=1e-8)


def test_module_is_the_lesson(lesson: SimpleNamespace) -> None:
    """`coursework.built.clustering` gives what the lesson gives."""
    X, _ = points(40, 2, 5, 0)
    ours = lesson.k_means(X, 5, np.random.default_rng(3), n_init=3)
    theirs = clustering.k_means(X, 5, np.random.default_rng(3), n_init=3)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
