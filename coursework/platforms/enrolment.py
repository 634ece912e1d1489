"""From the rows of a class list to students of the gradebook: who is known, and who is new."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coursework.errors import ConfigError
from coursework.gradebook.totals import Person
from coursework.platforms.deliveries import Stray
from coursework.platforms.roster import Listed, Roster, matched

__all__ = ["Enrolment", "enrolment"]

# A student's id in the gradebook: the first of these that all rows have.
_IDS = ("student_id", "login", "number", "email")
_MAX_LENGTH = 128  # in the gradebook's columns
# The id is a folder's name, and part of paths and of Formgrader's pages.
_NO_ID = re.compile(r'^\.|[/\\<>"\x00-\x1f\x7f\ud800-\udfff]')


@dataclass(frozen=True)
class Enrolment:
    """A class list and the gradebook's students.

    Attributes
    ----------
    persons : dict
        Row → student, with what the list says about them.
    strays : tuple of Stray
        Rows that cannot become students, and why.
    """

    persons: dict[Listed, Person]
    strays: tuple[Stray, ...] = ()


def enrolment(roster: Roster, known: Sequence[Person], column: str = "") -> Enrolment:
    """Return which students the rows of a list are, including new ones.

    Parameters
    ----------
    roster : Roster
    known : sequence of Person
        The gradebook's students.
    column : str
        The list's column with the ids of new students; by default the student id, the login,
        the ID number or the e-mail address, the first that all rows have.

    Raises
    ------
    ConfigError
        There is no such column, or no id that all rows have.
    """
    found = matched(roster.listed, known)
    persons = {row: _told(row, person.id) for row, person in found.items()}
    left = [row for row in roster.listed if row not in persons]
    ids = _ids(roster, left, column)
    counts = Counter(ids.values())
    taken = {person.id.casefold() for person in known}
    strays = []
    for row, name in ids.items():
        if reason := _refusal(name, counts[name], is_taken=name.casefold() in taken):
            strays.append(Stray(row.shown, reason))
        else:
            persons[row] = _told(row, name)
    return Enrolment(persons, tuple(strays))


def _ids(roster: Roster, rows: Iterable[Listed], column: str) -> dict[Listed, str]:
    rows = list(rows)
    if column:
        if column not in roster.table.header:
            titles = ", ".join(roster.table.header)
            msg = f"{roster.table.path} has no column {column!r} for ids; it has {titles}"
            raise ConfigError(msg)
        number = roster.table.header.index(column)
        return {row: roster.table.rows[row.row][number].strip() for row in rows}
    for name in _IDS:
        if all(getattr(row, name) for row in rows):
            return {row: getattr(row, name) for row in rows}
    msg = (
        f"{roster.table.path} has no column that all rows have for a student's id: name one by "
        "--id, or enter the students with `nbgrader db student import`"
    )
    raise ConfigError(msg)


def _refusal(name: str, count: int, *, is_taken: bool) -> str:
    if not name:
        return "has no id in the class list"
    if len(name) > _MAX_LENGTH or _NO_ID.search(name) or not name.isprintable():
        return "has an id that no folder can be called"
    if count > 1:
        return "has an id that another row of the class list has, too"
    return "has the id of another student of the gradebook" if is_taken else ""


def _told(row: Listed, name: str) -> Person:
    first, last = row.first_name, row.last_name
    if not (first or last):
        last, comma, first = (part.strip() for part in row.full_name.partition(","))
        if not comma:
            first, _, last = row.full_name.rpartition(" ")
    values = (first, last, row.email, row.lms_id)
    return Person(name, *map(_harmless, values))


def _harmless(text: str) -> str:
    """Return a text from the list without characters that act on a page or a terminal."""
    kept = "".join(letter for letter in text if letter.isprintable() and letter not in '<>"')
    return kept.strip()[:_MAX_LENGTH]
