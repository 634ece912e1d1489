"""Show what a grading or a regrading gave: as a table for people, as JSON for programs."""

import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from coursework.batch.compare import Change
from coursework.batch.grade import Result
from coursework.batch.regrade import Regrading
from coursework.gradebook.read import Score
from coursework.submissions.safe_file import printable

if TYPE_CHECKING:
    from coursework.batch.similar import Pair  # which needs scikit-learn

__all__ = [
    "as_table",
    "changes_summary",
    "changes_table",
    "changes_text",
    "pairs_table",
    "record_summary",
    "summary",
    "to_json",
]


def as_table(result: Result) -> Table:
    """Return the marks, one row per student."""
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


def to_json(result: Result) -> str:
    """Return the result as JSON."""
    scores = [
        {**asdict(score), "notes": result.notes.get((score.student, score.notebook), ())}
        for score in result.scores
    ]
    failures = [asdict(failure) for failure in result.failures]
    counts = {"graded": result.graded, "skipped": result.skipped}
    return json.dumps({**counts, "scores": scores, "failures": failures})


def summary(result: Result) -> str:
    """Return a line about what was done."""
    failed = f", {len(result.failures)} could not be graded" if result.failures else ""
    renewed = f", {result.n_penalties} with a changed penalty" if result.n_penalties else ""
    return f"{result.graded} graded, {result.skipped} graded before{renewed}{failed}"


def changes_table(found: Regrading) -> Table:
    """Return the marks that change, one row each."""
    table = Table("student", "notebook", "test", "before", "now", "why", box=None)
    for one in found.changes:
        before, now = _mark(one.old, one.old_max), _mark(one.new, one.new_max)
        row = (one.student, one.notebook, one.cell, before, now, _why(one))
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def pairs_table(found: tuple["Pair", ...]) -> Table:
    """Return pairs of submissions, a row each, the most alike first."""
    table = Table("alike", "student", "student", "pieces", "where most", box=None)
    for one in found:
        row = (f"{one.score:.2f}", *one.students, str(one.n_shared), ", ".join(one.exercises[:2]))
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _mark(points: float | None, most: float | None) -> str:
    if points is not None and points < 0:  # deducted
        return f"{points:g}"
    return f"{'-' if points is None else f'{points:g}'}/{'?' if most is None else f'{most:g}'}"


def _why(one: Change) -> str:
    stays = "" if one.manual is None else f"the mark {one.manual:g} given by hand stays"
    review = ", for review" if one.is_for_review else ""
    return "; ".join(filter(None, (one.reason, f"{stays}{review}")))


def changes_text(found: Regrading) -> str:
    """Return what changes, and what of it was recorded, as JSON."""
    counts = {
        "judged": found.n_judged,
        "settled": found.n_settled,
        "affected": found.n_affected,
        "recorded": found.n_recorded,
        "ungraded": found.n_ungraded,
    }
    changes = [asdict(one) | {"is_for_review": one.is_for_review} for one in found.changes]
    failures = [asdict(failure) for failure in found.failures]
    return json.dumps({**counts, "changes": changes, "failures": failures})


def changes_summary(found: Regrading) -> str:
    """Return a line about what changes, and one for what else there is to do."""
    gains: dict[str, float] = {}
    for one in found.changes:
        gain = (one.new or 0.0) - (one.old or 0.0) if one.manual is None else 0.0
        gains[one.student] = gains.get(one.student, 0.0) + gain
    n_up, n_down = sum(gain > 0 for gain in gains.values()), sum(g < 0 for g in gains.values())
    rest = found.n_affected - n_up - n_down
    what = f"points: {n_up} up, {n_down} down, {rest} the same"
    what = what if found.n_affected else "nothing changes"
    before = f" ({found.n_settled} of them before)" if found.n_settled else ""
    lines = [f"{found.n_judged} judged by the tests in source/{before}; {what}"]
    if found.n_ungraded:
        lines.append(f"{found.n_ungraded} not graded yet: run `coursework grade`")
    if found.failures:
        lines.append(f"{len(found.failures)} could not be graded again and keep their marks")
    return "\n".join(lines)


def record_summary(found: Regrading) -> str:
    """Return a line about what was recorded, and what to do next."""
    pages = ": run `coursework feedback` for their new pages" if found.n_recorded else ""
    return f"{found.n_recorded} recorded{pages}"
