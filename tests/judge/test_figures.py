"""Which figures are rendered, as it is configured."""

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from pages import elements
from tiny import make_lesson, make_notebook
from traitlets.config import Config

from coursework.feedback.outputs import render_outputs
from coursework.grading.annotate import annotate
from coursework.judge.judge import Judge
from coursework.judge.report import Report
from coursework.nbgrader_bridge.autograde import RunJudge

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"


def graded(figures: str) -> Report:
    """Grade a notebook that draws in a cell of the student's and in one tagged `show`."""
    notebook = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    notebook.cells.append(new_code_cell(PLOT))
    notebook.cells.append(new_code_cell(PLOT, metadata={"tags": ["show"]}))
    with Judge(figures=figures) as judge:
        return judge.grade(make_lesson(notebook), notebook, "student")


SHOWN = """
import matplotlib.pyplot as plt
from coursework import plot
plt.plot([1, 2])
plot.show("A line <rises>.")
"""


def images(report: Report, cell: int) -> list[NotebookNode]:
    """Return the images that a cell shows."""
    outputs = report.runs[cell].outputs if cell in report.runs else ()
    return [output["data"]["image/png"] for output in outputs if "data" in output]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [("none", (0, 0)), ("manual", (0, 0)), ("all", (1, 0)), ("show", (1, 1))],
)
def test_figures_are_rendered_where_wanted(figures: str, expected: tuple[int, int]) -> None:
    """Cells tagged `show` run only where theirs are asked for, too."""
    report = graded(figures)
    assert (len(images(report, 3)), len(images(report, 4))) == expected
    assert report.points == 1


def test_figures_beside_a_question_are_rendered_for_its_marker() -> None:
    """What the student draws in a question's section is seen; what is drawn elsewhere is not."""
    notebook = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    marks = {"grade_id": "why", "grade": True, "solution": True, "points": 1}
    given = {"nbgrader": {"grade_id": "given", "grade": False, "solution": False}}
    notebook.cells += [
        new_code_cell(PLOT),
        new_markdown_cell("## A question", metadata=given),
        new_code_cell(PLOT),
        new_markdown_cell("An answer", metadata={"nbgrader": marks}),
        new_code_cell(PLOT),
    ]
    with Judge() as judge:
        report = judge.grade(make_lesson(notebook), notebook, "student")
    assert [len(images(report, place)) for place in (3, 5, 7)] == [0, 1, 1]


def test_cell_that_is_only_shown_has_no_say_in_a_mark() -> None:
    """Marks are the same with such figures, whatever a cell tagged `show` defines or breaks."""
    notebook = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    spoils = new_code_cell("import os\nf = None\nos._exit(1)", metadata={"tags": ["show"]})
    notebook.cells.insert(2, spoils)
    with Judge(figures="show") as judge:
        report = judge.grade(make_lesson(notebook), notebook, "student")
    assert report.points == 1
    assert "ended its process" in report.runs[2].error


def test_options_of_the_judge_can_be_configured() -> None:
    """`c.RunJudge` says how the judge judges."""
    options = {
        "figures": "all",
        "isolation": "full",
        "fair_credit": False,
        "preload": ["numpy", "json"],
        "renew_after": 7,
    }
    configured = RunJudge(config=Config(RunJudge=options)).options
    assert configured == options | {"limits": RunJudge().limits}


@pytest.mark.parametrize(("figures", "expected"), [("none", 0), ("all", 1)])
def test_figure_keeps_its_text_at_grading(figures: str, expected: int) -> None:
    """What `plot.show` says about a figure is on the feedback page; unasked, nothing is drawn."""
    notebook = make_notebook({"f": "def f(x):\n    return x"}, {"f": "check.equal(f(1), 1)"})
    notebook.cells.append(new_code_cell(SHOWN))
    with Judge(figures=figures) as judge:
        report = judge.grade(make_lesson(notebook), notebook, "student")
    assert len(images(report, 3)) == expected
    annotate(notebook, report)
    shown = [
        about for tag, about in elements(render_outputs(notebook.cells[3].outputs)) if tag == "img"
    ]
    assert [about["alt"] for about in shown] == ["A line <rises>."] * expected
