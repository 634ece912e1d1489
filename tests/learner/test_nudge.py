"""A hint for what ran in a notebook: the answers that ran last, and the reader's own cells."""

from pathlib import Path

import nbformat
import pytest

from coursework.course.layout import Course
from coursework.learner.nudge import as_run, hint_for
from coursework.learner.self_check import check_notebook

MISTAKES = """[[double]]
old = "2 * x"
new = "x * x"
hint = "This is the square."
"""
WRONG = "def double(x):\n    return product(x, x)"


def released(course: Path) -> nbformat.NotebookNode:
    """Return the notebook of a lesson as it is released."""
    return nbformat.read(course / "release/a1/doubling.ipynb", as_version=4)


def source_of(course: Path, **metadata: str) -> str:
    """Return the released cell with this metadata."""
    cells = released(course).cells
    return next(cell.source for cell in cells if metadata.items() <= cell.metadata.items())


def test_as_run_takes_the_answer_that_ran_last(course: Path) -> None:
    """Of several answers the last counts; given cells and tests are the lesson's."""
    notebook = released(course)
    first = notebook.cells[1].source
    cells = [first, "def double(x):\n    return 1", WRONG, "double = 3 / 0\n1"]
    sources = [cell.source for cell in as_run(notebook, cells[:3]).cells]
    assert WRONG in sources
    assert cells[1] not in sources
    assert first in sources
    assert len(sources) == len(released(course).cells)


def test_as_run_keeps_own_cells(course: Path) -> None:
    """A cell of the reader's own is below the one that ran before it, in its last form."""
    cells = [source_of(course, exercise="double"), "def product(x, y):\n    return 0"]
    cells += ["product(1, 1)", "def product(x, y):\n    return x * y", WRONG]
    sources = [cell.source for cell in as_run(released(course), cells).cells]
    assert sources.index(cells[3]) == sources.index(WRONG) + 1
    assert cells[1] not in sources
    assert cells[2] not in sources


def test_hint_for_an_answer_with_a_helper(course: Path) -> None:
    """The hint is that of the mistake, in whatever cells it is written."""
    (course / "lessons/a1/doubling.mistakes.toml").write_text(MISTAKES)
    cells = ["def product(x, y):\n    return x * y", WRONG]
    test = source_of(course, test="double")
    assert hint_for(Course(course), test, cells) == "This is the square."
    right = ["def double(x):\n    return 2 * x"]
    assert hint_for(Course(course), test, right) == ""


def test_hint_is_a_diagnosis_where_no_mistake_is_known(course: Path) -> None:
    """What the values tell, and what an exception does, are said as grading says them."""
    test = source_of(course, test="double")
    text = hint_for(Course(course), test, ["def double(x):\n    return print(2 * x)"])
    assert "print shows a value, return gives it back" in text
    text = hint_for(Course(course), test, ["def double(x):\n    return doubel(x)"])
    assert "doubel" in text


@pytest.mark.parametrize("test", ["check.equal(double(1), 3)", ""])
def test_hint_for_no_test_of_the_course(course: Path, test: str) -> None:
    """Nothing is said about a test that the reader has changed."""
    assert hint_for(Course(course), test, [WRONG]) == ""


def test_hint_judges_nothing_behind_the_exercise(course: Path) -> None:
    """Later answers, which may take long or be wrong as well, neither run nor are explained."""
    (course / "lessons/a1/doubling.mistakes.toml").write_text(MISTAKES)
    notebook = as_run(released(course), ["def double(x):\n    return x * x"])
    written = course / "mine.ipynb"
    nbformat.write(notebook, written)
    report = check_notebook(Course(course), written, "test_double").report
    assert {outcome.exercise for outcome in report.outcomes} == {"double"}
    assert [hint for outcome in report.outcomes for hint in outcome.hints] == [
        "This is the square."
    ]
    whole = check_notebook(Course(course), written).report
    assert len(whole.outcomes) > len(report.outcomes)
    assert max(report.runs) < max(whole.runs)
