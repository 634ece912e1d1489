"""What the lesson 07-unsupervised-learning/k-means builds, for later lessons to import.

Made by `coursework build` of the cells marked module="clustering" in
lessons/07-unsupervised-learning/k-means.md: change them, not this file.
"""

__all__ = [
    "assign",
    "inertia",
    "k_means",
    "k_means_plus_plus",
    "lloyd",
    "update",
]

import numpy as np

from coursework.built.arrays import one_hot, pairwise_squared_distances


def assign(X, centers):
    """Label of the nearest centre of each point.

    Distances keep their precision where points are close together and far from the origin:
    1e8 and 1e8 + 1 are 1 apart. (`pairwise_squared_distances` sees to that, and so do
    differences that are squared.)

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. It is left unchanged.
    centers : ndarray, shape (K, d)
        One centre a row, floats or int64; K is at least 1. They are left unchanged.

    Returns
    -------
    ndarray of int, shape (n,)
        An array, no list, and of whole numbers, no floats. Entry i is the row of `centers`
        that is nearest to row i of `X`, from 0 to K - 1. If several are equally near, the
        first of them.
    """
    return np.argmin(pairwise_squared_distances(X, centers), axis=1)


def update(X, labels, centers):
    """Move each centre to the mean of its points.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. No argument is changed.
    labels : ndarray of int, shape (n,)
        Cluster of each point, from 0 to K - 1. Not every cluster need occur.
    centers : ndarray, shape (K, d)
        The centres so far, floats or int64; K is at least 1.

    Returns
    -------
    ndarray of float, shape (K, d)
        Row k is the mean of the points with label k, or row k of `centers` if there are none.
    """
    moved = np.array(centers, dtype=float)
    for k in np.unique(labels):
        moved[k] = np.mean(X[labels == k], axis=0)
    return moved


def inertia(X, labels, centers):
    """Sum of the squared distances of points from the centres of their clusters.

    Distances keep their precision where points are close together and far from the origin:
    1e8 and 1e8 + 1 are 1 apart.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. No argument is changed.
    labels : ndarray of int, shape (n,)
        Cluster of each point, from 0 to K - 1; its centre need not be the nearest one. Not
        every cluster need occur.
    centers : ndarray, shape (K, d)
        One centre a row, floats or int64; K is at least 1.

    Returns
    -------
    float
        The sum (no mean) over all points and features.
    """
    return np.sum((X - centers[labels]) ** 2)


def lloyd(X, centers, max_iter=300):
    """Lloyd's algorithm from given centres.

    It begins by assigning the points to the given centres. Then come rounds; each round is
    one `update` and after it one `assign`. The last round is the first one that changes no
    label, or round number `max_iter`.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. It is left unchanged. It may
        lie far from the origin: distances keep their precision, as in `assign`.
    centers : ndarray, shape (K, d)
        Where to start, floats or int64; K is at least 1. They are left unchanged. A centre
        without points stays where it is. If several are equally near to a point, the first of
        them gets it.
    max_iter : int
        Largest number of rounds, 0 or more.

    Returns
    -------
    centers : ndarray, shape (K, d)
        The centres after the last round.
    labels : ndarray of int, shape (n,)
        The label of each point by the last assignment, so to these centres.
    history : list of float
        Inertia after the first assignment, and after each round.
    """
    labels = assign(X, centers)
    history = [inertia(X, labels, centers)]
    for _ in range(max_iter):
        centers, before = update(X, labels, centers), labels
        labels = assign(X, centers)
        history.append(inertia(X, labels, centers))
        if np.array_equal(labels, before):
            break
    return centers, labels, history


def k_means_plus_plus(X, n_clusters, rng):
    """Draw centres for a start among the points, each far from the others (k-means++).

    It draws one `rng.integers(n)`, the row of the first centre, and then, for each further
    centre, one `rng.choice(n, p=p)` with the probabilities `p` of the n rows, and nothing else.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. At least `n_clusters` of the
        rows are distinct. It is left unchanged. It may lie far from the origin: distances keep
        their precision, as in `assign`.
    n_clusters : int
        Number of centres K, at least 1.
    rng : numpy.random.Generator
        Where the draws come from.

    Returns
    -------
    ndarray, shape (K, d)
        The centres, rows of `X`, in the order in which they were drawn.
    """
    chosen = [rng.integers(len(X))]
    while len(chosen) < n_clusters:
        nearest = np.min(pairwise_squared_distances(X, X[chosen]), axis=1)
        chosen.append(rng.choice(len(X), p=nearest / np.sum(nearest)))
    return X[chosen]


def k_means(X, n_clusters, rng, n_init=10):
    """Best of several runs of Lloyd's algorithm, each from a start by k-means++.

    Of `rng` it draws what `n_init` calls of `k_means_plus_plus` draw, one call after the
    other, and nothing else. Each run has at most 300 rounds.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One point a row, floats or int64; n and d are at least 1. At least `n_clusters` of the
        rows are distinct. It is left unchanged. It may lie far from the origin: distances keep
        their precision, as in `assign`.
    n_clusters : int
        Number of clusters K, at least 1.
    rng : numpy.random.Generator
        Where the draws come from.
    n_init : int
        Number of runs, at least 1.

    Returns
    -------
    centers : ndarray, shape (K, d)
        The final centres of the run whose final inertia is the lowest. If several runs end
        equally well, of any of these.
    labels : ndarray of int, shape (n,)
        The labels of the same run.
    lowest : float
        Its final inertia.
    """
    runs = [lloyd(X, k_means_plus_plus(X, n_clusters, rng)) for _ in range(n_init)]
    centers, labels, history = min(runs, key=lambda run: run[2][-1])
    return centers, labels, history[-1]
