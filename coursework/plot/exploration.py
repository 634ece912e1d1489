"""An interactive figure: a slider where a kernel runs, and a strip of frames elsewhere.

Both are outputs of the cell, and a style sheet between them hides the unwanted one: the strip
where the slider is live, and the complaint about a missing slider where it is not.
What needs a kernel is marked in its metadata, so that solved notebooks are built without it.
"""

import html
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import ModuleType
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes

from coursework.plot.display import is_notebook, show
from coursework.plot.motion import strip
from coursework.plot.picture import RESOLUTION, Picture, picture_of

__all__ = ["LIVE", "explore"]

LIVE = {"coursework": {"needs_kernel": True}}
"""Metadata of outputs that are of no use where no kernel runs."""

_FRAMES = 4
_MAX_STEPS = 1_000
_WIDGET = "application/vnd.jupyter.widget-view+json"
_STYLE = """<style class="coursework-live">
.jp-OutputArea-child:has(.coursework-live),
.jp-OutputArea:has(.coursework-slider) .jp-OutputArea-child:has(.coursework-strip),
.jp-OutputArea:has(.coursework-strip) .jupyter-widgets:not(:has(*)) { display: none }
</style>"""

Draw = Callable[..., object]


def explore(draw: Draw, *, alt: str, **parameter: Sequence[Any]) -> None:
    """Show a figure of a parameter with a slider that changes it.

    The notebook also keeps a strip of four frames, which replaces it where no kernel runs: in
    solved notebooks, on pages, and in print.

    Parameters
    ----------
    draw : callable
        ``draw(ax, name=value)`` draws the figure for one value on empty axes. It should set
        the limits of the axes, or they will jump. Axes without a title get the value for one.
    alt : str
        What there is to see, and how it changes, for readers who cannot see it.
    **parameter : tuple or list
        One parameter by its name: ``rate=(low, high, step)``, both ends included, or a list of
        the values to choose from. The slider begins in the middle of a range, and with the
        first value of a list.

    Raises
    ------
    ValueError
        There is not exactly one parameter, or it has fewer than two values.

    Examples
    --------
    >>> plot.explore(draw, rate=(0.0, 1.0, 0.05), alt="The line tilts as the rate grows.")
    """
    name, values = _values_of(parameter)
    framed = partial(_draw_titled, draw, name)
    figure = strip(framed, [values[index] for index in _spread(len(values))])
    if not is_notebook():
        show(alt)
        return
    display(replace(picture_of(cast("Any", figure), alt), role="coursework-strip"))
    plt.close(figure)
    display({"text/html": _STYLE}, metadata=LIVE, raw=True)
    view = {"version_major": 2, "version_minor": 0, "model_id": _slider(framed, name, values, alt)}
    display({_WIDGET: view}, metadata=LIVE, raw=True)


def _values_of(parameter: dict[str, Sequence[Any]]) -> tuple[str, list[Any]]:
    if len(parameter) != 1:
        named = ", ".join(parameter) or "none"
        msg = f"plot.explore changes one parameter, as in rate=(0.0, 1.0, 0.05); it got {named}"
        raise ValueError(msg)
    ((name, given),) = parameter.items()
    values = _Steps(name, *given) if isinstance(given, tuple) else list(given)
    if len(values) < 2:  # noqa: PLR2004
        raise ValueError(f"{name} needs two values or more to choose from, not {given!r}")
    return name, values


class _Steps(list[Any]):
    """Numbers from low to high, one step apart."""

    def __init__(self, name: str, *given: float) -> None:
        if len(given) != 3 or not (given[2] > 0 and given[1] > given[0]):  # noqa: PLR2004
            msg = f"{name} is to be (low, high, step), high above low and step above 0, not {given}"
            raise ValueError(msg)
        low, high, self.step = given
        n_steps = round((high - low) / self.step)
        if n_steps > _MAX_STEPS:
            raise ValueError(f"{name} has {n_steps} steps, more than the {_MAX_STEPS} of a slider")
        self.decimals = max(
            -cast("int", Decimal(str(each)).as_tuple().exponent) for each in (low, self.step)
        )
        super().__init__(_rounded(low + self.step * k) for k in range(n_steps + 1))


def _rounded(value: Any) -> Any:
    """Return a number in readable form: 0.3 for 0.1 + 0.2."""
    return value if isinstance(value, int) else float(f"{value:.10g}")


def _spread(n: int) -> list[int]:
    """Return up to four places in a list of n values, both ends among them."""
    return sorted(set(np.linspace(0, n - 1, _FRAMES).round().astype(int).tolist()))


def _draw_titled(draw: Draw, name: str, ax: Axes, value: Any) -> None:
    draw(ax, **{name: value})
    if not any(ax.get_title(loc=place) for place in ("left", "center", "right")):
        ax.set_title(f"{name} = {_text(value)}")


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _slider(draw: Callable[[Axes, Any], None], name: str, values: list[Any], alt: str) -> str:
    """Make the slider with its figure; return the name by which the page knows it."""
    import ipywidgets as widgets  # noqa: PLC0415  (slow, and of no use where no notebook runs)

    slider = _control(widgets, values)
    slider.description = name
    slider.style.description_width = "initial"
    slider.layout = widgets.Layout(width="95%", max_width="36rem")
    frames = _Frames(draw, alt)
    figure = widgets.HTML(frames.at(slider.value))

    def move(change: dict[str, Any]) -> None:
        value = change["new"]
        figure.value = frames.at(_rounded(value) if isinstance(values, _Steps) else value)

    slider.observe(move, "value")
    return widgets.VBox([slider, figure], _dom_classes=["coursework-slider"]).model_id


def _control(widgets: ModuleType, values: list[Any]) -> Any:
    """Return a slider for values: of numbers if possible, which screen readers describe better.

    It begins with the first value of a list, and in the middle of a range.
    """
    if not isinstance(values, _Steps):
        return widgets.SelectionSlider(options=[(_text(each), each) for each in values])
    middle = values[len(values) // 2]
    ends = {"min": values[0], "max": values[-1], "step": values.step}
    if isinstance(middle, int):
        return widgets.IntSlider(middle, **ends)
    return widgets.FloatSlider(middle, **ends, readout_format=f".{values.decimals}f")


class _Frames:
    """Frames of one figure, all in the layout of the first."""

    def __init__(self, draw: Callable[[Axes, Any], None], alt: str) -> None:
        self._draw, self._alt = draw, alt
        self._figure, self._ax = plt.subplots()
        plt.close(self._figure)  # it is not among those that a cell shows

    def at(self, value: Any) -> str:
        """Return the frame for a value as HTML, or what went wrong in drawing it."""
        self._ax.clear()
        try:
            self._draw(self._ax, value)
        except Exception as error:  # noqa: BLE001  (the learner's own code runs in there)
            return f"<pre>{html.escape(f'{type(error).__name__}: {error}')}</pre>"
        buffer = io.BytesIO()
        # Quick rather than small: nobody keeps it.
        options: dict[str, Any] = {
            "dpi": RESOLUTION * self._figure.dpi,
            "pil_kwargs": {"compress_level": 1},
        }
        self._figure.savefig(buffer, format="png", **options)
        self._figure.set_layout_engine("none")
        width = round(self._figure.get_figwidth() * self._figure.dpi)
        return Picture("image/png", buffer.getvalue(), width, self._alt).tag
