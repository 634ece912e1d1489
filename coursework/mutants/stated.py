"""Behavioural mutants that an author names: whether they exist."""

import difflib
from collections.abc import Iterator

from coursework.course.alternatives import Evidence
from coursework.course.lesson import Lesson
from coursework.errors import LessonError
from coursework.mutants.behaviour import behaviours

__all__ = ["unknown_behaviours"]


def unknown_behaviours(lesson: Lesson, evidence: Evidence) -> Iterator[LessonError]:
    """Yield what a lesson's evidence calls equivalent although no behaviour has that name."""
    cells = {cell.exercise: cell for cell in lesson.of_kind("exercise")}
    for one in evidence.equivalents:
        if not one.behaviour or one.exercise not in cells:
            continue
        names = [made.name for made in behaviours(lesson, cells[one.exercise])]
        if one.behaviour not in names:
            near = difflib.get_close_matches(one.behaviour, names, n=3, cutoff=0.0)
            text = f"{one.exercise!r} has no behavioural mutant {one.behaviour!r}"
            hint = f": did you mean {' or '.join(near)}?" if near else ""
            yield LessonError(one.path, one.line, text + hint)
