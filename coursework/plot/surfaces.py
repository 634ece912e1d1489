"""Figures of functions of two numbers, and of points in space."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from coursework.plot.style import COLOURS

__all__ = ["contours", "projection", "surface"]

_GREY = "#9a9a9a"
_GRID_POINTS = 80
_MARKED_STEPS = 40


def contours(
    function: Callable[[float, float], float],
    u: tuple[float, float],
    v: tuple[float, float],
    *,
    paths: Mapping[str, ArrayLike] | None = None,
    labels: tuple[str, str] = ("$w$", "$b$"),
    ax: Axes | None = None,
) -> Axes:
    """Draw lines of equal value of a function of two numbers, and paths across them.

    Parameters
    ----------
    function : callable
        Takes two floats, returns one.
    u, v : tuple of float
        Range of the first argument, on the horizontal axis, and of the second.
    paths : mapping of str to array_like, shape (n_steps + 1, 2), optional
        For each label the points that a method visits. The first few are marked; what
        leaves the ranges is cut off.
    labels : tuple of str
        Names of the two arguments.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots()[1]
    grid_u, grid_v = np.meshgrid(np.linspace(*u, _GRID_POINTS), np.linspace(*v, _GRID_POINTS))
    values = np.vectorize(function, otypes=[float])(grid_u, grid_v)
    # Squares are evenly spaced contours of a bowl: crowded lines then mean a steep place.
    levels = values.min() + np.ptp(values) * np.linspace(0.05, 1.0, 11) ** 2
    ax.contour(grid_u, grid_v, values, levels=levels, colors=_GREY, linewidths=0.8)
    for label, path in (paths or {}).items():
        points = np.asarray(path, dtype=float)
        (drawn,) = ax.plot(*points.T, linewidth=1.2, label=label)
        ax.plot(*points[:_MARKED_STEPS].T, ".", markersize=5, color=drawn.get_color())
    ax.set(xlim=u, ylim=v, xlabel=labels[0], ylabel=labels[1])
    ax.grid(visible=False)
    if paths:
        ax.legend(frameon=True, framealpha=0.9)
    return ax


def surface(
    function: Callable[[float, float], float],
    u: tuple[float, float],
    v: tuple[float, float],
    *,
    top: float = math.inf,
    ax: Any = None,
) -> Axes:
    """Draw a function of two numbers in space, as rings of equal height over a map of them.

    Parameters
    ----------
    function : callable
        Takes two floats, returns one.
    u, v : tuple of float
        Range of the first argument and of the second.
    top : float
        Greatest height to draw; a bowl cut off there has a level rim.
    ax : matplotlib Axes, optional
        Axes in three dimensions; a new figure by default.

    Returns
    -------
    matplotlib Axes
        The lowest point is marked in the bowl and on the map, which is laid below the bowl for
        clarity. Heights are to be read on the axis, whose ticks begin at or below the lowest.
    """
    ax = ax or plt.subplots(figsize=(4.6, 3.7), subplot_kw={"projection": "3d"})[1]
    grid_u, grid_v = np.meshgrid(np.linspace(*u, _GRID_POINTS), np.linspace(*v, _GRID_POINTS))
    values = np.vectorize(function, otypes=[float])(grid_u, grid_v)
    low, top = values.min(), min(top, values.max())
    floor = low - 0.5 * (top - low)
    # Squares are heights that lie evenly spaced on the wall of a bowl.
    rings = low + (top - low) * np.linspace(0.08, 1.0, 11) ** 2
    ax.contour(grid_u, grid_v, values, levels=rings, cmap="viridis", linewidths=1.4)
    ax.contour(
        grid_u, grid_v, values, levels=rings[1::3], offset=floor, colors=_GREY, linewidths=0.8
    )
    lowest = np.unravel_index(np.argmin(values), values.shape)
    point = np.array([[grid_u[lowest], grid_v[lowest], z] for z in (low, floor)])
    ax.plot(*point.T, "o:", color=COLOURS[1], linewidth=1.2)
    ax.locator_params(nbins=4)
    ax.set(zlim=(floor, top))
    ticks = ax.get_zticks()
    first = max((tick for tick in ticks if floor <= tick <= low), default=low)
    ax.set_zticks([tick for tick in ticks if first <= tick <= top])
    return ax


def projection(
    X: ArrayLike,
    y: ArrayLike,
    y_hat: ArrayLike,
    *,
    ax: Any = None,
) -> Axes:
    """Draw three targets as a point in space, the plane of two columns, and the fit in it.

    Parameters
    ----------
    X : array_like, shape (3, 2)
        The columns that span the plane.
    y, y_hat : array_like, shape (3,)
        Targets and predictions.
    ax : matplotlib Axes, optional
        Axes in three dimensions; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots(subplot_kw={"projection": "3d"})[1]
    X, y, y_hat = (np.asarray(values, dtype=float) for values in (X, y, y_hat))
    basis = np.linalg.qr(X)[0]
    # A sheet around everything that is drawn in the plane.
    inside = np.column_stack([np.zeros(3), X, y_hat]).T @ basis
    low, high = inside.min(axis=0) - 0.5, inside.max(axis=0) + 0.5
    corners = np.array([[(a, b) for b in (low[1], high[1])] for a in (low[0], high[0])])
    ax.plot_surface(*np.moveaxis(corners @ basis.T, -1, 0), color=COLOURS[5], alpha=0.3)
    for column, label in zip(X.T, ("$c_1$", "$c_2$"), strict=True):
        _arrow(ax, np.zeros(3), column, COLOURS[2], label)
    _arrow(ax, np.zeros(3), y, COLOURS[0], "$y$")
    # Its label is away from the corner where the residual begins.
    _arrow(ax, np.zeros(3), y_hat, COLOURS[6], r"$\hat y$", aside=-0.15 * (y - y_hat))
    ax.plot(*np.array([y_hat, y]).T, "-", color=COLOURS[1], label=r"residual, $\hat y - y$")
    ax.plot(*_right_angle(y_hat, y).T, "-", color=COLOURS[1], linewidth=1.0)
    ax.set(aspect="equal", xticklabels=[], yticklabels=[], zticklabels=[])
    ax.legend()
    return ax


def _arrow(
    ax: Any,
    start: np.ndarray,
    end: np.ndarray,
    colour: str,
    label: str,
    aside: ArrayLike = 0.0,
) -> None:
    ax.quiver(*start, *(end - start), color=colour, arrow_length_ratio=0.08, linewidth=1.8)
    ax.text(*(start + 1.08 * (end - start) + aside), label, color=colour, fontsize="large")


def _right_angle(foot: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Return the corner points of the small square that marks a right angle at `foot`."""
    size = 0.2
    up = size * (top - foot) / np.linalg.norm(top - foot)
    back = -size * foot / np.linalg.norm(foot)
    return np.array([foot + up, foot + up + back, foot + back])
