"""What the lesson 02-regularization/ridge builds, for later lessons to import.

Made by `coursework build` of the cells marked module="ridge" in
lessons/02-regularization/ridge.md: change them, not this file.
"""

__all__ = [
    "ridge_closed_form",
    "ridge_gradient",
    "ridge_loss",
]

import numpy as np


def ridge_loss(X, y, w, b, lam):
    """Mean squared error plus a penalty on the weights, (1/n) Σ r_i² + lam ||w||².

    The residuals are r = Xw + b - y. The intercept is not penalised.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. Left unchanged.
    y : ndarray, shape (n,)
        Targets.
    w : ndarray, shape (d,)
        Weights.
    b : float
        Intercept.
    lam : float
        Strength of the penalty, zero or more.

    Returns
    -------
    float
        The loss, in double precision.
    """
    return np.mean((X @ w + b - y) ** 2) + lam * np.sum(w**2)


def ridge_gradient(X, y, w, b, lam):
    """Gradient of the ridge loss (1/n) Σ r_i² + lam ||w||², where r = Xw + b - y.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. Left unchanged.
    y : ndarray, shape (n,)
        Targets.
    w : ndarray, shape (d,)
        Weights.
    b : float
        Intercept, which is not penalised.
    lam : float
        Strength of the penalty, zero or more.

    Returns
    -------
    grad_w : ndarray, shape (d,)
        Derivatives with respect to the weights, in double precision.
    grad_b : float
        Derivative with respect to the intercept.
    """
    r = X @ w + b - y
    return 2 / len(y) * X.T @ r + 2 * lam * w, 2 * np.mean(r)


def ridge_closed_form(X, y, lam):
    """Weights and intercept that minimise (1/n) ||Xw + b - y||² + lam ||w||².

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. Left unchanged.
        Dependent columns, more columns than samples, and columns of equal entries are
        allowed where lam is greater than zero.
    y : ndarray, shape (n,)
        Targets.
    lam : float
        Strength of the penalty: greater than zero; or zero, which is least squares, if the
        columns of X, each with its mean taken off, are linearly independent.

    Returns
    -------
    w : ndarray, shape (d,)
        Weights, in double precision.
    b : float
        Intercept, which is not penalised.
    """
    x_mean, y_mean = np.mean(X, axis=0), np.mean(y)
    centred = X - x_mean
    matrix = centred.T @ centred + len(y) * lam * np.eye(X.shape[1])
    w = np.linalg.solve(matrix, centred.T @ (y - y_mean))
    return w, y_mean - x_mean @ w
