"""A function of two numbers twice: as a surface in space, and as a map with points on it."""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

__all__ = ["landscape"]

_GRID_POINTS = 81
_BANDS = 12


def landscape(
    function: Callable[[float, float], float],
    u: tuple[float, float],
    v: tuple[float, float],
    *,
    minima: ArrayLike = (),
    others: ArrayLike = (),
    log: bool = False,
    labels: tuple[str, str, str] = ("$x_1$", "$x_2$", "$f$"),
) -> tuple[Axes, Axes]:
    """Draw a function of two numbers as a surface and, beside it, as a map.

    Parameters
    ----------
    function : callable
        Takes two floats, returns one.
    u, v : tuple of float
        Range of the first argument, on the horizontal axis, and of the second.
    minima, others : array_like, shape (n, 2)
        Points to mark on the map if they are in the ranges: global minima (stars) and others
        (rings).
    log : bool
        Show log10(1 + f - lowest) instead of f: for functions that rise over many powers
        of ten. The lines of the map are evenly spaced in what is shown.
    labels : tuple of str
        Names of the two arguments and of the function.

    Returns
    -------
    tuple of matplotlib Axes
        The surface's, in three dimensions, and the map's; they are in a new figure.
    """
    grid_u, grid_v = np.meshgrid(np.linspace(*u, _GRID_POINTS), np.linspace(*v, _GRID_POINTS))
    heights = np.vectorize(function, otypes=[float])(grid_u, grid_v)
    name = labels[2]
    if log:
        heights = np.log10(1.0 + heights - heights.min())
        name = rf"$\log_{{10}}(1 + {name.strip('$')} - $min)"
    levels = np.linspace(heights.min(), heights.max(), _BANDS + 1)
    # Flat bands of few colours, the same in both, keep the file small.
    bands = plt.get_cmap("viridis", _BANDS)
    limits = {"vmin": levels[0], "vmax": levels[-1], "cmap": bands, "antialiased": False}
    figure = plt.figure(figsize=(6.4, 2.8))
    space = figure.add_subplot(1, 2, 1, projection="3d")
    space.plot_surface(
        grid_u, grid_v, heights, shade=False, rcount=_GRID_POINTS, ccount=_GRID_POINTS, **limits
    )
    space.locator_params(nbins=3)
    space.set(xlabel=labels[0], ylabel=labels[1])
    space.set_box_aspect((1.0, 1.0, 0.75), zoom=0.95)
    flat = figure.add_subplot(1, 2, 2)
    filled = flat.contourf(grid_u, grid_v, heights, levels=levels, **limits)
    figure.colorbar(filled, ax=flat, label=name, ticks=MaxNLocator(6))
    flat.set(xlim=u, ylim=v, xlabel=labels[0], ylabel=labels[1])
    flat.grid(visible=False)
    flat.set_box_aspect(1.0)
    _mark(flat, others, {"s": 45, "facecolors": "none", "edgecolors": "white", "linewidths": 1.6})
    _mark(flat, minima, {"marker": "*", "s": 150, "facecolors": "white", "edgecolors": "black"})
    return space, flat


def _mark(ax: Axes, points: ArrayLike, how: dict[str, Any]) -> None:
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    low, high = np.transpose([ax.get_xlim(), ax.get_ylim()])
    inside = np.all((low <= points) & (points <= high), axis=1)
    ax.scatter(*points[inside].T, clip_on=False, zorder=3, **how)
