"""Collect submissions from a learning platform's download into `submitted/`.

nbgrader's own zip collector asks plugins whose each file is. Here it asks ours, and its results
are put into place so that no work is lost: a submission appears as a whole, and the one that it
replaces is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from coursework.batch.contents import assignment_of
from coursework.batch.deliver import Delivered, Place
from coursework.batch.publish import alone
from coursework.batch.transfer import Collector, Progress, handed_out, transferred
from coursework.batch.whose import assigned, enrolled
from coursework.course.layout import Course
from coursework.errors import ConfigError, SubmissionError
from coursework.gradebook.database import connected
from coursework.gradebook.totals import Person
from coursework.gradebook.write import Book
from coursework.nbgrader_bridge.settings import read_settings
from coursework.platforms.deliveries import STYLES, Delivery, Stray, read_deliveries
from coursework.platforms.roster import Listed, read_roster
from coursework.platforms.selection import Selection, select
from coursework.platforms.times import read_time, read_zone
from coursework.platforms.zip_collect import Placed

__all__ = ["Collected", "Options", "collect"]


@dataclass(frozen=True)
class Options:
    """How to collect.

    Attributes
    ----------
    roster : Path or None
        A class list, whose students are entered into the gradebook.
    id_column : str
        The list's column with the ids of new students.
    zone : str
        Time zone of the times in the list.
    adopts : bool
        Whether a file that holds a notebook's cells is given its name.
    """

    roster: Path | None = None
    id_column: str = ""
    zone: str = "UTC"
    adopts: bool = False


@dataclass(frozen=True)
class Collected:
    """What was collected.

    Attributes
    ----------
    assignment : str
    folder : Path
        Where the download was unpacked.
    delivered : dict
        Student → what became of their submission.
    late : dict
        Student → when they submitted, or why that is not known.
    repeated : dict
        Student → files replaced by another file of the same notebook.
    strays : tuple of Stray
        Files and rows that could not be matched or unpacked, and why.
    absent : tuple of str
        Students on the class list who have submitted nothing, now or before.
    n_new, n_changed : int
        Numbers of students who are new in the gradebook, and whose entry was updated.
    unread : tuple of str
        Students whose time in the class list could not be read.
    """

    assignment: str
    folder: Path
    delivered: dict[str, Delivered] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    strays: tuple[Stray, ...] = ()
    absent: tuple[str, ...] = ()
    n_new: int = 0
    n_changed: int = 0
    unread: tuple[str, ...] = ()


def collect(
    root: Path,
    source: Path,
    assignment: str | None,
    style: str,
    options: Options,
    progress: Progress = lambda _, __: None,
) -> Collected:
    """Collect a download: put each submission where it will be graded, and report the rest.

    Parameters
    ----------
    root : Path
        The course's folder.
    source : Path
        A platform's archive, or a folder.
    assignment : str or None
        By default, the names of the notebooks in the download tell.
    style : str
        "canvas", "moodle" or "folder".
    options : Options
    progress : callable

    Raises
    ------
    ConfigError
        The download or the class list cannot be read, or the gradebook cannot be used.
    """
    if style not in STYLES:
        msg = f"submissions come from {', '.join(STYLES)}, not from {style!r}"
        raise ConfigError(msg)
    if assignment is None:
        assignment = assignment_of(source, style, Course(root))
    zone, settings = read_zone(options.zone), read_settings(root, assignment)
    roster = read_roster(options.roster) if options.roster else None
    settings.autograded.mkdir(parents=True, exist_ok=True)
    refusal = f"{assignment} is being graded or collected: wait until that has ended"
    with (
        alone(settings.autograded / f".{assignment}.lock", refusal),
        connected(settings.db_url, settings.course_id) as gradebook,
    ):
        book = Book(gradebook, assignment)
        app = Collector(settings, style)
        try:
            folder, refused = app.unpack(source)
        except SubmissionError as error:
            msg = f"{source} {error}"
            raise ConfigError(msg) from error
        except OSError as error:
            msg = f"{source} cannot be unpacked: {error}"
            raise ConfigError(msg) from error
        persons, strays, n_new, n_changed = enrolled(gradebook, roster, options.id_column)
        with book.session() as session:
            due = book.assignment_of(session).duedate
        desk = _Desk(book.notebooks, persons, due, zone)
        deliveries, others = read_deliveries(_top(folder, source), style)
        found, unknown = assigned(deliveries, persons, style)
        plan, chosen = desk.plan(found)
        place = Place(
            settings.root / settings.coursedir.submitted_directory,
            app.replaced,
            handed_out(settings, book.notebooks),
            options.adopts,
            settings.files.is_group_shared,
        )
        delivered, failed = transferred(app, settings, plan, place, progress)
    submitted = {student for student, _ in settings.submissions()}
    listed = {persons[row].id for row in roster.listed if row in persons} if roster else set()
    return Collected(
        assignment,
        folder,
        delivered,
        {name: one.lateness for name, one in chosen.items() if one.lateness},
        {name: one.repeated for name, one in chosen.items() if one.repeated},
        (*refused, *strays, *others, *unknown, *_too_many(chosen), *failed),
        tuple(sorted(listed - submitted)),
        n_new,
        n_changed,
        tuple(sorted(name for name, one in chosen.items() if one.is_time_unread)),
    )


@dataclass(frozen=True)
class _Chosen:
    """Which of a student's files count, and when they were submitted."""

    selection: Selection
    timestamp: datetime | None = None
    lateness: str = ""
    is_time_unread: bool = False

    @property
    def repeated(self) -> tuple[str, ...]:
        return self.selection.repeated


@dataclass(frozen=True)
class _Desk:
    """What is needed to tell which of a student's files count, and when they were submitted."""

    notebooks: tuple[str, ...]
    persons: Mapping[Listed, Person]
    due: datetime | None
    zone: tzinfo

    def plan(
        self, found: Mapping[Listed, Sequence[Delivery]]
    ) -> tuple[dict[str, Placed], dict[str, _Chosen]]:
        """Return where each file goes, and what there is to report about each student."""
        plan: dict[str, Placed] = {}
        chosen: dict[str, _Chosen] = {}
        for row, deliveries in found.items():
            student = self.persons[row].id
            chosen[student] = one = self._chosen(row, deliveries)
            for name, delivery in one.selection.files:
                plan[str(delivery.path)] = Placed(student, str(name), one.timestamp)
        return plan, chosen

    def _chosen(self, row: Listed, deliveries: Sequence[Delivery]) -> _Chosen:
        selection = select(deliveries, self.notebooks)
        time = read_time(row.submitted, self.zone)
        is_unread = time is None and row.submitted not in ("", "-")
        if time is not None:
            is_late = self.due is not None and time > self.due
            return _Chosen(selection, time, f"{time:%Y-%m-%d %H:%M} UTC" if is_late else "")
        if not selection.is_late:
            return _Chosen(selection, is_time_unread=is_unread)
        if self.due is None:
            told = "the platform says so, but the gradebook has no due date"
            return _Chosen(selection, None, told, is_unread)
        # The platform does not say how late it was: assume the least possible.
        told = "the platform does not say by how much: counted as a second"
        return _Chosen(selection, self.due + timedelta(seconds=1), told, is_unread)


def _too_many(chosen: Mapping[str, _Chosen]) -> Iterator[Stray]:
    for student, one in chosen.items():
        if number := one.selection.n_left_out:
            yield Stray(student, f"handed in {number} files more than a submission may have")


def _top(folder: Path, source: Path) -> Path:
    """Return where the students' folders are: some archives have one more folder around them."""
    inside = list(folder.iterdir())
    names = {source.stem, "submitted", "submissions"}
    if len(inside) == 1 and inside[0].is_dir() and inside[0].name in names:
        return inside[0]
    return folder
