"""What the lesson 11-deep-learning/convolutional-networks builds, for later lessons to import.

Made by `coursework build` of the cells marked module="convolution" in
lessons/11-deep-learning/convolutional-networks.md: change them, not this file.
"""

__all__ = [
    "cnn_backward",
    "cnn_forward",
    "cnn_step",
    "cnn_train",
    "col2im",
    "conv2d_backward",
    "conv2d_forward",
    "conv2d_naive",
    "correlate",
    "im2col",
    "init_cnn",
    "max_pool_backward",
    "max_pool_forward",
    "output_size",
    "pad",
]

import numpy as np

from coursework.built.arrays import batches
from coursework.built.backprop import dense_backward, softmax_cross_entropy
from coursework.built.layers import dense, he_init, relu, relu_derivative


def correlate(x, w):
    """Lay a filter on each place of a picture, and take the sum of products there.

    Parameters
    ----------
    x : ndarray, shape (height, width)
        A picture, floats or whole numbers. Neither argument is changed.
    w : ndarray, shape (kh, kw)
        A filter, floats or whole numbers; it is at least 1 by 1, and fits into the picture.

    Returns
    -------
    ndarray, shape (height - kh + 1, width - kw + 1)
        Entry (i, j) is the sum of w[u, v] x[i + u, j + v] over all u and v. Tiny entries keep
        their digits.
    """
    kh, kw = w.shape
    z = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i, j in np.ndindex(z.shape):
        z[i, j] = np.sum(w * x[i : i + kh, j : j + kw])
    return z


def output_size(size, kernel, stride, padding):
    """Count the windows along one axis of a picture."""
    return (size + 2 * padding - kernel) // stride + 1


def pad(X, padding):
    """Put a border of zeros around each picture (n, c, height, width), along the two last axes only."""
    return np.pad(X, [(0, 0), (0, 0), (padding, padding), (padding, padding)])


def conv2d_naive(X, W, b, stride, padding):
    """Feature maps of pictures (a cross-correlation, as in PyTorch), by plain loops.

    Parameters
    ----------
    X : ndarray, shape (n, c, height, width)
        Pictures with c channels, floats or whole numbers; n and c are at least 1. No argument
        is changed.
    W : ndarray, shape (m, c, kh, kw)
        Filters, floats or whole numbers; m is at least 1. They fit into the padded picture.
    b : ndarray, shape (m,)
        Biases, floats or whole numbers.
    stride : int
        Pixels between windows, down and to the right, at least 1.
    padding : int
        Zeros on each of the four sides, zero or more.

    Returns
    -------
    ndarray, shape (n, m, h_out, w_out)
        Entry (a, k, i, j) is b[k] plus the sum of filter k times the window of picture a that
        starts i·stride rows and j·stride columns from the corner of the padded picture. Its
        size is that of `output_size`; tiny entries keep their digits.
    """
    n, _, height, width = X.shape
    m, _, kh, kw = W.shape
    h_out, w_out = output_size(height, kh, stride, padding), output_size(width, kw, stride, padding)
    P = pad(X, padding)
    Z = np.zeros((n, m, h_out, w_out))
    for a, k, i, j in np.ndindex(Z.shape):
        window = P[a, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        Z[a, k, i, j] = b[k] + np.sum(W[k] * window)
    return Z


def im2col(X, kh, kw, stride, padding):
    """Windows of pictures as rows of a table.

    Parameters
    ----------
    X : ndarray, shape (n, c, height, width)
        Pictures, floats or whole numbers; n and c are at least 1. They are left unchanged.
    kh : int
        Height of a window, at least 1; windows fit into the padded picture.
    kw : int
        Width of a window, at least 1.
    stride : int
        Pixels between windows, at least 1.
    padding : int
        Zeros on each of the four sides, zero or more.

    Returns
    -------
    ndarray, shape (n·h_out·w_out, c·kh·kw)
        A row for each window: those of picture 0 first, within it from left to right along
        the top, then further down. In a row channel 0 comes first, within it the top row of
        the window from left to right, then the next.
    """
    n, c, height, width = X.shape
    h_out, w_out = output_size(height, kh, stride, padding), output_size(width, kw, stride, padding)
    P = pad(X, padding)
    windows = np.zeros((n, h_out, w_out, c, kh, kw))
    for u, v in np.ndindex(kh, kw):
        below = P[:, :, u : u + stride * h_out : stride, v : v + stride * w_out : stride]
        windows[..., u, v] = below.transpose(0, 2, 3, 1)
    return windows.reshape(n * h_out * w_out, c * kh * kw)


def conv2d_forward(X, W, b, stride, padding):
    """Feature maps of pictures, as those of `conv2d_naive`, by one matrix product.

    Parameters
    ----------
    X : ndarray, shape (n, c, height, width)
        Pictures, floats or whole numbers; n and c are at least 1. No argument is changed.
    W : ndarray, shape (m, c, kh, kw)
        Filters, floats or whole numbers; m is at least 1. They fit into the padded picture.
    b : ndarray, shape (m,)
        Biases, floats or whole numbers.
    stride : int
        Pixels between windows, at least 1.
    padding : int
        Zeros on each side, zero or more.

    Returns
    -------
    ndarray, shape (n, m, h_out, w_out)
        As `conv2d_naive` returns it; tiny entries keep their digits.
    """
    m, _, kh, kw = W.shape
    rows = dense(im2col(X, kh, kw, stride, padding), W.reshape(m, -1).T, b)
    h_out = output_size(X.shape[2], kh, stride, padding)
    return rows.reshape(len(X), h_out, -1, m).transpose(0, 3, 1, 2)


def col2im(columns, shape, kh, kw, stride, padding):
    """Add numbers at windows back to the pixels where the windows came from.

    It takes a gradient with respect to the table of `im2col` back to the pictures.

    Parameters
    ----------
    columns : ndarray, shape (n·h_out·w_out, c·kh·kw)
        A row for each window, in the order of `im2col`; floats or whole numbers. It is left
        unchanged.
    shape : tuple of int
        Shape of the pictures, (n, c, height, width), each at least 1.
    kh : int
        Height of a window, at least 1.
    kw : int
        Width of a window, at least 1.
    stride : int
        Pixels between windows, at least 1.
    padding : int
        Zeros that `im2col` added on each of the four sides, zero or more.

    Returns
    -------
    ndarray of float, shape (n, c, height, width)
        For each pixel the sum over all entries of `columns` that are its copies, and 0 where
        there are none. What belongs to the padding is left out; tiny entries keep their digits.
    """
    n, c, height, width = shape
    h_out, w_out = output_size(height, kh, stride, padding), output_size(width, kw, stride, padding)
    windows = columns.reshape(n, h_out, w_out, c, kh, kw).transpose(0, 3, 1, 2, 4, 5)
    P = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    for u, v in np.ndindex(kh, kw):
        P[:, :, u : u + stride * h_out : stride, v : v + stride * w_out : stride] += windows[..., u, v]
    return P[:, :, padding : padding + height, padding : padding + width]


def conv2d_backward(dZ, X, W, stride, padding):
    """Take the gradient of a loss back through `conv2d_forward`.

    Nothing is divided by n: `dZ` has the factor of a mean already.

    Parameters
    ----------
    dZ : ndarray, shape (n, m, h_out, w_out)
        Gradient of the loss with respect to the feature maps, floats or whole numbers.
    X : ndarray, shape (n, c, height, width)
        Pictures that went into the layer, floats or whole numbers. No argument is changed.
    W : ndarray, shape (m, c, kh, kw)
        Filters, floats or whole numbers.
    stride : int
        As it was on the way forward, at least 1.
    padding : int
        As it was on the way forward, zero or more.

    Returns
    -------
    dX : ndarray, shape (n, c, height, width)
        Gradient with respect to `X`; 0 for a pixel in no window. Tiny entries of all three
        keep their digits.
    dW : ndarray, shape (m, c, kh, kw)
        Gradient with respect to `W`.
    db : ndarray, shape (m,)
        Gradient with respect to the biases.
    """
    m, _, kh, kw = W.shape
    rows = dZ.transpose(0, 2, 3, 1).reshape(-1, m)
    columns = im2col(X, kh, kw, stride, padding)
    dC, dV, db = dense_backward(rows, columns, W.reshape(m, -1).T)
    return col2im(dC, X.shape, kh, kw, stride, padding), dV.T.reshape(W.shape), db


def max_pool_forward(X, size, stride):
    """Largest entry of each window, channel by channel.

    Parameters
    ----------
    X : ndarray, shape (n, c, height, width)
        Feature maps, floats or whole numbers, negative ones too; n and c are at least 1. They
        are left unchanged.
    size : int
        Height and width of a window, at least 1; it fits into the map.
    stride : int
        Pixels between windows, at least 1. It may be smaller than `size`, or larger.

    Returns
    -------
    ndarray, shape (n, c, h_out, w_out)
        Entry (a, c, i, j) is the maximum of the window that starts i·stride rows and j·stride
        columns from the corner of map (a, c). Windows that stick out are left out.
    """
    n, c, height, width = X.shape
    windows = im2col(X.reshape(n * c, 1, height, width), size, size, stride, 0)
    h_out = output_size(height, size, stride, 0)
    return np.max(windows, axis=1).reshape(n, c, h_out, -1)


def max_pool_backward(dY, X, size, stride):
    """Take the gradient of a loss back through `max_pool_forward`.

    Parameters
    ----------
    dY : ndarray, shape (n, c, h_out, w_out)
        Gradient with respect to the maxima, floats or whole numbers.
    X : ndarray, shape (n, c, height, width)
        What went into the pooling, floats or whole numbers, negative ones too. No argument is
        changed.
    size : int
        Height and width of a window, at least 1.
    stride : int
        Pixels between windows, at least 1. It may be smaller than `size`, or larger.

    Returns
    -------
    ndarray of float, shape (n, c, height, width)
        Gradient with respect to `X`. Each window's goes to its largest entry; if there are
        several, to the first of them, in the top row in which there is one, from the left.
        Tiny entries keep their digits.
    """
    n, c, height, width = X.shape
    windows = im2col(X.reshape(n * c, 1, height, width), size, size, stride, 0)
    blame = np.zeros(windows.shape)
    blame[np.arange(len(windows)), np.argmax(windows, axis=1)] = dY.reshape(-1)
    return col2im(blame, (n * c, 1, height, width), size, size, stride, 0).reshape(X.shape)


def init_cnn(filters, n_features, n_classes, rng):
    """Draw He's weights: a layer for each shape in `filters`, (m, c, k, k), and a dense one.

    A filter has c·k·k inputs. Biases are zero; layers are drawn from first to last.
    """
    layers = [(he_init(c * kh * kw, m, rng).T.reshape(m, c, kh, kw), np.zeros(m)) for m, c, kh, kw in filters]
    return [*layers, (he_init(n_features, n_classes, rng), np.zeros(n_classes))]


def cnn_forward(X, layers, pools):
    """Return lists A and Z, as `forward` of feedforward networks does, for pictures X.

    A[l] went into layer l, Z[l] came out of it, before relu and pooling; the scores are A[-1]
    and Z[-1]. What went into the dense layer is kept as maps, (n, c, height, width).
    """
    A, Z = [X], []
    for (W, b), size in zip(layers[:-1], pools):
        Z.append(conv2d_forward(A[-1], W, b, 1, W.shape[2] // 2))
        A.append(max_pool_forward(relu(Z[-1]), size, size))
    scores = dense(A[-1].reshape(len(X), -1), *layers[-1])
    return [*A, scores], [*Z, scores]


def cnn_backward(dZ, A, Z, layers, pools):
    """Return a pair (dW, db) for each layer, where `dZ` is the loss's gradient of the scores."""
    maps = A[len(pools)]
    dA, dW, db = dense_backward(dZ, maps.reshape(len(maps), -1), layers[-1][0])
    grads, dA = [(dW, db)], dA.reshape(maps.shape)
    for i in reversed(range(len(pools))):
        W = layers[i][0]
        dH = max_pool_backward(dA, relu(Z[i]), pools[i], pools[i])
        dA, dW, db = conv2d_backward(dH * relu_derivative(Z[i]), A[i], W, 1, W.shape[2] // 2)
        grads.append((dW, db))
    return grads[::-1]


def cnn_step(X, y, layers, pools, lr):
    """Take a step of gradient descent on the mean cross-entropy of a batch of pictures.

    Parameters
    ----------
    X : ndarray, shape (n, c, height, width)
        Pictures, floats or whole numbers; n and c are at least 1.
    y : ndarray of int, shape (n,)
        Labels from 0 to k - 1.
    layers : list of tuple
        Pairs (W, b) of ndarrays of float: of one or more layers of filters, square ones with an
        odd side, and last of the dense layer with k scores. No argument is changed.
    pools : list of int
        Size and stride of the pooling behind each layer of filters; 1 means none.
    lr : float
        Learning rate.

    Returns
    -------
    layers : list of tuple
        The pairs (W, b) after the step: all have moved at once, by -lr times their gradient.
        Tiny numbers keep their digits.
    loss : float
        The mean cross-entropy before the step.
    """
    A, Z = cnn_forward(X, layers, pools)
    loss, dZ = softmax_cross_entropy(y, A[-1])
    grads = cnn_backward(dZ, A, Z, layers, pools)
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(layers, grads)], loss


def cnn_train(X, y, layers, pools, lr, batch_size, n_epochs, rng):
    """Train by mini-batch gradient descent; return the layers, and each epoch's mean loss."""
    losses = []
    for _ in range(n_epochs):
        total = 0.0
        for X_batch, y_batch in batches(X, y, batch_size, rng):
            layers, loss = cnn_step(X_batch, y_batch, layers, pools, lr)
            total += loss * len(y_batch)
        losses.append(total / len(y))
    return layers, losses
