"""What a student's code can know about its own submission: random inputs depend on it.

Otherwise a table of answers to the inputs that feedback showed could be handed in. An answer can
read such a table from the notebook's other cells, even from comments, from the cells' names, and
from files that were submitted beside the notebook.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.lesson import Lesson

__all__ = ["Beside", "code_of", "name_of"]


@dataclass(frozen=True)
class Beside:
    """Files beside a notebook, name → content: those handed out, and the student's own."""

    handed_out: Mapping[str, bytes] = field(default_factory=dict)
    submitted: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        """What the student's code can read; it cannot change what was handed out."""
        return {**self.submitted, **self.handed_out}


def code_of(
    notebook: NotebookNode, lesson: Lesson, files: Mapping[str, bytes] | None = None
) -> str:
    """Return a digest of all that a student's code can know about its own submission.

    What the lesson gives is left out: correcting it does not make another submission.

    Parameters
    ----------
    notebook : NotebookNode
        Repaired.
    lesson : Lesson
    files : mapping, optional
        Name → content of the student's own files that the code can read.
    """
    given = {cell.source for cell in lesson.cells if cell.kind != "exercise"}
    told = [
        (name_of(index, cell), cell.source)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()
        # A copy in a cell of the student's own, or as an answer, is not the lesson's.
        if cell.source not in given or not _is_given(cell)
    ]
    beside = [(name, _digest(content)) for name, content in sorted((files or {}).items())]
    return _digest(json.dumps([told, beside] if beside else told).encode())


def name_of(index: int, cell: NotebookNode) -> str:
    """Return a cell's name; a cell without one is named by its position."""
    return grade_id_of(cell) or f"cell {index + 1}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_given(cell: NotebookNode) -> bool:
    return bool(grade_id_of(cell)) and not cell.metadata.nbgrader.get("solution")
