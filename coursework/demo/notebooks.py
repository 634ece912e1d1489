"""Small changes to notebooks, as a student makes them."""

import ast
import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

__all__ = [
    "add_first",
    "functions_of",
    "grade_id",
    "has_role",
    "with_source",
    "write_cells",
]


def grade_id(cell: NotebookNode) -> str:
    """Return the name of a cell in the gradebook; "" if it has none."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def has_role(cell: NotebookNode, role: str) -> bool:
    """Whether the cell is an "exercise", a "test" or a "question"."""
    return role in cell.metadata


def functions_of(cell: NotebookNode) -> list[str]:
    """Return the functions and classes that an exercise's cell defines."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(cell.source).body if isinstance(node, kinds)]


def with_source(cell: NotebookNode, source: str, cell_id: str) -> NotebookNode:
    """Return a copy of a cell with other content."""
    changed = copy.deepcopy(cell)
    changed.source, changed.id = source, cell_id
    return changed


def write_cells(notebook: NotebookNode, sources: dict[str, str]) -> None:
    """Write into the cells with these names, in place."""
    for cell in notebook.cells:
        if grade_id(cell) in sources:
            cell.source = sources[grade_id(cell)]


def add_first(notebook: NotebookNode, source: str) -> None:
    """Put a cell of the student's own before all others."""
    notebook.cells.insert(0, new_code_cell(source, id="my-own-cell"))
