"""A lesson in miniature, for tests of the grader."""

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from coursework.course.lesson import Lesson, from_notebook, test_id

__all__ = ["SETUP", "make_lesson", "make_notebook"]

SETUP = """
import numpy as np
from coursework import check
from coursework.check import reference
"""


def make_notebook(
    exercises: dict[str, str], tests: dict[str, str], setup: str = SETUP
) -> NotebookNode:
    """Return a notebook: setup, then each exercise followed by its test of one point."""
    cells = [new_code_cell(setup, metadata={"nbgrader": {"grade_id": "setup", "locked": True}})]
    for name, source in exercises.items():
        marks = {"grade_id": name, "solution": True, "grade": False}
        cells.append(new_code_cell(source, metadata={"exercise": name, "nbgrader": marks}))
        if name in tests:
            marks = {"grade_id": test_id(name), "solution": False, "grade": True, "points": 1}
            metadata = {"test": name, "points": 1, "nbgrader": marks}
            cells.append(new_code_cell(tests[name], metadata=metadata))
    return new_notebook(cells=cells)


def make_lesson(notebook: NotebookNode) -> Lesson:
    """Return the lesson that a notebook holds."""
    return from_notebook(notebook, Path("source/tiny/lesson.ipynb"))
