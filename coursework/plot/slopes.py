"""Figures of functions and their slopes."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from coursework.plot.style import COLOURS

__all__ = ["tangents"]


def tangents(
    x: ArrayLike,
    y: ArrayLike,
    at: ArrayLike,
    values: ArrayLike,
    slopes: ArrayLike,
    *,
    length: float = 0.16,
    ax: Axes | None = None,
) -> Axes:
    """Draw a curve, and pieces of tangents at some of its points.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The curve, from left to right.
    at, values, slopes : array_like, shape (k,)
        Where the tangents touch it, how high, and how steep they are.
    length : float
        How wide a tangent is, as a share of the width of the curve.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots()[1]
    at, values, slopes = (np.asarray(given, dtype=float) for given in (at, values, slopes))
    half = np.array([-0.5, 0.5]) * length * np.ptp(x)
    ax.plot(x, y, "-", color=COLOURS[6], linewidth=1.2)
    tangents = values + half[:, np.newaxis] * slopes
    ax.plot(at + half[:, np.newaxis], tangents, "-", color=COLOURS[1])
    ax.plot(at, values, "o", color=COLOURS[0])
    ax.set(xlabel="$x$", ylabel="$y$")
    return ax
