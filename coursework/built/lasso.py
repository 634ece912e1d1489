"""What the lesson 02-regularization/lasso builds, for later lessons to import.

Made by `coursework build` of the cells marked module="lasso" in
lessons/02-regularization/lasso.md: change them, not this file.
"""

__all__ = [
    "best_weight",
    "lambda_max",
    "lasso_coordinate_descent",
    "soft_threshold",
]

import numpy as np


def soft_threshold(z, t):
    """Move numbers towards zero by t, and those closer than t to zero itself.

    This is the w that minimises ½(w - z)² + t |w|, entry by entry.

    Parameters
    ----------
    z : float or ndarray of any shape
        It is left unchanged.
    t : float
        Threshold, zero or more.

    Returns
    -------
    float or ndarray of the shape of z
        Exactly 0 where |z| is at most t.
    """
    return np.sign(z) * np.maximum(np.abs(z) - t, 0.0)


def best_weight(x, rest, lam):
    """Weight w that minimises (1/n) Σ (w xᵢ - restᵢ)² + lam |w|.

    Parameters
    ----------
    x : ndarray, shape (n,)
        One feature; n is at least 1.
    rest : ndarray, shape (n,)
        The numbers u that it is to come close to.
    lam : float
        Penalty strength λ, zero or more.

    Returns
    -------
    float
        The weight; 0 if x is all zeros.
    """
    a = 2 / len(x) * (x @ x)
    if a == 0:
        return 0.0
    return soft_threshold(2 / len(x) * (x @ rest), lam) / a


def lasso_coordinate_descent(X, y, lam, n_sweeps=1000, tol=1e-8, w_start=None):
    """Minimise (1/n) Σ (X w + b - y)ᵢ² + lam Σ |wⱼ|, one weight after the other.

    A sweep updates the weights 0, 1, …, d - 1 in this order. An update sets one weight to
    its best value for the others as they are then. The intercept is at all times the best
    one for the weights; to centre columns and targets takes care of that.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It is left
        unchanged, as is `y`.
    y : ndarray, shape (n,)
        Targets.
    lam : float
        Penalty strength λ, greater than zero.
    n_sweeps : int
        Number of sweeps at most; at least 1.
    tol : float
        Zero or more. The sweep is the last one if no weight has changed in it by more than
        `tol` times the largest |wⱼ| after it.
    w_start : ndarray, shape (d,), or None
        Where the weights start, whole numbers or not; None stands for zeros. It is left
        unchanged.

    Returns
    -------
    w : ndarray, shape (d,)
        Weights. The weight of a column of equal numbers is 0.
    b : float
        Intercept, the best one for these weights.
    """
    Xc, yc = X - np.mean(X, axis=0), y - np.mean(y)
    w = np.zeros(X.shape[1]) if w_start is None else np.array(w_start, dtype=float)
    rest = yc - Xc @ w
    for _ in range(n_sweeps):
        before = w.copy()
        for j in range(len(w)):
            rest += w[j] * Xc[:, j]
            w[j] = best_weight(Xc[:, j], rest, lam)
            rest -= w[j] * Xc[:, j]
        if np.max(np.abs(w - before)) <= tol * np.max(np.abs(w)):
            break
    return w, np.mean(y) - np.mean(X, axis=0) @ w


def lambda_max(X, y):
    """Smallest penalty strength at which all weights of the lasso are zero.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. The lasso has an
        intercept, so whether columns and targets are centred makes no difference.
    y : ndarray, shape (n,)
        Targets.

    Returns
    -------
    float
        λ_max of the loss (1/n) Σ (X w + b - y)ᵢ² + λ Σ |wⱼ|; 0 if no λ > 0 is needed.
    """
    return 2 / len(y) * np.max(np.abs((X - np.mean(X, axis=0)).T @ (y - np.mean(y))))
