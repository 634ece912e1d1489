"""Files beside a notebook: what was handed out is there, what a student adds where declared."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import (
    ANSWERS,
    ASSIGNMENT,
    DOUBLING,
    generate_assignment,
    submit,
    write_lesson,
)
from nbgrader.api import Gradebook

from coursework.batch.export import Row, rows
from coursework.batch.grade import grade
from coursework.course.layout import Course
from coursework.errors import ConfigError, CourseworkError
from coursework.learner.self_check import check_notebook

FACTOR = DOUBLING.replace(
    "from coursework.check import reference\n",
    'from coursework.check import reference\n\nfactor = int(open("data/factor.txt").read())\n',
).replace("return 2 * x", "return factor * x")
OWN = "def double(x):\n    return factor * x"
HELPED = "from helpers import twice\ndef double(x):\n    return twice(x)"
READING = "def double(x):\n    return int(open('data/factor.txt').read()) * x"
HELPERS = "def twice(x):\n    return x + x\n"
DECLARED = f'\nc.SubmissionExporter.files = ["{ASSIGNMENT}/helpers.py", "*/data/*.txt"]\n'


@pytest.fixture(scope="module")
def template(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course whose given code reads a file that is handed out."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("beside") / "course")
    folder = root / "source" / ASSIGNMENT / "data"
    folder.mkdir()
    (folder / "factor.txt").write_text("2")
    write_lesson(root, "doubling", FACTOR)
    generate_assignment(root)
    assert (root / "release" / ASSIGNMENT / "data" / "factor.txt").is_file()
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """Copy that course."""
    return shutil.copytree(template, tmp_path / "course")


def declare(root: Path) -> None:
    """Let students submit files of these names."""
    with (root / "course_config.py").open("a") as file:
        file.write(DECLARED)


def graded(root: Path) -> dict[str, Row]:
    """Grade ada's submission."""
    grade(Course(root), ASSIGNMENT)
    return {row.cell: row for row in rows(root, ASSIGNMENT) if row.student == "ada"}


def autograded(root: Path) -> dict[str, Row]:
    """Grade it by nbgrader's command."""
    command = [Path(sys.executable).with_name("nbgrader"), "autograde", ASSIGNMENT, "--create"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {row.cell: row for row in rows(root, ASSIGNMENT) if row.student == "ada"}


@pytest.fixture(params=[graded, autograded], ids=["grade", "autograde"])
def marks(request: pytest.FixtureRequest) -> Callable[[Path], dict[str, Row]]:
    """Return a way to grade ada's submission."""
    return request.param


def put(root: Path, name: str, text: str) -> Path:
    """Put a file beside ada's notebook."""
    path = root / "submitted" / "ada" / ASSIGNMENT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("answer", [OWN, READING])
def test_what_was_handed_out(
    root: Path, marks: Callable[[Path], dict[str, Row]], answer: str
) -> None:
    """Given code, tests and answers read it; what a student changed in it does not count."""
    submit(root, "ada", double=answer)
    put(root, "data/factor.txt", "3")
    declare(root)
    assert marks(root)["test_double"].points == 3


def test_declared(root: Path, marks: Callable[[Path], dict[str, Row]]) -> None:
    """A module of the student's that the assignment declares is imported."""
    submit(root, "ada", double=HELPED)
    put(root, "helpers.py", HELPERS)
    declare(root)
    assert marks(root)["test_double"].points == 3


@pytest.mark.parametrize("name", ["helpers.py", "sub/helpers.py"])
def test_not_declared(root: Path, name: str) -> None:
    """Any other is not there, and the feedback says what to do."""
    submit(root, "ada", double=HELPED)
    put(root, name, HELPERS)
    if name != "helpers.py":
        declare(root)
    row = graded(root)["test_double"]
    assert row.points == 0
    assert "helpers" in row.cause
    assert "write its code into the notebook" in row.cause


def test_changed_file_is_graded_again(root: Path) -> None:
    """A corrected file is a corrected submission."""
    submit(root, "ada", double=HELPED)
    put(root, "helpers.py", HELPERS.replace("x + x", "x - x"))
    declare(root)
    assert graded(root)["test_double"].points == 0
    put(root, "helpers.py", HELPERS)
    assert graded(root)["test_double"].points == 3


def test_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    """A link in place of a declared file shows nothing of the grader's."""
    secret = tmp_path / "secret.py"
    secret.write_text(HELPERS)
    submit(root, "ada", double=HELPED)
    (root / "submitted" / "ada" / ASSIGNMENT / "helpers.py").symlink_to(secret)
    declare(root)
    assert graded(root)["test_double"].points == 0


def test_check(root: Path, tmp_path: Path) -> None:
    """`coursework check` takes the files beside the notebook that it checks."""
    path = submit(root, "ada", **ANSWERS | {"double": HELPED})
    put(root, "helpers.py", HELPERS)
    declare(root)
    place = shutil.copytree(path.parent, tmp_path / "mine")
    assert check_notebook(Course(root), place / path.name).is_full


@pytest.mark.parametrize("value", ['"a1/helpers.py"', "[1]"])
def test_declared_wrongly(root: Path, value: str) -> None:
    """A text in place of a list is not a list of letters: the setting is named."""
    with (root / "course_config.py").open("a") as file:
        file.write(f"\nc.SubmissionExporter.files = {value}\n")
    with pytest.raises(ConfigError, match=r"SubmissionExporter.files is a list of texts"):
        grade(Course(root), ASSIGNMENT)


def test_too_many_files(root: Path) -> None:
    """More than can be handed on is refused, and not left out."""
    submit(root, "ada", double=OWN)
    for number in range(501):
        (root / "release" / ASSIGNMENT / f"{number}.txt").touch()
    with pytest.raises(CourseworkError, match="hand out fewer"):
        grade(Course(root), ASSIGNMENT)


ABSENT = {
    "input": ("n = int(input('n? '))\ndef double(x):\n    return n * x", "assign the value"),
    "input in a call": ("def double(x):\n    return int(input()) * x", "assign the value"),
    "file": ("def double(x):\n    return open('mine.csv').read()", "write what you need into"),
    "package": ("import tensorflow_of_mine\ndef double(x):\n    return 2 * x", "not installed"),
    "written": ("open('/usr/x.txt', 'w')\ndef double(x):\n    return 2 * x", "beside the notebook"),
}


@pytest.mark.parametrize("case", ABSENT)
def test_what_is_not_possible_is_said(root: Path, case: str) -> None:
    """Code that asks, or reads what is not there, gets a sentence that says what to do instead."""
    code, remedy = ABSENT[case]
    submit(root, "ada", double=code)
    row = graded(root)["test_double"]
    assert row.points == 0
    assert remedy in row.cause


def test_import_in_locked_cell(root: Path) -> None:
    """An import added to a given cell is gone; the note says where it belongs."""

    def add(notebook: dict) -> None:
        first = next(one for one in notebook.cells if "import numpy" in one.source)
        first.source += "\nimport math\n"

    submit(root, "ada", change=add, double="def double(x):\n    return math.floor(2 * x)")
    found = grade(Course(root), ASSIGNMENT)
    (note,) = found.notes["ada", "doubling"]
    assert "imports" in note
    assert "cells of your own" in note
    with Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch") as gradebook:
        assert gradebook.find_grade("test_double", "doubling", ASSIGNMENT, "ada").score == 0
