"""A question or test that does not count after all: nobody gains by it, nobody loses by it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classroom import (
    ANSWERS,
    ASSIGNMENT,
    DOUBLING,
    autograde_again,
    cell,
    generate_assignment,
    read,
    release,
    submit,
    submit_all,
)
from nbgrader.api import Gradebook

from coursework.batch.export import rows
from coursework.batch.grade import grade
from coursework.batch.regrade import regrading
from coursework.course.layout import Course
from coursework.course.lesson import read_lesson
from coursework.errors import LessonError
from coursework.feedback.generate import generate

REASON = "It asks for what the lesson says nowhere."
VOID = DOUBLING.replace('question="why" points=2', f'question="why" points=2 void="{REASON}"')
VOID = VOID.replace('test="square" points=2', f'test="square" points=2 void="{REASON}"')
WRONG = "def square(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def graded(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class: ada and eve marked by hand, bob up for marking, carol without an answer."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("void") / "course")
    for student in ("ada", "bob", "eve"):
        submit_all(root, student)
    submit(root, "carol", double=ANSWERS["double"], square=WRONG)
    grade(Course(root), ASSIGNMENT)
    with book(root) as gradebook:
        for student, points in (("ada", 2.0), ("eve", 0.5)):
            found = gradebook.find_grade("why", "doubling", ASSIGNMENT, student)
            found.manual_score, found.needs_manual_grade = points, False
        gradebook.find_comment("why", "doubling", ASSIGNMENT, "eve").manual_comment = "Half of it."
        gradebook.db.commit()
    return root


@pytest.fixture
def root(graded: Path, tmp_path: Path) -> Path:
    """Copy that course."""
    return shutil.copytree(graded, tmp_path / "course")


def book(root: Path) -> Gradebook:
    """Open the gradebook."""
    return Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch")


def regrade(root: Path) -> None:
    """Grade what is graded once more."""
    with regrading(Course(root), ASSIGNMENT) as found:
        found.record()
        assert found.failures == ()


def totals(root: Path) -> dict[str, tuple[float, float, bool]]:
    """Return each student's score in the lesson, how much there is, and whether it is open."""
    with book(root) as gradebook:
        return {
            entry.student.id: (entry.score, entry.max_score, entry.needs_manual_grade)
            for entry in gradebook.notebook_submissions("doubling", ASSIGNMENT)
        }


def comment(root: Path, student: str) -> str:
    """Return what is said about the question."""
    with book(root) as gradebook:
        return gradebook.find_comment("why", "doubling", ASSIGNMENT, student).comment or ""


@pytest.mark.parametrize(
    "again",
    [regrade, autograde_again, lambda root: grade(Course(root), ASSIGNMENT, force=True)],
    ids=["regrade", "autograde", "grade"],
)
def test_counts_for_nobody(root: Path, again: Callable[[Path], object]) -> None:
    """A void question and test leave the scores and what can be reached; nobody need mark them."""
    assert totals(root) == {
        "ada": (7, 7, False), "bob": (5, 7, True), "carol": (3, 7, False), "eve": (5.5, 7, False),
    }  # fmt: skip
    release(root, VOID)
    again(root)
    assert totals(root) == dict.fromkeys(("ada", "bob", "carol", "eve"), (3, 3, False))
    for student in ("ada", "bob", "carol", "eve"):
        assert REASON in comment(root, student)
    assert "Marked 2 before" in comment(root, "ada")
    assert "Half of it." in comment(root, "eve")
    before = comment(root, "eve")
    again(root)
    assert comment(root, "eve") == before


def test_form_stays(root: Path) -> None:
    """The notebook that students have stays as it is, so their answers are found."""
    before = [(one.cell_type, one.source) for one in read(root, "release").cells]
    release(root, VOID)
    assert [(one.cell_type, one.source) for one in read(root, "release").cells] == before


def test_can_be_taken_back(root: Path) -> None:
    """What counts again is up for marking, with the earlier mark in the comment."""
    release(root, VOID)
    regrade(root)
    release(root, DOUBLING)
    regrade(root)
    assert totals(root)["bob"] == (5, 7, True)
    assert totals(root)["ada"] == (5, 7, True)
    assert totals(root)["carol"] == (3, 7, False)
    assert "Marked 2 before" in comment(root, "ada")


def test_is_said(root: Path) -> None:
    """Table and feedback page say that it does not count, and why."""
    release(root, VOID)
    regrade(root)
    found = {row.cell: row for row in rows(root, ASSIGNMENT) if row.student == "carol"}
    for name in ("why", "test_square"):
        assert (found[name].points, found[name].max_points, found[name].is_final) == (0, 0, True)
    assert REASON in found["why"].cause
    made = generate(Course(root), ASSIGNMENT, ["carol"])
    assert made.errors == ()
    page = next(path for path in made.pages if path.stem == "doubling").read_text()
    assert page.count(REASON) >= 2


def test_plain_assignment(root: Path) -> None:
    """Where points are set to 0 in nbgrader's own tools, the same holds, without a reason."""
    path = root / "source" / ASSIGNMENT / "doubling.ipynb"
    source = nbformat.read(path, as_version=4)
    cell(source, "why").metadata.nbgrader.points = 0
    cell(source, "why").metadata.points = 0
    nbformat.write(source, path)
    generate_assignment(root)
    regrade(root)
    assert totals(root)["bob"] == (5, 5, False)
    assert totals(root)["ada"] == (5, 5, False)
    assert "does not count" in comment(root, "bob")


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ('question="why" points=2', 'question="why" points=2 void=true', "void="),
        ('exercise="double"', 'exercise="double" void="why"', "only tests and questions"),
    ],
)
def test_misspelt(tmp_path: Path, old: str, new: str, remedy: str) -> None:
    """A void cell has a reason, and is a test or a question."""
    path = tmp_path / "n.md"
    path.write_text(DOUBLING.replace(old, new).lstrip())
    with pytest.raises(LessonError, match=remedy):
        read_lesson(path)
