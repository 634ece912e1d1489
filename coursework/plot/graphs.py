"""Computational graphs: what is computed from what, with a text at each node and edge."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from coursework.plot.style import COLOURS

__all__ = ["graph"]

Edge = tuple[Hashable, Hashable, str]
Places = dict[Hashable, tuple[float, float]]
_End = tuple[tuple[float, float], FancyBboxPatch]

_SWEEPS = 8
_BEND = 0.25


def graph(
    labels: Mapping[Hashable, str],
    edges: Sequence[Edge],
    *,
    marked: Collection[Hashable] = (),
    backward: bool = False,
    fontsize: float = 9.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw a directed graph without cycles, from left to right.

    A node is one column to the right of the last of those that it is computed from.

    Parameters
    ----------
    labels : mapping of node to str
        The text in each node; it may have several lines.
    edges : sequence of (node, node, str)
        From where, to where, and the text beside the arrow. If a node is used twice by another,
        there are two edges, and both are drawn.
    marked : collection of nodes
        Nodes to draw in the second colour, with the arrows to what they are computed from.
    backward : bool
        Whether arrows point from right to left, as derivatives flow.
    fontsize : float
        In points.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
    """
    ax = ax or plt.subplots(figsize=(7.0, 3.2))[1]
    places = _places(list(labels), edges)
    _frame(ax, places)
    boxes = {}
    for node, label in labels.items():
        colour = COLOURS[1] if node in marked else COLOURS[0]
        boxes[node] = _box(ax, places[node], label, colour=colour, fontsize=fontsize)
    drawn: dict[tuple[Hashable, Hashable], int] = {}
    for start, end, text in edges:
        copy = drawn[start, end] = drawn.get((start, end), -1) + 1
        total = sum(edge[:2] == (start, end) for edge in edges)
        bend = _BEND * (2 * copy - total + 1) + _detour(places, start, end)
        ends = (end, start) if backward else (start, end)
        colour = COLOURS[1] if end in marked else "0.5"
        where = [(places[node], boxes[node]) for node in ends]
        _arrow(ax, *where, bend=-bend if backward else bend, colour=colour)
        _beside(ax, places[start], places[end], text, bend=bend, fontsize=fontsize)
    return ax


def _places(nodes: list[Hashable], edges: Sequence[Edge]) -> Places:
    """Return x, the column, and y, which brings neighbours close to each other."""
    columns = _columns(nodes, edges)
    layers = [
        [node for node in nodes if columns[node] == c] for c in range(max(columns.values()) + 1)
    ]
    height = {node: _spread(len(layer))[i] for layer in layers for i, node in enumerate(layer)}
    near: dict[Hashable, list[Hashable]] = {node: [] for node in nodes}
    for start, end, _ in edges:
        near[start].append(end)
        near[end].append(start)
    for _ in range(_SWEEPS):
        for layer in layers:
            wish = {v: np.mean([height[u] for u in near[v]] or [height[v]]) for v in layer}
            ordered = sorted(layer, key=lambda v: -wish[v])
            height.update(zip(ordered, _spread(len(layer)), strict=True))
    return {node: (float(columns[node]), float(height[node])) for node in nodes}


def _columns(nodes: list[Hashable], edges: Sequence[Edge]) -> dict[Hashable, int]:
    """Return the length of the longest path to each node; relaxed until nothing changes."""
    columns = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for start, end, _ in edges:
            columns[end] = max(columns[end], columns[start] + 1)
    return columns


def _detour(places: Places, start: Hashable, end: Hashable) -> float:
    """Bend an arrow over several columns outwards, around the nodes between."""
    span = places[end][0] - places[start][0]
    outwards = -1 if places[start][1] + places[end][1] >= 0 else 1
    return outwards * _BEND if span > 1 else 0.0


def _spread(count: int) -> np.ndarray:
    return (count - 1) / 2 - np.arange(count)


def _box(
    ax: Axes, place: tuple[float, float], label: str, *, colour: str, fontsize: float
) -> FancyBboxPatch:
    style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour}
    text = ax.text(*place, label, ha="center", va="center", fontsize=fontsize, bbox=style)
    # The box gets its size when it is drawn; arrows that end at it are laid out before.
    text.update_bbox_position_size(cast("Any", ax.figure.canvas).get_renderer())
    return cast("FancyBboxPatch", text.get_bbox_patch())


def _arrow(ax: Axes, start: _End, end: _End, *, bend: float, colour: str) -> None:
    style = {
        "arrowstyle": "-|>",
        "color": colour,
        "patchA": start[1],
        "patchB": end[1],
        "shrinkA": 3,
        "shrinkB": 4,
        "connectionstyle": f"arc3,rad={bend}",
    }
    ax.annotate("", xy=end[0], xytext=start[0], arrowprops=style)


def _beside(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str,
    *,
    bend: float,
    fontsize: float,
) -> None:
    # An arrow is bent on the page, whatever the scales of the axes are.
    (x, y), (to_x, to_y) = ax.transData.transform([start, end])
    middle = (x + to_x + bend * (to_y - y)) / 2, (y + to_y + bend * (x - to_x)) / 2
    place = cast("tuple[float, float]", ax.transData.inverted().transform(middle))
    box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    ax.text(*place, text, ha="center", va="center", fontsize=fontsize, color="0.25", bbox=box)


def _frame(ax: Axes, places: Places) -> None:
    x, y = np.array(list(places.values())).T
    ax.set(xlim=(x.min() - 0.5, x.max() + 0.5), ylim=(y.min() - 0.6, y.max() + 0.6))
    ax.axis("off")
