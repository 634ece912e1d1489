"""Figures that change: as an animation, and as a strip of its frames."""

import io
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

from coursework.plot.display import show
from coursework.plot.picture import RESOLUTION, Picture

__all__ = ["animation", "strip"]

_CLEAR = 31  # the last of 32 colours shows what was there before
_NEARLY_WHITE = 245

_STRIP_WIDTH = 6.0  # inches


def strip(
    draw: Callable[[Axes, Any], object], frames: Sequence[Any], *, alt: str = ""
) -> Figure | None:
    """Draw chosen frames of an animation side by side, for readers of a still page.

    Parameters
    ----------
    draw : callable
        Takes axes and a frame, and draws the frame there; as for `animation`.
    frames : sequence
        The frames to show, about four.
    alt : str, optional
        What there is to see, for readers who cannot see it: the strip is then shown at once.

    Returns
    -------
    matplotlib Figure or None
        None if the strip was shown.
    """
    # Two side by side are legible on a phone; three only if there is no other way.
    n_columns = len(frames) if len(frames) < 4 else 2 + len(frames) % 2  # noqa: PLR2004
    n_rows = math.ceil(len(frames) / n_columns)
    size = (_STRIP_WIDTH, n_rows * _STRIP_WIDTH * 0.8 / n_columns)
    figure, axes = plt.subplots(
        n_rows, n_columns, figsize=size, sharex=True, sharey=True, squeeze=False
    )
    for ax in axes.flat[len(frames) :]:
        ax.remove()
    for number, (ax, frame) in enumerate(zip(axes.flat, frames, strict=False)):
        draw(ax, frame)
        ax.label_outer()
        if number and ax.get_legend():
            ax.get_legend().remove()  # the first one's labels hold for all
    return show(alt) if alt else figure  # type: ignore[func-returns-value]


def animation(
    draw: Callable[[Axes, Any], object],
    frames: Sequence[Any],
    *,
    seconds: float = 6.0,
    size: tuple[float, float] = (5.0, 3.4),
    alt: str,
) -> Picture:
    """Draw frames one after another, as an animated PNG that stores only what changes.

    Notebooks keep and show it like any figure, without HTML and scripts; a program that cannot
    play it shows the first frame.

    Parameters
    ----------
    draw : callable
        Takes empty axes and a frame, and draws the frame there. It should set the limits
        of the axes, or the frames will not fit together.
    frames : sequence
        What `draw` is called with. Forty frames in which a few lines move are about 50 kB.
    seconds : float
        How long all frames take. Then it starts again.
    size : tuple of float
        Width and height of the figure in inches.
    alt : str
        What there is to see, for readers who cannot see it.

    Returns
    -------
    Picture
        To be shown as the last value of a cell.
    """
    figure, ax = plt.subplots(figsize=size)
    width = round(size[0] * figure.dpi)
    figure.set_dpi(RESOLUTION * figure.dpi)
    pictures = []
    for frame in frames:
        ax.clear()
        draw(ax, frame)
        figure.canvas.draw()
        # The layout of the first frame stays, or titles of different lengths would shake the axes.
        figure.set_layout_engine("none")
        pictures.append(
            Image.fromarray(np.asarray(cast("Any", figure.canvas).buffer_rgba())).convert("RGB")
        )
    plt.close(figure)
    return Picture("image/png", _animated_png(pictures, seconds), width, alt)


def _animated_png(pictures: list[Image.Image], seconds: float) -> bytes:
    """Encode pictures with one palette of few colours; of later ones, only what has changed."""
    palette = _palette(pictures)
    drawn = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    first, *frames = map(Image.fromarray, _changes([np.asarray(p) % _CLEAR for p in drawn]))
    for frame in (first, *frames):
        frame.putpalette(cast("list[int]", palette.getpalette()))
    file = io.BytesIO()
    first.save(
        file,
        "PNG",
        save_all=True,
        append_images=frames,
        duration=math.ceil(1000 * seconds / len(pictures)),
        optimize=True,
        transparency=_CLEAR,
        blend=PngImagePlugin.Blend.OP_OVER,
    )
    return file.getvalue()


def _palette(pictures: list[Image.Image]) -> Image.Image:
    """Return a picture with the palette for all: white is white, the last colour the first."""
    width, height = pictures[0].size
    sample = Image.new("RGB", (width, 3 * height))
    for row, index in enumerate((0, len(pictures) // 2, -1)):
        sample.paste(pictures[index], (0, row * height))
    # Median cut, the default, dulls the colours of thin lines.
    octree = Image.Quantize.FASTOCTREE
    palette = sample.quantize(_CLEAR, method=octree, dither=Image.Dither.NONE)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[(colours > _NEARLY_WHITE).all(axis=1)] = 255
    missing = np.repeat(colours[:1], _CLEAR + 1 - len(colours), axis=0)
    palette.putpalette(np.vstack([colours, missing]).astype(np.uint8).tobytes())
    return palette


def _changes(pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Return the first picture, and of later ones the pixels that differ; the rest is clear."""
    pairs = itertools.pairwise(pictures)
    return [
        pictures[0],
        *(np.where(new == old, _CLEAR, new).astype(np.uint8) for old, new in pairs),
    ]
