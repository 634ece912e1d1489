"""What graders read below the answer to a question: the model answer and the mark scheme.

nbgrader shows graders a mark scheme only in a task, whose text is the instructor's; the answer to
a question is the student's, and what the source says about it would be lost.
"""

import textwrap

from nbformat import NotebookNode

from coursework.course.lesson import Cell
from coursework.course.regions import RegionKind, scan
from coursework.submissions.metadata import KEY

__all__ = ["ROLE", "guide_to"]

ROLE = "guide"

# Feedback leaves the cell out, and even templates other than ours cut a mark scheme.
_TEXT = """<!-- BEGIN MARK SCHEME -->
**For the marker** (feedback leaves this out)

{parts}
<!-- END MARK SCHEME -->"""
_TITLES: dict[RegionKind, str] = {"SOLUTION": "Model answer", "MARK SCHEME": "Mark scheme"}


def guide_to(question: Cell) -> NotebookNode | None:
    """Return a cell that helps to mark a question; None if the lesson says nothing about it."""
    regions = scan(question.source)
    parts = [
        f"**{title}.**\n\n{text}\n"
        for mark, title in _TITLES.items()
        for region in regions.of(mark)
        if (text := textwrap.dedent("\n".join(region.lines)).strip())
    ]
    if not parts:
        return None
    return NotebookNode(
        cell_type="markdown",
        id=f"{ROLE}-{question.id}"[:64],
        metadata=NotebookNode({KEY: NotebookNode(role=ROLE)}),
        source=_TEXT.format(parts="\n".join(parts)),
    )
