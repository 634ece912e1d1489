"""Write the marks of an assignment to a file: a row for each student and test, with causes."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TextIO

from coursework.errors import ConfigError
from coursework.gradebook.read import Entry, entries
from coursework.gradebook.write import open_book
from coursework.grading.outcomes import outcome_of, read_graded
from coursework.judge.report import Outcome
from coursework.nbgrader_bridge.settings import Settings, read_settings
from coursework.platforms.tables import replacing
from coursework.submissions.spreadsheet import harmless

__all__ = ["Row", "export", "rows"]

_LOST = "The graded notebook is lost: run `coursework grade {} --student {} --force`."


@dataclass(frozen=True)
class Row:
    """A mark; the points of all rows of a student add up to the score in the gradebook.

    Attributes
    ----------
    student, assignment, notebook : str
    exercise : str
        What is marked; empty in the row of a late submission.
    cell : str
        The test or the question; "late submission" in such a row.
    points, max_points : float
    is_final : bool
        False while a person still has to mark or review it.
    status : str
        The judge's verdict (passed, failed, …), or "manual", "late" or "none".
    cause : str
        Why points are missing.
    """

    student: str
    assignment: str
    notebook: str
    exercise: str
    cell: str
    points: float
    max_points: float
    is_final: bool
    status: str
    cause: str


def export(root: Path, assignment: str, target: Path) -> int:
    """Write all marks of an assignment; return the number of rows.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    target : Path
        A `.csv` or `.json` file; it is replaced as a whole.

    Raises
    ------
    ConfigError
        The suffix is neither, the target cannot be written, or the gradebook does not know the
        assignment.
    """
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        msg = f"{target}: marks can be written to {' and '.join(_WRITERS)} files"
        raise ConfigError(msg)
    with replacing(target) as file:
        return write(file, rows(root, assignment))


def rows(root: Path, assignment: str) -> Iterator[Row]:
    """Yield the marks of an assignment, by student, notebook and cell."""
    settings = read_settings(root, assignment)
    with open_book(settings.db_url, settings.course_id, assignment) as book:
        place, outcomes = ("", ""), {}
        for entry in entries(book):
            if (entry.student, entry.notebook) != place:
                place = entry.student, entry.notebook
                outcomes = _outcomes(settings, *place)
            yield _row(entry, assignment, outcomes)


def _row(entry: Entry, assignment: str, outcomes: dict[str, Outcome]) -> Row:
    outcome = outcomes.get(entry.cell)
    exercise = "" if entry.status == "late" else entry.cell
    status, cause = entry.status, entry.cause
    if entry.status == "auto":
        status = outcome.status if outcome else "none"
        told = (outcome.message, *outcome.hints) if outcome else ()
        cause = cause or "\n".join(told).strip()
        if not (outcome or cause or entry.points >= entry.max_points):
            cause = _LOST.format(assignment, entry.student)
    return Row(
        entry.student,
        assignment,
        entry.notebook,
        outcome.exercise if outcome else exercise,
        entry.cell,
        entry.points,
        entry.max_points,
        entry.is_final,
        status,
        cause,
    )


def _outcomes(settings: Settings, student: str, notebook: str) -> dict[str, Outcome]:
    """Return the judge's verdicts by test, from the graded notebook."""
    graded = read_graded(settings.autograded_folder(student) / f"{notebook}.ipynb")
    found = map(outcome_of, graded.cells)
    return {outcome.id: outcome for outcome in found if outcome}


def _write_csv(file: TextIO, found: Iterator[Row]) -> int:
    writer, count = csv.writer(file), 0
    writer.writerow(field.name for field in fields(Row))
    for row in found:
        writer.writerow(harmless(value) for value in asdict(row).values())
        count += 1
    return count


def _write_json(file: TextIO, found: Iterator[Row]) -> int:
    count = 0
    for row in found:
        file.write("[\n" if count == 0 else ",\n")
        json.dump(asdict(row), file)
        count += 1
    file.write("\n]\n" if count else "[]\n")
    return count


_WRITERS: dict[str, Callable[[TextIO, Iterator[Row]], int]] = {
    ".csv": _write_csv,
    ".json": _write_json,
}
