"""What a notebook's cell is according to nbgrader's metadata, which anybody may have written."""

from typing import Any

from nbformat import NotebookNode

__all__ = ["grade_id_of", "is_exercise", "is_graded_by_hand", "is_test", "nbgrader_of"]


def grade_id_of(cell: NotebookNode) -> str:
    """Return the `grade_id` that a cell claims; "" if it claims none that could be one."""
    grade_id = nbgrader_of(cell).get("grade_id")
    return grade_id if isinstance(grade_id, str) else ""


def is_exercise(cell: NotebookNode) -> bool:
    """Whether the student writes code here that test cells grade."""
    found = nbgrader_of(cell)
    return bool(found.get("solution")) and not found.get("grade") and not found.get("task")


def is_graded_by_hand(cell: NotebookNode) -> bool:
    """Whether a person grades the cell."""
    found = nbgrader_of(cell)
    return bool(found.get("task") or (found.get("grade") and found.get("solution")))


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell's points come from running it."""
    found = nbgrader_of(cell)
    return bool(found.get("grade")) and not found.get("solution") and not found.get("task")


def nbgrader_of(cell: NotebookNode) -> dict[str, Any]:
    """Return what nbgrader's metadata say about a cell; nothing if they have another form."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}
