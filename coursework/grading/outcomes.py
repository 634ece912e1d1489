"""The judge's verdicts in an autograded notebook: how they are stored and read.

Roles and grades are read from `metadata.nbgrader`, which grading has restored from the
gradebook; verdicts only from test cells, whose outputs are the judge's.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of, nbgrader_of
from coursework.grading.causes import status_of
from coursework.grading.guide import ROLE
from coursework.judge.report import Outcome, Part
from coursework.submissions.metadata import KEY
from coursework.submissions.read import empty_notebook

__all__ = [
    "is_adjusted",
    "is_of_grading",
    "kept",
    "outcome_of",
    "parse_graded",
    "plain_outcome",
    "points_of",
    "read_graded",
]


def kept(outcome: Outcome) -> dict[str, Any]:
    """Return a verdict as the metadata of an output, from which `outcome_of` reads it."""
    return {KEY: asdict(outcome)}


def read_graded(path: Path) -> NotebookNode:
    """Return an autograded notebook; an empty one where that is lost or damaged."""
    try:
        return parse_graded(path.read_bytes())
    except OSError:
        return empty_notebook()


def parse_graded(content: bytes) -> NotebookNode:
    """Return a notebook as it was graded; an empty one where its file is damaged."""
    try:
        return nbformat.reads(content.decode(), as_version=4)
    except (ValueError, nbformat.ValidationError):
        return empty_notebook()


def points_of(cell: NotebookNode) -> tuple[float, float]:
    """Return the points that the gradebook has for a cell, and the cell's maximum."""
    found = nbgrader_of(cell)
    return float(found.get("score") or 0), float(found.get("points") or 0)


def is_adjusted(cell: NotebookNode) -> bool:
    """Whether the gradebook's points for a test cell differ from the judge's."""
    outcome = outcome_of(cell)
    return outcome is not None and outcome.points != points_of(cell)[0]


def outcome_of(cell: NotebookNode) -> Outcome | None:
    """Return the judge's verdict on this very cell, or None where another graded it."""
    for output in cell.get("outputs", []):
        found = output.get("metadata", {}).get(KEY)
        if isinstance(found, dict) and found.get("id") == grade_id_of(cell):
            parts = tuple(Part(str(part.get("name", "")), **_read(part)) for part in _parts(found))
            exercise = str(found.get("exercise", ""))
            return Outcome(grade_id_of(cell), exercise, **_read(found), parts=parts)
    return None


def _parts(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in found.get("parts", ()) if isinstance(part, dict)]


def _read(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an outcome and a part of one have in common."""
    points, max_points = float(found.get("points", 0)), float(found.get("max_points", 0))
    default: Literal["passed", "failed"] = "failed" if points < max_points else "passed"
    return {
        "points": points,
        "max_points": max_points,
        "status": status_of(found.get("status"), default),
        "message": str(found.get("message", "")),
        "hints": tuple(map(str, found.get("hints", ()))),
        "diagnosis": str(found.get("diagnosis", "")),
        "credit": str(found.get("credit", "")),
    }


def is_of_grading(cell: NotebookNode) -> bool:
    """Whether grading added the cell: notes, which the page itself shows, or a guide."""
    found = cell.metadata.get(KEY, {})
    return isinstance(found, dict) and found.get("role") in ("notes", ROLE)


def plain_outcome(cell: NotebookNode) -> Outcome:
    """Return what nbgrader's own autograder left: the error, without its traceback.

    The traceback would show the source of the test, so it is not shown.
    """
    points, max_points = points_of(cell)
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    message = "\n".join(f"{error.ename}: {error.evalue}".strip(": ") for error in errors)
    status: Literal["passed", "failed"] = "passed" if points >= max_points else "failed"
    return Outcome(grade_id_of(cell), "", points, max_points, status, message)
