"""What the lesson 10-neural-networks/feedforward builds, for later lessons to import.

Made by `coursework build` of the cells marked module="layers" in
lessons/10-neural-networks/feedforward.md: change them, not this file.
"""

__all__ = [
    "ACTIVATIONS",
    "dense",
    "forward",
    "he_init",
    "identity",
    "identity_derivative",
    "init_network",
    "probabilities",
    "relu",
    "relu_derivative",
    "sigmoid_derivative",
    "tanh_derivative",
    "xavier_init",
]

import numpy as np

from coursework.built.logistic import sigmoid
from coursework.built.softmax import softmax


def dense(X, W, b):
    """Scores of all units of a dense layer, XW + b.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Inputs, one sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    W : ndarray, shape (d, m)
        Weights, a column for each unit, floats or whole numbers; m is at least 1.
    b : ndarray, shape (m,)
        Biases, floats or whole numbers.

    Returns
    -------
    ndarray, shape (n, m)
        A row for each sample, a column for each unit.
    """
    return X @ W + b


def relu(Z):
    """max(0, z), entry by entry.

    Parameters
    ----------
    Z : float or ndarray of any shape
        Scores, floats or whole numbers. It is left unchanged.

    Returns
    -------
    float or ndarray, of the shape of Z
        Positive scores as they are, and 0 for all others.
    """
    return np.maximum(Z, 0)


def relu_derivative(Z):
    """Derivative of relu, entry by entry.

    Parameters
    ----------
    Z : float or ndarray of any shape
        Scores before relu, floats or whole numbers. It is left unchanged.

    Returns
    -------
    float or ndarray of float, of the shape of Z
        1 where the score is positive, also where it is tiny, and 0 elsewhere, also at 0.
    """
    return np.where(Z > 0, 1.0, 0.0)


def sigmoid_derivative(Z):
    """Derivative of the sigmoid 1 / (1 + exp(-z)), entry by entry.

    Parameters
    ----------
    Z : float or ndarray of any shape
        Scores before the sigmoid (not its values), floats or whole numbers, of any size. It
        is left unchanged.

    Returns
    -------
    float or ndarray of float, of the shape of Z
        Slopes. Tiny ones keep their digits: at 700 and at -700 the slope is about 1e-304,
        not 0. At 1000 and at -1000 it is 0.
    """
    small = np.exp(-np.abs(Z))
    return small / (1.0 + small) ** 2


def tanh_derivative(Z):
    """Derivative of the hyperbolic tangent, entry by entry.

    Parameters
    ----------
    Z : float or ndarray of any shape
        Scores before tanh (not its values), floats or whole numbers, of any size. It is left
        unchanged.

    Returns
    -------
    float or ndarray of float, of the shape of Z
        Slopes. Tiny ones keep their digits: at 300 and at -300 the slope is about 1e-260,
        not 0. At 1000 and at -1000 it is 0.
    """
    small = np.exp(-2.0 * np.abs(Z))
    return 4.0 * small / (1.0 + small) ** 2


def identity(Z):
    """Scores as they are."""
    return Z


def identity_derivative(Z):
    """1 for each score."""
    return np.ones(np.shape(Z))


ACTIVATIONS = {
    "identity": (identity, identity_derivative),
    "relu": (relu, relu_derivative),
    "tanh": (np.tanh, tanh_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
}


def forward(X, layers, activation):
    """Compute all scores and activations of a feedforward network.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Inputs, one sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    layers : list of tuple
        A pair (W, b) for each of the L layers, from the first to the last, where L is at
        least 1: W has the shape (inputs, units), b has the shape (units,).
    activation : str
        A name in ACTIVATIONS. Its function follows each layer but the last, which has none.

    Returns
    -------
    A : list of ndarray
        L + 1 arrays: the inputs X, then what each layer passes on. The last one holds the
        scores of the last layer.
    Z : list of ndarray
        L arrays: the scores of each layer, before its activation.
    """
    function, _ = ACTIVATIONS[activation]
    A, Z = [X], []
    for W, b in layers:
        Z.append(dense(A[-1], W, b))
        last = len(Z) == len(layers)
        A.append(Z[-1] if last else function(Z[-1]))
    return A, Z


def probabilities(X, layers, activation):
    """What a network that classifies says about each sample.

    Parameters
    ----------
    X : ndarray, shape (n, d)
        Inputs, one sample a row, floats or whole numbers; n and d are at least 1. No
        argument is changed.
    layers : list of tuple
        Layers of the network, as in `forward`. The last one has k units.
    activation : str
        A name in ACTIVATIONS, for the hidden layers.

    Returns
    -------
    ndarray of float, shape (n, k)
        For k = 1 the sigmoid of the scores, the probability of label 1. For k of 2 or more
        the softmax of the scores of each row, a probability for each class.
    """
    scores = forward(X, layers, activation)[0][-1]
    return sigmoid(scores) if scores.shape[1] == 1 else softmax(scores)


def he_init(fan_in, fan_out, rng):
    """Draw weights of a layer that is followed by relu: mean 0, variance 2 / fan_in.

    They are drawn from the normal distribution by one call of `rng.normal` or
    `rng.standard_normal` with `size=(fan_in, fan_out)`. Nothing else is drawn.

    Parameters
    ----------
    fan_in : int
        Number of inputs of the layer, at least 1.
    fan_out : int
        Number of its units, at least 1.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray of float, shape (fan_in, fan_out)
        Weights.
    """
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), size=(fan_in, fan_out))


def xavier_init(fan_in, fan_out, rng):
    """Draw weights of a layer: mean 0, variance 2 / (fan_in + fan_out).

    They are drawn from the normal distribution by one call of `rng.normal` or
    `rng.standard_normal` with `size=(fan_in, fan_out)`. Nothing else is drawn.

    Parameters
    ----------
    fan_in : int
        Number of inputs of the layer, at least 1.
    fan_out : int
        Number of its units, at least 1.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray of float, shape (fan_in, fan_out)
        Weights.
    """
    return rng.normal(0.0, np.sqrt(2.0 / (fan_in + fan_out)), size=(fan_in, fan_out))


def init_network(sizes, init, rng):
    """Layers (W, b) of a network with the given sizes: inputs, hidden layers, outputs.

    Weights are init(fan_in, fan_out, rng), drawn from the first layer to the last, and
    biases are zero.
    """
    return [(init(i, o, rng), np.zeros(o)) for i, o in zip(sizes[:-1], sizes[1:])]
