"""Figures that lessons share, so that a figure cell is a few lines.

Each function draws on the Matplotlib axes that it is given, or on new ones, and returns
them; title and further labels are the lesson's. Colours come from one cycle that readers
with a colour-vision deficiency can tell apart (Okabe and Ito, 2008).
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image as Picture

__all__ = [
    "COLOURS",
    "animation",
    "contours",
    "fit",
    "loss_curves",
    "projection",
    "strip",
    "surface",
    "use_style",
]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Blue, vermilion, green, purple, orange, sky blue, black."""

_GREY = "#9a9a9a"
_GRID_POINTS = 80
_MARKED_STEPS = 40
_PALETTE_SIZE = 32
_NEARLY_WHITE = 245


def use_style() -> None:
    """Set the course's colours, sizes and fonts for the figures of this notebook."""
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.prop_cycle": plt.cycler(color=COLOURS),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "figure.figsize": (6.0, 4.0),
            "font.size": 10.0,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "savefig.dpi": 100,
        }
    )


def fit(
    x: ArrayLike,
    y: ArrayLike,
    y_hat: ArrayLike,
    *,
    residuals: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw data of one feature, what a model predicts there, and the residuals between.

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
    ax.plot(x, y_hat, color=COLOURS[6], label="prediction")
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
        For each label the loss before the first step and after each.
    per_epoch : mapping of str to int, optional
        For each label its steps in an epoch. With it the curves are drawn over epochs,
        which compares at equal work methods whose steps cost differently; else over steps.
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
        steps = np.arange(len(values)) / (per_epoch[label] if per_epoch else 1)
        ax.plot(steps, values, label=label)
    ax.set(xlabel="epoch" if per_epoch else "step", ylabel="$L$")
    if log:
        ax.set_yscale("log")
    ax.legend()
    return ax


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
    ax: Axes | None = None,
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
        The lowest point is marked in the bowl and on the map below it.
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
    ax.set_zticks([tick for tick in ax.get_zticks() if low <= tick <= top])
    return ax


def projection(
    X: ArrayLike,
    y: ArrayLike,
    y_hat: ArrayLike,
    *,
    ax: Axes | None = None,
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
    for column, label in zip(X.T, ("$x_1$", "$x_2$"), strict=True):
        _arrow(ax, np.zeros(3), column, COLOURS[2], label)
    _arrow(ax, np.zeros(3), y, COLOURS[0], "$y$")
    _arrow(ax, np.zeros(3), y_hat, COLOURS[6], r"$\hat y$")
    ax.plot(*np.array([y_hat, y]).T, color=COLOURS[1], label=r"residual, $y - \hat y$")
    ax.plot(*_right_angle(y_hat, y).T, color=COLOURS[1], linewidth=1.0)
    ax.set(aspect="equal", xticklabels=[], yticklabels=[], zticklabels=[])
    ax.legend()
    return ax


def _arrow(ax: Axes, start: np.ndarray, end: np.ndarray, colour: str, label: str) -> None:
    ax.quiver(*start, *(end - start), color=colour, arrow_length_ratio=0.08, linewidth=1.8)
    ax.text(*(start + 1.08 * (end - start)), label, color=colour, fontsize="large")


def _right_angle(foot: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Return the corner points of the small square that marks a right angle at `foot`."""
    size = 0.2
    up = size * (top - foot) / np.linalg.norm(top - foot)
    back = -size * foot / np.linalg.norm(foot)
    return np.array([foot + up, foot + up + back, foot + back])


def strip(draw: Callable[[Axes, Any], object], frames: Sequence[Any]) -> Figure:
    """Draw chosen frames of an animation side by side, for readers of a still page.

    Parameters
    ----------
    draw : callable
        Takes axes and a frame, and draws the frame there; as for `animation`.
    frames : sequence
        The frames to show, about four.

    Returns
    -------
    matplotlib Figure
    """
    width = 2.3 * len(frames)
    figure, axes = plt.subplots(1, len(frames), figsize=(width, 2.5), sharey=True, squeeze=False)
    for ax, frame in zip(axes[0], frames, strict=True):
        draw(ax, frame)
        ax.label_outer()
    return figure


def animation(
    draw: Callable[[Axes, Any], object],
    frames: Sequence[Any],
    *,
    seconds: float = 6.0,
    alt: str,
) -> Image:
    """Draw frames one after the other, as an animated PNG.

    Notebooks keep and show it as they do any figure, HTML and scripts being not needed; a
    program that cannot play it shows the first frame.

    Parameters
    ----------
    draw : callable
        Takes empty axes and a frame, and draws the frame there. It should set the limits
        of the axes, or the frames will not fit together.
    frames : sequence
        What `draw` is called with. Forty frames of a line plot are about 100 kB.
    seconds : float
        How long all frames take. It then begins anew.
    alt : str
        What is to be seen, for readers who cannot see it.

    Returns
    -------
    IPython Image
        To be shown as the last value of a cell.
    """
    figure, ax = plt.subplots(figsize=(5.0, 3.4))
    pictures = []
    for frame in frames:
        ax.clear()
        draw(ax, frame)
        figure.canvas.draw()
        # The layout of the first frame stays, or titles of other lengths would shake the axes.
        figure.set_layout_engine("none")
        pictures.append(Picture.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB"))
    plt.close(figure)
    return Image(_animated_png(pictures, seconds), format="png", alt=alt)


def _animated_png(pictures: list[Picture.Image], seconds: float) -> bytes:
    """Encode pictures with one palette of few colours, which makes the file small."""
    width, height = pictures[0].size
    sample = Picture.new("RGB", (width, 3 * height))
    for row, index in enumerate((0, len(pictures) // 2, -1)):
        sample.paste(pictures[index], (0, row * height))
    palette = sample.quantize(_PALETTE_SIZE, dither=Picture.Dither.NONE)
    colours = np.array(palette.getpalette())
    palette.putpalette(np.where(colours > _NEARLY_WHITE, 255, colours).astype(np.uint8).tobytes())
    first, *rest = (p.quantize(palette=palette, dither=Picture.Dither.NONE) for p in pictures)
    file = io.BytesIO()
    duration = math.ceil(1000 * seconds / len(pictures))
    first.save(file, "PNG", save_all=True, append_images=rest, duration=duration, optimize=True)
    return file.getvalue()
