"""A figure as a picture that is crisp on any screen and that a screen reader can describe.

A notebook keeps it as HTML with the picture inside. That is the one form whose alternative
text reaches the reader everywhere: JupyterLab gives pictures of other forms none, and shows
no SVG in a notebook that was not run there; the site of a repository takes SVG apart.
"""

import base64
import html
import io
import re
from dataclasses import dataclass
from typing import Any, cast

from matplotlib.figure import Figure
from PIL import Image, ImageChops

from coursework.plot.vector import svg_of

__all__ = ["RESOLUTION", "Picture", "picture_of", "smaller_png"]

RESOLUTION = 2
"""Pixels of a PNG for each pixel of the page, along a side."""

_MAX_SVG = 30_000  # of which a notebook makes 40 KB
_POINTS = 72  # an inch, in SVG

# More than any figure of lines and text uses, antialiasing included; a third of the bytes.
_COLOURS = 64
_METHODS = (Image.Quantize.FASTOCTREE, Image.Quantize.MEDIANCUT)


@dataclass(frozen=True)
class Picture:
    """A picture with its alternative text, to be shown by a notebook.

    Attributes
    ----------
    mime : {"image/svg+xml", "image/png"}
    data : bytes
    width : int
        As shown, in CSS pixels; narrower if there is less room.
    alt : str
        What there is to see, for readers who cannot see it.
    role : str
        A CSS class, by which a style sheet finds it.
    """

    mime: str
    data: bytes
    width: int
    alt: str
    role: str = ""

    @property
    def tag(self) -> str:
        """The picture as an HTML element, which needs no other file."""
        payload = base64.b64encode(self.data).decode()
        role = f' class="{self.role}"' if self.role else ""
        return (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" style="max-width: 100%"'
            f'{role} src="data:{self.mime};base64,{payload}">'
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"text/html": self.tag, "text/plain": self.alt}
        return data, {"text/html": {"alt": self.alt}}


def picture_of(figure: Figure, alt: str) -> Picture:
    """Return a figure as SVG if that is small, and otherwise as PNG in double resolution.

    The same figure is always the same bytes.

    Parameters
    ----------
    figure : matplotlib Figure
    alt : str
    """
    svg = svg_of(figure, alt)
    if "<image" not in svg and len(svg) <= _MAX_SVG:
        width = float(cast("re.Match[str]", re.search(r'width="([\d.]+)pt"', svg))[1])
        return Picture("image/svg+xml", svg.encode(), round(width / _POINTS * figure.dpi), alt)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", dpi=RESOLUTION * figure.dpi)
    png = smaller_png(buffer.getvalue())
    with Image.open(io.BytesIO(png)) as image:
        return Picture("image/png", png, image.width // RESOLUTION, alt)


def smaller_png(content: bytes) -> bytes:
    """Return a PNG with few colours; animations as they are."""
    image = Image.open(io.BytesIO(content))
    if getattr(image, "n_frames", 1) > 1:
        return content
    drawn = image.convert("RGB")
    # One keeps the colours of thin lines, the other smooth shades.
    fewer = [drawn.quantize(_COLOURS, method=method) for method in _METHODS]
    buffer = io.BytesIO()
    min(fewer, key=lambda one: _largest_error(one, drawn)).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _largest_error(image: Image.Image, drawn: Image.Image) -> int:
    away = ImageChops.difference(image.convert("RGB"), drawn)
    return max(high for _, high in cast("tuple[tuple[int, int], ...]", away.getextrema()))
