"""What the lesson 09-optimizers/adam-family builds, for later lessons to import.

Made by `coursework build` of the cells marked module="adam" in
lessons/09-optimizers/adam-family.md: change them, not this file.
"""

__all__ = [
    "Adam",
    "AdamW",
]

import numpy as np


class Adam:
    """Adam: an average of the gradients over the root of an average of their squares.

    With the gradient d = g + weight_decay · θ the step number t = 1, 2, … is

        m ← beta1 · m + (1 - beta1) · d
        v ← beta2 · v + (1 - beta2) · d²
        θ ← θ - lr · m̂ / (√v̂ + eps),    m̂ = m / (1 - beta1ᵗ),    v̂ = v / (1 - beta2ᵗ)

    With `amsgrad`, v_max ← max(v_max, v), and v̂ = v_max / (1 - beta2ᵗ). All of m, v and
    v_max start from zero.

    Parameters
    ----------
    lr : float or ndarray
        Learning rate; an array broadcasts with every parameter. It may be set anew between
        two steps.
    betas : tuple of float
        beta1 and beta2, what is kept of the averages in a step; from 0 to less than 1.
    eps : float
        Greater than zero.
    weight_decay : float
        Weight λ of the penalty λ/2 ‖θ‖²; zero or more.
    amsgrad : bool
        Whether to divide by the largest v so far.

    Attributes
    ----------
    t : int
        Steps taken; 0 before the first one.
    m, v : list of ndarray
        The averages for each parameter, of the same shape; None before the first step.
    v_max : list of ndarray
        The largest v for each, likewise; of no meaning unless `amsgrad`.
    """

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False):
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.amsgrad = amsgrad
        self.t = 0
        self.m = self.v = self.v_max = None

    def step(self, params, grads):
        """Take one step.

        Parameters
        ----------
        params : list of ndarray
            Float arrays of any shapes, the same at each step. They are changed in place.
        grads : list of ndarray
            The gradient of each parameter, of the same shape. They are left unchanged, and
            the caller may write other gradients into them afterwards.
        """
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
            self.v_max = [np.zeros_like(p) for p in params]
        self.t += 1
        beta1, beta2 = self.betas
        for p, g, m, v, v_max in zip(params, grads, self.m, self.v, self.v_max):
            d = g + self.weight_decay * p
            m += (1 - beta1) * (d - m)
            v += (1 - beta2) * (d**2 - v)
            v_max[...] = np.maximum(v_max, v)
            m_hat = m / (1 - beta1**self.t)
            v_hat = (v_max if self.amsgrad else v) / (1 - beta2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


class AdamW:
    """Adam with decoupled weight decay.

    The step number t = 1, 2, … is

        θ ← (1 - lr · weight_decay) · θ
        m ← beta1 · m + (1 - beta1) · g
        v ← beta2 · v + (1 - beta2) · g²
        θ ← θ - lr · m̂ / (√v̂ + eps),    m̂ = m / (1 - beta1ᵗ),    v̂ = v / (1 - beta2ᵗ)

    Both m and v start from zero.

    Parameters
    ----------
    lr : float or ndarray
        Learning rate; an array broadcasts with every parameter. It may be set anew between
        two steps.
    betas : tuple of float
        beta1 and beta2, what is kept of the averages in a step; from 0 to less than 1.
    eps : float
        Greater than zero.
    weight_decay : float
        Share by which parameters decay in a step, over the rate; zero or more.

    Attributes
    ----------
    t : int
        Steps taken; 0 before the first one.
    m, v : list of ndarray
        The averages for each parameter, of the same shape; None before the first step.
    """

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.t = 0
        self.m = self.v = None

    def step(self, params, grads):
        """Take one step; `params` and `grads` are those of `Adam.step`."""
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
        self.t += 1
        beta1, beta2 = self.betas
        for p, g, m, v in zip(params, grads, self.m, self.v):
            p *= 1 - self.lr * self.weight_decay
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g**2 - v)
            m_hat, v_hat = m / (1 - beta1**self.t), v / (1 - beta2**self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
