"""The data sets have the shape, the truth and the repeatability that lessons rely on."""

from collections.abc import Callable
from pathlib import Path

import joblib
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


def test_synthetic_houses_follow_the_hedonic_model() -> None:
    """Without noise, log prices are the stated base and the stated prices of the features."""
    X, y = data.synthetic_houses(50, irrelevant=3, noise=0.0, rng=np.random.default_rng(0))

    assert X.shape == (50, len(data.HEDONIC_PRICES) + 3)
    expected = data.HEDONIC_BASE + X[:, :-3] @ list(data.HEDONIC_PRICES.values())
    np.testing.assert_allclose(y, expected)


@pytest.mark.parametrize("seed", range(5))
def test_synthetic_houses_give_their_coefficients_back(seed: int) -> None:
    """Least squares on many houses finds the coefficients, and none for what is irrelevant."""
    n = 20_000
    X, y = data.synthetic_houses(n, irrelevant=2, rng=np.random.default_rng(seed))
    design = np.column_stack([np.ones(n), X])
    w, squares, _, _ = np.linalg.lstsq(design, y, rcond=None)
    errors = np.sqrt(0.15**2 * np.diag(np.linalg.inv(design.T @ design)))

    truth = [data.HEDONIC_BASE, *data.HEDONIC_PRICES.values(), 0.0, 0.0]
    assert np.all(np.abs(w - truth) < 5 * errors)
    assert np.sqrt(squares[0] / n) == pytest.approx(0.15, rel=0.03)


def test_synthetic_houses_miss_the_share_that_was_asked_for() -> None:
    """Gaps are nan, in all columns alike, and prices know nothing of them."""
    X, y = data.synthetic_houses(4000, irrelevant=2, missing=0.1, rng=np.random.default_rng(1))
    whole, same = data.synthetic_houses(4000, irrelevant=2, rng=np.random.default_rng(1))

    np.testing.assert_allclose(np.isnan(X).mean(axis=0), 0.1, atol=0.03)
    np.testing.assert_array_equal(X[~np.isnan(X)], whole[~np.isnan(X)])
    np.testing.assert_array_equal(y, same)


def test_the_walk_is_a_text_of_few_different_characters() -> None:
    """It has about two thousand characters, those that the docstring names, and no tabs."""
    text = data.walk()

    assert 1800 < len(text) < 2200
    assert {c for c in text if not c.isalpha()} == set(" \n.,:'")
    assert text.isascii()
    assert len(set(text.lower())) == 29
    assert len(text.split("\n\n")) == 7
    assert text.endswith(".\n")
    assert not text.endswith("\n\n")


def test_the_californian_houses_are_read_from_where_they_are_kept(tmp_path: Path) -> None:
    """What scikit-learn has stored is read without a download, and values become logarithms."""
    # The stored columns: value, income, age, rooms, bedrooms, people, households, latitude, longitude.
    stored = np.array(
        [
            [250_000.0, 4.5, 30.0, 600.0, 120.0, 300.0, 100.0, 37.5, -122.0],
            [100_000.0, 2.5, 10.0, 800.0, 240.0, 500.0, 200.0, 34.0, -118.5],
        ]
    )
    joblib.dump(stored, tmp_path / "cal_housing_py3.pkz", compress=6)

    X, y, names = data.california_housing(folder=tmp_path)

    np.testing.assert_allclose(np.exp(y), [250.0, 100.0])
    assert names[:4] == ["MedInc", "HouseAge", "AveRooms", "AveBedrms"]
    assert names[4:] == ["Population", "AveOccup", "Latitude", "Longitude"]
    np.testing.assert_allclose(X[0], [4.5, 30.0, 6.0, 1.2, 300.0, 3.0, 37.5, -122.0])
    np.testing.assert_allclose(X[1], [2.5, 10.0, 4.0, 1.2, 500.0, 2.5, 34.0, -118.5])


def test_the_californian_houses_are_not_fetched_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none are kept, a message says how to ask for them; asked for, they are fetched."""
    asked = []

    def fetch(*_: object, **__: object) -> None:
        asked.append(True)
        msg = "no network here"
        raise OSError(msg)

    monkeypatch.setattr("sklearn.datasets._california_housing._fetch_remote", fetch)

    with pytest.raises(FileNotFoundError, match=r"california_housing\(download=True\)"):
        data.california_housing(folder=tmp_path)
    assert not asked

    with pytest.raises(OSError, match="no network here"):
        data.california_housing(download=True, folder=tmp_path)
    assert asked
