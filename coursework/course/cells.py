"""What a notebook's cell is, by nbgrader's metadata, which anybody may have written."""

from nbformat import NotebookNode

__all__ = ["grade_id_of"]


def grade_id_of(cell: NotebookNode) -> str:
    """Return the `grade_id` that a cell claims; "" where it claims none that could be one."""
    marks = cell.metadata.get("nbgrader")
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else ""
