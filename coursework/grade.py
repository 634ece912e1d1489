"""Grade the submissions of an assignment: plan, judge in parallel, record.

The same marks as `nbgrader autograde` gives, in the same gradebook and folders, without
starting anew for each notebook. Workers read and judge; this process alone writes.
"""

import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from sqlalchemy.exc import SQLAlchemyError

from coursework.annotate import annotate
from coursework.autograded import Site, open_site
from coursework.course import Course
from coursework.entries import Score, complete, scores
from coursework.errors import ConfigError, IsolationError, LessonError
from coursework.examine import Material, examine_file, read_material
from coursework.gradebook import Book, open_book
from coursework.judge.session import Judge
from coursework.marks import NotebookMarks, marks_of
from coursework.notes import notes_of
from coursework.plan import Plan, Task, printable, read_timestamp
from coursework.pool import Crash, run
from coursework.secret import read_secret
from coursework.settings import Settings, read_settings

__all__ = ["Failure", "Graded", "Result", "grade", "usable_cpus"]

_log = logging.getLogger(__name__)
_TASKS_PER_START = 30  # submissions that are judged in the time that a process takes to start


@dataclass(frozen=True)
class Graded:
    """A judged notebook: its text for `autograded/`, its marks, and what there was to note."""

    text: str
    marks: NotebookMarks
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """Why a submission could not be graded; nothing of it was recorded."""

    student: str
    reason: str


@dataclass(frozen=True)
class Result:
    """What a grading did.

    Attributes
    ----------
    scores : tuple of Score
        Of all submissions that were asked for and are graded, now or earlier.
    notes : dict
        (student, notebook) → notes; of those graded now, where there are any.
    graded : int
        Number of submissions graded now.
    skipped : int
        Number of submissions that were graded already.
    failures : tuple of Failure
        Submissions that were not graded.
    """

    scores: tuple[Score, ...]
    notes: dict[tuple[str, str], tuple[str, ...]]
    graded: int
    skipped: int
    failures: tuple[Failure, ...]


Progress = Callable[[int, int], None]
"""Called with the numbers of submissions to grade and graded, whenever they change."""


def grade(
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    notebook: str | None = None,
    n_workers: int | None = None,
    force: bool = False,
    progress: Progress = lambda _, __: None,
) -> Result:
    """Grade what has been submitted since the last time, and record the marks.

    Parameters
    ----------
    course : Course
    assignment : str
    student, notebook : str, optional
        Only this one.
    n_workers : int, optional
        Processes that judge; with 1, all runs in this process. By default as many as
        there are processors, but no more than are worth their start.
    force : bool
        Grade again what is graded already.
    progress : callable

    Raises
    ------
    ConfigError
        The course is set up wrongly, or nothing is submitted under these names.
    LessonError
        A lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    settings = read_settings(course.root, assignment)
    with (
        open_book(settings.db_url, settings.course_id, assignment) as book,
        open_site(settings.autograded, assignment, settings.files) as site,
    ):
        plan = Plan(settings, book.notebooks, student, notebook)
        done, tasks = plan.split(complete(book), force=force)
        start = partial(
            _grader,
            (settings.source, settings.release),
            plan.names,
            settings.judge_options | {"secret": read_secret(settings.root)},
        )
        clerk = _Clerk(settings, book, site, is_part=notebook is not None)
        progress(len(tasks), 0)
        found = run(tasks, start, n_workers or _worthwhile_workers(len(tasks)))
        for n_done, (task, graded) in enumerate(found, start=1):
            clerk.take(task, graded)
            progress(len(tasks), n_done)
        students = {task.student for task in (*done, *tasks)}
        found = tuple(score for score in scores(book, students) if score.notebook in plan.names)
        return Result(found, clerk.notes, clerk.graded, len(done), tuple(clerk.failures))


def usable_cpus() -> int:
    """Return how many processes this one may run at a time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _worthwhile_workers(n_tasks: int) -> int:
    return min(usable_cpus(), 1 + n_tasks // _TASKS_PER_START)


@contextmanager
def _grader(
    folders: tuple[Path, Path], names: tuple[str, ...], options: dict[str, Any]
) -> Iterator[Callable[[Task], tuple[Graded, ...] | str]]:
    """Give the function that grades a submission; it has a judge and the lessons."""
    lessons = {name: read_material(*folders, name) for name in names}
    with Judge(**options) as judge:
        yield partial(_grade_submission, judge, lessons)


def _grade_submission(
    judge: Judge, lessons: dict[str, Material], task: Task
) -> tuple[Graded, ...] | str:
    """Return the judged notebooks of a submission, or why it cannot be graded."""
    try:
        return tuple(_grade_notebook(judge, lessons[name], task, name) for name in task.notebooks)
    except (ConfigError, IsolationError, LessonError):
        raise
    except Exception:  # noqa: BLE001  (one submission must not stop the others)
        return traceback.format_exc()


def _grade_notebook(judge: Judge, material: Material, task: Task, name: str) -> Graded:
    path = task.submitted / f"{name}.ipynb"
    notebook, report = examine_file(judge, material, path, task.student)
    annotate(notebook, report)
    marks = marks_of(notebook, name, report.outcomes)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    return Graded(text, marks, tuple(notes_of(notebook)))


class _Clerk:
    """Writes what the workers found: the only one that touches gradebook and folders."""

    def __init__(self, settings: Settings, book: Book, site: Site, *, is_part: bool) -> None:
        self._settings, self._book, self._site, self._is_part = settings, book, site, is_part
        self.notes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.failures: list[Failure] = []
        self.graded = 0

    def take(self, task: Task, graded: tuple[Graded, ...] | str | Crash) -> None:
        """Record a submission, or that it could not be graded."""
        if isinstance(graded, Crash):
            graded = f"the process that graded it ended (exit code {graded.code})"
        if isinstance(graded, str):
            self._fail(task, graded)
            return
        try:
            self._write(task, graded)
        except (OSError, UnicodeError, SQLAlchemyError) as error:
            self._fail(task, f"it cannot be recorded: {error}")
            return
        self.graded += 1
        for one in graded:
            for note in one.notes:
                _log.warning("%s: %s", printable(task.student), note)
            if one.notes:
                self.notes[task.student, one.marks.notebook] = one.notes

    def _write(self, task: Task, graded: tuple[Graded, ...]) -> None:
        timestamp = read_timestamp(task.submitted)
        record = partial(
            self._book.record,
            task.student,
            timestamp,
            [one.marks for one in graded],
            self._settings.penalty,
            may_create=self._settings.may_create_students,
        )
        notebooks = {one.marks.notebook: one.text for one in graded}
        self._site.publish(
            task.submitted, task.autograded, notebooks, record, is_part=self._is_part
        )

    def _fail(self, task: Task, reason: str) -> None:
        _log.error("%s could not be graded: %s", printable(task.student), reason)
        self.failures.append(Failure(task.student, reason.strip().rpartition("\n")[2]))
