"""What the lesson 10-neural-networks/backpropagation builds, for later lessons to import.

Made by `coursework build` of the cells marked module="backprop" in
lessons/10-neural-networks/backpropagation.md: change them, not this file.
"""

__all__ = [
    "activation_backward",
    "backward",
    "dense_backward",
    "mse_loss",
    "softmax_cross_entropy",
    "train",
]

import numpy as np

from coursework.built.arrays import batches, one_hot
from coursework.built.layers import ACTIVATIONS, forward
from coursework.built.softmax import cross_entropy, softmax


def mse_loss(Y, Y_hat):
    """Mean squared error, and its gradient with respect to the outputs.

    Both keep their digits where targets and outputs are tiny, or large and close together.

    Parameters
    ----------
    Y : ndarray, shape (n, k)
        Targets, one sample a row; n and k are at least 1. They may be whole numbers.
    Y_hat : ndarray, shape (n, k)
        Outputs of the network. Neither argument is changed.

    Returns
    -------
    loss : float
        Mean over all n·k entries, without a factor 1/2.
    dY_hat : ndarray of float, shape (n, k)
        The gradient of the loss with respect to `Y_hat`.
    """
    residual = Y_hat - Y
    return np.mean(residual**2), 2 / residual.size * residual


def softmax_cross_entropy(y, Z):
    """Mean cross-entropy of the softmax of scores, and its gradient with respect to the scores.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1; n is at least 1. Not every class need occur.
    Z : ndarray, shape (n, k)
        Scores, one sample a row, floats or whole numbers (int64) between -1e5 and 1e5; k is
        at least 1. It is left unchanged, as is `y`.

    Returns
    -------
    loss : float
        The mean of -ln(probability given to the label): finite, also where that probability
        rounds to 0.
    dZ : ndarray of float, shape (n, k)
        The gradient of the loss with respect to `Z`. Tiny entries keep their digits where the
        class is not the label.
    """
    T = one_hot(y, Z.shape[1])
    return cross_entropy(y, Z), (softmax(Z) - T) / len(y)


def dense_backward(dZ, X, W):
    """Take the gradient of a loss back through a dense layer, Z = XW + b.

    Nothing is divided by n: `dZ` has the factor of a mean already.

    Parameters
    ----------
    dZ : ndarray, shape (n, m)
        Gradient of the loss with respect to Z, floats or whole numbers; n and m are at least 1.
    X : ndarray, shape (n, d)
        What went into the layer, one sample a row, floats or whole numbers; d is at least 1.
    W : ndarray, shape (d, m)
        Weights that the layer had then, floats or whole numbers. No argument is changed.

    Returns
    -------
    dX : ndarray, shape (n, d)
        Gradient with respect to `X`. Tiny entries of all three keep their digits.
    dW : ndarray, shape (d, m)
        Gradient with respect to `W`.
    db : ndarray, shape (m,)
        Gradient with respect to the biases b.
    """
    dX = dZ @ W.T  # (n, m) (m, d) -> (n, d)
    dW = X.T @ dZ  # (d, n) (n, m) -> (d, m)
    db = np.sum(dZ, axis=0)  # (n, m) -> (m,)
    return dX, dW, db


def activation_backward(dA, Z, activation):
    """Take the gradient of a loss back through an activation, A = f(Z) entry by entry.

    Parameters
    ----------
    dA : ndarray, shape (n, m)
        Gradient of the loss with respect to A, floats or whole numbers; n and m are at least 1.
    Z : ndarray, shape (n, m)
        What went into the activation: pre-activations, floats or whole numbers. Neither array
        is changed.
    activation : str
        A key of `ACTIVATIONS`: "identity", "relu", "tanh" or "sigmoid". The derivative of relu
        at 0 counts as 0.

    Returns
    -------
    ndarray of float, shape (n, m)
        Gradient of the loss with respect to `Z`; tiny entries keep their digits.
    """
    _, derivative = ACTIVATIONS[activation]
    return dA * derivative(Z)


def backward(dZ, A, Z, layers, activation):
    """Gradients of a loss with respect to all weights and biases of a network.

    Parameters
    ----------
    dZ : ndarray, shape (n, k)
        Gradient of the loss with respect to the scores, which are A[-1] and Z[-1].
    A : list of ndarray
        As `forward` returns it for these layers: A[l] went into layer l.
    Z : list of ndarray
        As `forward` returns it: Z[l] came out of layer l, before the activation.
    layers : list of tuple
        A pair (W, b) of ndarrays of float for each layer, one layer or more. No argument is
        changed.
    activation : str
        Of the hidden layers, a key of `ACTIVATIONS`. The last layer has none.

    Returns
    -------
    list of tuple
        A pair (dW, db) for each layer, in the order of `layers`, in the shapes of its W and b.
        Tiny gradients keep their digits.
    """
    grads = []
    for i in reversed(range(len(layers))):
        W, _ = layers[i]
        dA, dW, db = dense_backward(dZ, A[i], W)
        grads.append((dW, db))
        if i > 0:
            dZ = activation_backward(dA, Z[i - 1], activation)
    return grads[::-1]


def train(X, y, layers, activation, lr, batch_size, n_epochs, rng):
    """Train a network to classify, by mini-batch gradient descent on the cross-entropy.

    In each epoch it goes once through `batches(X, y, batch_size, rng)`, called anew, and
    draws nothing else. For each batch all weights and biases move at once, by -lr times the
    gradient of the batch's mean cross-entropy.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        One sample a row; n is at least 1.
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1.
    layers : list of tuple
        A pair (W, b) of ndarrays of float for each layer, to start from; the last layer has a
        score for each of k classes. No argument but `rng` is changed.
    activation : str
        Of the hidden layers, a key of `ACTIVATIONS`.
    lr : float
        Learning rate.
    batch_size : int
        Samples in a batch, at least 1.
    n_epochs : int
        Number of epochs, zero or more, at most a few hundred; all of them are taken.
    rng : numpy.random.Generator
        Where `batches` draws from.

    Returns
    -------
    layers : list of tuple
        The pairs (W, b) after the last step; tiny ones keep their digits.
    losses : list of float
        For each epoch the mean over its n samples of what each cost: with the weights before
        the step of its batch. Empty for no epoch.
    """
    losses = []
    for _ in range(n_epochs):
        total = 0.0
        for X_batch, y_batch in batches(X, y, batch_size, rng):
            A, Z = forward(X_batch, layers, activation)
            loss, dZ = softmax_cross_entropy(y_batch, A[-1])
            grads = backward(dZ, A, Z, layers, activation)
            layers = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(layers, grads)]
            total += loss * len(y_batch)
        losses.append(total / len(y))
    return layers, losses
