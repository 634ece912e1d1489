"""Grade the submissions of an assignment: plan, judge in parallel, record.

The marks are those of `nbgrader autograde`, in the same gradebook and folders, without starting
anew for each notebook. Workers read and judge; only this process writes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from coursework.batch.basis import Grounds
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

_TASKS_PER_START = 30  # submissions that are judged in the time in which a process starts


@dataclass(frozen=True)
class Result:
    """What a grading did.

    Attributes
    ----------
    scores : tuple of Score
        Of all requested submissions that are graded, now or earlier.
    notes : dict
        (student, notebook) → notes, if there are any; only of those graded now.
    graded : int
        Number of submissions graded now.
    skipped : int
        Number of submissions that were already graded.
    failures : tuple of Failure
        Submissions that were not graded.
    n_penalties : int
        Number of already graded submissions whose late penalty has changed.
    """

    scores: tuple[Score, ...]
    notes: dict[tuple[str, str], tuple[str, ...]]
    graded: int
    skipped: int
    failures: tuple[Failure, ...]
    n_penalties: int = 0


Progress = Callable[[int, int], None]
"""Called with the numbers of submissions to grade and graded, whenever they change."""


def grade(  # noqa: PLR0913  (what to grade, and whom to tell)
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    notebook: str | None = None,
    n_workers: int | None = None,
    force: bool = False,
    progress: Progress = lambda _, __: None,
    on_failure: Callable[[Failure], None] = lambda _: None,
) -> Result:
    """Grade what has been submitted since the last time, and record the marks.

    Parameters
    ----------
    course : Course
    assignment : str
    student, notebook : str, optional
        Only this one.
    n_workers : int, optional
        Processes that judge; with 1, everything runs in this process. By default as many as
        there are processors, but no more than are worth starting.
    force : bool
        Grade again what is already graded.
    progress : callable
    on_failure : callable
        Called with each submission that cannot be graded, at once.

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
        journal = Journal(settings.root, assignment)
        plan = Plan(settings, book.notebooks, student, notebook, journal)
        done, tasks = plan.split(fully_graded(book), force=force)
        grounds = Grounds.of(settings, plan.names)
        start = judging(grounds, grounds.read() if tasks else {})
        is_part = notebook is not None
        recorder = Recorder(settings, book, site, journal, is_part=is_part, on_failure=on_failure)
        progress(len(tasks), 0)
        ahead = forecast(tasks, journal)
        found = run(ahead.tasks, start, n_workers or worthwhile_workers(ahead))
        for n_done, (task, judged) in enumerate(found, start=1):
            recorder.record(task, judged)
            progress(len(tasks), n_done)
        before = {task.student for task in done}
        renewed = book.penalties(settings.penalty, before, record=True)
        n_penalties = len({student for student, _ in renewed})
        students = {task.student for task in (*done, *tasks)}
        marks = tuple(score for score in scores(book, students) if score.notebook in plan.names)
        return Result(
            marks, recorder.notes, recorder.graded, len(done), recorder.failures, n_penalties
        )


def usable_cpus() -> int:
    """Return how many processes this one may run at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worthwhile_workers(ahead: Forecast) -> int:
    """Return how many processes speed up judging these submissions."""
    return min(usable_cpus(), 1 + ahead.worth // _TASKS_PER_START, max(1, len(ahead.tasks)))
