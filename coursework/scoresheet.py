"""Show what a grading gave: as a table for people, as JSON for programs."""

import json
from dataclasses import asdict
from itertools import groupby

from rich.table import Table
from rich.text import Text

from coursework.entries import Score
from coursework.grade import Result
from coursework.plan import printable

__all__ = ["as_table", "as_text", "summary"]


def as_table(result: Result) -> Table:
    """Return the marks, a row a student."""
    names = sorted({score.notebook for score in result.scores})
    table = Table("student", *names, "total", "remarks", box=None)
    for student, group in groupby(result.scores, key=lambda score: score.student):
        found = {score.notebook: score for score in group}
        cells = [_points(found[name]) if name in found else "" for name in names]
        total = sum(score.points - score.penalty for score in found.values())
        remarks = _remarks(result, student, list(found.values()))
        # Text, not str: a student's name may look like markup.
        row = (printable(student), *cells, f"{total:g}", remarks)
        table.add_row(*(Text(cell) for cell in row))
    return table


def _points(score: Score) -> str:
    return f"{score.points:g}/{score.max_points:g}"


def _remarks(result: Result, student: str, found: list[Score]) -> str:
    n_notes = sum(len(result.notes.get((student, score.notebook), ())) for score in found)
    late = sum(score.penalty for score in found)
    remarks = (
        f"late: -{late:g}" if late else "",
        "to be marked by hand" if any(score.needs_manual_grade for score in found) else "",
        f"{n_notes} note{'s' * (n_notes > 1)}" if n_notes else "",
    )
    return ", ".join(filter(None, remarks))


def as_text(result: Result) -> str:
    """Return the result as JSON."""
    scores = [
        {**asdict(score), "notes": result.notes.get((score.student, score.notebook), ())}
        for score in result.scores
    ]
    failures = [asdict(failure) for failure in result.failures]
    counts = {"graded": result.graded, "skipped": result.skipped}
    return json.dumps({**counts, "scores": scores, "failures": failures})


def summary(result: Result) -> str:
    """Return a line on what was done."""
    failed = f", {len(result.failures)} could not be graded" if result.failures else ""
    return f"{result.graded} graded, {result.skipped} graded before{failed}"
