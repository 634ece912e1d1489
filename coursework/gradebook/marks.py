"""From verdicts to marks: what the grader says about each cell that the gradebook knows."""

from collections.abc import Iterable
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from coursework.errors import JudgeError
from coursework.judge.report import Outcome
from coursework.submissions.metadata import doubt_of, is_readable, notes_of, void_of

__all__ = ["Mark", "NotebookMarks", "marks_of"]

_NO_RESPONSE = "No response."
_VOID = "This question does not count"


@dataclass(frozen=True)
class Mark:
    """What the grader says about a cell; `points` is None if a person must grade it."""

    id: str
    points: float | None
    max_points: float


@dataclass(frozen=True)
class NotebookMarks:
    """Marks of a notebook, and its comments by the `grade_id` of the answer."""

    notebook: str
    marks: tuple[Mark, ...]
    comments: tuple[tuple[str, str | None], ...] = ()


def marks_of(notebook: NotebookNode, name: str, outcomes: Iterable[Outcome]) -> NotebookMarks:
    """Return the marks of a repaired notebook.

    A test gets the points of its outcome. An answer that a person grades gets 0 if it is
    still the stub, and otherwise no mark yet: nbgrader's rule. It gets no mark yet, either, if
    the answer may be elsewhere. One that gives no points needs nobody to mark it.

    Parameters
    ----------
    notebook : NotebookNode
        Repaired, or repaired and annotated.
    name : str
        Its name in the gradebook.
    outcomes : iterable of Outcome

    Raises
    ------
    JudgeError
        A test cell has no outcome.
    """
    earned = {outcome.id: outcome for outcome in outcomes}
    can_read = is_readable(notebook)
    excuse = _NO_RESPONSE if can_read else " ".join(notes_of(notebook))
    marks, comments = [], []
    for cell in notebook.cells:
        doubt = doubt_of(cell) if can_read else ""
        if utils.is_grade(cell):
            marks.append(_mark(cell, earned, is_open=bool(doubt)))
        if utils.is_solution(cell):
            comment = _voided(cell) or ((doubt or excuse) if _is_untouched(cell) else None)
            comments.append((cell.metadata.nbgrader.grade_id, comment))
    return NotebookMarks(name, tuple(marks), tuple(comments))


def _mark(cell: NotebookNode, earned: dict[str, Outcome], *, is_open: bool) -> Mark:
    name, most = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    if utils.is_solution(cell):
        is_settled = not most or (_is_untouched(cell) and not is_open)
        return Mark(name, 0.0 if is_settled else None, most)
    if name not in earned:
        msg = f"the judge gave no verdict on `{name}`"
        raise JudgeError(msg)
    return Mark(name, min(max(earned[name].points, 0.0), most), most)


def _voided(cell: NotebookNode) -> str:
    """Return what is said about a question that gives no points; "" for any other cell."""
    if not utils.is_grade(cell) or float(cell.metadata.nbgrader.points):
        return ""
    reason = void_of(cell)
    return f"{_VOID}: {reason}" if reason else f"{_VOID}."


def _is_untouched(cell: NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
