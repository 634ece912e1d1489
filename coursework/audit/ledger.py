"""The ledger: what the audit measured, in one file beside each lesson, in git.

A record holds figures and digests of everything that these depend on, one for each kind of thing.
It holds no times: measuring the same lesson again writes the same file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from coursework.audit.measures import Count
from coursework.audit.result import LessonAudit
from coursework.course.layout import Course
from coursework.errors import LessonError

__all__ = [
    "ENDING",
    "Record",
    "differences",
    "figures_in",
    "orphans",
    "read_ledger",
    "read_record",
    "record_path",
    "write_record",
]

_DIGESTS = "digests"
ENDING = "audit.json"
"""Ends the name of a record, behind that of its lesson."""


@dataclass(frozen=True)
class Record:
    """What was measured for a lesson.

    Attributes
    ----------
    digests : mapping
        What the figures depend on → its digest.
    exercises : mapping
        Exercise ("" for whole notebooks) → name of a measure → count.
    survivors : tuple of (str, str)
        Exercise and change of each mutant that no test noticed and nobody explained.
    problems : tuple of str
        Unmet demands.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    exercises: Mapping[str, Mapping[str, Count]] = field(default_factory=dict)
    survivors: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, lesson: LessonAudit, digests: Mapping[str, str]) -> Self:
        """Return the record of what was just measured."""
        exercises = {row.exercise: row.counts for row in lesson.rows}
        survivors = tuple((case.exercise, case.label) for case, _ in lesson.survivors)
        return cls(digests, exercises, survivors, lesson.problems)

    @property
    def figures(self) -> dict[str, Any]:
        """Everything but the digests, as in JSON."""
        exercises = {
            exercise: {name: str(count) for name, count in counts.items()}
            for exercise, counts in self.exercises.items()
        }
        survivors = [list(survivor) for survivor in self.survivors]
        return {"exercises": exercises, "survivors": survivors, "problems": list(self.problems)}

    def total(self, measure: str) -> Count:
        """Add up the counts of all exercises; a measure newer than the record is 0."""
        return sum((counts.get(measure, Count()) for counts in self.exercises.values()), Count())


def record_path(lesson: Path) -> Path:
    """Return the path of a lesson's record, given its Markdown file."""
    return lesson.with_name(f"{lesson.stem}.{ENDING}")


def read_record(lesson: Path) -> Record | None:
    """Read the record of a lesson, given its Markdown file; None if there is none.

    Raises
    ------
    LessonError
        The file is not a record.
    """
    path = record_path(lesson)
    try:
        return _record(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        text = f"is no record of an audit; measure again ({type(error).__name__}: {error})"
        raise LessonError(path, 0, text) from error


def _record(data: dict[str, Any]) -> Record:
    exercises = {
        exercise: {name: Count.of(text) for name, text in counts.items()}
        for exercise, counts in data["exercises"].items()
    }
    survivors = tuple((exercise, change) for exercise, change in data["survivors"])
    return Record(data[_DIGESTS], exercises, survivors, tuple(data["problems"]))


def figures_in(text: str) -> dict[str, Any] | None:
    """Return the figures of a record from the text of its file; None if it is not a record."""
    try:
        return _record(json.loads(text)).figures
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_ledger(course: Course) -> dict[str, Record]:
    """Read the records of all lessons that have one, by lesson, in the order of the lessons.

    Raises
    ------
    LessonError
        As in `read_record`.
    """
    found = {f"{path.parent.name}/{path.stem}": read_record(path) for path in course.lesson_files()}
    return {name: record for name, record in found.items() if record}


def orphans(course: Course) -> list[Path]:
    """Return the records whose lessons are gone."""
    known = {record_path(path) for path in course.lesson_files()}
    return sorted(set(course.lessons.glob(f"*/*.{ENDING}")) - known)


def write_record(lesson: Path, record: Record) -> None:
    """Write the record of a lesson, given its Markdown file."""
    data = {_DIGESTS: dict(record.digests), **record.figures}
    text = json.dumps(data, indent=1, ensure_ascii=False)
    record_path(lesson).write_text(text + "\n", encoding="utf-8")


def differences(recorded: Record, measured: Record) -> Iterator[str]:
    """Yield how measurements differ from the record, a sentence each."""
    old, new = recorded.exercises, measured.exercises
    for exercise in dict.fromkeys((*old, *new)):
        before, after = old.get(exercise, {}), new.get(exercise, {})
        where = f"of {exercise}" if exercise else "of whole notebooks"
        for measure in dict.fromkeys((*before, *after)):
            one, other = before.get(measure), after.get(measure)
            if one != other:
                yield f"{measure} {where}: {other} measured, {one} recorded"
    if recorded.survivors != measured.survivors:
        yield "other mutants survive than are recorded"
    if recorded.problems != measured.problems:
        yield "other demands are not met than are recorded"
