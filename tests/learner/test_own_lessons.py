"""The course's own lessons in `work/`: begun, solved by what `show` shows, corrected."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from coursework.course.layout import Course
from coursework.course.lesson import read_source
from coursework.learner.answers import solution
from coursework.learner.corrections import update
from coursework.learner.place import Place, work_place
from coursework.learner.start import start
from coursework.learner.status import status
from coursework.learner.tasks import Task, names_in

ROOT = Path(__file__).parent.parent.parent
COMMAND = Path(sys.executable).with_name("coursework")
FIRST = "00-warm-up/vectorization"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The course as in a clone, all lessons begun; each test changes one lesson."""
    root = tmp_path_factory.mktemp("own") / "ein Kürs"
    for tree in ("lessons", "source", "release"):
        shutil.copytree(ROOT / tree, root / tree)
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    found = work_place(Course(root))
    assignments = {key.partition("/")[0] for key in found.lessons}
    begun = start(found, *sorted(assignments))
    assert (begun.lessons, begun.there, begun.answered) == (found.lessons, (), ())
    return found


def test_all_lessons_are_on_the_map(place: Place) -> None:
    """Each has the points of its tests, and nothing of it is answered."""
    for one in status(place).lessons:
        if one.is_planned:
            continue
        lesson = read_source(place.course.source / f"{one.key}.ipynb")
        tests = [cell for cell in lesson.of_kind("test") if not cell.void]
        assert (one.key, one.max_points) == (one.key, sum(cell.points for cell in tests))
        assert [e.name for e in one.exercises] == [
            cell.id for cell in lesson.of_kind("exercise", "question")
        ]
        assert not [e.name for e in one.exercises if e.is_answered or e.points]


def test_all_solutions_can_be_shown(place: Place) -> None:
    """Code is code, answers are text, and nothing is in them that only markers read."""
    for key in place.lessons:
        notebook = nbformat.read(place.release(key), as_version=4)
        kinds = {cell.id: cell.cell_type for cell in notebook.cells}
        for name in names_in(notebook):
            text = solution(place, Task(key, name), is_now=True)
            assert not [mark for mark in ("SOLUTION", "MARK SCHEME") if mark in text], name
            assert text.strip()
            if kinds[name] == "code":
                ast.parse(text)


def test_what_is_shown_is_right(place: Place) -> None:
    """A lesson that is answered with what `show` shows gets all points."""
    path = place.own(FIRST)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id in names_in(notebook):
            cell.source = solution(place, Task(FIRST, cell.id), is_now=True)
    nbformat.write(notebook, path)
    command = [COMMAND, "check", FIRST]
    done = subprocess.run(
        command, cwd=place.course.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (one,) = (one for one in status(place).lessons if one.key == FIRST)
    assert (one.is_done, one.points) == (True, one.max_points)


@pytest.mark.parametrize("key", ["02-regularization/ridge", "09-optimizers/momentum"])
def test_a_corrected_lesson_comes_with_update(place: Place, key: str) -> None:
    """All corrections of text and tests arrive, and what the reader wrote stays."""
    own = nbformat.read(place.own(key), as_version=4)
    name = names_in(own)[0]
    (cell,) = (cell for cell in own.cells if cell.id == name)
    cell.source = "x = 'mine'"
    nbformat.write(own, place.own(key))
    assert update(place, key) is None
    release = nbformat.read(place.release(key), as_version=4)
    prose = next(i for i, c in enumerate(release.cells) if c.cell_type == "markdown" and i > 3)
    test = next(i for i, c in enumerate(release.cells) if c.metadata.get("test"))
    release.cells[prose].source += " Corrected."
    release.cells[test].source += "\n# Corrected."
    nbformat.write(release, place.release(key))
    found = update(place, key)
    assert found is not None
    assert len(found.changed) == 2
    now = nbformat.read(place.own(key), as_version=4)
    assert [c.id for c in now.cells] == [c.id for c in release.cells]
    differing = [
        c.id for c, r in zip(now.cells, release.cells, strict=True) if c.source != r.source
    ]
    assert differing == [name]
    assert update(place, key) is None
