"""What the lesson 11-deep-learning/recurrent-networks builds, for later lessons to import.

Made by `coursework build` of the cells marked module="recurrent" in
lessons/11-deep-learning/recurrent-networks.md: change them, not this file.
"""

__all__ = [
    "as_streams",
    "clip_gradients",
    "init_params",
    "lstm_backward",
    "lstm_forward",
    "lstm_step",
    "rnn_backward",
    "rnn_forward",
    "rnn_step",
    "sample",
    "text_gradients",
    "train",
]

import numpy as np

from coursework.built.adaptive import Adagrad
from coursework.built.arrays import one_hot
from coursework.built.backprop import dense_backward, softmax_cross_entropy
from coursework.built.layers import dense, xavier_init
from coursework.built.logistic import sigmoid
from coursework.built.softmax import softmax


def rnn_step(x, h, W_x, W_h, b):
    """One step of a recurrent network, tanh(x W_x + h W_h + b).

    Parameters
    ----------
    x : ndarray, shape (n, d)
        What is read, a row for each sequence, floats or whole numbers; n and d are at least 1.
        No argument is changed.
    h : ndarray, shape (n, m)
        States before the step, floats or whole numbers; m is at least 1.
    W_x : ndarray of float, shape (d, m)
        Weights of what is read, a column for each unit.
    W_h : ndarray of float, shape (m, m)
        Weights of the state, a column for each unit of the new state.
    b : ndarray of float, shape (m,)
        Biases.

    Returns
    -------
    ndarray of float, shape (n, m)
        The new states; tiny ones keep their digits, and where the sum in tanh is some
        millions they are 1 or -1.
    """
    return np.tanh(x @ W_x + h @ W_h + b)


def rnn_forward(X, h0, W_x, W_h, b):
    """All states of a recurrent network that reads n sequences of equal length.

    Parameters
    ----------
    X : ndarray, shape (T, n, d)
        What is read, time first, floats or whole numbers; T, n and d are at least 1, and T
        may be some thousands. No argument is changed.
    h0 : ndarray of float, shape (n, m)
        States to begin with; m is at least 1.
    W_x : ndarray of float, shape (d, m)
        Weights as in `rnn_step`.
    W_h : ndarray of float, shape (m, m)
        Weights as in `rnn_step`.
    b : ndarray of float, shape (m,)
        Biases.

    Returns
    -------
    ndarray of float, shape (T + 1, n, m)
        `h0`, and then the states after each step; tiny ones keep their digits.
    """
    H = [h0]
    for x in X:
        H.append(rnn_step(x, H[-1], W_x, W_h, b))
    return np.array(H)


def rnn_backward(dH, X, H, W_x, W_h):
    """Gradients of a loss with respect to all that goes into a recurrent network.

    Parameters
    ----------
    dH : ndarray, shape (T, n, m)
        Entry t is the gradient of the loss with respect to H[t + 1] from outside: without
        what that state does through later steps. Floats or whole numbers; all sizes are at
        least 1. No argument is changed.
    X : ndarray, shape (T, n, d)
        What was read, floats or whole numbers.
    H : ndarray of float, shape (T + 1, n, m)
        The states, as `rnn_forward` returns them; those after a step lie between -1 and 1.
    W_x : ndarray of float, shape (d, m)
        Weights of the forward pass.
    W_h : ndarray of float, shape (m, m)
        Weights of the forward pass.

    Returns
    -------
    dX : ndarray, shape (T, n, d)
        Gradient with respect to `X`. Tiny entries of all five keep their digits.
    dh0 : ndarray, shape (n, m)
        Gradient with respect to H[0].
    dW_x : ndarray, shape (d, m)
        Gradient with respect to `W_x`, the sum over all steps.
    dW_h : ndarray, shape (m, m)
        Gradient with respect to `W_h`, the sum over all steps.
    db : ndarray, shape (m,)
        Gradient with respect to the biases, the sum over all steps.
    """
    dX, dW_x, dW_h, db = np.zeros(X.shape), np.zeros(W_x.shape), np.zeros(W_h.shape), np.zeros(len(W_h))
    dh = 0.0  # nothing comes after the last step
    for t in reversed(range(len(X))):
        dz = (dH[t] + dh) * (1 - H[t + 1] ** 2)
        dX[t], from_x, from_b = dense_backward(dz, X[t], W_x)
        dh, from_h, _ = dense_backward(dz, H[t], W_h)
        dW_x += from_x
        dW_h += from_h
        db += from_b
    return dX, dh, dW_x, dW_h, db


def clip_gradients(grads, max_norm):
    """Shorten gradients, all by the same factor, so that together they have a limited norm.

    Parameters
    ----------
    grads : list of ndarray
        One gradient or more, of any shapes, also (), of float. Entries are 0, or between
        1e-100 and 1e100 in size. They are left unchanged.
    max_norm : float
        The limit, greater than zero.

    Returns
    -------
    clipped : list of ndarray
        The gradients in their order. They are as given where the norm is at most `max_norm`,
        also where it is 0, and else scaled so that it is `max_norm`. Tiny entries keep their
        digits.
    norm : float
        The norm of all given gradients together, before clipping.
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * g for g in grads], norm


def lstm_step(x, h, c, W_x, W_h, b):
    """One step of an LSTM.

    The columns of `W_x` and `W_h` and the entries of `b` stand in four blocks of m, in the
    order i (input gate), f (forget gate), g (news), o (output gate).

    Parameters
    ----------
    x : ndarray, shape (n, d)
        What is read, a row for each sequence, floats or whole numbers; n and d are at least 1.
        No argument is changed.
    h : ndarray of float, shape (n, m)
        States before the step; m is at least 1.
    c : ndarray of float, shape (n, m)
        Cells before the step, up to some millions in size.
    W_x : ndarray of float, shape (d, 4m)
        Weights of what is read.
    W_h : ndarray of float, shape (m, 4m)
        Weights of the state.
    b : ndarray of float, shape (4m,)
        Biases.

    Returns
    -------
    h : ndarray of float, shape (n, m)
        The new states, o · tanh(new cells).
    c : ndarray of float, shape (n, m)
        The new cells, f · c + i · g. Tiny entries of both keep their digits.
    """
    z_i, z_f, z_g, z_o = np.split(x @ W_x + h @ W_h + b, 4, axis=1)
    c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


def lstm_forward(X, h0, c0, W_x, W_h, b):
    """All states and cells of an LSTM: two arrays of shape (T + 1, n, m)."""
    H, C = [h0], [c0]
    for x in X:
        h, c = lstm_step(x, H[-1], C[-1], W_x, W_h, b)
        H.append(h)
        C.append(c)
    return np.array(H), np.array(C)


def lstm_backward(dH, X, H, C, W_x, W_h, b):
    """Gradients dX, dh0, dc0, dW_x, dW_h, db; the arguments are as for `rnn_backward`."""
    d, stacked = len(W_x), np.concatenate([W_x, W_h])  # one layer that reads both
    dX, dW, db = [], 0.0, 0.0
    dh, dc = np.zeros_like(H[0]), np.zeros_like(C[0])
    for t in reversed(range(len(X))):
        both = np.concatenate([X[t], H[t]], axis=1)
        z_i, z_f, z_g, z_o = np.split(dense(both, stacked, b), 4, axis=1)
        i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
        shown = np.tanh(C[t + 1])
        dh = dh + dH[t]
        dc = dc + dh * o * (1 - shown**2)  # from the next cell, and from this state
        gates = dc * g * i * (1 - i), dc * C[t] * f * (1 - f), dc * i * (1 - g**2), dh * shown * o * (1 - o)
        d_both, dW_t, db_t = dense_backward(np.concatenate(gates, axis=1), both, stacked)
        dX, dh = [d_both[:, :d], *dX], d_both[:, d:]
        dc = dc * f  # the direct way
        dW, db = dW + dW_t, db + db_t
    return np.array(dX), dh, dc, dW[:d], dW[d:], db


def as_streams(codes, n):
    """Cut codes into n pieces of equal length, one a column; what is left over is dropped."""
    length = len(codes) // n
    return codes[: n * length].reshape(n, length).T


def init_params(k, m, rng):
    """Draw parameters of m units for k letters; biases are 0, the spectral radius of W_h is near 1."""
    return [xavier_init(k, m, rng), xavier_init(m, m, rng), np.zeros(m), xavier_init(m, k, rng), np.zeros(k)]


def text_gradients(codes, h0, params):
    """Read codes[:-1] and predict codes[1:], both of shape (T, n).

    Returns the mean cross-entropy over all T·n letters, its gradients in the order of
    `params`, and the last state.
    """
    W_x, W_h, b, W_y, b_y = params
    X = np.array([one_hot(row, len(W_x)) for row in codes[:-1]])
    H = np.array(rnn_forward(X, h0, W_x, W_h, b))
    states = H[1:].reshape(-1, len(W_h))  # (T, n, m) -> (T n, m): one table for the dense layer
    loss, dZ = softmax_cross_entropy(codes[1:].ravel(), dense(states, W_y, b_y))
    d_states, dW_y, db_y = dense_backward(dZ, states, W_y)
    _, _, dW_x, dW_h, db = rnn_backward(d_states.reshape(H[1:].shape), X, H, W_x, W_h)
    return loss, [dW_x, dW_h, db, dW_y, db_y], H[-1]


def sample(first, length, params, temperature, rng):
    """Let a network write: each letter is drawn, and read before the next one is.

    It starts from a state of zeros and reads `first`. Each letter is drawn by one call of
    `rng.choice(k, p=p)`, where p holds the probabilities of all k letters; nothing else is
    drawn.

    Parameters
    ----------
    first : int
        Code of the letter that is read before the first one is drawn.
    length : int
        Number of letters to draw, from 0 to some thousands.
    params : list of ndarray
        W_x, W_h, b, W_y and b_y, of float. No argument but `rng` is changed.
    temperature : float
        By which all scores are divided before the softmax, between 1e-3 and 1e3.
    rng : numpy.random.Generator
        Where the letters are drawn from.

    Returns
    -------
    list of int
        The codes that were drawn, in their order, without `first`.
    """
    W_x, W_h, b, *output = params
    h, codes = np.zeros((1, len(W_h))), [first]
    for _ in range(length):
        h = rnn_step(one_hot(np.array([codes[-1]]), len(W_x)), h, W_x, W_h, b)
        p = softmax(dense(h, *output) / temperature)[0]
        codes.append(int(rng.choice(len(p), p=p)))
    return codes[1:]


def train(streams, params, lr, T, max_norm, n_steps):
    """Train a network on streams of letters, by truncated backpropagation through time.

    Each step reads a window of T rows and predicts the row after each, with
    `text_gradients`. The first window begins at row 0, with a state of zeros; the next one T
    rows later, with the state that the last one ended with, and so on. Where fewer than
    T + 1 rows are left, the window begins at row 0 again, with a state of zeros. Gradients
    are clipped to `max_norm` by their common norm, and one `Adagrad(lr)`, made anew by this
    call, takes all steps.

    Parameters
    ----------
    streams : ndarray of int, shape (length, n)
        Codes, one stream a column; length is at least T + 1, and n at least 1.
    params : list of ndarray
        W_x, W_h, b, W_y and b_y, of float, to start from. No argument is changed.
    lr : float
        Learning rate, zero or more.
    T : int
        Letters in a window, at least 1.
    max_norm : float
        Limit for the norm of the gradients, greater than zero.
    n_steps : int
        Number of steps, from 0 to 900; all of them are taken.

    Returns
    -------
    params : list of ndarray
        The parameters after the last step; tiny ones keep their digits.
    losses : list of float
        For each step the loss of its window, with the parameters before the step.
    """
    params, optimizer, losses = [p.copy() for p in params], Adagrad(lr), []
    zeros = np.zeros((streams.shape[1], len(params[1])))
    start, h = 0, zeros
    for _ in range(n_steps):
        if start + T >= len(streams):
            start, h = 0, zeros
        loss, grads, h = text_gradients(streams[start : start + T + 1], h, params)
        optimizer.step(params, clip_gradients(grads, max_norm)[0])
        losses.append(loss)
        start += T
    return params, losses
