"""How large a solved notebook may be: each rebuilt one stays in the history."""

from pathlib import Path

import nbformat

from coursework.course.lesson import Lesson
from coursework.errors import LessonError

__all__ = ["LIMIT", "oversize"]

LIMIT = 400_000
"""Bytes of a solved notebook, its figures included."""
_NAMED = 3


def oversize(lesson: Lesson, solution: Path) -> list[LessonError]:
    """Return an error that names the largest outputs if a solution is too large.

    Parameters
    ----------
    lesson : Lesson
    solution : Path
        Its solved notebook.
    """
    size = solution.stat().st_size
    if size <= LIMIT:
        return []
    notebook = nbformat.read(solution, as_version=4)
    sizes = {
        cell.line: sum(len(str(output)) for output in node.get("outputs", []))
        for cell, node in zip(lesson.cells, notebook.cells, strict=True)
    }
    telling = [line for line in sizes if sizes[line] > LIMIT / 100]
    largest = sorted(telling, key=lambda line: sizes[line], reverse=True)[:_NAMED]
    listed = ", ".join(f"line {line} ({_kilobytes(sizes[line])})" for line in largest)
    text = (
        f"its solution has {_kilobytes(size)}, more than {_kilobytes(LIMIT)}. The outputs of these "
        f"cells are the largest: {listed or 'none'}. Draw smaller figures, fewer colours or frames"
    )
    return [LessonError(lesson.path, largest[0] if largest else 0, text)]


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.0f} KB"
