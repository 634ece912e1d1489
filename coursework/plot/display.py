"""Show figures with a text for readers who cannot see them."""

import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes

from coursework.plot.picture import picture_of

__all__ = ["is_notebook", "show"]

_SERIES = 4


def show(alt: str) -> None:
    """Show the open figures and close them, as `plt.show()` does, crisp and with a text.

    Parameters
    ----------
    alt : str
        What there is to see, for readers who cannot see it: one or two sentences.

    Raises
    ------
    ValueError
        The text is empty.

    Warns
    -----
    UserWarning
        More than four series share axes: few readers tell more apart.
    """
    if not alt.strip():
        raise ValueError("plot.show needs a text that says what the figure shows")
    figures = [plt.figure(number) for number in plt.get_fignums()]
    for figure in figures:
        for ax in figure.axes:
            _count_series(ax)
        # If others draw the figure, as at grading, they find the text there.
        figure.set_label(alt)
    if not is_notebook():
        plt.show()
        return
    for figure in figures:
        display(picture_of(figure, alt))
        plt.close(figure)


def is_notebook() -> bool:
    """Whether figures are shown in a notebook, and neither in windows nor by the judge."""
    return mpl.get_backend().endswith("inline")


def _count_series(ax: Axes) -> None:
    _, labels = ax.get_legend_handles_labels()
    if len(labels) > _SERIES:
        text = (
            f"{len(labels)} series share axes ({', '.join(labels)}); readers tell at most "
            f"{_SERIES} apart: draw several panels"
        )
        warnings.warn(text, stacklevel=3)
