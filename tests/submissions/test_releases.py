"""What an instructor changes after the release is blamed on nobody."""

import shutil
from pathlib import Path

import nbformat
import pytest
from classroom import (
    ASSIGNMENT,
    DOUBLING,
    cell,
    generate_assignment,
    read,
    release,
    submit,
    submit_all,
    write_lesson,
)
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.converters.base import NbGraderException

from coursework.batch.grade import Result, grade
from coursework.batch.regrade import Regrading, regrading
from coursework.course.layout import Course
from coursework.grading.outcomes import is_of_grading
from coursework.submissions.releases import FOLDER

GIVEN = "from coursework.check import reference\n"
VISIBLE = "check.equal(square(1), 1)\n"
TWICE = DOUBLING.index("## Twice")
SQUARES, WHY = DOUBLING.index("## Squares"), DOUBLING.index("Why is a square")

NEW_GIVEN = "```python\nFACTOR = 2\n```\n\n"
CHANGES = {
    "visible test": DOUBLING.replace(VISIBLE, VISIBLE + "check.equal(square(2), 4)\n"),
    "comment in given code": DOUBLING.replace(GIVEN, GIVEN + "# All of it is needed.\n"),
    "points": DOUBLING.replace("points=3", "points=4"),
    "points and given code": DOUBLING.replace("points=3", "points=4").replace(
        GIVEN, GIVEN + "# All of it is needed.\n"
    ),
    "given code put in": DOUBLING[:TWICE] + NEW_GIVEN + DOUBLING[TWICE:],
    "paragraph": DOUBLING.replace("Why is a square never negative?", "Why is no square negative?"),
    "paragraph left out": DOUBLING.replace("Why is a square never negative?\n", ""),
    "stub": DOUBLING.replace("Return x squared.", "Return the square of a number x."),
    "prompt": DOUBLING.replace("*Your answer:*", "*Your answer, in a sentence:*"),
    "order": DOUBLING[:TWICE] + DOUBLING[SQUARES:WHY] + DOUBLING[TWICE:SQUARES] + DOUBLING[WHY:],
}
change = pytest.mark.parametrize("text", CHANGES.values(), ids=CHANGES)


def regrade(root: Path) -> Regrading:
    """Regrade the class, and record it."""
    with regrading(Course(root), ASSIGNMENT) as found:
        found.record()
    return found


def again(root: Path) -> Result:
    """Grade the class anew."""
    return grade(Course(root), ASSIGNMENT, force=True)


def points(result: Result) -> dict[str, float]:
    """Return each student's points for the lesson that changes."""
    return {one.student: one.points for one in result.scores if one.notebook == "doubling"}


@pytest.fixture
def handed_in(course: Path) -> Path:
    """Grade two students: ada is right, bob wrote nothing."""
    submit_all(course, "ada")
    submit_all(course, "bob")
    submit(course, "bob", none="")
    assert grade(Course(course), ASSIGNMENT).notes == {}
    return course


@change
def test_releases_change_is_blamed_on_nobody(handed_in: Path, text: str) -> None:
    """Whatever the instructor corrects: no note, and points are those of today's lesson."""
    release(handed_in, text)
    assert regrade(handed_in).failures == ()
    found = again(handed_in)
    assert (found.notes, found.failures) == ({}, ())
    most = 6.0 if "points=4" in text else 5.0
    assert points(found) == {"ada": most, "bob": 0.0}
    graded = read_graded(handed_in, "bob")
    sources = [node.source for node in graded.cells if not is_of_grading(node)]
    assert sources == [node.source for node in with_hidden(handed_in)]


def read_graded(root: Path, student: str) -> NotebookNode:
    """Return a graded notebook."""
    path = root / "autograded" / student
    return read(path.parent, student)


def with_hidden(root: Path) -> list[NotebookNode]:
    """Return the cells that grading leaves of an untouched notebook."""
    source, handed_out = read(root, "source"), read(root, "release")
    pairs = zip(source.cells, handed_out.cells, strict=True)
    return [new if old.metadata.get("nbgrader", {}).get("solution") else old for old, new in pairs]


@change
def test_releases_change_of_a_student_is_told_still(handed_in: Path, text: str) -> None:
    """A student's changes to locked cells, deletions and marks are reported, whatever else changed."""

    def spoil(notebook: NotebookNode) -> None:
        cell(notebook, "test_double").source = "check.equal(1, 1)"
        cell(notebook, "square").metadata.nbgrader.points = 99
        notebook.cells.remove(cell(notebook, "test_square"))

    submit(handed_in, "ada", change=spoil)
    release(handed_in, text)
    found = again(handed_in)
    assert set(found.notes) == {("ada", "doubling")}
    edited, missing = "Locked cells had been edited", "Cells were missing"
    marks = "The grading marks of cells had been changed"
    for sentence, name in ((edited, "test_double"), (missing, "test_square"), (marks, "square")):
        note = next(note for note in found.notes["ada", "doubling"] if note.startswith(sentence))
        assert note.count("`") == 2
        assert f"`{name}`" in note


def test_releases_correction_pasted_in_is_no_edit(handed_in: Path) -> None:
    """Who puts the corrected cell into the notebook that was handed out first edited nothing."""
    release(handed_in, CHANGES["visible test"])
    corrected = cell(read(handed_in, "release"), "test_square").source
    path = handed_in / "submitted" / "ada" / ASSIGNMENT / "doubling.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell(notebook, "test_square").source = corrected
    nbformat.write(notebook, path)
    assert again(handed_in).notes == {}


def test_releases_several_are_kept(handed_in: Path) -> None:
    """Each submission is compared with its own release, however many there were."""
    for number, name in enumerate(("visible test", "stub", "order")):
        release(handed_in, CHANGES[name])
        submit_all(handed_in, f"student{number}")
        submit(handed_in, f"student{number}", "doubling")
    release(handed_in, DOUBLING)
    assert len(list((handed_in / FOLDER / ASSIGNMENT / "doubling").iterdir())) == 4
    found = again(handed_in)
    assert found.notes == {}
    assert points(found) == {"ada": 5, "bob": 0, "student0": 5, "student1": 5, "student2": 5}


def test_releases_failed_generation_loses_nothing(handed_in: Path) -> None:
    """What nbgrader refuses, or cannot convert, leaves `release/` as it was."""
    before = snapshot(handed_in / "release")
    write_lesson(handed_in, "doubling", DOUBLING.replace('"square"', '"cube"'))
    with pytest.raises(NbGraderException):
        generate_assignment(handed_in)
    assert snapshot(handed_in / "release") == before
    (handed_in / "source" / ASSIGNMENT / "mean.ipynb").write_text("{")
    with pytest.raises(NbGraderException):
        generate_assignment(handed_in)
    assert snapshot(handed_in / "release") == before


def snapshot(folder: Path) -> dict[Path, bytes]:
    """Return the files below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_releases_upgraded_course_blames_nobody(handed_in: Path) -> None:
    """Given cells whose names were made otherwise at their release are the same cells now."""
    shutil.rmtree(handed_in / FOLDER)
    for tree in ("source", "release", "submitted/ada", "submitted/bob"):
        path = handed_in / tree / ASSIGNMENT / "doubling.ipynb"
        path.write_text(path.read_text().replace('"given-1"', '"0123456789ab"'))
    generate_assignment(handed_in)
    assert again(handed_in).notes == {}
    release(handed_in, CHANGES["comment in given code"])
    assert again(handed_in).notes == {}


def test_releases_own_text_beside_a_changed_prompt_is_seen(handed_in: Path) -> None:
    """A changed prompt hides no answer beside its cell."""

    def write_below(notebook: NotebookNode) -> None:
        notebook.cells.append(new_markdown_cell("Minus times minus is plus."))

    submit(handed_in, "bob", change=write_below, none="")
    release(handed_in, CHANGES["prompt"])
    (notes,) = again(handed_in).notes.values()
    assert any("`why`" in note for note in notes)
