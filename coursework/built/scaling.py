"""What the lesson 01-linear-regression/multivariate builds, for later lessons to import.

Made by `coursework build` of the cells marked module="scaling" in
lessons/01-linear-regression/multivariate.md: change them, not this file.
"""

__all__ = [
    "standardize_apply",
    "standardize_fit",
]

import numpy as np


def standardize_fit(X):
    """Learn the mean and the standard deviation of each column.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Features, one sample a row, without a column of ones; n and d are at least 1. It may
        hold whole numbers, and is left unchanged.

    Returns
    -------
    mean : ndarray of float, shape (d,)
        The mean of each column.
    scale : ndarray of float, shape (d,)
        The root of the mean squared distance from the mean: the sum of squares is divided
        by n, not by n - 1. It is right also where numbers are large and close together,
        and where they are tiny. For a column whose entries are all equal it is 1.
    """
    constant = np.all(X == X[0], axis=0)
    return np.mean(X, axis=0), np.where(constant, 1.0, np.std(X, axis=0))


def standardize_apply(X, mean, scale):
    """Measure samples from a given mean, in units of a given scale.

    No argument is changed.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Any samples, the ones that mean and scale were learned from or others; n and d are
        at least 1. It may hold whole numbers.
    mean, scale : ndarray, shape (d,)
        As `standardize_fit` returns them; no entry of `scale` is 0.

    Returns
    -------
    ndarray of float, shape (n, d)
        Each entry less the mean of its column, divided by the scale of its column.
    """
    return (X - mean) / scale
