"""The checks of a feedback page: the verdicts on an exercise's tests, as shown."""

from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.feedback.markdown import highlight_python
from coursework.feedback.page import Check
from coursework.grading.causes import short_cause
from coursework.grading.outcomes import outcome_of, plain_outcome
from coursework.judge.report import Outcome, Part
from coursework.submissions.sanitize import clean_text

__all__ = ["checks_of", "owner_of"]

MAX_MESSAGE = 8_000
MAX_NAME = 200


def owner_of(cell: NotebookNode, exercises: list[str]) -> str:
    """Return the exercise that a test cell belongs to, among those before it.

    Parameters
    ----------
    cell : NotebookNode
    exercises : list of str
        Ids of the exercises before the cell, in order.

    Returns
    -------
    str
        The one that the judge names, else the one that the cell's id names, else the last one;
        "" if there is none.
    """
    outcome = outcome_of(cell)
    if outcome and outcome.exercise in exercises:
        return outcome.exercise
    name = grade_id_of(cell)
    named = [
        exercise
        for exercise in exercises
        if name == f"test_{exercise}" or name.startswith(f"test_{exercise}_")
    ]
    return max(named, key=len, default=exercises[-1] if exercises else "")


def checks_of(cell: NotebookNode, exercise: str) -> list[Check]:
    """Return the verdicts of a test cell: one for each named part, if it has parts."""
    outcome = outcome_of(cell) or plain_outcome(cell)
    name = _part(grade_id_of(cell), exercise)
    source = highlight_python(cell.source.strip()) if cell.source.strip() else ""
    if not outcome.parts:
        return [_check(outcome, name, source)]
    names = [": ".join(filter(None, (name, part.name))) for part in outcome.parts]
    sources = [source] + [""] * (len(names) - 1)
    return [_check(*found) for found in zip(outcome.parts, names, sources, strict=True)]


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


def _part(test: str, exercise: str) -> str:
    part = test.removeprefix(f"test_{exercise}").strip("_")
    return part.replace("_", " ")
