"""The data sets have the shape, the truth and the repeatability that lessons rely on."""

from collections.abc import Callable

import numpy as np
import pytest

from coursework import data


def test_line_shapes_and_range() -> None:
    """`line` gives one feature in increasing order inside its range."""
    X, y = data.line(17, low=-2.0, high=3.0, rng=np.random.default_rng(0))

    assert X.shape == (17, 1)
    assert y.shape == (17,)
    assert np.all(np.diff(X[:, 0]) > 0)
    assert X.min() >= -2.0
    assert X.max() <= 3.0


def test_line_without_noise_is_the_true_line() -> None:
    """Without noise every point lies on the line."""
    X, y = data.line(9, slope=-1.5, intercept=4.0, noise=0.0, rng=np.random.default_rng(1))

    np.testing.assert_allclose(y, 4.0 - 1.5 * X[:, 0])


def test_line_noise_has_the_given_standard_deviation() -> None:
    """The noise has mean zero and the standard deviation that was asked for."""
    X, y = data.line(20_000, slope=3.0, intercept=1.0, noise=0.5, rng=np.random.default_rng(2))
    noise = y - (3.0 * X[:, 0] + 1.0)

    assert noise.mean() == pytest.approx(0.0, abs=0.02)
    assert noise.std() == pytest.approx(0.5, rel=0.03)


def test_linear_without_noise_is_the_true_model() -> None:
    """Without noise the targets are X w + intercept, with a feature for each weight."""
    X, y = data.linear(11, [1.0, -2.0, 0.5], intercept=7.0, noise=0.0, rng=np.random.default_rng(3))

    assert X.shape == (11, 3)
    np.testing.assert_allclose(y, X @ [1.0, -2.0, 0.5] + 7.0)


def test_linear_noise_has_the_given_standard_deviation() -> None:
    """The noise of `linear` has the standard deviation that was asked for."""
    X, y = data.linear(20_000, [2.0], noise=0.25, rng=np.random.default_rng(4))

    assert (y - 2.0 * X[:, 0]).std() == pytest.approx(0.25, rel=0.03)


def test_conditioned_has_the_singular_values() -> None:
    """`conditioned` has the singular values that were asked for, in a matrix of n rows."""
    X = data.conditioned(8, [2.0, 1e-3, 5.0], rng=np.random.default_rng(6))

    assert X.shape == (8, 3)
    np.testing.assert_allclose(np.linalg.svd(X, compute_uv=False), [5.0, 2.0, 1e-3])


@pytest.mark.parametrize("draw", [data.line, lambda n, rng: data.linear(n, [1.0, 2.0], rng=rng)])
def test_same_generator_state_gives_same_data(draw: Callable) -> None:
    """The generator alone decides the numbers, and going on with it gives others."""
    rng = np.random.default_rng(5)
    first, second, again = draw(6, rng=rng), draw(6, rng=rng), draw(6, rng=np.random.default_rng(5))

    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[1], second[1])
