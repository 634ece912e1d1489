"""Write judged submissions into gradebook and folders, one after another."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from coursework.batch.journal import Entry, Journal, digest_of
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
    journal : Journal
    is_part : bool
        Whether notebooks that were not graded now stay in their folders.
    keeps_reviews : bool
        Whether a person's mark needs no review while the grader's own is as it was.
    on_failure : callable
        Called with each submission that cannot be graded.

    Attributes
    ----------
    notes : dict
        (student, notebook) → notes, if there are any.
    graded : int
        Number of submissions that were recorded.
    """

    def __init__(
        self,
        settings: Settings,
        book: Book,
        site: Site,
        journal: Journal,
        *,
        is_part: bool = False,
        keeps_reviews: bool = False,
        on_failure: Callable[[Failure], None] = lambda _: None,
    ) -> None:
        self._settings, self._book, self._site = settings, book, site
        self._journal, self._on_failure = journal, on_failure
        self._is_part, self._keeps_reviews = is_part, keeps_reviews
        self.notes: dict[tuple[str, str], tuple[str, ...]] = {}
        self._failures: list[Failure] = []
        self.graded = 0

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Submissions that could not be graded, by student: they are judged in any order."""
        return tuple(sorted(self._failures, key=lambda failure: failure.student))

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
            self.note(task.student, one, digest_of(one.text.encode()))
            for note in one.notes:
                _log.warning("%s: %s", printable(task.student), note)
            if one.notes:
                self.notes[task.student, one.marks.notebook] = one.notes

    def refuse(self, student: str, reason: str | Crash) -> None:
        """Note that a submission could not be graded; its earlier record stays."""
        if isinstance(reason, Crash):
            reason = f"the process that graded it ended (exit code {reason.code})"
        _log.error("%s could not be graded: %s", printable(student), printable(reason))
        self._failures.append(Failure(student, reason))
        self._on_failure(self._failures[-1])

    def note(self, student: str, one: Graded, graded: str) -> None:
        """Write into the journal that a graded notebook, of this digest, says what was found."""
        marks = {mark.id: mark.points for mark in one.marks.marks}
        entry = Entry(one.seconds, one.n_cells, one.submitted, graded, one.basis, marks)
        self._journal.note(student, one.marks.notebook, entry)

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
