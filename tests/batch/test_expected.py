"""In which order submissions are judged: slow notebooks do not hold the tail of the queue."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, NOTEBOOKS, submit, submit_all

from coursework import pool
from coursework.batch.expected import forecast
from coursework.batch.grade import grade, worthwhile_workers
from coursework.batch.journal import FOLDER, Entry, Journal
from coursework.batch.worker import Judged
from coursework.course.layout import Course
from coursework.grading.task import Task

CLASS = ("ada", "bob", "carol", "zoe")
SLOW = "import time\ntime.sleep(1)\ndef mean(x):\n    return np.mean(x)"


def tasks(root: Path, *students: str) -> list[Task]:
    """Return what is to be graded, as `plan` makes it."""
    return [
        Task(
            student,
            root / "submitted" / student / ASSIGNMENT,
            root / "autograded" / student / ASSIGNMENT,
            NOTEBOOKS,
            frozenset(NOTEBOOKS),
        )
        for student in students
    ]


def order(root: Path, *students: str) -> list[str]:
    """Return the students in the order in which they are judged."""
    ahead = forecast(tasks(root, *students), Journal(root, ASSIGNMENT))
    return [task.student for task in ahead.tasks]


def write_notebook(root: Path, student: str, name: str, n_cells: int) -> None:
    """Submit a notebook with so many cells."""
    path = root / "submitted" / student / ASSIGNMENT / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [{"cell_type": "code"}] * n_cells}))


def note(root: Path, assignment: str, student: str, name: str, seconds: float) -> None:
    """Write down how long a notebook of ten cells took."""
    Journal(root, assignment).note(student, name, Entry(seconds, 10))


def test_slow_notebook_of_a_class_is_judged_first_the_next_time(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What took long in the last grading begins first in this one, on whatever machine."""
    begun: list[str] = []

    def run(
        tasks: Iterable[Task], start: pool.Start[Task, Judged], n_workers: int
    ) -> Iterator[tuple[Task, Judged | pool.Crash]]:
        found = list(tasks)
        begun.extend(task.student for task in found)
        return pool.run(found, start, n_workers)

    monkeypatch.setattr("coursework.batch.grade.run", run)
    for student in CLASS:
        submit_all(course, student)
    submit(course, "zoe", "mean", mean=SLOW)
    grade(Course(course), ASSIGNMENT)
    assert sorted(begun) == sorted(CLASS)
    entry = Journal(course, ASSIGNMENT).entry("zoe", "mean")
    assert entry is not None
    assert entry.seconds >= 1
    # How long the others took on a busy machine is nobody's promise.
    for student in ("ada", "bob", "carol"):
        for name in NOTEBOOKS:
            Journal(course, ASSIGNMENT).note(student, name, Entry(0.1, 5))
    begun.clear()
    grade(Course(course), ASSIGNMENT, force=True)
    assert begun == ["zoe", "ada", "bob", "carol"]


def test_order_is_by_what_each_took_before(tmp_path: Path) -> None:
    """Longest first; what took the same stays in the order of names."""
    for student, seconds in zip(CLASS, (0.2, 0.2, 60.0, 1.0), strict=True):
        for name in NOTEBOOKS:
            note(tmp_path, ASSIGNMENT, student, name, seconds)
    assert order(tmp_path, *CLASS) == ["carol", "zoe", "ada", "bob"]


def test_order_of_new_submissions_is_by_their_students_other_notebooks(tmp_path: Path) -> None:
    """Who was slow in another notebook, of this assignment or another, is expected to be again."""
    for student in CLASS:
        for name in NOTEBOOKS:
            write_notebook(tmp_path, student, name, 10)
        note(tmp_path, "a0", student, "warm-up", 40.0 if student == "zoe" else 0.5)
    assert order(tmp_path, *CLASS) == ["zoe", "ada", "bob", "carol"]
    for student in CLASS:
        note(tmp_path, ASSIGNMENT, student, "doubling", 50.0 if student == "bob" else 0.5)
    assert order(tmp_path, *CLASS) == ["bob", "zoe", "ada", "carol"]


def test_order_of_what_nobody_knows_is_by_cells(tmp_path: Path) -> None:
    """Without any earlier grading the longest notebooks are expected to be the slowest."""
    for student, n_cells in zip(CLASS, (5, 40, 5, 20), strict=True):
        write_notebook(tmp_path, student, "mean", n_cells)
    assert order(tmp_path, *CLASS, "nobody") == ["bob", "zoe", "ada", "carol", "nobody"]


def test_order_mixes_what_is_known_with_what_is_guessed(tmp_path: Path) -> None:
    """A guess is in seconds too: a new notebook of usual length stands behind one known as slow."""
    for student in CLASS:
        write_notebook(tmp_path, student, "mean", 10)
    for student, seconds in (("ada", 0.2), ("bob", 0.3), ("zoe", 90.0)):
        note(tmp_path, ASSIGNMENT, student, "mean", seconds)
    assert order(tmp_path, *CLASS) == ["zoe", "bob", "carol", "ada"]


def test_what_could_not_be_read_before_is_guessed(tmp_path: Path) -> None:
    """A damaged file took no time; mended, it takes what others take."""
    for student in CLASS:
        write_notebook(tmp_path, student, "mean", 10)
        note(tmp_path, ASSIGNMENT, student, "mean", 0.0 if student == "zoe" else 0.2)
    write_notebook(tmp_path, "zoe", "mean", 30)
    assert order(tmp_path, *CLASS) == ["zoe", "ada", "bob", "carol"]


def test_slow_notebook_is_worth_a_second_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside one that takes minutes the others go on, however few they are."""
    monkeypatch.setattr("coursework.batch.grade.usable_cpus", lambda: 8)
    for student in CLASS:
        note(tmp_path, ASSIGNMENT, student, "mean", 0.2)
    usual = forecast(tasks(tmp_path, *CLASS), Journal(tmp_path, ASSIGNMENT))
    assert worthwhile_workers(usual) == 1
    note(tmp_path, ASSIGNMENT, "bob", "mean", 12.0)
    slow = forecast(tasks(tmp_path, *CLASS), Journal(tmp_path, ASSIGNMENT))
    assert worthwhile_workers(slow) == 3
    note(tmp_path, ASSIGNMENT, "bob", "mean", 1000.0)
    slower = forecast(tasks(tmp_path, *CLASS), Journal(tmp_path, ASSIGNMENT))
    assert worthwhile_workers(slower) == len(CLASS)


def test_forecast_of_nothing(tmp_path: Path) -> None:
    """Where nothing is to be judged, nothing is asked of anybody."""
    assert forecast([], Journal(tmp_path, ASSIGNMENT)).tasks == ()
    assert not (tmp_path / FOLDER).exists()


def test_notebook_that_says_cell_a_million_times_ends_nothing(tmp_path: Path) -> None:
    """Whoever pretends to be long is judged first, and a link or a folder is asked for nothing."""
    write_notebook(tmp_path, "ada", "mean", 10)
    path = tmp_path / "submitted/bob" / ASSIGNMENT / "mean.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'"cell_type"' * 1_000_000)
    other = tmp_path / "submitted/carol" / ASSIGNMENT
    other.mkdir(parents=True)
    (other / "mean.ipynb").symlink_to("/dev/zero")
    (other / "doubling.ipynb").mkdir()
    assert order(tmp_path, "ada", "bob", "carol") == ["bob", "ada", "carol"]
