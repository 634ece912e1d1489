"""What the lesson 00-warm-up/numerical-gradients builds, for later lessons to import.

Made by `coursework build` of the cells marked module="differences" in
lessons/00-warm-up/numerical-gradients.md: change them, not this file.
"""

__all__ = [
    "REL_STEP",
    "central_difference",
    "gradient_check",
    "jacobian",
    "numerical_gradient",
    "relative_error",
    "step_sizes",
]

import numpy as np


def central_difference(f, x, h):
    """Slope of a function of one number, measured between x - h and x + h.

    Parameters
    ----------
    f : callable
        Takes a float and returns a float.
    x : float
        Where the slope is wanted.
    h : float
        The step, greater than zero.

    Returns
    -------
    float
        The difference of the two values of f, divided by 2h.
    """
    return (f(x + h) - f(x - h)) / (2 * h)


REL_STEP = np.finfo(float).eps ** (1 / 3)  # 6.1e-6


def step_sizes(x, rel_step=REL_STEP):
    """Steps for central differences at x, one for each entry.

    Parameters
    ----------
    x : ndarray of any shape
        Where derivatives are wanted, of floats or of whole numbers; it has at least one axis,
        so it is not a single number. It is left unchanged.
    rel_step : float
        The r above, greater than zero.

    Returns
    -------
    ndarray of float, shape of x
        rel_step · max(1, |x|), entry by entry.
    """
    return rel_step * np.maximum(1.0, np.abs(x))


def numerical_gradient(f, x, rel_step=REL_STEP):
    """Gradient of a function of an array, by central differences.

    Parameters
    ----------
    f : callable
        Takes an ndarray of float, of the shape of `x`, and returns a float. It does not
        change its argument.
    x : ndarray of any shape
        Where the gradient is wanted, of floats or of whole numbers; it has at least one axis,
        so it is not a single number. It is left unchanged.
    rel_step : float
        Greater than zero. Each entry moves by its own step, that of `step_sizes`.

    Returns
    -------
    ndarray of float, shape of x
        In each entry the central difference of f as this entry of x alone moves.
    """
    steps = step_sizes(x, rel_step)
    gradient = np.zeros(np.shape(x))
    for i in np.ndindex(gradient.shape):
        move = np.zeros(gradient.shape)
        move[i] = steps[i]
        gradient[i] = (f(x + move) - f(x - move)) / (2 * steps[i])
    return gradient


def jacobian(f, x, rel_step=REL_STEP):
    """Jacobian matrix of a function with several outputs, by central differences.

    Parameters
    ----------
    f : callable
        Takes an ndarray of float, shape (n,), and returns an ndarray, shape (m,). It does
        not change its argument.
    x : ndarray, shape (n,)
        Where the derivatives are wanted, of floats or of whole numbers; n is at least 1. It
        is left unchanged.
    rel_step : float
        Greater than zero. Each entry moves by its own step, that of `step_sizes`.

    Returns
    -------
    ndarray of float, shape (m, n)
        In row i and column j the central difference of output i as input j alone moves.
    """
    columns = []
    for step, direction in zip(step_sizes(x, rel_step), np.eye(len(x))):
        ahead, behind = f(x + step * direction), f(x - step * direction)
        columns.append((ahead - behind) / (2 * step))
    return np.column_stack(columns)


def relative_error(a, b, floor=1e-4):
    """Difference of two arrays relative to their size, entry by entry.

    Parameters
    ----------
    a, b : ndarray of any shape
        What is compared: floats, in the same shape, with at least one axis, so not single
        numbers. They are left unchanged.
    floor : float
        What the difference is divided by where both entries are smaller; greater than zero.

    Returns
    -------
    ndarray of float, shape of a
        |a - b| / max(|a|, |b|, floor), entry by entry.
    """
    size = np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)
    return np.abs(a - b) / size


def gradient_check(f, gradient, x, floor=1e-4):
    """Largest relative error of a derived gradient, compared with the measured one.

    Parameters
    ----------
    f : callable
        Takes an ndarray of float, of the shape of `x`, and returns a float. It does not
        change its argument.
    gradient : callable
        The derived gradient: takes the same array, and returns an ndarray. It does not
        change its argument either.
    x : ndarray of any shape
        Where they are compared, of floats; it has at least one axis, so it is not a single
        number, and at least one entry. It is left unchanged.
    floor : float
        As in `relative_error`; greater than zero.

    Returns
    -------
    float
        The largest relative error of gradient(x) and `numerical_gradient` with its default
        step. It is `np.inf` where gradient(x) has another shape than x, or where an entry of
        either is nan or infinite.
    """
    derived, measured = gradient(x), numerical_gradient(f, x)
    if np.shape(derived) != np.shape(measured) or not np.all(np.isfinite(derived - measured)):
        return np.inf
    return np.max(relative_error(derived, measured, floor))
