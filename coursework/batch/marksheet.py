"""Make an assignment's sheet of marks: a row per student, for a system that imports it."""

from dataclasses import dataclass
from pathlib import Path

from coursework.errors import ConfigError
from coursework.gradebook.database import connected
from coursework.gradebook.totals import people, totals_of
from coursework.gradebook.write import Book
from coursework.nbgrader_bridge.settings import read_settings
from coursework.platforms.roster import read_roster
from coursework.platforms.sheets import FORMATS, Class, Sheet, filled, plain

__all__ = ["Marksheet", "make_marksheet"]


@dataclass(frozen=True)
class Marksheet:
    """A sheet, and the students in it without a final mark.

    Attributes
    ----------
    sheet : Sheet
    to_mark : tuple of str
        Students with answers to be marked by hand: their mark may rise.
    ungraded : tuple of str
        Students whose submission waits to be graded: they have no mark.
    """

    sheet: Sheet
    to_mark: tuple[str, ...]
    ungraded: tuple[str, ...]


def make_marksheet(
    root: Path,
    assignment: str,
    style: str,
    *,
    roster: Path | None = None,
    column: str = "",
    is_scaled: bool = False,
    gives_zero: bool = False,
) -> Marksheet:
    """Make a sheet of an assignment's marks.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    style : str
        One of "csv", "json", "canvas" and "moodle".
    roster : Path or None
        The file that the platform exported, to be filled in.
    column : str
        Title of its column for marks, if it cannot be found without.
    is_scaled : bool
        Whether marks are scaled to the maximum of the platform's assignment.
    gives_zero : bool
        Whether students who submitted nothing have 0; otherwise their cell is empty.

    Raises
    ------
    ConfigError
        The gradebook does not know the assignment, or the file is not what it should be.
    """
    _demand(style, roster, column, is_scaled=is_scaled)
    settings = read_settings(root, assignment)
    with connected(settings.db_url, settings.course_id) as gradebook:
        totals = totals_of(Book(gradebook, assignment))
        ungraded = sorted({student for student, _ in settings.submissions()} - {*totals.by_student})
        found = Class(people(gradebook), (totals,), ungraded, gives_zero)
    if roster is None:
        sheet = plain(found, style)
    else:
        sheet = filled(found, style, read_roster(roster), column, is_scaled=is_scaled)
    to_mark = sorted(name for name, one in totals.by_student.items() if not one.is_final)
    return Marksheet(sheet, tuple(to_mark), tuple(ungraded))


def _demand(style: str, roster: Path | None, column: str, *, is_scaled: bool) -> None:
    if style not in FORMATS:
        msg = f"marks are written as {', '.join(FORMATS)}, not as {style!r}"
        raise ConfigError(msg)
    if roster is not None and style not in ("canvas", "moodle"):
        msg = f"--roster is a form of Canvas or Moodle; as {style} marks have columns of their own"
        raise ConfigError(msg)
    if roster is None and (column or is_scaled):
        msg = "--column and --scale are about the file that --roster names"
        raise ConfigError(msg)
