"""What the lesson 04-generative-models/gaussian-discriminant-analysis builds, for later lessons to import.

Made by `coursework build` of the cells marked module="gaussian" in
lessons/04-generative-models/gaussian-discriminant-analysis.md: change them, not this file.
"""

__all__ = [
    "class_covariances",
    "class_means",
    "class_priors",
    "gaussian_log_density",
    "gda_log_joint",
    "gda_predict",
    "lda_to_logistic",
    "shared_covariance",
]

import numpy as np


def class_priors(y, n_classes):
    """Share of each class among the labels.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Labels, whole numbers from 0 to n_classes - 1; n is at least 1. It is left unchanged.
    n_classes : int
        Number of classes K, at least 1. Some of them may not occur in `y`.

    Returns
    -------
    ndarray of float, shape (K,)
        Priors, in the order of the classes; 0 for a class that does not occur.
    """
    return np.bincount(y, minlength=n_classes) / len(y)


def class_means(X, y, n_classes):
    """Mean of the samples of each class.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. It is
        left unchanged, as is `y`.
    y : ndarray of int, shape (n,)
        Labels, whole numbers from 0 to n_classes - 1; each class occurs at least once.
    n_classes : int
        Number of classes K, at least 1.

    Returns
    -------
    ndarray of float, shape (K, d)
        Means; row k is that of class k.
    """
    return np.array([np.mean(X[y == k], axis=0) for k in range(n_classes)])


def shared_covariance(X, y, means):
    """Covariance matrix of the deviations from the class means, over all samples.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    y : ndarray of int, shape (n,)
        Labels, whole numbers from 0 to K - 1. A class may not occur.
    means : ndarray, shape (K, d)
        Row k is what the samples of class k deviate from, usually its mean; floats or whole
        numbers.

    Returns
    -------
    ndarray of float, shape (d, d)
        Mean products of deviations: their sum is divided by n.
    """
    centred = X - means[y]
    return centred.T @ centred / len(y)


def class_covariances(X, y, means):
    """Covariance matrix of each class.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    y : ndarray of int, shape (n,)
        Labels, whole numbers from 0 to K - 1; each class occurs at least once.
    means : ndarray, shape (K, d)
        Row k is what the samples of class k deviate from, usually its mean; floats or whole
        numbers.

    Returns
    -------
    ndarray of float, shape (K, d, d)
        Entry k has the mean products of the deviations in class k: their sum is divided by
        the number of its samples.
    """
    covariances = []
    for k, mean in enumerate(means):
        centred = X[y == k] - mean
        covariances.append(centred.T @ centred / len(centred))
    return np.array(covariances)


def gaussian_log_density(X, mean, covariance):
    """Natural logarithm of the density of a Gaussian at each sample.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    mean : ndarray, shape (d,)
        Mean, floats or whole numbers.
    covariance : ndarray, shape (d, d)
        Covariance matrix, symmetric and with an inverse; floats or whole numbers. Its
        determinant may be too small or too large for a float.

    Returns
    -------
    ndarray of float, shape (n,)
        Log densities. They are finite also where the density itself is rounded to 0.
    """
    centred = X - mean
    squares = np.sum(centred * np.linalg.solve(covariance, centred.T).T, axis=1)
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (squares + log_det + len(mean) * np.log(2 * np.pi))


def gda_log_joint(X, priors, means, covariances):
    """Log prior plus log density of each class at each sample.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    priors : ndarray, shape (K,)
        Priors of the classes, greater than 0; K is at least 1.
    means : ndarray, shape (K, d)
        Means of the classes, a row each; floats or whole numbers.
    covariances : ndarray, shape (d, d) or (K, d, d)
        One covariance matrix for all classes, or one for each; all have an inverse.

    Returns
    -------
    ndarray of float, shape (n, K)
        Column k is that of class k. All entries are finite.
    """
    n_classes, d = means.shape
    covariances = np.broadcast_to(covariances, (n_classes, d, d))
    columns = [gaussian_log_density(X, *one) for one in zip(means, covariances)]
    return np.log(priors) + np.column_stack(columns)


def gda_predict(X, priors, means, covariances):
    """Most probable class of each sample.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    priors : ndarray, shape (K,)
        Priors of the classes, greater than 0; K is at least 1.
    means : ndarray, shape (K, d)
        Means of the classes, a row each; floats or whole numbers.
    covariances : ndarray, shape (d, d) or (K, d, d)
        One covariance matrix for all classes, or one for each; all have an inverse.

    Returns
    -------
    ndarray of int, shape (n,)
        Labels from 0 to K - 1; of equal classes the first. Far from all means, too, where all
        densities are rounded to 0, it is the class with the largest log joint.
    """
    return np.argmax(gda_log_joint(X, priors, means, covariances), axis=1)


def lda_to_logistic(priors, means, covariance):
    """Weights and intercept of the logistic model that equals LDA of two classes.

    Parameters
    ----------
    priors : ndarray, shape (2,)
        Priors of the classes 0 and 1, greater than 0. No argument is changed.
    means : ndarray, shape (2, d)
        Means of the classes, a row each; floats or whole numbers.
    covariance : ndarray, shape (d, d)
        The shared covariance matrix, symmetric and with an inverse; floats or whole numbers.

    Returns
    -------
    w : ndarray of float, shape (d,)
        Weights.
    b : float
        Intercept: w · x + b are the log-odds of class 1.
    """
    w = np.linalg.solve(covariance, means[1] - means[0])
    b = np.log(priors[1] / priors[0]) - 0.5 * (means[0] + means[1]) @ w
    return w, b
