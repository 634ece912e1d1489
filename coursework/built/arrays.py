"""What the lesson 00-warm-up/vectorization builds, for later lessons to import.

Made by `coursework build` of the cells marked module="arrays" in
lessons/00-warm-up/vectorization.md: change them, not this file.
"""

__all__ = [
    "batches",
    "log_sum_exp",
    "one_hot",
    "pairwise_squared_distances",
]

import numpy as np


def one_hot(labels, n_classes):
    """Write labels as rows of zeros with a single one.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        The class of each sample, from 0 to n_classes - 1; n is at least 1. Not every class
        need occur. They are left unchanged.
    n_classes : int
        Number of classes, at least 1.

    Returns
    -------
    ndarray, shape (n, n_classes)
        Entry (i, k) is 1 (or True) if sample i is of class k, else 0 (or False).
    """
    return (labels[:, np.newaxis] == np.arange(n_classes)).astype(float)


def pairwise_squared_distances(A, B):
    """Squared distance of each row of one table from each row of another.

    It keeps its precision where points are close together and far from the origin: 1e8
    and 1e8 + 1 are 1 apart. So it is 0 for equal points, and never negative.

    Parameters
    ----------
    A : ndarray, shape (n, d)
        One point a row; n and d are at least 1. It may hold whole numbers, and is left
        unchanged.
    B : ndarray, shape (m, d)
        Likewise; m is at least 1. It is left unchanged.

    Returns
    -------
    ndarray, shape (n, m)
        Entry (i, j) is the sum over k of (A[i, k] - B[j, k])².
    """
    difference = A[:, np.newaxis, :] - B[np.newaxis, :, :]
    return np.sum(difference**2, axis=-1)


def log_sum_exp(Z):
    """Logarithm of the sum of the exponentials of each row.

    Nothing overflows, however large or small the entries are, and the error is of the
    size of rounding: below 1e-14 for entries of ordinary size, between -5 and 5 say.

    Parameters
    ----------
    Z : ndarray, shape (n, K)
        Logarithms; n and K are at least 1. Entries may be whole numbers, and may be -inf,
        the logarithm of 0, but not all of a row. It is left unchanged.

    Returns
    -------
    ndarray, shape (n,)
        Entry i is log(exp(Z[i, 0]) + ... + exp(Z[i, K - 1])), the natural logarithm.
    """
    largest = np.max(Z, axis=1, keepdims=True)
    return largest[:, 0] + np.log(np.sum(np.exp(Z - largest), axis=1))


def batches(X, y, batch_size, rng):
    """Split shuffled samples into mini-batches: one epoch.

    It begins with one `order = rng.permutation(n)`, and draws nothing else. The first
    `batch_size` entries of `order` are the samples of the first batch, in this order, the
    next ones those of the second, and so on; the last batch has what is left.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row; n is at least 1. It is left unchanged.
    y : ndarray, shape (n,)
        Their targets, numbers of any kind. They are left unchanged.
    batch_size : int
        Samples in a batch, at least 1. Where it is n or more, there is one batch.
    rng : numpy.random.Generator
        Where the order comes from.

    Returns
    -------
    list of tuple, or another iterable of pairs
        One pair (X_batch, y_batch) of ndarrays for each batch: rows of `X`, and the
        targets of the same samples. Every sample is in exactly one batch.
    """
    order = rng.permutation(len(X))
    parts = [order[start : start + batch_size] for start in range(0, len(X), batch_size)]
    return [(X[part], y[part]) for part in parts]
