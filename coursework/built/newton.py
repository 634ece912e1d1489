"""What the lesson 01-linear-regression/newtons-method builds, for later lessons to import.

Made by `coursework build` of the cells marked module="newton" in
lessons/01-linear-regression/newtons-method.md: change them, not this file.
"""

__all__ = [
    "backtrack",
    "downhill_step",
    "newton_minimize",
    "newton_step",
]

import numpy as np


def newton_step(gradient, hessian):
    """Newton's step p, the solution of H p = -g.

    Where H is nearly singular, H p + g is still zero up to rounding of the size of the
    products in H p.

    Parameters
    ----------
    gradient : ndarray, shape (d,)
        The gradient g, of floats or of whole numbers; d is at least 1. It is left unchanged.
    hessian : ndarray, shape (d, d)
        The symmetric matrix H; it is left unchanged.

    Returns
    -------
    ndarray of float, shape (d,)
        The step, to be added to where you stand.

    Raises
    ------
    numpy.linalg.LinAlgError
        If H is found to be singular.
    """
    return np.linalg.solve(hessian, -gradient)


def downhill_step(gradient, hessian, floor=1e-8):
    """Newton's step, with each curvature made positive.

    With the eigenvectors v_i and the eigenvalues λ_i of the Hessian,

        p = -Σ (v_i · g) / max(|λ_i|, floor) v_i

    Parameters
    ----------
    gradient : ndarray, shape (d,)
        The gradient g, of floats or of whole numbers; d is at least 1. It is left unchanged.
    hessian : ndarray, shape (d, d)
        A symmetric matrix, which may be singular. It is left unchanged.
    floor : float
        The smallest curvature to divide by, greater than zero.

    Returns
    -------
    ndarray of float, shape (d,)
        The step, to be added to where you stand.
    """
    curvatures, V = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(curvatures), floor)
    return -V @ (V.T @ gradient / sizes)


def backtrack(f, x, step, slope):
    """Share of a step that lets a function fall far enough, by Armijo's rule.

    It is the first t of 1, 1/2, 1/4, … with

        f(x + t step) ≤ f(x) + 1e-4 t slope

    A value that is nan or +infinity is not low enough; -infinity does not occur.

    Parameters
    ----------
    f : callable
        Takes an ndarray of float, shape (d,), and returns a float. It does not change its
        argument, is smooth around `x` and finite there.
    x : ndarray, shape (d,)
        Where the step begins, in floats or in whole numbers; d is at least 1. It is left
        unchanged.
    step : ndarray, shape (d,)
        A step downhill, likewise.
    slope : float
        Gradient times step, less than zero; it is used as it is given.

    Returns
    -------
    float
        The share t.
    """
    t, start = 1.0, f(x)
    while not f(x + t * step) <= start + 1e-4 * t * slope:
        t /= 2
    return t


def newton_minimize(f, gradient, hessian, x, tol=1e-8, max_steps=100):
    """Minimise a function by damped Newton steps.

    Each step is that of `downhill_step`, with its default floor, times the share that
    `backtrack` allows.

    Parameters
    ----------
    f : callable
        Takes an ndarray of float, shape (d,), and returns a float, as in `backtrack`.
    gradient, hessian : callable
        Take the same array, and return an ndarray, of shape (d,) and of shape (d, d).
    x : ndarray, shape (d,)
        Where to start, of floats; d is at least 1. It is left unchanged.
    tol : float
        The search ends where no entry of the gradient is larger in size; greater than zero.
    max_steps : int
        The search ends after so many steps, too; it may be 0, or some thousands.

    Returns
    -------
    ndarray of float, shape (n_steps + 1, d)
        The start, and the point after each step: one point a row.
    """
    points = [x]
    for _ in range(max_steps):
        g = gradient(x)
        if np.max(np.abs(g)) <= tol:
            break
        step = downhill_step(g, hessian(x))
        x = x + backtrack(f, x, step, g @ step) * step
        points.append(x)
    return np.array(points)
