"""Reads from an autograded notebook what was found out about its cells.

Roles and grades are read from `metadata.nbgrader`, which grading has restored from the
gradebook; a verdict only from a test cell, whose outputs are the judge's.
"""

from typing import Any

from nbformat import NotebookNode

from coursework.feedback.causes import short_cause, status_of
from coursework.feedback.markdown import highlight_python
from coursework.feedback.page import Check
from coursework.guide import ROLE
from coursework.judge.report import Outcome, Part
from coursework.submissions.sanitize import clean_text

__all__ = [
    "checks_of",
    "grade_id",
    "is_adjusted",
    "is_exercise",
    "is_graded_by_hand",
    "is_of_grading",
    "is_test",
    "outcome_of",
    "owner_of",
    "points_of",
]

MAX_MESSAGE = 8_000
MAX_NAME = 200


def grade_id(cell: NotebookNode) -> str:
    """Return the id under which nbgrader knows the cell; "" where it knows it not."""
    return str(_marks(cell).get("grade_id", ""))


def is_exercise(cell: NotebookNode) -> bool:
    """Whether the student writes code here that test cells grade."""
    marks = _marks(cell)
    return bool(marks.get("solution")) and not marks.get("grade") and not marks.get("task")


def is_graded_by_hand(cell: NotebookNode) -> bool:
    """Whether a person grades the cell."""
    marks = _marks(cell)
    return bool(marks.get("task") or (marks.get("grade") and marks.get("solution")))


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell's points come from running it."""
    marks = _marks(cell)
    return bool(marks.get("grade")) and not marks.get("solution") and not marks.get("task")


def is_of_grading(cell: NotebookNode) -> bool:
    """Whether grading has put the cell there: notes, which the page shows itself, or a guide."""
    found = cell.metadata.get("coursework", {})
    return isinstance(found, dict) and found.get("role") in ("notes", ROLE)


def owner_of(cell: NotebookNode, exercises: list[str]) -> str:
    """Return the exercise that a test cell belongs to, out of those that stand before it.

    Parameters
    ----------
    cell : NotebookNode
    exercises : list of str
        Ids of the exercises before the cell, in order.

    Returns
    -------
    str
        The judge's word for it, else the one that the cell's id names, else the last one;
        "" where there is none.
    """
    outcome = outcome_of(cell)
    if outcome and outcome.exercise in exercises:
        return outcome.exercise
    name = grade_id(cell)
    named = [
        exercise
        for exercise in exercises
        if name == f"test_{exercise}" or name.startswith(f"test_{exercise}_")
    ]
    return max(named, key=len, default=exercises[-1] if exercises else "")


def checks_of(cell: NotebookNode, exercise: str) -> list[Check]:
    """Return the verdict of a test cell: one for each named part, where it has parts."""
    outcome = outcome_of(cell) or _plain_outcome(cell)
    name = _part(grade_id(cell), exercise)
    source = highlight_python(cell.source.strip()) if cell.source.strip() else ""
    if not outcome.parts:
        return [_check(outcome, name, source)]
    names = [": ".join(filter(None, (name, part.name))) for part in outcome.parts]
    sources = [source] + [""] * (len(names) - 1)
    return [_check(*found) for found in zip(outcome.parts, names, sources, strict=True)]


def points_of(cell: NotebookNode) -> tuple[float, float]:
    """Return the points that the gradebook has for a cell, and those that it gives at most."""
    marks = _marks(cell)
    return float(marks.get("score") or 0), float(marks.get("points") or 0)


def is_adjusted(cell: NotebookNode) -> bool:
    """Whether the gradebook has other points for a test cell than the judge gave."""
    outcome = outcome_of(cell)
    return outcome is not None and outcome.points != points_of(cell)[0]


def outcome_of(cell: NotebookNode) -> Outcome | None:
    """Return the judge's verdict on this very cell, or None where another graded it."""
    for output in cell.get("outputs", []):
        found = output.get("metadata", {}).get("coursework")
        if isinstance(found, dict) and found.get("id") == grade_id(cell):
            parts = tuple(Part(str(part.get("name", "")), **_read(part)) for part in _parts(found))
            exercise = str(found.get("exercise", ""))
            return Outcome(grade_id(cell), exercise, **_read(found), parts=parts)
    return None


def _parts(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in found.get("parts", ()) if isinstance(part, dict)]


def _read(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an outcome and a part of one have in common."""
    points, max_points = float(found.get("points", 0)), float(found.get("max_points", 0))
    default = "failed" if points < max_points else "passed"
    return {
        "points": points,
        "max_points": max_points,
        "status": status_of(found.get("status"), default),
        "message": str(found.get("message", "")),
        "hints": tuple(map(str, found.get("hints", ()))),
        "diagnosis": str(found.get("diagnosis", "")),
        "credit": str(found.get("credit", "")),
    }


def _check(verdict: Outcome | Part, name: str, source: str) -> Check:
    return Check(
        name=clean_text(name, MAX_NAME),
        points=verdict.points,
        max_points=verdict.max_points,
        status=verdict.status,
        cause=clean_text(short_cause(verdict)),
        message=clean_text(verdict.message, MAX_MESSAGE),
        hints=tuple(clean_text(hint, MAX_MESSAGE) for hint in verdict.hints),
        diagnosis=clean_text(verdict.diagnosis, MAX_MESSAGE),
        credit=clean_text(verdict.credit, MAX_MESSAGE),
        source_html=source,
    )


def _marks(cell: NotebookNode) -> dict[str, Any]:
    marks = cell.metadata.get("nbgrader", {})
    return marks if isinstance(marks, dict) else {}


def _part(test: str, exercise: str) -> str:
    part = test.removeprefix(f"test_{exercise}").strip("_")
    return part.replace("_", " ")


def _plain_outcome(cell: NotebookNode) -> Outcome:
    """Return what nbgrader's own autograder left: the error, without its traceback.

    The traceback would show the source of the test, so it is not shown.
    """
    points, max_points = points_of(cell)
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    message = "\n".join(f"{error.ename}: {error.evalue}".strip(": ") for error in errors)
    status = "passed" if points >= max_points else "failed"
    return Outcome(grade_id(cell), "", points, max_points, status, message)
