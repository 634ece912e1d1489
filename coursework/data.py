"""Data sets for the lessons: synthetic ones, a short text, and a real one on request.

The synthetic ones are small, fully known, and drawn from a given generator. Each takes the
number of samples first and the generator as `rng`, and returns the features `X`, one sample a
row, and (except `conditioned`) the targets `y`. The truth behind the data is an argument or a
constant of this module, so a lesson can compare what was learned with what there was to learn.
"""

from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "HEDONIC_BASE",
    "HEDONIC_PRICES",
    "california_housing",
    "conditioned",
    "line",
    "linear",
    "synthetic_houses",
    "walk",
]

#: By how much the log price of a synthetic house rises with one unit of each feature.
HEDONIC_PRICES = MappingProxyType(
    {
        "area": 0.006,  # living area, in square metres
        "rooms": 0.02,
        "baths": 0.06,
        "age": -0.003,  # in years
        "distance": -0.03,  # from the centre of the town, in kilometres
        "garden": 0.0003,  # in square metres
        "noise": -0.006,  # of the street, in decibels
        "heating": -0.0008,  # energy for heating, in kilowatt hours a square metre and year
    }
)

#: The log price, in thousands of euros, of a house whose features are all zero.
HEDONIC_BASE = 5.6

_TEXTS = Path(__file__).parent / "texts"


def line(
    n: int,
    *,
    slope: float = 2.0,
    intercept: float = 1.0,
    noise: float = 1.0,
    low: float = 0.0,
    high: float = 5.0,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw points around a straight line, y = slope x + intercept + noise.

    Parameters
    ----------
    n : int
        Number of samples.
    slope, intercept : float
        The true line.
    noise : float
        Standard deviation of the Gaussian noise of `y`, in the units of `y`.
    low, high : float
        The feature is uniform between these.
    rng : numpy.random.Generator
        Where the numbers come from: first the features, then the noise.

    Returns
    -------
    X : ndarray, shape (n, 1)
        The one feature, in increasing order, so that a curve can be drawn through it.
    y : ndarray, shape (n,)
        Targets.
    """
    x = np.sort(rng.uniform(low, high, size=n))
    y = slope * x + intercept + noise * rng.normal(size=n)
    return x[:, np.newaxis], y


def linear(
    n: int,
    w: ArrayLike,
    *,
    intercept: float = 0.0,
    noise: float = 1.0,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw samples of a linear model in several features, y = X w + intercept + noise.

    Parameters
    ----------
    n : int
        Number of samples.
    w : array_like, shape (d,)
        The true weights; their number is the number of features.
    intercept : float
        The true intercept.
    noise : float
        Standard deviation of the Gaussian noise of `y`.
    rng : numpy.random.Generator
        Where the numbers come from: first the features, then the noise.

    Returns
    -------
    X : ndarray, shape (n, d)
        Independent standard normal features.
    y : ndarray, shape (n,)
        Targets.
    """
    w = np.asarray(w, dtype=float)
    X = rng.normal(size=(n, len(w)))
    y = X @ w + intercept + noise * rng.normal(size=n)
    return X, y


def conditioned(n: int, singular_values: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
    """Draw a matrix with given singular values, for instance one that is nearly singular.

    Parameters
    ----------
    n : int
        Number of rows, at least d.
    singular_values : array_like, shape (d,)
        Not negative, in any order. Largest over smallest is the condition number.
    rng : numpy.random.Generator
        Where the numbers come from: first the left singular vectors, then the right ones.

    Returns
    -------
    ndarray, shape (n, d)
        The features `X`; singular vectors are random.
    """
    s = np.asarray(singular_values, dtype=float)
    left, _ = np.linalg.qr(rng.normal(size=(n, len(s))))
    right, _ = np.linalg.qr(rng.normal(size=(len(s), len(s))))
    return left * s @ right.T


def synthetic_houses(
    n: int,
    *,
    irrelevant: int = 0,
    missing: float = 0.0,
    noise: float = 0.15,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw synthetic houses, and log prices from a hedonic model with known coefficients.

    A hedonic model composes a price from the prices of features. Here it is semi-log, a
    usual form: log(price) = HEDONIC_BASE + Σ HEDONIC_PRICES[f] · feature f + noise, with the
    price in thousands of euros. So one more unit of a feature changes the price by a fixed
    share. Houses, coefficients and prices are invented; no market was measured.

    Parameters
    ----------
    n : int
        Number of houses.
    irrelevant : int
        Number of further features that have nothing to do with the price, standard normal.
    missing : float
        Share of the entries of `X` that nobody recorded, drawn independently: they are nan.
    noise : float
        Standard deviation of the Gaussian noise of the log price.
    rng : numpy.random.Generator
        Where the numbers come from: the features in the order of `HEDONIC_PRICES`, then the
        irrelevant ones, the noise, and what is missing.

    Returns
    -------
    X : ndarray, shape (n, 8 + irrelevant)
        The features of `HEDONIC_PRICES`, in their order and units, then the irrelevant ones.
        Large houses have more rooms, baths and garden; old ones need more heating; far from
        the centre it is quieter, and gardens are larger.
    y : ndarray, shape (n,)
        Natural logarithms of the prices in thousands of euros.
    """
    area = rng.lognormal(np.log(100), 0.3, size=n)
    rooms = np.maximum(1, np.round(area / 25 + rng.normal(0, 0.7, size=n)))
    baths = np.maximum(1, np.round(area / 80 + rng.normal(0, 0.4, size=n)))
    age = np.floor(rng.uniform(0, 100, size=n))
    distance = rng.gamma(2.0, 3.0, size=n)
    garden = 2 * area + 30 * distance + rng.exponential(100, size=n)
    sound = 65 - distance + rng.normal(0, 4, size=n)
    heating = 60 + 1.2 * age + rng.normal(0, 20, size=n)
    known = np.column_stack([area, rooms, baths, age, distance, garden, sound, heating])
    X = np.hstack([known, rng.normal(size=(n, irrelevant))])
    y = HEDONIC_BASE + known @ list(HEDONIC_PRICES.values()) + noise * rng.normal(size=n)
    X[rng.uniform(size=X.shape) < missing] = np.nan
    return X, y


def walk() -> str:
    """Return a short text about a walk, for models that learn to write letter by letter.

    It was written for this course, in plain British English: seven paragraphs of short
    sentences, about two thousand characters, in which many words recur.

    Returns
    -------
    str
        Letters of both cases, blanks, and the marks ``.``, ``,``, ``:`` and ``'``. A blank
        line separates paragraphs, and one line break ends the text.
    """
    return (_TEXTS / "a-walk.txt").read_text(encoding="utf-8")


def california_housing(
    *, download: bool = False, folder: str | Path | None = None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return real house values: the blocks of California in the census of 1990.

    scikit-learn fetches them from the web, about half a megabyte, and keeps them in a folder,
    from which they are then read. Nothing is downloaded unless `download` asks for it.

    Parameters
    ----------
    download : bool
        Whether they may be downloaded if they are not kept yet.
    folder : str, Path or None
        Where they are kept; None is scikit-learn's own folder.

    Returns
    -------
    X : ndarray, shape (20640, 8)
        One block of houses a row.
    y : ndarray, shape (20640,)
        Natural logarithms of the median house value, in thousands of dollars.
    names : list of str
        What the columns of `X` are.

    Raises
    ------
    FileNotFoundError
        If they are not kept yet, and `download` does not ask for them.
    """
    from sklearn.datasets import fetch_california_housing  # noqa: PLC0415  (slow, rarely wanted)

    try:
        kept = fetch_california_housing(
            data_home=None if folder is None else str(folder), download_if_missing=download
        )
    except OSError as error:
        if download:
            raise
        raise FileNotFoundError(
            "The Californian house values are not on this computer yet: "
            "california_housing(download=True) fetches them once (about half a megabyte)."
        ) from error
    return kept.data, np.log(100 * kept.target), list(kept.feature_names)
