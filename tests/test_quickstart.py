"""nbgrader's own example course: graded by the judge as nbgrader's own steps grade it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from coursework.course.cells import grade_id_of

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
REACHES = "sum_of_squares_uses_squares"  # it deletes a name of the student's

ANSWERS: dict[str, dict[str, str]] = {
    "stub": {},
    "no-error": {"squares": "def squares(n):\n    return [i**2 for i in range(1, n + 1)]"},
    "from-zero": {"squares": "def squares(n):\n    return [i**2 for i in range(n)]"},
    "other-error": {
        "squares": "def squares(n):\n    if n < 1:\n        raise TypeError\n"
        "    return [i**2 for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
    },
    "strings": {"squares": "def squares(n):\n    return str([i**2 for i in range(1, n + 1)])"},
    "syntax": {
        "squares": "def squares(n)\n    return []",
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(n + 1))",
    },
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader has no exchange on Windows"),
]


def run(folder: Path, *command: str, code: int = 0) -> str:
    """Run a command of the environment in a course."""
    environment = os.environ | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [PROGRAMS / command[0], *command[1:]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as `nbgrader quickstart` makes it."""
    folder = tmp_path_factory.mktemp("quickstart") / "course"
    run(folder.parent, "nbgrader", "quickstart", "course")
    return folder


@pytest.fixture(scope="module")
def own(example: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The marks that nbgrader's own steps give."""
    folder = shutil.copytree(example, tmp_path_factory.mktemp("own") / "course")
    begin(folder)
    run(folder, "nbgrader", "autograde", "ps1")
    return marks(folder)


@pytest.fixture
def course(example: Path, tmp_path: Path) -> Path:
    """The example with this project's configuration."""
    folder = shutil.copytree(example, tmp_path / "course")
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    return folder


def begin(folder: Path) -> None:
    """Release the assignment, and let seven students answer it."""
    source = nbformat.read(folder / "source/ps1/problem1.ipynb", 4)
    solved = {grade_id_of(cell): cell.source for cell in source.cells if grade_id_of(cell)}
    run(folder, "nbgrader", "generate_assignment", "ps1")
    for student, answers in ({"solution": solved} | ANSWERS).items():
        target = folder / "submitted" / student / "ps1"
        shutil.copytree(folder / "release/ps1", target)
        _answer(target / "problem1.ipynb", answers)


def _answer(path: Path, answers: dict[str, str]) -> None:
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers.get(grade_id_of(cell), cell.source)
    nbformat.write(notebook, path)


def marks(folder: Path) -> dict[str, dict[str, object]]:
    """Return each student's marks by cell; None where a person must grade."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "course") as gradebook:
        return {
            submission.student.id: {
                grade.name: None if grade.needs_manual_grade else grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions("ps1")
        }


def without(folder: Path, name: str) -> None:
    """Take a cell out of the instructor's notebook."""
    path = folder / "source/ps1/problem1.ipynb"
    notebook: NotebookNode = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if grade_id_of(cell) != name]
    nbformat.write(notebook, path)


@pytest.mark.parametrize("command", [("nbgrader", "autograde"), ("coursework", "grade")])
def test_quickstart_with_a_test_that_deletes_a_name_is_refused(
    course: Path, command: tuple[str, str]
) -> None:
    """One line says why and what to do, once, and no submission is touched."""
    begin(course)
    text = run(course, *command, "ps1", code=1 if command[0] == "nbgrader" else 2)
    lines = [line for line in text.splitlines() if REACHES in line]
    assert len(lines) == 1, text
    assert "deletes `squares`" in lines[0]
    assert 'c.SubmissionExporter.executed = ["ps1"]' in lines[0]
    assert "Traceback" not in text
    assert not list((course / "autograded").glob("*/ps1/*.ipynb"))


def test_quickstart_by_nbgraders_own_execute(
    course: Path, own: dict[str, dict[str, object]]
) -> None:
    """As the refusal says: one line of configuration, and the marks are nbgrader's own."""
    begin(course)
    with (course / "course_config.py").open("a") as file:
        file.write('\nc.SubmissionExporter.executed = ["ps1"]\n')
    assert "run `nbgrader autograde ps1`" in run(course, "coursework", "grade", "ps1", code=2)
    run(course, "nbgrader", "autograde", "ps1")
    assert marks(course) == own
    run(course, "nbgrader", "generate_feedback", "ps1")
    assert len(list(course.glob("feedback/*/ps1/problem?.html"))) == 2 * len(own)


@pytest.mark.parametrize("command", [("nbgrader", "autograde"), ("coursework", "grade")])
def test_quickstart_by_the_judge(
    course: Path, own: dict[str, dict[str, object]], command: tuple[str, str]
) -> None:
    """Without that test: the marks of nbgrader's own steps, for right and wrong answers."""
    without(course, REACHES)
    begin(course)
    run(course, *command, "ps1")
    expected = {
        student: {name: mark for name, mark in found.items() if name != REACHES}
        for student, found in own.items()
    }
    assert marks(course) == expected
    assert expected["solution"]["correct_squares"] == 1
    assert sum(mark or 0 for mark in expected["stub"].values()) == 0
    run(course, "nbgrader", "generate_feedback", "ps1")
    assert len(list(course.glob("feedback/*/ps1/problem?.html"))) == 2 * len(own)
