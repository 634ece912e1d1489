"""Find questions whose answers may stand outside of their cells: on those a person decides.

Students write below an answer's cell, into the question itself, or delete the cell and write
into one of their own. No program can tell whether such a text is the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode
from nbgrader import utils

from coursework.matching import Known, is_same

__all__ = ["BESIDE", "MISSING", "questions_in_doubt"]

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
    for index, known in enumerate(knowns):
        if not _is_question(known):
            continue
        if index not in submitted:
            found[index] = MISSING
        elif is_same(submitted[index].source, known.handed_out) and any(
            _texts(index, knowns, submitted, own)
        ):
            found[index] = BESIDE
    return found


def _is_question(known: Known) -> bool:
    """Whether a person marks what students write there."""
    return utils.is_grade(known.node) and utils.is_solution(known.node)


def _is_marked(known: Known) -> bool:
    return utils.is_grade(known.node) or utils.is_solution(known.node)


def _texts(
    question: int,
    knowns: Sequence[Known],
    submitted: Mapping[int, NotebookNode],
    own: Mapping[int, Sequence[NotebookNode]],
) -> Iterator[bool]:
    """Tell of each cell in a question's section whether text of the student's stands there."""
    start, end = _section(question, knowns)
    given = frozenset(line for known in knowns for line in _lines(known.handed_out))
    for index in range(start, end):
        known, cell = knowns[index], submitted.get(index)
        if cell is not None and known.node.cell_type != "code" and not _is_marked(known):
            yield not given.issuperset(_lines(cell.source))
        # Code behind a test tries what was tested.
        is_code_too = not utils.is_grade(known.node) or utils.is_solution(known.node)
        for node in own.get(index, ()):
            is_text = is_code_too or node.cell_type != "code"
            yield is_text and not given.issuperset(_lines(node.source))


def _section(question: int, knowns: Sequence[Known]) -> tuple[int, int]:
    """Return where a question's section begins and ends.

    It begins with its heading, or behind the exercise before it, and holds the questions that
    follow one another; what stands behind the last exercise and question is of the last section.
    """
    start = next(
        (i for i in range(question, 0, -1) if _is_heading(knowns[i]) or _is_of_exercise(knowns[i])),
        0,
    )
    rest = range(question + 1, len(knowns))
    end = next(
        (i for i in rest if _is_heading(knowns[i]) or _is_of_exercise(knowns[i])), len(knowns)
    )
    is_last = not any(map(_is_marked, knowns[end:]))
    return start, len(knowns) if is_last else end


def _is_heading(known: Known) -> bool:
    return known.node.cell_type == "markdown" and bool(_HEADING.search(known.handed_out))


def _is_of_exercise(known: Known) -> bool:
    return _is_marked(known) and not _is_question(known)


def _lines(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.splitlines()))
