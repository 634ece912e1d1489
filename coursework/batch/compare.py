"""Judge a graded submission again, and compare with how it was graded; nothing is written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from coursework.batch.journal import digest_of
from coursework.batch.worker import Graded, Judged
from coursework.course.cells import grade_id_of
from coursework.grading.causes import short_cause, shortened
from coursework.grading.outcomes import outcome_of, parse_graded, points_of
from coursework.grading.task import Task
from coursework.judge.report import Outcome
from coursework.pool import Start
from coursework.submissions.metadata import KEY, is_readable

__all__ = ["Change", "Comparison", "changes_in", "comparing"]

Place = tuple[str, str]
"""Notebook and cell."""

Marks = tuple[float | None, float | None]
"""The grader's mark and a person's."""

_UNREADABLE = (
    "{note} It could be read when it was graded, so the marks of the submission stay; "
    "`coursework grade --force` grades what is there now"
)


@dataclass(frozen=True)
class Comparison:
    """A submission that was judged again.

    Attributes
    ----------
    notebooks : tuple of Graded
        As they would be recorded.
    old_max : dict
        The points that each cell had when it was graded.
    causes : dict
        Why each cell now has its points; "" if none are missing.
    is_other : bool
        Whether anything but the outputs of the student's own cells differs.
    stamp : tuple
        Of the submitted files.
    graded : dict
        Notebook → a digest of it as it was graded, of what lies there to be judged.
    """

    notebooks: tuple[Graded, ...]
    old_max: dict[Place, float]
    causes: dict[Place, str]
    is_other: bool
    stamp: tuple[object, ...]
    graded: dict[str, str]


@dataclass(frozen=True)
class Change:
    """A mark that the present tests change.

    Attributes
    ----------
    student, notebook, cell : str
    old, new : float or None
        Points that the grader gave, and now gives; None if a person has to.
    old_max, new_max : float or None
        Points of the cell when it was graded, if known, and now.
    manual : float or None
        A person's mark, which stays.
    reason : str
        Why the mark changes.
    """

    student: str
    notebook: str
    cell: str
    old: float | None
    new: float | None
    old_max: float | None
    new_max: float
    manual: float | None
    reason: str

    @property
    def is_for_review(self) -> bool:
        """Whether a person's mark stays although the grader's own has changed."""
        return self.manual is not None and self.old != self.new


@contextmanager
def comparing(start: Start[Task, Judged]) -> Iterator[Callable[[Task], Comparison | str]]:
    """Give the function that judges and compares, or returns why it cannot.

    Parameters
    ----------
    start : callable
        Makes what judges a submission: `worker.judging`.
    """
    with start() as judge:
        yield partial(_compare, judge)


def changes_in(found: Comparison, student: str, marks: Mapping[Place, Marks]) -> list[Change]:
    """Return the marks of a submission that differ from the gradebook's.

    Parameters
    ----------
    found : Comparison
    student : str
    marks : mapping
        The grader's mark and a person's for each cell, as `read.marks_by_student` reads them.
    """
    changes = []
    for notebook in found.notebooks:
        for mark in notebook.marks.marks:
            place = notebook.marks.notebook, mark.id
            old, manual = marks.get(place, (None, None))
            old_max = found.old_max.get(place)
            if old != mark.points or old_max not in (None, mark.max_points):
                new, new_max = mark.points, mark.max_points
                reason = _reason(old, new, old_max, new_max, found.causes[place])
                of_cell = student, notebook.marks.notebook, mark.id
                changes.append(Change(*of_cell, old, new, old_max, new_max, manual, reason))
    return changes


def _reason(
    old: float | None, new: float | None, old_max: float | None, new_max: float, cause: str
) -> str:
    reasons = []
    if old_max not in (None, new_max):
        reasons.append(f"the cell has {new_max:g} points, not {old_max:g}")
    if old != new:
        was_full = old == old_max
        reasons.append(cause or ("" if was_full else "now passes"))
    return "; ".join(filter(None, reasons))


def _compare(judge: Callable[[Task], Judged], task: Task) -> Comparison | str:
    stamp = task.stamp
    judged = judge(task)
    if isinstance(judged, str):
        return judged
    contents = {one.marks.notebook: task.graded(one.marks.notebook) or b"" for one in judged}
    pairs = [
        (one, parse_graded(contents[one.marks.notebook]), nbformat.reads(one.text, 4))
        for one in judged
    ]
    for one, old, new in pairs:
        if is_readable(old) and not is_readable(new):
            return _UNREADABLE.format(note=" ".join(one.notes))
    return Comparison(
        judged,
        {place: points for one, old, _ in pairs for place, points in _max_points(one, old)},
        {place: cause for one, _, new in pairs for place, cause in _causes(one, new)},
        any(_judged_part(old) != _judged_part(new) for _, old, new in pairs),
        stamp,
        {
            one.marks.notebook: digest_of(contents[one.marks.notebook])
            for one, old, new in pairs
            if old.metadata.get(KEY, {}).get("digest") == new.metadata[KEY].get("digest")
        },
    )


def _max_points(one: Graded, graded: NotebookNode) -> Iterator[tuple[Place, float]]:
    for cell in filter(utils.is_grade, graded.cells):
        yield (one.marks.notebook, grade_id_of(cell)), points_of(cell)[1]


def _judged_part(notebook: NotebookNode) -> list[tuple[object, ...]]:
    # What a student's cell shows may differ in each run: an address, a time.
    return [(cell.source, points_of(cell)[1], outcome_of(cell)) for cell in notebook.cells]


def _causes(one: Graded, judged: NotebookNode) -> Iterator[tuple[Place, str]]:
    outcomes = {grade_id_of(cell): outcome_of(cell) for cell in judged.cells}
    for mark in one.marks.marks:
        if outcome := outcomes.get(mark.id):
            cause = _cause(outcome)
        else:
            cause = "a person marks it" if mark.points is None else "no answer"
        yield (one.marks.notebook, mark.id), cause


def _cause(outcome: Outcome) -> str:
    if not outcome.parts:
        return short_cause(outcome) or shortened(outcome.credit)
    causes = ((part.name, short_cause(part) or shortened(part.credit)) for part in outcome.parts)
    return "; ".join(f"{name}: {cause}" for name, cause in causes if cause)
