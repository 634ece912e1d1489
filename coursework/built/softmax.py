"""What the lesson 03-logistic-regression/softmax builds, for later lessons to import.

Made by `coursework build` of the cells marked module="softmax" in
lessons/03-logistic-regression/softmax.md: change them, not this file.
"""

__all__ = [
    "cross_entropy",
    "fit_softmax",
    "softmax",
    "softmax_gradient",
    "softmax_jacobian",
]

import numpy as np

from coursework.built.arrays import log_sum_exp, one_hot


def softmax(Z):
    """Probabilities exp(z_j) / sum of exp(z_i) from the scores of each sample.

    Parameters
    ----------
    Z : ndarray of any shape, with one axis or more
        Scores, floats or whole numbers (int64), of any finite size. The last axis holds the
        scores of one sample: shape (k,) is one sample, shape (n, k) has one in each row. No
        axis is empty. It is left unchanged.

    Returns
    -------
    ndarray of float, of the shape of Z
        Probabilities, which add up to 1 along the last axis. Tiny ones keep their digits:
        the scores 0 and -700 give about 1e-304, not 0. At 0 and -1000 they are 1 and 0.
    """
    powers = np.exp(Z - np.max(Z, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def cross_entropy(y, Z):
    """Mean of -ln(probability given to the label), from scores.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1; n is at least 1. Not every class need occur.
    Z : ndarray, shape (n, k)
        Scores, one sample a row, floats or whole numbers (int64) between -1e5 and 1e5; k is
        at least 1. It is left unchanged, as is `y`.

    Returns
    -------
    float
        The loss, a finite number: a label whose probability rounds to 0 has its cost, too.
    """
    return np.mean(log_sum_exp(Z) - Z[np.arange(len(y)), y])


def softmax_gradient(y, Z):
    """Gradient of the mean cross-entropy with respect to the scores.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1; n is at least 1. Not every class need occur.
    Z : ndarray, shape (n, k)
        Scores, one sample a row, floats or whole numbers (int64) of any finite size; k is
        at least 1. It is left unchanged, as is `y`.

    Returns
    -------
    ndarray of float, shape (n, k)
        dL/dZ. Tiny entries keep their digits where the class is not the label.
    """
    return (softmax(Z) - one_hot(y, Z.shape[1])) / len(y)


def fit_softmax(X, y, W, b, lam, lr, n_steps):
    """Fit softmax regression by gradient descent on cross-entropy + lam * (sum of W²).

    The scores are XW + b. The intercepts are not penalised.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument is changed.
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1. Not every class need occur.
    W : ndarray, shape (d, k)
        Weights to start from, a column for each class, floats or whole numbers.
    b : ndarray, shape (k,)
        Intercepts to start from, floats or whole numbers.
    lam : float
        Strength of the penalty, 0 or more.
    lr : float
        Learning rate. Weights and intercepts move at the same time.
    n_steps : int
        Number of steps, zero or more, also some thousands; all of them are taken.

    Returns
    -------
    W : ndarray, shape (d, k)
        Weights after the last step.
    b : ndarray, shape (k,)
        Intercepts after the last step.
    """
    for _ in range(n_steps):
        G = softmax_gradient(y, X @ W + b)
        W, b = W - lr * (X.T @ G + 2 * lam * W), b - lr * np.sum(G, axis=0)
    return W, b


def softmax_jacobian(z):
    """Derivatives of the softmax probabilities of one sample with respect to its scores.

    Parameters
    ----------
    z : ndarray, shape (k,)
        Scores, floats or whole numbers (int64), of any finite size; k is at least 1. It is
        left unchanged.

    Returns
    -------
    ndarray of float, shape (k, k)
        Entry (i, j) is the derivative of probability i with respect to score j, from the
        formula, to 12 digits: differences have fewer. Tiny entries keep their digits, too,
        unless they stand on the diagonal for a probability near 1.
    """
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)
