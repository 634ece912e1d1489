"""What the lesson 09-optimizers/adaptive-rates builds, for later lessons to import.

Made by `coursework build` of the cells marked module="adaptive" in
lessons/09-optimizers/adaptive-rates.md: change them, not this file.
"""

__all__ = [
    "Adadelta",
    "Adagrad",
    "RMSprop",
]

import numpy as np


class Adagrad:
    """Adagrad: each entry has a rate of its own, which falls with the gradients it has seen.

    With the gradient d = g + weight_decay · θ a step is, entry by entry,

        s ← s + d²                      (s starts from initial_accumulator_value)
        θ ← θ - lr · d / (√s + eps)

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.
    initial_accumulator_value : float
        Zero or more.
    eps : float
        Greater than zero.

    Attributes
    ----------
    square_sum : list of ndarray
        The s of each parameter, of the same shape; None before the first step.
    """

    def __init__(self, lr=0.01, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        self.lr = lr
        self.weight_decay = weight_decay
        self.initial_accumulator_value = initial_accumulator_value
        self.eps = eps
        self.square_sum = None

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes, also (), the same at each step. They are changed in
            place, also where they are of single precision and the gradients of double.
        grads : list of ndarray
            The gradient of each parameter, of the same shape. They are left unchanged, and
            the caller may write other gradients into them afterwards.
        """
        if self.square_sum is None:
            self.square_sum = [np.full_like(p, self.initial_accumulator_value) for p in params]
        for p, g, s in zip(params, grads, self.square_sum):
            d = g + self.weight_decay * p
            s += d**2
            p -= self.lr * d / (np.sqrt(s) + self.eps)


class RMSprop:
    """RMSprop: gradients divided by the root of a moving average of their squares.

    With the gradient d = g + weight_decay · θ a step is, entry by entry,

        s ← alpha · s + (1 - alpha) · d²
        r ← d / (√s + eps)
        v ← momentum · v + r            (with momentum = 0 this is r)
        θ ← θ - lr · v

    With `centered`, m ← alpha · m + (1 - alpha) · d, and s - m² (or 0 where that is
    negative) takes the place of s under the root. All of s, m and v start from zero.

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.
    alpha : float
        What is kept of the averages in a step, from 0 to less than 1.
    eps : float
        Greater than zero.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.
    momentum : float
        What is left of v after a step, from 0 to less than 1.
    centered : bool
        Whether to divide by the standard deviation.

    Attributes
    ----------
    square_avg : list of ndarray
        The s of each parameter, of the same shape; None before the first step.
    grad_avg : list of ndarray
        The m of each; of no meaning unless `centered`.
    velocity : list of ndarray
        The v of each; of no meaning without momentum.
    """

    def __init__(
        self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False
    ):
        self.lr = lr
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.centered = centered
        self.square_avg = None
        self.grad_avg = None
        self.velocity = None

    def step(self, params, grads):
        """Take one step, with `params` and `grads` as in `Adagrad.step`."""
        if self.square_avg is None:
            self.square_avg = [np.zeros_like(p) for p in params]
            self.grad_avg = [np.zeros_like(p) for p in params]
            self.velocity = [np.zeros_like(p) for p in params]
        for p, g, s, m, v in zip(params, grads, self.square_avg, self.grad_avg, self.velocity):
            d = g + self.weight_decay * p
            s += (1 - self.alpha) * (d**2 - s)
            m += (1 - self.alpha) * (d - m)
            square = np.maximum(s - m**2, 0.0) if self.centered else s
            v *= self.momentum
            v += d / (np.sqrt(square) + self.eps)
            p -= self.lr * v


class Adadelta:
    """Adadelta: steps as long as the last ones were, for gradients as large as the last ones.

    With the gradient d = g + weight_decay · θ a step is, entry by entry,

        s ← rho · s + (1 - rho) · d²
        δ ← √(u + eps) / √(s + eps) · d
        u ← rho · u + (1 - rho) · δ²
        θ ← θ - lr · δ

    Both s and u start from zero.

    Parameters
    ----------
    lr : float
        Factor of all steps. It may be set anew between two steps.
    rho : float
        What is kept of the averages in a step, from 0 to less than 1.
    eps : float
        Greater than zero.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.

    Attributes
    ----------
    square_avg : list of ndarray
        The s of each parameter, of the same shape; None before the first step.
    delta_avg : list of ndarray
        The u of each parameter, likewise.
    """

    def __init__(self, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        self.lr = lr
        self.rho = rho
        self.eps = eps
        self.weight_decay = weight_decay
        self.square_avg = None
        self.delta_avg = None

    def step(self, params, grads):
        """Take one step, with `params` and `grads` as in `Adagrad.step`."""
        if self.square_avg is None:
            self.square_avg = [np.zeros_like(p) for p in params]
            self.delta_avg = [np.zeros_like(p) for p in params]
        for p, g, s, u in zip(params, grads, self.square_avg, self.delta_avg):
            d = g + self.weight_decay * p
            s += (1 - self.rho) * (d**2 - s)
            delta = np.sqrt((u + self.eps) / (s + self.eps)) * d
            u += (1 - self.rho) * (delta**2 - u)
            p -= self.lr * delta
