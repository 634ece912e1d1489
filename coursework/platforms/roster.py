"""A class list, as a platform exports it: who its rows are there, and in the gradebook.

Canvas's gradebook and Moodle's grading worksheet are such lists, and so is any CSV with a
column that tells students apart.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

from coursework.errors import ConfigError
from coursework.gradebook.totals import Person
from coursework.platforms.tables import Table, read_table

__all__ = ["Listed", "Roster", "matched", "name_key", "read_roster"]

_T = TypeVar("_T")

# In lower case, as Canvas, Moodle and nbgrader write them; the first that is present counts.
_TITLES = {
    "student_id": ("student_id", "student id"),
    "login": ("sis login id", "username", "login id", "login"),
    "number": ("sis user id", "id number", "idnumber", "student number"),
    "participant": ("identifier", "participant"),
    "lms_id": ("lms_user_id", "canvas_user_id", "canvas user id"),
    "email": ("email address", "email", "e-mail", "mail"),
    "first_name": ("first_name", "first name", "firstname", "given name"),
    "last_name": ("last_name", "last name", "lastname", "surname", "family name"),
    "full_name": ("full name", "student", "name", "student name", "full_name"),
    "submitted": ("last modified (submission)", "submitted", "submitted_at", "timestamp"),
}
_KEYS = ("student_id", "login", "number", "participant", "lms_id", "email", "full_name")
_NO_STUDENT = re.compile(
    r"points possible|^\s*student, test\s*$|^\s*test student\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Listed:
    """A row of a class list; what the list does not say is empty.

    Attributes
    ----------
    row : int
        Its number in the table.
    student_id, login, number, email : str
        Each may be the student's id in the gradebook.
    lms_id : str
        Canvas's own number for a user.
    participant : str
        Moodle's number for a participant in one assignment.
    submitted : str
        The time of submission, as the platform writes it.
    """

    row: int
    student_id: str = ""
    login: str = ""
    number: str = ""
    participant: str = ""
    lms_id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    full_name: str = ""
    submitted: str = ""

    @property
    def name(self) -> str:
        """The full name, in any order."""
        return self.full_name or " ".join(filter(None, (self.first_name, self.last_name)))

    @property
    def shown(self) -> str:
        """What shows people which row it is."""
        return next(filter(None, (self.name, *(getattr(self, key) for key in _KEYS))), "")


@dataclass(frozen=True)
class Roster:
    """A class list, with the table that it came from."""

    table: Table
    listed: tuple[Listed, ...]


def read_roster(path: Path) -> Roster:
    """Read a class list.

    Raises
    ------
    ConfigError
        The file cannot be read, or has no column that tells students apart.
    """
    table = read_table(path)
    columns = {name: table.column(*titles) for name, titles in _TITLES.items()}
    bare = table.column("id")
    if bare is not None:
        # In Canvas's gradebook this is its own number, in nbgrader's list the student's id.
        columns["lms_id" if table.column("student", "section") is not None else "student_id"] = bare
    if columns["email"] is None:
        columns["email"] = _column_of_addresses(table)
    found = {name: column for name, column in columns.items() if column is not None}
    if not found.keys() & set(_KEYS) and not found.keys() >= {"first_name", "last_name"}:
        msg = (
            f"{path} has no column that tells students apart: it needs `student_id`, `email`, or "
            "what Canvas's gradebook or Moodle's grading worksheet has"
        )
        raise ConfigError(msg)
    listed = (_listed(number, row, found) for number, row in enumerate(table.rows))
    return Roster(table, tuple(one for one in listed if _is_student(one)))


def _listed(number: int, row: Sequence[str], columns: Mapping[str, int]) -> Listed:
    values = {name: row[column].strip() for name, column in columns.items()}
    if "participant" in values:  # “Participant 4711”, in the language of the site
        values["participant"] = "".join(re.findall(r"\d+$", values["participant"]))
    return Listed(number, **values)


def _is_student(one: Listed) -> bool:
    return bool(one.shown) and not _NO_STUDENT.search(one.full_name)


def _column_of_addresses(table: Table) -> int | None:
    for number in range(len(table.header)):
        cells = [row[number].strip() for row in table.rows]
        if cells and all(re.fullmatch(r"[^@\s]+@[^@\s]+", cell) for cell in cells):
            return number
    return None


def name_key(name: str) -> tuple[str, ...]:
    """Return the same key for all spellings of a name: “Lovelace, Ada” is “Ada Lovelace”."""
    words = re.findall(r"\w+", normalize("NFKC", name).casefold())
    return tuple(sorted(words))


def matched(listed: Iterable[Listed], people: Iterable[Person]) -> dict[Listed, Person]:
    """Return which student in the gradebook each row of a list is; rows of nobody are left out.

    The surest identification goes first: the platform's number, the gradebook's id, the address,
    and last the name. A value that two rows or two people share decides nothing.
    """
    rows, persons = tuple(listed), tuple(people)
    found: dict[Listed, Person] = {}
    for of_row, of_person in _RULES:
        row_of, person_of = _unique(rows, of_row), _unique(persons, of_person)
        taken = set(found.values())
        for key in row_of.keys() & person_of.keys():
            if row_of[key] not in found and person_of[key] not in taken:
                found[row_of[key]] = person_of[key]
    return found


def _unique(things: Iterable[_T], key_of: Callable[[_T], Hashable]) -> dict[Hashable, _T]:
    """Return things by their keys, leaving out empty keys and those that several things have."""
    keyed = [(key_of(one), one) for one in things]
    count = Counter(key for key, _ in keyed)
    return {key: one for key, one in keyed if key and count[key] == 1}


_RULES: tuple[tuple[Callable[[Listed], Hashable], Callable[[Person], Hashable]], ...] = (
    (lambda one: one.lms_id, lambda person: person.lms_user_id),
    (lambda one: one.student_id, lambda person: person.id),
    (lambda one: one.login, lambda person: person.id),
    (lambda one: one.number, lambda person: person.id),
    (lambda one: one.email.casefold(), lambda person: person.id.casefold()),
    (lambda one: one.email.casefold(), lambda person: person.email.casefold()),
    (
        lambda one: name_key(one.name),
        lambda person: name_key(f"{person.first_name} {person.last_name}"),
    ),
)
