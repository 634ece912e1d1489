"""What the lesson 09-optimizers/momentum builds, for later lessons to import.

Made by `coursework build` of the cells marked module="descent" in
lessons/09-optimizers/momentum.md: change them, not this file.
"""

__all__ = [
    "Momentum",
    "Nesterov",
    "SGD",
    "take_steps",
]

import numpy as np


class SGD:
    """Gradient descent.

    With the gradient d = g + weight_decay · θ a step is

        θ ← θ - lr · d

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.
    """

    def __init__(self, lr, weight_decay=0.0):
        self.lr = lr
        self.weight_decay = weight_decay

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes, also (). They are changed in place, also where they
            are of single precision and the gradients of double, or views of other arrays.
        grads : list of ndarray
            The gradient of each parameter, of the same shape. They are left unchanged.
        """
        for p, g in zip(params, grads):
            p -= self.lr * (g + self.weight_decay * p)


def take_steps(optimizer, params, rows):
    """Take a step with each row of gradients, all handed over in the same arrays."""
    grads = [np.zeros_like(p) for p in params]
    for row in rows:
        for g, new in zip(grads, row, strict=True):
            g[...] = new
        optimizer.step(params, grads)


class Momentum:
    """Gradient descent with momentum, the heavy ball.

    With the gradient d = g + weight_decay · θ a step is

        v ← momentum · v + (1 - dampening) · d      (at the first step v ← d)
        θ ← θ - lr · v

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.
    momentum : float
        What is left of the velocity after a step, from 0 to less than 1.
    dampening : float
        What is taken off a gradient before it enters the velocity, from 0 to 1; not at the
        first step.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.

    Attributes
    ----------
    velocity : list of ndarray
        The v of each parameter, of the same shape; None before the first step.
        For parameters of single precision it may be of single or of double precision.
    """

    def __init__(self, lr, momentum=0.9, dampening=0.0, weight_decay=0.0):
        self.lr = lr
        self.momentum = momentum
        self.dampening = dampening
        self.weight_decay = weight_decay
        self.velocity = None

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes, also (), the same at each step. They are changed in
            place, also where they are of single precision and the gradients of double, or
            views of other arrays.
        grads : list of ndarray
            The gradient of each parameter, of the same shape. They are left unchanged, and
            the caller may write other gradients into them afterwards.
        """
        share = 1 - self.dampening
        if self.velocity is None:
            self.velocity = [np.zeros_like(p) for p in params]
            share = 1.0
        for p, g, v in zip(params, grads, self.velocity):
            v *= self.momentum
            v += share * (g + self.weight_decay * p)
            p -= self.lr * v


class Nesterov:
    """Nesterov's accelerated gradient, in the form where the parameters look ahead.

    With the gradient d = g + weight_decay · θ a step is

        v ← momentum · v + d                        (v is 0 before the first step)
        θ ← θ - lr · (d + momentum · v)

    Parameters
    ----------
    lr : float
        Learning rate. It may be set anew between two steps.
    momentum : float
        What is left of the velocity after a step, from 0 to less than 1.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.

    Attributes
    ----------
    velocity : list of ndarray
        The v of each parameter, of the same shape; None before the first step.
        For parameters of single precision it may be of single or of double precision.
    """

    def __init__(self, lr, momentum=0.9, weight_decay=0.0):
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.velocity = None

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes, also (), the same at each step. They are changed in
            place, also where they are of single precision and the gradients of double, or
            views of other arrays.
        grads : list of ndarray
            The gradient of each parameter, of the same shape. They are left unchanged, and
            the caller may write other gradients into them afterwards.
        """
        if self.velocity is None:
            self.velocity = [np.zeros_like(p) for p in params]
        for p, g, v in zip(params, grads, self.velocity):
            d = g + self.weight_decay * p
            v *= self.momentum
            v += d
            p -= self.lr * (d + self.momentum * v)
