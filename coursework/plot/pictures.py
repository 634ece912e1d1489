"""Arrays shown as pictures, side by side: images, weights, matrices."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

__all__ = ["images"]


def images(
    pictures: Mapping[str, ArrayLike],
    *,
    n_columns: int | None = None,
    limits: tuple[float, float] | None = None,
    size: float = 2.0,
) -> list[Axes]:
    """Show arrays as grey pictures, or in colour, each below its title.

    Parameters
    ----------
    pictures : mapping of str to array_like, shape (n_rows, n_columns) or (n_rows, n_columns, 3)
        For each title, what to show: the first row on top.
    n_columns : int, optional
        How many to put side by side; by default all.
    limits : tuple of float, optional
        What is black and what is white, in all of them; by default the least and the
        greatest number of each.
    size : float
        Width and height of each, in inches.

    Returns
    -------
    list of matplotlib Axes
        In the order of the pictures.
    """
    n_columns = n_columns or len(pictures)
    n_rows = -(-len(pictures) // n_columns)
    shape = (size * n_columns, size * n_rows)
    axes = plt.subplots(n_rows, n_columns, figsize=shape, squeeze=False)[1].ravel()
    low, high = limits or (None, None)
    for ax, (title, picture) in zip(axes, pictures.items(), strict=False):
        ax.imshow(np.asarray(picture), cmap="gray", vmin=low, vmax=high)
        ax.set_title(title, fontsize="small")
    for ax in axes:
        ax.set_axis_off()
    return list(axes[: len(pictures)])
