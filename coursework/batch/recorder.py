"""Write judged submissions into gradebook and folders, one after another."""

import logging
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from coursework.batch.publish import Site
from coursework.batch.worker import Graded, Judged
from coursework.errors import ConfigError, SubmissionError
from coursework.gradebook.database import reason_of
from coursework.gradebook.write import Book
from coursework.grading.task import Task
from coursework.nbgrader_bridge.settings import Settings
from coursework.pool import Crash
from coursework.submissions.safe_file import printable
from coursework.submissions.timestamps import read_timestamp

__all__ = ["Failure", "Recorder"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a submission could not be graded; nothing of it was recorded."""

    student: str
    reason: str


class Recorder:
    """Writes what workers found: nothing else touches gradebook and folders.

    Parameters
    ----------
    settings : Settings
    book : Book
    site : Site
    is_part : bool
        Whether notebooks that were not graded now stay in their folders.
    keeps_reviews : bool
        Whether a person's mark needs no review while the grader's own is as it was.

    Attributes
    ----------
    notes : dict
        (student, notebook) → notes, if there are any.
    failures : list of Failure
    graded : int
        Number of submissions that were recorded.
    """

    def __init__(
        self,
        settings: Settings,
        book: Book,
        site: Site,
        *,
        is_part: bool = False,
        keeps_reviews: bool = False,
    ) -> None:
        self._settings, self._book, self._site = settings, book, site
        self._is_part, self._keeps_reviews = is_part, keeps_reviews
        self.notes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.failures: list[Failure] = []
        self.graded = 0

    def record(self, task: Task, judged: Judged | Crash) -> None:
        """Record a submission, or that it could not be graded."""
        if isinstance(judged, str | Crash):
            self.refuse(task.student, judged)
            return
        try:
            self._write(task, judged)
        except SubmissionError as error:
            self.refuse(task.student, str(error))
            return
        except Exception as error:
            if _is_of_all(error):
                raise
            self.refuse(task.student, _unrecorded(task, error))
            return
        self.graded += 1
        for one in judged:
            for note in one.notes:
                _log.warning("%s: %s", printable(task.student), note)
            if one.notes:
                self.notes[task.student, one.marks.notebook] = one.notes

    def refuse(self, student: str, reason: str | Crash) -> None:
        """Note that a submission could not be graded; its earlier record stays."""
        if isinstance(reason, Crash):
            reason = f"the process that graded it ended (exit code {reason.code})"
        _log.error("%s could not be graded: %s", printable(student), printable(reason))
        self.failures.append(Failure(student, reason))

    def _write(self, task: Task, judged: tuple[Graded, ...]) -> None:
        timestamp = read_timestamp(task.submitted)
        write = partial(
            self._book.record,
            task.student,
            timestamp,
            [one.marks for one in judged],
            self._settings.penalty,
            may_create=self._settings.may_create_students,
            keeps_reviews=self._keeps_reviews,
        )
        notebooks = {one.marks.notebook: one.text for one in judged}
        self._site.publish(task.submitted, task.autograded, notebooks, write, is_part=self._is_part)


def _is_of_all(error: Exception) -> bool:
    """Whether no other submission can be recorded, either."""
    is_of_one = isinstance(error, DataError | IntegrityError)
    return isinstance(error, ConfigError) or (isinstance(error, DBAPIError) and not is_of_one)


def _unrecorded(task: Task, error: Exception) -> str:
    place = printable(str(task.submitted))
    reason = reason_of(error)
    return f"{place} cannot be recorded: {reason}; mend what is named there, and grade it again"
