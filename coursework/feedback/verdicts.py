"""Reads from an autograded notebook what was found out about its cells.

Roles and grades are read from `metadata.nbgrader`, which grading has restored from the
gradebook; a verdict only from a test cell, whose outputs are the judge's.
"""

from typing import Any

from nbformat import NotebookNode

from coursework.feedback.causes import short_cause, status_of
from coursework.feedback.markdown import highlight_python
from coursework.feedback.page import Check
from coursework.feedback.sanitize import clean_text
from coursework.judge.report import Outcome

__all__ = [
    "check_of",
    "grade_id",
    "is_exercise",
    "is_graded_by_hand",
    "is_notes",
    "is_test",
    "owner_of",
]

MAX_MESSAGE = 8_000


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


def is_notes(cell: NotebookNode) -> bool:
    """Whether grading has put the cell there, for its notes, which the page shows itself."""
    found = cell.metadata.get("coursework", {})
    return isinstance(found, dict) and found.get("role") == "notes"


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
    outcome = _outcome(cell)
    if outcome and outcome.exercise in exercises:
        return outcome.exercise
    name = grade_id(cell)
    named = [
        exercise
        for exercise in exercises
        if name == f"test_{exercise}" or name.startswith(f"test_{exercise}_")
    ]
    return max(named, key=len, default=exercises[-1] if exercises else "")


def check_of(cell: NotebookNode, exercise: str) -> Check:
    """Return the verdict of a test cell, with the points that the gradebook has."""
    marks = _marks(cell)
    points, max_points = float(marks.get("score") or 0), float(marks.get("points") or 0)
    outcome = _outcome(cell) or _plain_outcome(cell, points, max_points)
    return Check(
        name=_part(grade_id(cell), exercise),
        points=points,
        max_points=max_points,
        status=outcome.status,
        cause=short_cause(outcome),
        message=clean_text(outcome.message, MAX_MESSAGE),
        hints=tuple(clean_text(hint, MAX_MESSAGE) for hint in outcome.hints),
        adjusted=outcome.points != points,
        source_html=highlight_python(cell.source.strip()) if cell.source.strip() else "",
    )


def _marks(cell: NotebookNode) -> dict[str, Any]:
    marks = cell.metadata.get("nbgrader", {})
    return marks if isinstance(marks, dict) else {}


def _part(test: str, exercise: str) -> str:
    part = test.removeprefix(f"test_{exercise}").strip("_")
    return part.replace("_", " ")


def _outcome(cell: NotebookNode) -> Outcome | None:
    """Return the judge's verdict on this very cell, or None where another graded it."""
    for output in cell.get("outputs", []):
        found = output.get("metadata", {}).get("coursework")
        if isinstance(found, dict) and found.get("id") == grade_id(cell):
            points, max_points = float(found.get("points", 0)), float(found.get("max_points", 0))
            default = "failed" if points < max_points else "passed"
            return Outcome(
                id=grade_id(cell),
                exercise=str(found.get("exercise", "")),
                points=points,
                max_points=max_points,
                status=status_of(found.get("status"), default),
                message=str(found.get("message", "")),
                hints=tuple(map(str, found.get("hints", ()))),
            )
    return None


def _plain_outcome(cell: NotebookNode, points: float, max_points: float) -> Outcome:
    """Return what nbgrader's own autograder left: the error, without its traceback.

    The traceback would show the source of the test, so it is not shown.
    """
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    message = "\n".join(f"{error.ename}: {error.evalue}".strip(": ") for error in errors)
    status = "passed" if points >= max_points else "failed"
    return Outcome(grade_id(cell), "", points, max_points, status, message)
