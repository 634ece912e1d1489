"""Find questions whose answers may stand outside of their cells: on those a person decides.

Students write below an answer's cell, into the question itself, or delete the cell and write
into one of their own. No program can tell whether such a text is the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode
from nbgrader import utils

from coursework.matching import Known, is_same

__all__ = ["BESIDE", "MISSING", "beside_questions", "questions_in_doubt"]

MISSING = (
    "The cell of this answer was missing, so a person looks for the answer elsewhere in the "
    "notebook."
)
BESIDE = (
    "The cell of this answer was left as handed out, but there is other text near it: a person "
    "decides whether that is the answer."
)

_HEADING = re.compile(r"^#{1,6}\s", re.MULTILINE)


def questions_in_doubt(
    knowns: Sequence[Known],
    submitted: Mapping[int, NotebookNode],
    own: Mapping[int, Sequence[NotebookNode]],
) -> dict[int, str]:
    """Return the questions without an answer in their cell that may have one, and why.

    Parameters
    ----------
    knowns : sequence of Known
    submitted : mapping
        Index of a known cell → the submitted cell that it is.
    own : mapping
        Index of a known cell, or -1 → the student's own cells behind it.
    """
    found = {}
    kinds = [_kind(known.node, known.handed_out) for known in knowns]
    for index, known in enumerate(knowns):
        if kinds[index] != "question":
            continue
        if index not in submitted:
            found[index] = MISSING
        elif is_same(submitted[index].source, known.handed_out) and any(
            _texts(_section(index, kinds), knowns, submitted, own)
        ):
            found[index] = BESIDE
    return found


def beside_questions(cells: Sequence[NotebookNode]) -> frozenset[int]:
    """Return the places of questions, and of the student's own cells in their sections.

    Parameters
    ----------
    cells : sequence of NotebookNode
        Of a prepared notebook: what is no cell of the lesson's has no `metadata.nbgrader`.
    """
    is_own = ["nbgrader" not in cell.metadata for cell in cells]
    kinds = [
        "" if own else _kind(cell, cell.source) for cell, own in zip(cells, is_own, strict=True)
    ]
    questions = [index for index, kind in enumerate(kinds) if kind == "question"]
    sections = (range(*_section(index, kinds)) for index in questions)
    own = (index for section in sections for index in section if is_own[index])
    return frozenset((*questions, *own))


def _texts(
    section: tuple[int, int],
    knowns: Sequence[Known],
    submitted: Mapping[int, NotebookNode],
    own: Mapping[int, Sequence[NotebookNode]],
) -> Iterator[bool]:
    """Tell of each cell in a question's section whether text of the student's stands there."""
    given = frozenset(line for known in knowns for line in _lines(known.handed_out))
    for index in range(*section):
        known, cell = knowns[index], submitted.get(index)
        is_marked = utils.is_grade(known.node) or utils.is_solution(known.node)
        if cell is not None and known.node.cell_type != "code" and not is_marked:
            yield not given.issuperset(_lines(cell.source))
        # Code behind a test tries what was tested.
        is_code_too = not utils.is_grade(known.node) or utils.is_solution(known.node)
        for node in own.get(index, ()):
            is_text = is_code_too or node.cell_type != "code"
            yield is_text and not given.issuperset(_lines(node.source))


def _section(question: int, kinds: Sequence[str]) -> tuple[int, int]:
    """Return where a question's section begins and ends, among cells of these kinds.

    It begins with its heading, or behind the exercise before it, and holds the questions that
    follow one another; what stands behind the last exercise and question is of the last section.
    """
    bounds = [index for index, kind in enumerate(kinds) if kind in ("heading", "exercise")]
    start = max((bound for bound in bounds if bound < question), default=0)
    end = min((bound for bound in bounds if bound > question), default=len(kinds))
    is_last = not {"question", "exercise"} & set(kinds[end:])
    return start, len(kinds) if is_last else end


def _kind(node: NotebookNode, handed_out: str) -> str:
    """Return what a cell is for the sections: question, exercise (or its test), heading, or ""."""
    if utils.is_grade(node) and utils.is_solution(node):
        return "question"
    if utils.is_grade(node) or utils.is_solution(node):
        return "exercise"
    is_heading = node.cell_type == "markdown" and _HEADING.search(handed_out)
    return "heading" if is_heading else ""


def _lines(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.splitlines()))
