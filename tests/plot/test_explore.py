"""A figure with a slider: alive in a notebook, and a strip of frames wherever no kernel runs."""

from typing import Any

import matplotlib.pyplot as plt
import pytest
from executed import run
from matplotlib.axes import Axes
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from pages import elements
from tiny import make_lesson, make_notebook

from coursework import plot
from coursework.authoring.tidy import TidySolution
from coursework.judge.judge import Judge

ALT = "A line that rises with the rate."
WIDGET = "application/vnd.jupyter.widget-view+json"
DRAW = """
def draw(ax, rate):
    ax.plot([0, 1], [0, rate])
    ax.set(ylim=(0, 1), title=f"slope {rate!r}")
"""
EXPLORE = f"plot.explore(draw, rate=(0.1, 1.0, 0.1), alt={ALT!r})"
# Moves the slider as the browser does, and prints what the figure becomes.
MOVE = """
import ipywidgets
from ipywidgets.widgets.widget import _instances

def move(to):
    box = next(w for w in list(_instances.values())[::-1] if isinstance(w, ipywidgets.VBox))
    slider, figure = box.children
    before = figure.value
    slider.value = to
    return slider, before, figure.value
"""


def draw(ax: Axes, **given: Any) -> None:
    """Draw a line, and write down what it was called with."""
    ax.plot([0, 1])
    ax.set_title(str(given))


def titles() -> list[str]:
    """Return the titles of the open figure's panels."""
    return [ax.get_title() for ax in plt.gcf().axes]


def tidied(cell: NotebookNode) -> list[NotebookNode]:
    """Return the outputs of a cell that are left in a solution."""
    return TidySolution().preprocess_cell(cell, {}, 0)[0].outputs


def test_explored_figure_has_a_strip_and_a_slider() -> None:
    """A notebook keeps the strip with its text, and beside it a slider for who has a kernel."""
    strip, style, slider = run(DRAW, EXPLORE).cells[2].outputs
    (_, shown) = elements(strip.data["text/html"])[0]

    assert (shown["alt"], shown["class"]) == (ALT, "coursework-strip")
    assert strip.metadata["text/html"]["alt"] == ALT
    assert set(slider.data) == {WIDGET}
    assert (
        ":has(.coursework-slider) .jp-OutputArea-child:has(.coursework-strip)"
        in style.data["text/html"]
    )


def test_solution_keeps_the_strip_alone() -> None:
    """What needs a kernel is not committed: the strip replaces it, always the same."""
    once, again = (run(DRAW, EXPLORE).cells[2] for _ in range(2))
    (left,) = tidied(once)

    assert [left] == tidied(again)
    assert ALT in left.data["text/html"]


def test_slider_redraws_the_figure() -> None:
    """Where the slider is moved to, the figure is drawn for; 0.1 + 0.2 comes as 0.3."""
    notebook = run(
        DRAW + "    drawn.append(rate)\ndrawn = []",
        EXPLORE,
        MOVE,
        "slider, before, after = move(0.1 + 0.2)\nprint(before != after, drawn[-1])",
        "print(slider.description, slider.min, slider.max, slider.step, slider.readout_format)",
    )
    moved, about = (cell.outputs[0].text for cell in notebook.cells[4:])

    assert moved == "True 0.3\n"
    assert about == "rate 0.1 1.0 0.1 .1f\n"


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ("name=['sgd', 'momentum', 'adam']", "'sgd'"),
        ("name=[1, 10, 100]", "1"),
        ("name=(0, 8, 2)", "4"),
    ],
)
def test_slider_begins_with_a_list_and_within_a_range(given: str, first: str) -> None:
    """A list begins where its author begins; of a range, the middle shows the most."""
    notebook = run(
        "def draw(ax, name):\n    ax.plot([0, 1])",
        f"plot.explore(draw, {given}, alt={ALT!r})",
        "from ipywidgets.widgets.widget import _instances\n"
        "print([repr(w.value) for w in _instances.values() if hasattr(w, 'readout')])",
    )

    assert notebook.cells[3].outputs[0].text == f"[{first!r}]\n"


def test_error_in_drawing_is_shown_in_place_of_the_figure() -> None:
    """A learner's function that fails for one value says so; the next value draws again."""
    fails = "def draw(ax, n):\n    ax.plot([1 / (n - 3), n])"
    notebook = run(
        fails,
        f"plot.explore(draw, n=[1, 3, 4, 2, 5, 6], alt={ALT!r})",
        MOVE,
        "print(move(3)[2], 'img' in move(5)[2])",
    )
    assert (
        notebook.cells[4].outputs[0].text == "<pre>ZeroDivisionError: division by zero</pre> True\n"
    )


@pytest.mark.parametrize(
    ("given", "frames"),
    [
        ({"n": (0, 9, 1)}, [0, 3, 6, 9]),
        ({"rate": (0.1, 0.7, 0.1)}, [0.1, 0.3, 0.5, 0.7]),
        ({"name": ["sgd", "adam"]}, ["sgd", "adam"]),
        ({"k": [1, 10, 100, 1000, 10000]}, [1, 10, 1000, 10000]),
    ],
)
def test_strip_goes_from_the_first_value_to_the_last(given: dict, frames: list) -> None:
    """Four frames are spread over the values, of which both ends are shown, as plain numbers."""
    plot.explore(draw, alt=ALT, **given)

    assert titles() == [str({next(iter(given)): frame}) for frame in frames]


def test_frame_without_a_title_says_its_value() -> None:
    """The strip by itself says which value each frame was drawn for."""
    plot.explore(lambda ax, rate: ax.plot([rate]), rate=[0.5, 2 / 3], alt=ALT)

    assert titles() == ["rate = 0.5", "rate = 0.6667"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "one parameter, .* it got none"),
        ({"a": [1, 2], "b": [1, 2]}, "it got a, b"),
        ({"a": [1]}, "a needs two values"),
        ({"a": (1.0, 2.0)}, r"a is to be \(low, high, step\)"),
        ({"a": (2.0, 1.0, 0.1)}, "high above low"),
        ({"a": (0.0, 1.0, 0.0)}, "step above 0"),
        ({"a": (0.0, 1.0, 1e-9)}, "more than the 1000 of a slider"),
    ],
)
def test_parameter_that_makes_no_slider_is_refused(given: dict, message: str) -> None:
    """The message says what is expected, before anything is drawn."""
    with pytest.raises(ValueError, match=message):
        plot.explore(draw, alt=ALT, **given)
    assert not plt.get_fignums()


def test_judge_draws_the_strip() -> None:
    """At grading, if show cells are asked for, the strip appears with its text."""
    notebook = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    cell = new_code_cell(f"from coursework import plot\n{DRAW}\n{EXPLORE}")
    notebook.cells.append(cell)
    with Judge(figures="all") as judge:
        report = judge.grade(make_lesson(notebook), notebook, "student")
    (output,) = report.runs[3].outputs

    assert output["metadata"] == {"image/png": {"alt": ALT}}
