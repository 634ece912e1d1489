"""Show an audit: as tables for people, as JSON for programs."""

import json
from dataclasses import asdict
from functools import singledispatch
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coursework.audit.keep import Checked
from coursework.audit.ledger import Record
from coursework.audit.measures import MEASURES, Count
from coursework.audit.result import LessonAudit

__all__ = ["as_lines", "to_json"]


@singledispatch
def as_lines(audit: Any) -> RenderableType:
    """Return a table for each lesson, or a line if it was checked; below it what is wrong."""
    return Group(*(part for lesson in audit.lessons for part in _parts(lesson)))


def _parts(lesson: LessonAudit) -> list[RenderableType]:
    parts: list[RenderableType] = [_table(lesson)]
    for case, _ in lesson.survivors:
        text = f"\nsurvivor, a mutant of {case.exercise}\n{case.label}\n{case.about}"
        parts.append(Text(text.rstrip("\n"), style="yellow"))
    parts += [Text(f"\n✗ {problem}", style="red") for problem in lesson.problems]
    return [*parts, Text()]


def _table(lesson: LessonAudit) -> Table:
    heads = [measure.head for measure in MEASURES]
    table = Table("exercise", *heads, "s", title=lesson.name, title_justify="left", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in lesson.rows:
        counts = [_cell(row.counts[measure.name]) for measure in MEASURES]
        table.add_row(row.exercise or "whole notebook", *counts, f"{row.seconds:.1f}")
    totals = [_cell(lesson.total(measure.name)) for measure in MEASURES]
    table.add_row("all", *totals, f"{sum(row.seconds for row in lesson.rows):.1f}", style="bold")
    return table


def _cell(count: Count) -> Text:
    return Text(str(count), style="" if count.good == count.all else "red")


@singledispatch
def to_json(audit: Any) -> str:
    """Return an audit, or a check of the ledger, as JSON."""
    return json.dumps(
        {
            "is_good": audit.is_good,
            "lessons": [_entry(lesson) for lesson in audit.lessons],
            "errors": [str(error) for error in audit.errors],
        }
    )


def _entry(lesson: LessonAudit) -> dict[str, Any]:
    seconds = {row.exercise: round(row.seconds, 3) for row in lesson.rows}
    return {"lesson": lesson.name, **Record.of(lesson, {}).figures, "seconds": seconds}


@as_lines.register
def _(checked: Checked) -> RenderableType:
    lines = []
    for one in checked.findings:
        mark, style = ("✗", "red") if one.problems else ("✓", "")
        how = f"measured again: {one.reason}" if one.reason else "as recorded"
        lines.append(Text(f"{mark} {one.lesson}  {how}", style=style))
        lines += [Text(f"    {problem}", style="red") for problem in one.problems]
    return Group(*lines, *(Text(f"✗ {problem}", style="red") for problem in checked.problems))


@to_json.register
def _(checked: Checked) -> str:
    return json.dumps(
        {
            "is_good": checked.is_good,
            "lessons": [asdict(one) for one in checked.findings],
            "problems": checked.problems,
            "errors": [str(error) for error in checked.errors],
        }
    )
