"""What the lesson 07-unsupervised-learning/principal-component-analysis builds, for later lessons to import.

Made by `coursework build` of the cells marked module="principal" in
lessons/07-unsupervised-learning/principal-component-analysis.md: change them, not this file.
"""

__all__ = [
    "center",
    "covariance",
    "explained_variance_ratio",
    "fix_signs",
    "pca_eigen",
    "pca_svd",
    "project",
    "reconstruct",
    "whiten",
]

import numpy as np


def center(X):
    """Subtract the mean of each feature.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. It is left
        unchanged.

    Returns
    -------
    centered : ndarray of float, shape (n, d)
        The samples less their mean.
    mean : ndarray of float, shape (d,)
        Mean of each feature over the samples.
    """
    mean = np.mean(X, axis=0)
    return X - mean, mean


def covariance(X):
    """Covariance matrix of the features.

    It keeps its precision where values are large and close together, such as 1e8 and 1e8 + 1.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n is at least 2, and d at least 1. It is
        left unchanged.

    Returns
    -------
    ndarray of float, shape (d, d)
        Entry (j, k) is the covariance of features j and k, divided by n - 1. On the diagonal
        are the variances.
    """
    centered, _ = center(X)
    return centered.T @ centered / (len(X) - 1)


def fix_signs(components):
    """Turn each component so that its entry of largest size is positive.

    Where several entries have the largest size, up to a relative difference of 1e-9, the first
    of them is made positive.

    Parameters
    ----------
    components : ndarray, shape (k, d)
        One component a row, none of them zero.

    Returns
    -------
    ndarray, shape (k, d)
        The same rows, some of them multiplied by -1.
    """
    size = np.abs(components)
    first = np.argmax(size >= (1 - 1e-9) * np.max(size, axis=1, keepdims=True), axis=1)
    signs = np.sign(components[np.arange(len(components)), first])
    return components * signs[:, np.newaxis]


def pca_eigen(X, n_components):
    """Principal components by the eigenvectors of the covariance matrix.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n is at least 2, and d at least 1. It is
        left unchanged.
    n_components : int
        Number of components k, from 1 to the smaller one of n and d.

    Returns
    -------
    components : ndarray of float, shape (k, d)
        One component a row, orthonormal, in the order of decreasing variance, with the signs
        of `fix_signs`. Where variances are equal, any orthonormal basis of their directions
        will do.
    variances : ndarray of float, shape (k,)
        Variance along each component (divided by n - 1). None is negative: rounding errors
        below 0 are 0.
    """
    values, vectors = np.linalg.eigh(covariance(X))
    components = vectors.T[::-1][:n_components]
    variances = np.maximum(values[::-1][:n_components], 0.0)
    return fix_signs(components), variances


def explained_variance_ratio(variances, X):
    """Share of each component in the total variance of the data.

    It keeps its precision where values are large and close together, and where all are tiny.

    Parameters
    ----------
    variances : ndarray, shape (k,)
        Variances whose shares are asked for, such as those along the first k components of
        `X`; k is at least 1. Zeros may be among them.
    X : ndarray, shape (n, d)
        The data, floats or whole numbers; n is at least 2, and d at least 1. It is left
        unchanged, as is `variances`.

    Returns
    -------
    ndarray of float, shape (k,)
        Each variance divided by the sum of the variances of all features. Where that sum is
        exactly 0, the shares are 0.
    """
    total = np.sum(np.var(X, axis=0, ddof=1))
    return variances / total if total > 0 else np.zeros(len(variances))


def project(X, mean, components):
    """Scores of samples: their coordinates along the components.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Samples, floats or whole numbers, one a row. They may be other ones than those from
        which `mean` and `components` were computed; n is at least 1.
    mean : ndarray, shape (d,)
        Mean of the training set.
    components : ndarray, shape (k, d)
        Orthonormal components, one a row; k is from 1 to d. All arguments are left unchanged.

    Returns
    -------
    ndarray of float, shape (n, k)
        Entry (i, j) is the coordinate of sample i along component j, measured from `mean`.
    """
    return (X - mean) @ components.T


def reconstruct(Z, mean, components):
    """Samples drawn again from their scores.

    Parameters
    ----------
    Z : ndarray, shape (n, k)
        Scores, floats or whole numbers, one sample a row; n is at least 1.
    mean : ndarray, shape (d,)
        Mean of the training set.
    components : ndarray, shape (k, d)
        Orthonormal components, one a row; k is from 1 to d. All arguments are left unchanged.

    Returns
    -------
    ndarray of float, shape (n, d)
        For each sample the mean, plus each component times its score.
    """
    return Z @ components + mean


def pca_svd(X, n_components):
    """Principal components by the singular value decomposition of the centred data.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n is at least 2, and d at least 1. It is
        left unchanged.
    n_components : int
        Number of components k, from 1 to the smaller one of n and d.

    Returns
    -------
    components : ndarray of float, shape (k, d)
        One component a row, orthonormal, in the order of decreasing variance, with the signs
        of `fix_signs`. Where variances are equal, any orthonormal basis of their directions
        will do.
    variances : ndarray of float, shape (k,)
        Variance along each component (divided by n - 1). The covariance matrix is never
        formed: there may be 100 000 features, and a standard deviation that is a billionth of
        the largest is still found.
    """
    centered, _ = center(X)
    _, s, Vt = np.linalg.svd(centered, full_matrices=False)
    return fix_signs(Vt[:n_components]), s[:n_components] ** 2 / (len(X) - 1)


def whiten(X, mean, components, variances):
    """Scores that have the variance 1 along each component, and no correlations.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Samples, floats or whole numbers, one a row. They may be other ones than those from
        which the other arguments were computed; n is at least 1.
    mean : ndarray, shape (d,)
        Mean of the training set.
    components : ndarray, shape (k, d)
        Orthonormal components, one a row; k is from 1 to d.
    variances : ndarray, shape (k,)
        Variances of the training set along the components, all greater than 0. All arguments
        are left unchanged.

    Returns
    -------
    ndarray of float, shape (n, k)
        The scores of `project`, each divided by the standard deviation along its component.
    """
    return project(X, mean, components) / np.sqrt(variances)
