"""Penalties for late submissions follow what they are reckoned from; marks by hand stay."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, submit_all
from nbgrader.api import Gradebook

from coursework.batch.grade import grade
from coursework.batch.regrade import regrading
from coursework.cli import main
from coursework.course.layout import Course

PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin
class Share(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * {share}
c.AssignLatePenalties.plugin_class = Share
"""


def book(root: Path) -> Gradebook:
    """Open the gradebook."""
    return Gradebook(f"sqlite:///{root}/gradebook.db", "ml-from-scratch")


def configure(root: Path, share: float) -> None:
    """Let late submissions lose this share of their points."""
    text = (root / "course_config.py").read_text().partition("\nfrom nbgrader.plugins")[0]
    (root / "course_config.py").write_text(text + PLUGIN.format(share=share))


def penalties(root: Path) -> dict[str, float]:
    """Return what each student loses for being late with the lesson on doubling."""
    with book(root) as gradebook:
        return {
            entry.student.id: entry.late_submission_penalty or 0.0
            for entry in gradebook.notebook_submissions("doubling", ASSIGNMENT)
        }


def reviews(root: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return the marks by hand, and whether they are up for review."""
    with book(root) as gradebook:
        return {
            (student, name): (found.manual_score, found.needs_manual_grade)
            for student in ("ada", "bob")
            for name in ("why", "test_double")
            for found in [gradebook.find_grade(name, "doubling", ASSIGNMENT, student)]
        }


def mark(root: Path, name: str, points: float) -> None:
    """Mark a cell of ada's by hand, as Formgrader does."""
    with book(root) as gradebook:
        found = gradebook.find_grade(name, "doubling", ASSIGNMENT, "ada")
        found.manual_score, found.needs_manual_grade = points, False
        gradebook.db.commit()


def due(root: Path, when: str) -> None:
    """Move the due date."""
    with book(root) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=when)


def extend(root: Path) -> None:
    """Give ada an extension, as nbgrader's own function does."""
    with book(root) as gradebook:
        gradebook.grant_extension(ASSIGNMENT, "ada", days=3)


CHANGES = {
    "due date": (lambda root: due(root, "2030-01-02 00:00:00 UTC"), {"ada": 0, "bob": 0}),
    "extension": (extend, {"ada": 0, "bob": 2.5}),
    "mark by hand": (lambda root: mark(root, "why", 2), {"ada": 3.5, "bob": 2.5}),
    "plugin": (lambda root: configure(root, 0.1), {"ada": 0.6, "bob": 0.5}),
}


@pytest.fixture(scope="module")
def late_template(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade two students a day late, one of them with a reviewed mark."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("late") / "course")
    configure(root, 0.5)
    due(root, "2029-12-31 12:00:00 UTC")
    for student in ("ada", "bob"):
        submit_all(root, student)
    grade(Course(root), ASSIGNMENT)
    mark(root, "why", 1)
    grade(Course(root), ASSIGNMENT)
    assert penalties(root) == {"ada": 3, "bob": 2.5}
    return root


@pytest.fixture
def late(late_template: Path, tmp_path: Path) -> Path:
    """Give the test a late class of its own."""
    return shutil.copytree(late_template, tmp_path / "late")


def by_grade(root: Path) -> None:
    """Grade as every evening: nothing new came in."""
    found = grade(Course(root), ASSIGNMENT)
    assert (found.graded, found.skipped) == (0, 2)
    assert found.n_penalties > 0
    assert grade(Course(root), ASSIGNMENT).n_penalties == 0


def by_regrade(root: Path) -> None:
    """Look, then record."""
    before = penalties(root)
    with regrading(Course(root), ASSIGNMENT) as found:
        assert {one.cell for one in found.changes} == {"late submission"}
        assert penalties(root) == before
        found.record()
    with regrading(Course(root), ASSIGNMENT) as found:
        assert found.changes == ()


@pytest.mark.parametrize("way", [by_grade, by_regrade])
@pytest.mark.parametrize("name", CHANGES)
def test_penalties_follow(late: Path, name: str, way: Callable[[Path], None]) -> None:
    """Either command renews penalties, and puts no reviewed mark up for review again."""
    change, expected = CHANGES[name]
    change(late)
    before = reviews(late)
    way(late)
    assert penalties(late) == pytest.approx(expected)
    assert reviews(late) == before


def test_penalties_extension_of_one_student(
    late: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`coursework extend` gives one student time, and withdraws it; an unknown student is an error."""
    monkeypatch.chdir(late)

    def run(*arguments: str) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["coursework", "extend", ASSIGNMENT, *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code

    assert not run("bob", "--days", "1", "--hours", "1")
    assert penalties(late) == {"ada": 3, "bob": 0}
    assert not run("bob")
    assert penalties(late) == {"ada": 3, "bob": 2.5}
    assert run("eve", "--days", "1") == 2
    assert "no submission of 'eve'" in capsys.readouterr().err
