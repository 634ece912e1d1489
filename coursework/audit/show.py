"""Show an audit: as tables for people, as JSON for programs."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coursework.audit.result import Audit, Count, LessonAudit, Row

__all__ = ["as_tables", "as_text"]

_COUNTS = ("caught", "hinted", "first", "accepted", "killed")
_HEADS = ("caught", "hint", "first", "right", "killed")


def as_tables(audit: Audit) -> RenderableType:
    """Return a table for each lesson, with what is wrong below it."""
    return Group(*(part for lesson in audit.lessons for part in _parts(lesson)))


def _parts(lesson: LessonAudit) -> list[RenderableType]:
    parts: list[RenderableType] = [_table(lesson)]
    for case, _ in lesson.survivors:
        parts.append(Text(f"\nsurvivor, a mutant of {case.exercise}\n{case.label}", style="yellow"))
    parts += [Text(f"\n✗ {problem}", style="red") for problem in lesson.problems]
    return [*parts, Text()]


def _table(lesson: LessonAudit) -> Table:
    table = Table("exercise", *_HEADS, "s", title=lesson.name, title_justify="left", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in lesson.rows:
        table.add_row(row.exercise or "whole notebook", *_cells(row), f"{row.seconds:.1f}")
    totals = [_cell(lesson.total(name)) for name in _COUNTS]
    table.add_row("all", *totals, f"{sum(row.seconds for row in lesson.rows):.1f}", style="bold")
    return table


def _cells(row: Row) -> list[Text]:
    return [_cell(getattr(row, name)) for name in _COUNTS]


def _cell(count: Count) -> Text:
    return Text(str(count), style="" if count.good == count.all else "red")


def as_text(audit: Audit) -> str:
    """Return the audit as JSON."""
    return json.dumps(
        {
            "is_good": audit.is_good,
            "lessons": [_entry(lesson) for lesson in audit.lessons],
            "errors": [str(error) for error in audit.errors],
        }
    )


def _entry(lesson: LessonAudit) -> dict[str, Any]:
    survivors = [{"exercise": c.exercise, "diff": c.label} for c, _ in lesson.survivors]
    return {
        "lesson": lesson.name,
        "exercises": [asdict(row) for row in lesson.rows if row.exercise],
        "whole": asdict(lesson.rows[-1]),
        "survivors": survivors,
        "problems": lesson.problems,
    }
