"""Assignments made without this project: nbgrader's marks, asserts and hidden tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursework.course.plain import lesson_of
from coursework.errors import ConfigError, LessonError
from coursework.grading.judgeable import demand_judgeable
from coursework.judge.judge import Judge

PATH = Path("source/ps1/own.ipynb")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge for all tests of this file."""
    with Judge(secret=b"secret") as made:
        yield made


def solution(name: str, source: str) -> NotebookNode:
    """Return a cell that students answer."""
    return new_code_cell(source, metadata={"nbgrader": _marks(name, solution=True)})


def graded(name: str, source: str, points: float = 1) -> NotebookNode:
    """Return a test."""
    marks = _marks(name, grade=True, points=points, locked=True)
    return new_code_cell(source, metadata={"nbgrader": marks})


def _marks(name: str, **marks: object) -> dict[str, object]:
    return {"grade_id": name, "grade": False, "solution": False, "task": False, **marks}


def points(judge: Judge, notebook: NotebookNode, answers: dict[str, str]) -> dict[str, float]:
    """Return the points of a student who has replaced some cells, by their names."""
    lesson = lesson_of(notebook, PATH)
    demand_judgeable(judge, lesson, notebook)
    submitted = NotebookNode(notebook | {"cells": [NotebookNode(cell) for cell in notebook.cells]})
    for cell in submitted.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = answers.get(name, cell.source)
    return {one.id: one.points for one in judge.grade(lesson, submitted, "anna").outcomes}


DOUBLE = solution("double", "def double(x):\n    return 2 * x")


def test_plain_cells_have_roles_by_their_marks() -> None:
    """Graded cells are tests of the answer that they use; written answers are questions."""
    lesson = lesson_of(
        new_notebook(
            cells=[
                new_code_cell("import numpy as np"),
                new_markdown_cell("Text."),
                DOUBLE,
                solution("half", "def half(x):\n    return x / 2"),
                graded("test_double", "assert double(2) == 4", points=3),
                graded("test_half", "assert half(2) == 1"),
                new_markdown_cell(
                    "…", metadata={"nbgrader": _marks("why", solution=True, grade=True)}
                ),
                new_markdown_cell("…", metadata={"nbgrader": _marks("task", task=True, points=2)}),
            ]
        ),
        PATH,
    )
    found = [(cell.kind, cell.exercise, cell.points) for cell in lesson.cells]
    assert found == [
        ("given", "", 0),
        ("prose", "", 0),
        ("exercise", "double", 0),
        ("exercise", "half", 0),
        ("test", "double", 3),
        ("test", "half", 1),
        ("question", "why", 0),
        ("question", "task", 2),
    ]


JUDGED = {
    "an assert with a message": (
        [DOUBLE, graded("t", "assert double(2) == 4, 'twice'")],
        {"double": "double = abs"},
    ),
    "a variable": (
        [solution("answer", "answer = 42"), graded("t", "assert answer == 42")],
        {"answer": "answer = 41"},
    ),
    "an array": (
        [
            new_code_cell("import numpy as np"),
            solution("zeros", "def zeros(n):\n    return np.zeros(n)"),
            graded("t", "np.testing.assert_allclose(zeros(3), [0, 0, 0])\nassert zeros(2).shape == (2,)"),
        ],
        {"zeros": "def zeros(n):\n    return [1] * n"},
    ),
    "an exception by its type": (
        [
            solution("root", "def root(x):\n    if x < 0:\n        raise ValueError\n    return x**0.5"),
            graded("t", "try:\n    root(-1)\nexcept ValueError:\n    pass\nelse:\n    assert False"),
        ],
        {"root": "def root(x):\n    return abs(x) ** 0.5"},
    ),
    "a function that an earlier test defines": (
        [
            DOUBLE,
            graded("a", "import math\ndef agrees(x):\n    return math.isclose(double(x), x + x)\nlimit = 3"),
            graded("t", "assert all(agrees(x) for x in range(limit))"),
        ],
        {"double": "def double(x):\n    return x * x + 1"},
    ),
    "a value that is computed from an answer": (
        [DOUBLE, new_code_cell("result = double(4)"), graded("t", "assert result == 8")],
        {"double": "def double(x):\n    return x"},
    ),
    "a given function that calls an answer": (
        [
            DOUBLE,
            new_code_cell("def twice(x):\n    return double(double(x))"),
            new_code_cell("def again(x):\n    return twice(x)"),
            graded("t", "assert again(1) == 4"),
        ],
        {"double": "def double(x):\n    return x"},
    ),
    "a given function named as a module of ours": (
        [
            new_code_cell("def check(value):\n    assert value == 4"),
            DOUBLE,
            graded("t", "check(double(2))"),
        ],
        {"double": "def double(x):\n    return x"},
    ),
    "a class": (
        [
            solution(
                "Counter",
                "class Counter:\n    def __init__(self):\n        self.n = 0\n"
                "    def add(self):\n        self.n += 1\n        return self",
            ),
            graded("t", "c = Counter()\nassert c.add().add().n == 2\nassert isinstance(c, Counter)"),
        ],
        {"Counter": "class Counter:\n    n = 0\n    def add(self):\n        return self"},
    ),
    "a name that the student does not define": (
        [DOUBLE, graded("t", "assert double(1) == 2")],
        {"double": "pass"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "wrong"), JUDGED.values(), ids=JUDGED)
def test_plain_tests_tell_right_from_wrong(
    judge: Judge, cells: list[NotebookNode], wrong: dict[str, str]
) -> None:
    """The solution has all points; the wrong answer loses those of the last test."""
    notebook = new_notebook(cells=cells)
    assert set(points(judge, notebook, {}).values()) == {1.0}
    assert points(judge, notebook, wrong)["t"] == 0


def test_plain_answer_that_fails_costs_no_later_answer(judge: Judge) -> None:
    """As in nbgrader, a later answer that builds on a wrong one is tested with that."""
    cells = [
        DOUBLE,
        graded("first", "assert double(1) == 2"),
        solution("quadruple", "def quadruple(x):\n    return double(double(x))"),
        graded("second", "assert quadruple(1) == 4"),
        solution("half", "def half(x):\n    return x / 2"),
        graded("third", "assert half(1) == 0.5"),
    ]
    found = points(judge, new_notebook(cells=cells), {"double": "def double(x):\n    return x"})
    assert found == {"first": 0, "second": 0, "third": 1}


REFUSED = {
    "deletes": "del double",
    "replaces": "double = lambda x: 5",
    "IPython's own": "%timeit double(2)",
    "IPython's": "get_ipython().run_line_magic('time', 'double(2)')",
    "looks into": "assert 'double' in globals()",
    "prints": "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    double(2)",
    "what the student's code prints": "import sys\nsys.stdout = None",
    "source": "import inspect\nassert 'for' not in inspect.getsource(double)",
    "replaces functions": "from unittest.mock import patch\nwith patch('math.sqrt'):\n    double(2)",
    "AUTOTEST": "### AUTOTEST double(2)",
    "last value": "score = 0.5 if double(2) == 4 else 0\nscore",
    "fails on the instructor's own solution": "double.calls = 1\nassert double.__name__ == 'twice'",
}  # fmt: skip


@pytest.mark.parametrize(("reason", "source"), REFUSED.items(), ids=REFUSED)
def test_plain_test_inside_of_the_students_process_is_refused(
    judge: Judge, reason: str, source: str
) -> None:
    """In one line, with the test, the reason, and how nbgrader's own Execute runs it."""
    notebook = new_notebook(cells=[DOUBLE, graded("reaches", source)])
    lesson = lesson_of(notebook, PATH)
    with pytest.raises(ConfigError) as caught:
        demand_judgeable(judge, lesson, notebook)
    text = str(caught.value)
    assert reason in text
    assert "\n" not in text
    for part in (str(PATH), "`reaches`", 'executed = ["ps1"]', "`nbgrader autograde ps1`"):
        assert part in text


def test_plain_cell_that_is_no_python_is_named() -> None:
    """An instructor's syntax error is reported with file, cell and line."""
    notebook = new_notebook(cells=[DOUBLE, graded("broken", "assert double(2 ==")])
    with pytest.raises(LessonError, match=r"own\.ipynb.*`broken`.*line 1"):
        lesson_of(notebook, PATH)
