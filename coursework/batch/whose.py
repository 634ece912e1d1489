"""Whose a download's files are: students on the class list and in the gradebook."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nbgrader.api import Gradebook

from coursework.gradebook.enrolment import enrol
from coursework.gradebook.totals import Person, people
from coursework.platforms.deliveries import Delivery, Stray
from coursework.platforms.enrolment import enrolment
from coursework.platforms.roster import Listed, Roster
from coursework.platforms.senders import as_listed, recognised

__all__ = ["assigned", "enrolled"]


def enrolled(
    gradebook: Gradebook, roster: Roster | None, column: str
) -> tuple[dict[Listed, Person], tuple[Stray, ...], int, int]:
    """Enter the students of a list; return all known students, and rows that could not be entered.

    Parameters
    ----------
    gradebook : Gradebook
    roster : Roster or None
    column : str
        The list's column with the ids of new students.

    Returns
    -------
    persons : dict
        Row with what is known about somebody → the student.
    strays : tuple of Stray
    n_new, n_changed : int

    Raises
    ------
    ConfigError
        The list has no such column.
    """
    if roster is None:
        return {as_listed(person): person for person in people(gradebook)}, (), 0, 0
    found = enrolment(roster, people(gradebook), column)
    n_new, n_changed = enrol(gradebook, found.persons.values())
    known = {person.id: person for person in people(gradebook)}
    persons = {row: known[person.id] for row, person in found.persons.items()}
    listed = {person.id for person in persons.values()}
    others = {as_listed(one): one for name, one in known.items() if name not in listed}
    return persons | others, found.strays, n_new, n_changed


def assigned(
    deliveries: Sequence[Delivery], persons: Mapping[Listed, Person], style: str
) -> tuple[dict[Listed, list[Delivery]], list[Stray]]:
    """Return the files of each student, and those that are nobody's.

    Parameters
    ----------
    deliveries : sequence of Delivery
    persons : mapping
        As `enrolled` returns it.
    style : str
        That of the download.
    """
    # What the gradebook knows about somebody counts besides what the list says.
    rows = {_completed(row, person): row for row, person in persons.items()}
    senders = [delivery.sender for delivery in deliveries]
    known, reasons = recognised(senders, rows, style)
    found: dict[Listed, list[Delivery]] = {}
    strays = []
    for delivery in deliveries:
        if delivery.sender in known:
            found.setdefault(rows[known[delivery.sender]], []).append(delivery)
        else:
            name = f"{delivery.sender.name} ({delivery.sender.id}): {delivery.name}"
            strays.append(Stray(name, reasons[delivery.sender]))
    return found, strays


def _completed(row: Listed, person: Person) -> Listed:
    return replace(
        row,
        student_id=person.id,
        lms_id=row.lms_id or person.lms_user_id,
        email=row.email or person.email,
        first_name=row.first_name or person.first_name,
        last_name=row.last_name or person.last_name,
    )
