"""What the lesson 02-regularization/bias-variance builds, for later lessons to import.

Made by `coursework build` of the cells marked module="resampling" in
lessons/02-regularization/bias-variance.md: change them, not this file.
"""

__all__ = [
    "bias_variance_decomposition",
    "learning_curve",
    "polynomial_features",
    "train_test_split",
]

import numpy as np


def polynomial_features(x, degree):
    """Powers of a feature, as the columns of a table.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Values of the feature; n is at least 1. They are left unchanged, and may be whole
        numbers, whose powers need not fit into 64 bits.
    degree : int
        The largest power, 0 or more.

    Returns
    -------
    ndarray of float, shape (n, degree)
        Column j is `x` to the power j + 1, computed with floats. There is no column of ones,
        so there is no column at all where the degree is 0.
    """
    return x.astype(float)[:, np.newaxis] ** np.arange(1, degree + 1)


def train_test_split(X, y, test_size, rng):
    """Split samples at random into a training set and a test set.

    It begins with one `order = rng.permutation(n)`, and draws nothing else. The first
    `test_size` entries of `order` are the samples of the test set, the others those of the
    training set, both in this order.

    Parameters
    ----------
    X : ndarray, shape (n,) or (n, d)
        One sample a row, or one value of a single feature each; n is at least 2. It is left
        unchanged.
    y : ndarray, shape (n,)
        Their targets, numbers of any kind. They are left unchanged.
    test_size : int
        Number of samples in the test set, from 1 to n - 1.
    rng : numpy.random.Generator
        Where the order comes from.

    Returns
    -------
    X_train : ndarray, shape (n - test_size,) or (n - test_size, d)
        Samples of the training set.
    X_test : ndarray, shape (test_size,) or (test_size, d)
        Samples of the test set.
    y_train, y_test : ndarray, shapes (n - test_size,) and (test_size,)
        Their targets, in the same order.
    """
    order = rng.permutation(len(X))
    test, train = order[:test_size], order[test_size:]
    return X[train], X[test], y[train], y[test]


def learning_curve(fit_predict, X, y, X_val, y_val, sizes):
    """Training and validation error against the number of training samples.

    Parameters
    ----------
    fit_predict : callable
        ``fit_predict(X_train, y_train, X_new)`` fits a model to the training samples and
        returns its predictions for `X_new`, an ndarray with one number a sample.
    X : ndarray, shape (n,) or (n, d)
        Training samples, in random order. They are left unchanged.
    y : ndarray, shape (n,)
        Their targets, left unchanged.
    X_val : ndarray, shape (m,) or (m, d)
        Validation samples, left unchanged.
    y_val : ndarray, shape (m,)
        Their targets, left unchanged.
    sizes : list of int
        Numbers of training samples, each from 1 to n, in any order.

    Returns
    -------
    train_errors : ndarray, shape (len(sizes),)
        Entry i is the mean squared error of the model that was fitted to the first sizes[i]
        training samples, on these samples.
    val_errors : ndarray, shape (len(sizes),)
        Entry i is that of the same model on all validation samples.
    """
    train_errors, val_errors = [], []
    for size in sizes:
        X_train, y_train = X[:size], y[:size]
        train_errors.append(np.mean((fit_predict(X_train, y_train, X_train) - y_train) ** 2))
        val_errors.append(np.mean((fit_predict(X_train, y_train, X_val) - y_val) ** 2))
    return np.array(train_errors), np.array(val_errors)


def bias_variance_decomposition(predictions, truth):
    """Squared bias and variance of a model, means over the places of prediction.

    Both keep their precision where predictions are large and close together, such as 1e8 and
    1e8 + 1. Their sum is the mean of (predictions - truth)² over the whole table.

    Parameters
    ----------
    predictions : ndarray, shape (n_sets, m)
        Row i has the predictions of the model that was fitted to data set i, at m places.
        There is at least one set. They are left unchanged.
    truth : ndarray, shape (m,)
        The true values at these places, without noise; left unchanged.

    Returns
    -------
    bias_squared : float
        One number: the mean over places of (mean prediction - truth)², where the mean
        prediction is over data sets.
    variance : float
        One number: the mean over places of the variance over data sets, which is a plain mean
        of squares, not divided by n_sets - 1.
    """
    mean_prediction = np.mean(predictions, axis=0)
    bias_squared = np.mean((mean_prediction - truth) ** 2)
    variance = np.mean((predictions - mean_prediction) ** 2)
    return bias_squared, variance
