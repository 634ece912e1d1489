"""Hints: each exercise has three steps, below its cell and before its first test."""

from collections.abc import Iterator

from coursework.authoring.form.finding import Finding
from coursework.course.lesson import Lesson

__all__ = ["missing_hints"]


def missing_hints(lesson: Lesson) -> Iterator[Finding]:
    """Find exercises without hints, and misplaced hints."""
    cells = list(lesson.cells)
    own = {cell.exercise: index for index, cell in enumerate(cells) if cell.kind == "hint"}
    for index, cell in enumerate(cells):
        if cell.kind != "exercise":
            continue
        if cell.exercise not in own:
            text = (
                f"the exercise {cell.exercise!r} has no hints: write "
                f'<!-- #region hint="{cell.exercise}" --> below it, with three steps'
            )
            yield Finding("hints", cell.line, text)
        elif own[cell.exercise] != index + 1:
            text = f"the hints for {cell.exercise!r} are not directly below its cell: move them"
            yield Finding("hints", cells[own[cell.exercise]].line, text)
