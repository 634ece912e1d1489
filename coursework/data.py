"""Synthetic data sets for the lessons: small, known in full, and drawn from a given generator.

Every function takes the number of samples first and the generator as `rng`, and returns the
features `X`, one sample a row, and (but for `conditioned`) the targets `y`. The truth
behind the data is an argument, so a lesson can compare what was learned with what there
was to learn.
"""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["conditioned", "line", "linear"]


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
