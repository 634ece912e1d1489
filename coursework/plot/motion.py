"""Figures that change: as an animation, and as a strip of its frames."""

import io
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Image
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image as Picture
from PIL import PngImagePlugin

__all__ = ["animation", "strip"]

_CLEAR = 31  # the last of 32 colours shows what was there before
_NEARLY_WHITE = 245


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
    size: tuple[float, float] = (5.0, 3.4),
    alt: str,
) -> Image:
    """Draw frames one after the other, as an animated PNG that stores what changes.

    Notebooks keep and show it as they do any figure, HTML and scripts being not needed; a
    program that cannot play it shows the first frame.

    Parameters
    ----------
    draw : callable
        Takes empty axes and a frame, and draws the frame there. It should set the limits
        of the axes, or the frames will not fit together.
    frames : sequence
        What `draw` is called with. Forty frames in which a few lines move are about 50 kB.
    seconds : float
        How long all frames take. It then begins anew.
    size : tuple of float
        Width and height of the figure in inches.
    alt : str
        What is to be seen, for readers who cannot see it.

    Returns
    -------
    IPython Image
        To be shown as the last value of a cell.
    """
    figure, ax = plt.subplots(figsize=size)
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
    """Encode pictures with one palette of few colours; of later ones, what has changed."""
    palette = _palette(pictures)
    drawn = [p.quantize(palette=palette, dither=Picture.Dither.NONE) for p in pictures]
    first, *frames = map(Picture.fromarray, _changes([np.asarray(p) % _CLEAR for p in drawn]))
    for frame in (first, *frames):
        frame.putpalette(palette.getpalette())
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


def _palette(pictures: list[Picture.Image]) -> Picture.Image:
    """Return a picture with the palette for all: white is white, the last colour the first."""
    width, height = pictures[0].size
    sample = Picture.new("RGB", (width, 3 * height))
    for row, index in enumerate((0, len(pictures) // 2, -1)):
        sample.paste(pictures[index], (0, row * height))
    # Median cut, the default, dulls the colours of thin lines.
    octree = Picture.Quantize.FASTOCTREE
    palette = sample.quantize(_CLEAR, method=octree, dither=Picture.Dither.NONE)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[(colours > _NEARLY_WHITE).all(axis=1)] = 255
    missing = np.repeat(colours[:1], _CLEAR + 1 - len(colours), axis=0)
    palette.putpalette(np.vstack([colours, missing]).astype(np.uint8).tobytes())
    return palette


def _changes(pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Return the first picture, and of each later one the pixels that differ; others are clear."""
    pairs = itertools.pairwise(pictures)
    return [
        pictures[0],
        *(np.where(new == old, _CLEAR, new).astype(np.uint8) for old, new in pairs),
    ]
