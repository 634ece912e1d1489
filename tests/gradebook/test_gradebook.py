"""Marks enter the gradebook whole, beside what people entered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from classroom import ASSIGNMENT
from nbgrader.api import Gradebook, SubmittedAssignment
from sqlalchemy import func, select

from coursework.errors import ConfigError, SubmissionError
from coursework.gradebook.marks import Mark, NotebookMarks
from coursework.gradebook.read import entries, fully_graded, scores
from coursework.gradebook.write import Book, open_book

NOON = datetime(2030, 1, 1, 12)  # noqa: DTZ001  (the gradebook's times are UTC without saying so)

# nbgrader's own `add_submission` warns when its session flushes halfway.
nbgrader_warns = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def marks(double: float = 3.0, why: float | None = None) -> list[NotebookMarks]:
    """Return marks of both notebooks."""
    doubling = (Mark("test_double", double, 3), Mark("test_square", 2.0, 2), Mark("why", why, 2))
    comments = (("double", "No response."), ("why", None))
    return [
        NotebookMarks("doubling", doubling, comments),
        NotebookMarks("mean", (Mark("test_mean", 5.0, 5),)),
    ]


def no_penalty(_student: str, _score: float, _seconds: float) -> None:
    """Take nothing off."""


def url(course: Path) -> str:
    """Return where the gradebook is."""
    return f"sqlite:///{course}/gradebook.db"


@pytest.fixture
def book(course: Path) -> Iterator[Book]:
    """Open the gradebook as grading does."""
    with open_book(url(course), "ml-from-scratch", ASSIGNMENT) as opened:
        yield opened


@pytest.fixture
def gradebook(course: Path) -> Iterator[Gradebook]:
    """Open the gradebook as nbgrader does."""
    with Gradebook(url(course), "ml-from-scratch") as opened:
        yield opened


@nbgrader_warns
def test_record_new_student_as_nbgrader_would(book: Book, gradebook: Gradebook) -> None:
    """A first submission creates all that `Gradebook.add_submission` does."""
    book.record("ada", NOON, marks(), no_penalty)
    gradebook.add_student("bob")
    theirs = gradebook.add_submission(ASSIGNMENT, "bob")
    ours = gradebook.find_submission(ASSIGNMENT, "ada")
    for mine, other in zip(
        sorted(ours.notebooks, key=lambda entry: entry.name),
        sorted(theirs.notebooks, key=lambda entry: entry.name),
        strict=True,
    ):
        assert sorted(grade.name for grade in mine.grades) == sorted(g.name for g in other.grades)
        assert sorted(c.name for c in mine.comments) == sorted(c.name for c in other.comments)
    assert ours.score == 10.0
    assert ours.timestamp == NOON
    assert ours.needs_manual_grade


def test_record_again_replaces_and_adds_nothing(book: Book, gradebook: Gradebook) -> None:
    """Recording twice is recording once."""
    for _ in range(2):
        book.record("ada", NOON, marks(double=0.0), no_penalty)
    count = select(func.count()).select_from(SubmittedAssignment)
    assert gradebook.db.scalar(count) == 1
    assert gradebook.find_submission(ASSIGNMENT, "ada").score == 7.0


def test_record_keeps_manual_marks_and_asks_for_review(book: Book, gradebook: Gradebook) -> None:
    """A person's mark outlives grading again, and is up for review: nbgrader's rule."""
    book.record("ada", NOON, marks(), no_penalty)
    grade = gradebook.find_grade("why", "doubling", ASSIGNMENT, "ada")
    grade.manual_score, grade.needs_manual_grade = 1.5, False
    comment = gradebook.find_comment("why", "doubling", ASSIGNMENT, "ada")
    comment.manual_comment = "Nearly."
    gradebook.db.commit()
    book.record("ada", NOON, marks(), no_penalty)
    gradebook.db.expire_all()
    assert grade.manual_score == 1.5
    assert grade.needs_manual_grade
    assert comment.comment == "Nearly."
    assert gradebook.find_submission(ASSIGNMENT, "ada").score == 11.5


def test_record_part_leaves_the_other_notebooks(book: Book, gradebook: Gradebook) -> None:
    """Grading one notebook does not touch the marks of another."""
    book.record("ada", NOON, marks(), no_penalty)
    book.record("ada", NOON, marks(double=0.0)[:1], no_penalty)
    assert gradebook.find_submission(ASSIGNMENT, "ada").score == 7.0


def test_record_is_all_or_nothing(book: Book, gradebook: Gradebook) -> None:
    """When one mark cannot be recorded, none is; not even the student is entered."""
    broken = [*marks()[:1], NotebookMarks("mean", (Mark("test_unknown", 5.0, 5),))]
    with pytest.raises(ConfigError, match="generate_assignment"):
        book.record("ada", NOON, broken, no_penalty)
    assert gradebook.students == []


def test_record_other_points_than_the_gradebook_is_refused(book: Book) -> None:
    """Marks out of a changed number of points would be silently wrong."""
    changed = [NotebookMarks("mean", (Mark("test_mean", 5.0, 6),))]
    with pytest.raises(ConfigError, match="6 points in source/, but the gradebook gives it 5"):
        book.record("ada", NOON, changed, no_penalty)


def test_record_unknown_student_only_where_allowed(book: Book) -> None:
    """`Autograde.create_student = False` keeps strangers out."""
    with pytest.raises(SubmissionError, match="does not know 'ada'"):
        book.record("ada", NOON, marks(), no_penalty, may_create=False)


@pytest.mark.parametrize(("asked", "taken"), [(None, 0), (2.0, 2), (-1.0, 0), (99.0, 5)])
def test_record_late_penalty_lies_between_nothing_and_the_score(
    book: Book, gradebook: Gradebook, asked: float | None, taken: float
) -> None:
    """The plugin is asked once a notebook, and its answer is limited to the score."""
    gradebook.update_or_create_assignment(ASSIGNMENT, duedate=NOON - timedelta(hours=1))
    heard = []

    def penalty(student: str, score: float, seconds: float) -> float | None:
        heard.append((student, score, seconds))
        return asked

    book.record("ada", NOON, marks(), penalty)
    assert sorted(heard) == [("ada", 5.0, 3600.0), ("ada", 5.0, 3600.0)]
    found = gradebook.find_submission_notebook("mean", ASSIGNMENT, "ada")
    assert (found.late_submission_penalty or 0) == taken


def test_record_in_time_takes_nothing_off_any_more(book: Book, gradebook: Gradebook) -> None:
    """After an extension the penalty of an earlier grading is gone."""
    gradebook.update_or_create_assignment(ASSIGNMENT, duedate=NOON - timedelta(hours=1))
    book.record("ada", NOON, marks(), lambda *_: 1.0)
    gradebook.grant_extension(ASSIGNMENT, "ada", hours=2)
    book.record("ada", NOON, marks(), lambda *_: 1.0)
    assert gradebook.find_submission(ASSIGNMENT, "ada").late_submission_penalty == 0


@pytest.mark.parametrize("name", ["'; DROP TABLE student; --", "a b\nc", "名", "x" * 500])
def test_record_hostile_names_are_only_names(book: Book, gradebook: Gradebook, name: str) -> None:
    """A student's id is data, whatever it looks like."""
    book.record(name, NOON, marks(), no_penalty)
    assert gradebook.find_submission(ASSIGNMENT, name).score == 10.0


def test_open_book_unknown_assignment_names_the_remedy(course: Path) -> None:
    """What was never generated cannot be graded."""
    with (
        pytest.raises(ConfigError, match="nbgrader generate_assignment other"),
        open_book(url(course), "ml-from-scratch", "other"),
    ):
        pass


@nbgrader_warns
def test_complete_leaves_out_who_lacks_a_mark(book: Book, gradebook: Gradebook) -> None:
    """A submission that nbgrader began and did not end still needs grading."""
    book.record("ada", NOON, marks(), no_penalty)
    gradebook.add_student("bob")
    gradebook.add_submission(ASSIGNMENT, "bob")
    assert fully_graded(book) == {"ada"}


def test_scores_and_entries_add_up(book: Book, gradebook: Gradebook) -> None:
    """The rows of a student sum to the gradebook's score, penalties and absence included."""
    gradebook.update_or_create_assignment(ASSIGNMENT, duedate=NOON - timedelta(hours=1))
    gradebook.add_student("carol")
    book.record("ada", NOON, marks(double=1.0), lambda *_: 0.5)
    found = list(entries(book))
    rows = [row for row in found if row.student == "ada"]
    assert sum(row.points for row in rows) == 3.0 + 5.0 - 2 * 0.5
    assert sum(score.points - score.penalty for score in scores(book, {"ada"})) == 7.0
    absent = [row for row in found if row.student == "carol"]
    assert {row.status for row in absent} == {"none"}
    assert sum(row.max_points for row in absent) == 12
