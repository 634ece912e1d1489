"""The sections of a notebook's questions: which cells belong to the same question."""

import re
from collections.abc import Sequence

from nbformat import NotebookNode
from nbgrader import utils

__all__ = ["beside_questions", "kind_of", "section_of"]

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)


def beside_questions(cells: Sequence[NotebookNode]) -> frozenset[int]:
    """Return the places of questions, and of the student's own cells in their sections.

    Parameters
    ----------
    cells : sequence of NotebookNode
        Of a prepared notebook: cells that are not the lesson's have no `metadata.nbgrader`.
    """
    is_own = ["nbgrader" not in cell.metadata for cell in cells]
    kinds = [
        "" if own else kind_of(cell, cell.source) for cell, own in zip(cells, is_own, strict=True)
    ]
    questions = [index for index, kind in enumerate(kinds) if kind == "question"]
    sections = (range(*section_of(index, kinds)) for index in questions)
    own = (index for section in sections for index in section if is_own[index])
    return frozenset((*questions, *own))


def section_of(question: int, kinds: Sequence[str]) -> tuple[int, int]:
    """Return where a question's section begins and ends, among cells of these kinds.

    It begins with its heading, or after the exercise before it, and holds consecutive questions;
    whatever follows the last exercise and question belongs to the last section.
    """
    bounds = [index for index, kind in enumerate(kinds) if kind in ("heading", "exercise")]
    start = max((bound for bound in bounds if bound < question), default=0)
    end = min((bound for bound in bounds if bound > question), default=len(kinds))
    is_last = not {"question", "exercise"} & set(kinds[end:])
    return start, len(kinds) if is_last else end


def kind_of(node: NotebookNode, handed_out: str) -> str:
    """Return what a cell is for the sections: question, exercise (or its test), heading, or ""."""
    if utils.is_grade(node) and utils.is_solution(node):
        return "question"
    if utils.is_grade(node) or utils.is_solution(node):
        return "exercise"
    is_heading = node.cell_type == "markdown" and _HEADING.search(handed_out)
    return "heading" if is_heading else ""
