"""The solutions of vectorization agree with NumPy, SciPy and scikit-learn."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SIZES = [(1, 1), (1, 4), (5, 1), (6, 3), (4, 4), (120, 7)]


@pytest.fixture(scope="module")
def vectorization(solve: Callable[[str, str], SimpleNamespace]) -> SimpleNamespace:
    """Return the solutions of `vectorization`."""
    return solve("00-warm-up", "vectorization")


@pytest.mark.parametrize(("n", "d"), SIZES)
class TestVectorization:
    """`vectorization` on random tables of several sizes."""

    def sample(self, n: int, d: int) -> np.ndarray:
        """Draw columns with means and spreads of their own."""
        rng = np.random.default_rng([n, d])
        return rng.normal(size=d) + rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 4, size=d)

    def test_centred_columns_are_those_of_the_library(
        self, vectorization: SimpleNamespace, n: int, d: int
    ) -> None:
        """`StandardScaler` without scaling shifts the columns alike."""
        X = self.sample(n, d)

        expected = StandardScaler(with_std=False).fit_transform(X)
        np.testing.assert_allclose(vectorization.center(X), expected, rtol=0, atol=1e-8)

    def test_standardized_columns_are_those_of_the_library(
        self, vectorization: SimpleNamespace, n: int, d: int
    ) -> None:
        """`StandardScaler` scales the columns alike, constant ones included."""
        X = self.sample(n, d)
        X[:, 0] = 0.1

        expected = StandardScaler().fit_transform(X)
        np.testing.assert_allclose(vectorization.standardize(X), expected, rtol=0, atol=1e-8)

    def test_one_hot_rows_are_those_of_the_library(
        self, vectorization: SimpleNamespace, n: int, d: int
    ) -> None:
        """`OneHotEncoder` with the classes named gives the same table."""
        labels = np.random.default_rng(n).integers(d, size=n)
        encoder = OneHotEncoder(categories=[range(d + 1)], sparse_output=False)

        rows = vectorization.one_hot(labels, d + 1)

        np.testing.assert_array_equal(rows, encoder.fit_transform(labels[:, np.newaxis]))
        assert rows.dtype == float

    @pytest.mark.parametrize("offset", [0.0, 1e8])
    def test_distances_are_those_of_the_library(
        self, vectorization: SimpleNamespace, n: int, d: int, offset: float
    ) -> None:
        """`cdist` gives the same table, near the origin and far from it."""
        points, others = offset + self.sample(n, d), offset + self.sample(9, d)

        distances = vectorization.pairwise_squared_distances(points, others)

        np.testing.assert_allclose(
            distances, cdist(points, others, "sqeuclidean"), rtol=1e-8, atol=0
        )

    @pytest.mark.parametrize("scale", [0.0, 1.0, 1000.0])
    def test_log_sum_exp_is_that_of_the_library(
        self, vectorization: SimpleNamespace, n: int, d: int, scale: float
    ) -> None:
        """`logsumexp` agrees on small and on extreme entries, also where some are -inf."""
        logarithms = scale * np.random.default_rng([n, d]).normal(size=(n, d + 1))
        logarithms[::2, 0] = -np.inf

        values = vectorization.log_sum_exp(logarithms)

        np.testing.assert_allclose(values, logsumexp(logarithms, axis=1), rtol=1e-8, atol=1e-8)

    @pytest.mark.parametrize("batch_size", [1, 3, 1000])
    def test_an_epoch_has_each_sample_once(
        self, vectorization: SimpleNamespace, n: int, d: int, batch_size: int
    ) -> None:
        """All batches together are the shuffled samples, with their own targets."""
        X, y = self.sample(n, d), np.arange(n)
        order = np.random.default_rng(3).permutation(n)

        pairs = vectorization.batches(X, y, batch_size, np.random.default_rng(3))

        full, left = divmod(n, batch_size)
        assert [len(part) for _, part in pairs] == full * [batch_size] + [left] * (left > 0)
        np.testing.assert_array_equal(np.concatenate([part for _, part in pairs]), order)
        np.testing.assert_array_equal(np.concatenate([part for part, _ in pairs]), X[order])


def test_constant_columns_become_zeros(vectorization: SimpleNamespace) -> None:
    """Whatever rounding makes of their mean and of their standard deviation."""
    for n in range(1, 50):
        columns = vectorization.standardize(np.full((n, 2), 0.1))
        np.testing.assert_allclose(columns, 0, atol=1e-15)


@pytest.mark.parametrize("offset", [0.0, 1e8])
@pytest.mark.parametrize("scale", [1.0, 2.0**-50])
def test_standardized_columns_keep_their_digits(
    vectorization: SimpleNamespace, offset: float, scale: float
) -> None:
    """However far from 0 a column lies, or how small it is: the shortcut of the text loses it."""
    column = np.array([[1.0], [2.0]])

    columns = vectorization.standardize(scale * (offset + column))

    np.testing.assert_array_equal(columns, [[-1.0], [1.0]])


def test_distances_are_never_negative(vectorization: SimpleNamespace) -> None:
    """Equal points far from the origin are 0 apart."""
    points = 1e8 * np.random.default_rng(0).normal(size=(40, 3))

    distances = vectorization.pairwise_squared_distances(points, points.copy())

    assert distances.min() == 0
    np.testing.assert_array_equal(np.diag(distances), 0)


def test_epochs_of_one_generator_differ(vectorization: SimpleNamespace) -> None:
    """The generator goes on from one epoch to the next."""
    X, rng = np.arange(20.0)[:, np.newaxis], np.random.default_rng(0)

    first, second = (vectorization.batches(X, X[:, 0], 20, rng)[0][1] for _ in range(2))

    assert sorted(first) == sorted(second)
    assert first.tolist() != second.tolist()
