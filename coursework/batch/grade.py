"""Grade the submissions of an assignment: plan, judge in parallel, record.

The same marks as `nbgrader autograde` gives, in the same gradebook and folders, without
starting anew for each notebook. Workers read and judge; this process alone writes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from coursework.batch.expected import Forecast, forecast
from coursework.batch.journal import Journal
from coursework.batch.plan import Plan
from coursework.batch.publish import open_site
from coursework.batch.recorder import Failure, Recorder
from coursework.batch.worker import judging
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.gradebook.read import Score, fully_graded, scores
from coursework.gradebook.write import open_book
from coursework.nbgrader_bridge.settings import read_settings
from coursework.pool import run
from coursework.submissions.releases import keep_releases

__all__ = ["Progress", "Result", "grade", "usable_cpus", "worthwhile_workers"]

_TASKS_PER_START = 30  # submissions that are judged in the time that a process takes to start


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
    n_penalties : int
        Number of submissions graded already whose penalty for being late has changed.
    """

    scores: tuple[Score, ...]
    notes: dict[tuple[str, str], tuple[str, ...]]
    graded: int
    skipped: int
    failures: tuple[Failure, ...]
    n_penalties: int = 0


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
    if settings.is_executed:
        msg = (
            f"{assignment} is graded by nbgrader's own Execute (c.SubmissionExporter.executed in "
            f"course_config.py): run `nbgrader autograde {assignment}`"
        )
        raise ConfigError(msg)
    keep_releases(settings.source, settings.release)
    with (
        open_book(settings.db_url, settings.course_id, assignment) as book,
        open_site(settings.autograded, assignment, settings.files) as site,
    ):
        plan = Plan(settings, book.notebooks, student, notebook)
        done, tasks = plan.split(fully_graded(book), force=force)
        start = judging(settings, plan.names)
        journal = Journal(settings.root, assignment)
        recorder = Recorder(settings, book, site, journal, is_part=notebook is not None)
        n_penalties = 0
        progress(len(tasks), 0)
        ahead = forecast(tasks, journal)
        found = run(ahead.tasks, start, n_workers or worthwhile_workers(ahead))
        for n_done, (task, judged) in enumerate(found, start=1):
            recorder.record(task, judged)
            progress(len(tasks), n_done)
        for task in done:
            renewed = book.penalties(task.student, settings.penalty, record=True)
            n_penalties += bool(renewed)
        students = {task.student for task in (*done, *tasks)}
        marks = tuple(score for score in scores(book, students) if score.notebook in plan.names)
        return Result(
            marks, recorder.notes, recorder.graded, len(done), recorder.failures, n_penalties
        )


def usable_cpus() -> int:
    """Return how many processes this one may run at a time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worthwhile_workers(ahead: Forecast) -> int:
    """Return how many processes shorten the judging of these submissions."""
    return min(usable_cpus(), 1 + ahead.worth // _TASKS_PER_START, max(1, len(ahead.tasks)))
