"""Figures that lessons share, so that a figure cell is a few lines.

Each function draws on the given Matplotlib axes, or on new ones, and returns them; title and
further labels are the lesson's.
"""

from coursework.plot.curves import fit, loss_curves
from coursework.plot.display import show
from coursework.plot.exploration import explore
from coursework.plot.graphs import graph
from coursework.plot.landscapes import landscape
from coursework.plot.motion import animation, strip
from coursework.plot.pictures import images
from coursework.plot.slopes import tangents
from coursework.plot.style import COLOURS, use_style
from coursework.plot.surfaces import contours, projection, surface

__all__ = [
    "COLOURS",
    "animation",
    "contours",
    "explore",
    "fit",
    "graph",
    "images",
    "landscape",
    "loss_curves",
    "projection",
    "show",
    "strip",
    "surface",
    "tangents",
    "use_style",
]
