"""The instructor's notebook of a lesson: its cells with nbgrader's metadata."""

from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook

from coursework.course.lesson import Cell, Lesson

__all__ = ["METADATA", "source_notebook"]

# Fixed, so that a notebook is the same whoever builds it, with any Python.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_SCHEMA_VERSION = 3


def source_notebook(lesson: Lesson) -> NotebookNode:
    """Return the notebook that goes to `source/`."""
    names = _names(lesson)
    cells = [_node(cell, name) for cell, name in zip(lesson.cells, names, strict=True)]
    notebook = new_notebook(cells=cells, metadata=METADATA)
    nbformat.validate(notebook)
    return notebook


def _names(lesson: Lesson) -> Iterator[str]:
    """Yield each cell's `grade_id`.

    Given code is named by its position after the latest cell with a name of its own, so that it
    remains the same cell for gradebook and submissions when its text is corrected.
    """
    before, number = "", 0
    for cell in lesson.cells:
        if cell.kind in ("given", "show"):
            number += 1
            yield f"given-{before}-{number}" if before else f"given-{number}"
        else:
            if cell.kind in ("exercise", "test", "question"):
                before, number = cell.id, 0
            yield cell.id


def _node(cell: Cell, name: str) -> NotebookNode:
    metadata = _lesson_metadata(cell)
    if nbgrader := _nbgrader_metadata(cell, name):
        metadata["nbgrader"] = nbgrader
    # nbformat's own functions validate each cell; here the notebook is validated as a whole.
    kind: dict[str, Any] = {"cell_type": "code", "outputs": [], "execution_count": None}
    common = {"id": cell.id, "metadata": metadata, "source": cell.source}
    return from_dict((kind if cell.is_code else {"cell_type": "markdown"}) | common)


def _lesson_metadata(cell: Cell) -> dict[str, Any]:
    """Return what the lesson's Markdown says about the cell, so that a notebook reads the same."""
    metadata: dict[str, Any] = {}
    if cell.kind in ("show", "yours"):
        metadata["tags"] = [cell.kind]
    if name := cell.exercise or cell.title:
        metadata[cell.kind] = name
    if cell.kind == "rest":
        metadata["rest"] = True
    if cell.module:
        metadata["module"] = cell.module
    if cell.part:
        metadata["part"] = cell.part
    if cell.points:
        metadata["points"] = _number(cell.points)
    if cell.void:
        metadata["void"] = cell.void
    return metadata


def _nbgrader_metadata(cell: Cell, name: str) -> dict[str, Any]:
    if cell.is_text or cell.kind == "yours":
        return {}
    grade = cell.kind in ("test", "question")
    metadata: dict[str, Any] = {
        "grade": grade,
        "grade_id": name,
        "locked": cell.kind in ("given", "show", "test"),
        "schema_version": _SCHEMA_VERSION,
        "solution": cell.kind in ("exercise", "question"),
        "task": False,
    }
    if grade:
        metadata["points"] = 0 if cell.void else _number(cell.points)
    return metadata


def _number(points: float) -> float:
    """Write whole points as whole numbers."""
    return int(points) if points == int(points) else points
