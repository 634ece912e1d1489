"""One row per student, in the columns that each system imports.

Canvas identifies a student by its own number, the SIS ids or the login, and an assignment by its
title with its number. Moodle's grading worksheet identifies participants; Moodle refuses a grade
above the maximum, or one that has been changed there since. So both best take back what they
themselves exported: a *form*, Canvas's gradebook or Moodle's worksheet, with marks filled in.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from coursework.errors import ConfigError
from coursework.gradebook.totals import Person, Totals
from coursework.platforms.roster import Roster, matched
from coursework.platforms.tables import Table

__all__ = ["FORMATS", "Class", "Sheet", "filled", "plain"]

FORMATS = ("csv", "json", "canvas", "moodle")

_CANVAS_NUMBER = re.compile(r"\s*\(\d+\)\s*$")
_POINTS_POSSIBLE = re.compile(r"points possible", re.IGNORECASE)

# A form's column for marks, that for the maximum, and the columns that it must have.
_MARK, _MOST = ("grade",), ("maximum grade",)
_NEEDED = {
    "canvas": ("student", "section"),
    "moodle": ("last modified (grade)",),
}
_WHERE = {
    "canvas": "Canvas's gradebook (Export > Export Entire Gradebook)",
    "moodle": "Moodle's grading worksheet (View all submissions > Download grading worksheet)",
}


@dataclass(frozen=True)
class Class:
    """A class and its marks.

    Attributes
    ----------
    people : sequence of Person
    totals : sequence of Totals
        One for each exported assignment.
    ungraded : collection of str
        Students whose submission waits to be graded.
    gives_zero : bool
        Whether students who submitted nothing have 0; otherwise their cell is empty.
    """

    people: Sequence[Person]
    totals: Sequence[Totals]
    ungraded: Collection[str] = ()
    gives_zero: bool = False

    def mark(self, student: str, totals: Totals) -> float | None:
        """Return a student's score for an assignment; None if there is none."""
        if total := totals.by_student.get(student):
            return total.score
        return 0.0 if self.gives_zero and student not in self.ungraded else None

    def status(self, student: str, totals: Totals) -> str:
        """Return how final a mark is."""
        total = totals.by_student.get(student)
        if total is None:
            return "not graded" if student in self.ungraded else "nothing submitted"
        return "graded" if total.is_final else "to be marked by hand"


@dataclass(frozen=True)
class Sheet:
    """A table to write, and the people whom it leaves out.

    Attributes
    ----------
    header : tuple of str
    rows : tuple
        Their cells are numbers, texts or None.
    missing : tuple of str
        Students with a mark, but without a row in the form.
    unknown : tuple of str
        Rows of the form for people who are not in the gradebook.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def records(self) -> list[dict[str, object]]:
        """Return the rows by their columns' titles."""
        return [dict(zip(self.header, row, strict=True)) for row in self.rows]


def plain(found: Class, style: str) -> Sheet:
    """Return a sheet without a form.

    Parameters
    ----------
    found : Class
    style : str
        One of `FORMATS`: "csv" and "json" have a row for each student and assignment, the
        others one row for each student.
    """
    if style == "canvas":
        return _canvas(found)
    return _moodle(found) if style == "moodle" else _own(found)


def _own(found: Class) -> Sheet:
    names = sorted({name for totals in found.totals for name in totals.notebooks})
    header = (
        *("assignment", "student", "last_name", "first_name", "email", "submitted", "points"),
        *("penalty", "score", "max_points", "status", *names),
    )
    return Sheet(header, tuple(_own_rows(found, names)))


def _own_rows(found: Class, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for totals in found.totals:
        for person in found.people:
            total = totals.by_student.get(person.id)
            parts = total.notebooks if total else {}
            yield (
                *(totals.assignment, person.id, person.last_name, person.first_name, person.email),
                f"{total.submitted:%Y-%m-%d %H:%M:%S} UTC" if total and total.submitted else "",
                *((total.points, total.penalty) if total else (None, None)),
                found.mark(person.id, totals),
                totals.max_points,
                found.status(person.id, totals),
                *(parts.get(name) for name in names),
            )


def _canvas(found: Class) -> Sheet:
    titles = (totals.assignment for totals in found.totals)
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles)
    most = ("    Points Possible", *("" for _ in range(4)))
    rows = [(*most, *(totals.max_points for totals in found.totals))]
    for one in found.people:
        marks = (found.mark(one.id, totals) for totals in found.totals)
        rows.append((one.sortable_name, one.lms_user_id, "", one.id, "", *marks))
    return Sheet(header, tuple(rows))


def _moodle(found: Class) -> Sheet:
    titles = (totals.assignment for totals in found.totals)
    header = ("First name", "Last name", "ID number", "Email address", *titles)
    rows = (
        (
            *(one.first_name, one.last_name, one.id, one.email),
            *(found.mark(one.id, totals) for totals in found.totals),
        )
        for one in found.people
    )
    return Sheet(header, tuple(rows))


def filled(
    found: Class, style: str, form: Roster, column: str = "", *, is_scaled: bool = False
) -> Sheet:
    """Return a form with the marks of one assignment filled in; everything else in it stays.

    Parameters
    ----------
    found : Class
        It has one assignment.
    style : str
        "canvas" or "moodle".
    form : Roster
        What the platform exported.
    column : str
        Title of the column for marks, if it cannot be found without.
    is_scaled : bool
        Whether marks are scaled to the maximum of the platform's assignment.

    Raises
    ------
    ConfigError
        It is not such a form, has no such column, or has another maximum.
    """
    (totals,) = found.totals
    table = form.table
    target = _column(table, style, totals.assignment, column)
    factor = _factor(table, target, style, totals, is_scaled=is_scaled)
    persons = matched(form.listed, found.people)
    marks = {row.row: found.mark(person.id, totals) for row, person in persons.items()}
    cells = {number: mark * factor for number, mark in marks.items() if mark is not None}
    kept = _kept(table, style, target)
    rows = (_row(row, kept, target, cells.get(number)) for number, row in enumerate(table.rows))
    named = {person.id for person in persons.values()}
    return Sheet(
        tuple(table.header[number] for number in kept),
        tuple(rows),
        tuple(sorted(totals.by_student.keys() - named)),
        tuple(one.shown for one in form.listed if one not in persons),
    )


def _column(table: Table, style: str, assignment: str, column: str) -> int:
    """Return the number of the column for marks."""
    missing = [name for name in _NEEDED[style] if table.column(name) is None]
    # A worksheet is in the language of its site, Canvas's gradebook always in English.
    if missing and not (column and style == "moodle"):
        msg = (
            f"{table.path} has no column “{missing[0]}”, so it is not {_WHERE[style]}; of a "
            "worksheet in another language, name the column for marks by --column"
        )
        raise ConfigError(msg)
    if column:
        found = [number for number, title in enumerate(table.header) if title == column]
    elif style == "moodle":
        number = table.column(*_MARK)
        found = [] if number is None else [number]
    else:
        titles = enumerate(_CANVAS_NUMBER.sub("", title).strip() for title in table.header)
        found = [number for number, title in titles if title == assignment]
    if len(found) != 1:
        which = "several columns" if found else f"no column {column!r}" if column else "no column"
        msg = (
            f"{table.path} has {which} for the marks of {assignment}: name one of these by "
            f"--column: {', '.join(table.header)}"
        )
        raise ConfigError(msg)
    return found[0]


def _factor(table: Table, target: int, style: str, totals: Totals, *, is_scaled: bool) -> float:
    most = _most(table, target, style)
    if most is None or not totals.max_points or most == totals.max_points:
        return 1.0
    if is_scaled:
        return most / totals.max_points
    msg = (
        f"{table.path}: the assignment has {most:g} points there, and {totals.max_points:g} in the "
        f"gradebook: change its points in {style.capitalize()} and export again, or add --scale"
    )
    raise ConfigError(msg)


def _most(table: Table, target: int, style: str) -> float | None:
    """Return the platform's maximum of points; None if the form does not say it."""
    if style == "moodle":
        number = table.column(*_MOST)
        cells = [] if number is None else [row[number] for row in table.rows]
    else:
        cells = [row[target] for row in table.rows if _POINTS_POSSIBLE.search(row[0])]
    for cell in cells:
        try:
            return float(cell.strip().replace(",", "."))
        except ValueError:
            continue
    return None


def _kept(table: Table, style: str, target: int) -> tuple[int, ...]:
    """Return the columns that go back: for Canvas, those that identify students, and the marks."""
    if style == "moodle":
        return tuple(range(len(table.header)))
    last = table.column("section") or 0
    return (*range(last + 1), target)


def _row(
    row: Sequence[str], kept: Sequence[int], target: int, mark: float | None
) -> tuple[object, ...]:
    # Without a mark, the old cell stays: an empty one would delete a mark in Canvas.
    return tuple(mark if number == target and mark is not None else row[number] for number in kept)
