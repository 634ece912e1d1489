"""Figures as SVG: short, the same whenever drawn, and alike where fonts are missing."""

import html
import io
import re
from typing import Any, cast

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["svg_of"]

_SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "coursework"}
_NOTHING_SAID = dict.fromkeys(("Creator", "Date", "Format", "Type"))

_PLACES = re.compile(r'(?<= d=")[^"]+|(?<= [xy]=")[^"]+|(?<=translate\()[^)]+')
_SHORTER = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"\s*\n\s*"), " "),
    (re.compile(r"> <"), "><"),
    # Letters of a line are next to each other.
    (re.compile(r'(<use [^>]*?) transform="translate\(([-\d.]+) 0\)"'), r'\1 x="\2"'),
    (re.compile(r"(?<=[:;]) "), ""),
)


def svg_of(figure: Figure, title: str) -> str:
    """Return a figure as SVG.

    Parameters
    ----------
    figure : matplotlib Figure
    title : str
        What it shows: kept inside, for programs that open the SVG by itself.
    """
    buffer = io.StringIO()
    with mpl.rc_context(cast("dict[Any, Any]", _SETTINGS)):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=_NOTHING_SAID)
    text = buffer.getvalue()
    head, _, rest = _shortened(text[text.index("<svg") :]).strip().partition(">")
    return f'{head} role="img"><title>{html.escape(title)}</title>{rest}'


def _shortened(svg: str) -> str:
    for pattern, short in _SHORTER:
        svg = pattern.sub(short, svg)
    svg = _PLACES.sub(_rounded, svg)
    # Most names are used nowhere.
    used = {name: f"n{i:x}" for i, name in enumerate(dict.fromkeys(re.findall(r"#([^\")]+)", svg)))}
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{used[m[1]]}"' if m[1] in used else "", svg)
    svg = re.sub(r"(?<=[\"(]#)[^\")]+", lambda m: used[m[0]], svg)
    return re.sub(r"<g>(<use [^>]*/>)</g>", r"\1", svg)


def _rounded(places: re.Match[str]) -> str:
    """Return coordinates to a hundredth of a point, without spaces that mean nothing."""
    rounded = re.sub(r"(\d+\.\d\d)\d+", r"\1", places[0])
    return re.sub(r" ?([A-Za-z]) ?", r"\1", rounded).strip()
