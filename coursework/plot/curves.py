"""Figures over one variable: fits and losses."""

from collections.abc import Mapping, Sequence
from typing import cast

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from coursework.plot.style import COLOURS

__all__ = ["fit", "loss_curves"]


def fit(
    x: ArrayLike,
    y: ArrayLike,
    y_hat: ArrayLike,
    *,
    residuals: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw data with one feature, a model's predictions, and the residuals between them.

    Parameters
    ----------
    x, y, y_hat : array_like, shape (n,)
        Feature, targets and predictions; in any order.
    residuals : bool
        Whether to draw a line from each prediction to its target.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots()[1]
    order = np.argsort(x)
    x, y, y_hat = (np.asarray(values, dtype=float)[order] for values in (x, y, y_hat))
    if residuals:
        ax.vlines(x, y_hat, y, color=COLOURS[1], linewidth=1.0, alpha=0.7, label="residual")
    ax.plot(x, y, "o", color=COLOURS[0], markersize=5, label="data")
    ax.plot(x, y_hat, "-", color=COLOURS[6], label="prediction")
    ax.set(xlabel="$x$", ylabel="$y$")
    return ax


def loss_curves(
    losses: Mapping[str, ArrayLike],
    *,
    per_epoch: Mapping[str, int] | None = None,
    log: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw how losses change while models learn.

    Parameters
    ----------
    losses : mapping of str to array_like, shape (n_steps + 1,)
        For each label, the loss before the first step and after each step.
    per_epoch : mapping of str to int, optional
        For each label, its steps per epoch. If given, the curves are drawn over epochs, which
        compares methods whose steps cost differently at equal work; otherwise over steps.
    log : bool
        Whether the loss has a logarithmic axis.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots()[1]
    for label, values in losses.items():
        steps = np.arange(len(cast("Sequence[float]", values))) / (
            per_epoch[label] if per_epoch else 1
        )
        ax.plot(steps, values, label=label)
    ax.set(xlabel="epoch" if per_epoch else "step", ylabel="$L$")
    if log:
        ax.set_yscale("log")
    ax.legend()
    return ax
