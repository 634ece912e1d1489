"""What the lesson 03-logistic-regression/foundations builds, for later lessons to import.

Made by `coursework build` of the cells marked module="logistic" in
lessons/03-logistic-regression/foundations.md: change them, not this file.
"""

__all__ = [
    "bce_gradient",
    "binary_cross_entropy",
    "fit",
    "fit_minibatch",
    "fit_sgd",
    "log_odds",
    "odds_ratio",
    "predict",
    "sigmoid",
]

import numpy as np


def sigmoid(z):
    """Logistic function 1 / (1 + exp(-z)), entry by entry.

    Parameters
    ----------
    z : float or ndarray of any shape
        Floats or whole numbers, of any size. It is left unchanged.

    Returns
    -------
    float or ndarray of float, of the shape of z
        Probabilities. Tiny ones keep their digits: at -700 the result is about 1e-304, not 0.
        At ±1000 it is 1 and 0.
    """
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def log_odds(p):
    """Logarithm of the odds p / (1 - p), entry by entry; it undoes the sigmoid.

    Parameters
    ----------
    p : float or ndarray of any shape
        Probabilities from 0 to 1, floats or whole numbers; both 0 and 1 may occur. It is left
        unchanged.

    Returns
    -------
    float or ndarray of float, of the shape of p
        Natural logarithms, to about 9 digits also close to p = 1; -inf where p is 0, and inf
        where p is 1.
    """
    with np.errstate(divide="ignore"):
        return np.log(p) - np.log1p(-p)


def odds_ratio(w, change=1.0):
    """Factor by which the odds are multiplied when a feature rises by `change`.

    The other features stay as they are.

    Parameters
    ----------
    w : float or ndarray, shape (d,)
        Weights, each of a feature of its own. They are left unchanged.
    change : float or ndarray, shape (d,)
        By how much a feature rises, in its own unit: one number for all of them, or one for
        each. It may be negative, zero or a whole number.

    Returns
    -------
    float or ndarray of float, shape (d,)
        Odds ratios, greater than zero.
    """
    return np.exp(w * change)


def binary_cross_entropy(y, z):
    """Mean of -ln(probability given to what was seen), from log-odds.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Labels, each of them 0 or 1, floats or whole numbers; n is at least 1.
    z : ndarray, shape (n,)
        Log-odds that the model gave to the label 1, floats or whole numbers, between -1e5
        and 1e5. It is left unchanged, as is `y`.

    Returns
    -------
    float
        The loss, a finite number that is not negative.
    """
    return np.mean(np.logaddexp(0.0, np.where(y == 1, -z, z)))


def bce_gradient(X, y, w, b):
    """Gradient of the mean binary cross-entropy of a logistic model.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument is changed.
    y : ndarray, shape (n,)
        Labels, each of them 0 or 1, floats or whole numbers.
    w : ndarray, shape (d,)
        Weights, floats or whole numbers.
    b : float
        Intercept; it may be a whole number.

    Returns
    -------
    grad_w : ndarray of float, shape (d,)
        Derivatives with respect to the weights.
    grad_b : float
        Derivative with respect to the intercept.
    """
    error = sigmoid(X @ w + b) - y
    return X.T @ error / len(y), np.mean(error)


def fit(X, y, w, b, lr, n_steps):
    """Fit a logistic model by gradient descent on the mean binary cross-entropy.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument is changed.
    y : ndarray, shape (n,)
        Labels, each of them 0 or 1, floats or whole numbers.
    w : ndarray, shape (d,)
        Weights to start from, floats or whole numbers.
    b : float
        Intercept to start from; it may be a whole number.
    lr : float
        Learning rate; it may be a whole number. Weights and intercept move at the same time.
    n_steps : int
        Number of steps, zero or more, also some thousands; all of them are taken.

    Returns
    -------
    w : ndarray, shape (d,)
        Weights after the last step.
    b : float
        Intercept after the last step.
    """
    for _ in range(n_steps):
        grad_w, grad_b = bce_gradient(X, y, w, b)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


def predict(X, w, b, threshold=0.5):
    """Decide for each sample whether its probability reaches a threshold.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument is changed.
    w : ndarray, shape (d,)
        Weights, floats or whole numbers.
    b : float
        Intercept; it may be a whole number.
    threshold : float
        Greater than 0 and less than 1. It is compared with probabilities, not with log-odds.

    Returns
    -------
    ndarray of int, shape (n,)
        1 where the probability of the label 1 is `threshold` or more, and 0 elsewhere.
    """
    return (sigmoid(X @ w + b) >= threshold).astype(int)


def fit_sgd(X, y, w, b, lr, n_epochs, rng):
    """Fit a logistic model by gradient steps on one sample at a time.

    Each epoch begins with one `order = rng.permutation(n)` and takes a step on sample
    `order[0]`, then on `order[1]`, and so on. Nothing else is drawn from `rng`.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument but `rng` is changed.
    y : ndarray, shape (n,)
        Labels, each of them 0 or 1, floats or whole numbers.
    w : ndarray, shape (d,)
        Weights to start from, floats or whole numbers.
    b : float
        Intercept to start from; it may be a whole number.
    lr : float
        Learning rate; it may be a whole number. Weights and intercept move at the same time.
    n_epochs : int
        How often to go through all samples, zero or more, also some thousands.
    rng : numpy.random.Generator
        Where the orders come from.

    Returns
    -------
    w : ndarray, shape (d,)
        Weights after the last step.
    b : float
        Intercept after the last step.
    """
    for _ in range(n_epochs):
        for i in rng.permutation(len(y)):
            grad_w, grad_b = bce_gradient(X[i : i + 1], y[i : i + 1], w, b)
            w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


def fit_minibatch(X, y, w, b, lr, n_epochs, batch_size, rng):
    """Fit a logistic model by gradient steps on small batches of samples.

    Each epoch begins with one `order = rng.permutation(n)`. Its first `batch_size` entries
    are the samples of the first batch, the next ones those of the second, and so on; the
    last batch has what is left. Nothing else is drawn from `rng`. A step takes the mean
    gradient over the samples of its batch.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row, without a column of ones; n and d are at least 1. It may hold whole
        numbers. No argument but `rng` is changed.
    y : ndarray, shape (n,)
        Labels, each of them 0 or 1, floats or whole numbers.
    w : ndarray, shape (d,)
        Weights to start from, floats or whole numbers.
    b : float
        Intercept to start from; it may be a whole number.
    lr : float
        Learning rate; it may be a whole number. Weights and intercept move at the same time.
    n_epochs : int
        How often to go through all samples, zero or more, also some thousands.
    batch_size : int
        Samples in a batch, at least one. When it is n or more, an epoch is one batch.
    rng : numpy.random.Generator
        Where the orders come from.

    Returns
    -------
    w : ndarray, shape (d,)
        Weights after the last step.
    b : float
        Intercept after the last step.
    """
    for _ in range(n_epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            batch = order[start : start + batch_size]
            grad_w, grad_b = bce_gradient(X[batch], y[batch], w, b)
            w, b = w - lr * grad_w, b - lr * grad_b
    return w, b
