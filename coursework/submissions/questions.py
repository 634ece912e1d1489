"""Find questions whose answers may be outside their cells: a person decides on those.

Students write below an answer's cell, into the question itself, or delete the cell and write into
one of their own. No program can tell whether such a text is the answer.
"""

from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode
from nbgrader import utils

from coursework.course.sections import kind_of, section_of
from coursework.submissions.matching import Known, is_same

__all__ = ["BESIDE", "MISSING", "questions_in_doubt"]

MISSING = (
    "The cell of this answer was missing, so a person looks for the answer elsewhere in the "
    "notebook."
)
BESIDE = (
    "The cell of this answer was left as handed out, but there is other text near it: a person "
    "decides whether that is the answer."
)


def questions_in_doubt(
    knowns: Sequence[Known],
    submitted: Mapping[int, NotebookNode],
    own: Mapping[int, Sequence[NotebookNode]],
) -> dict[int, str]:
    """Return the questions without an answer in their cell that may have one elsewhere, and why.

    Parameters
    ----------
    knowns : sequence of Known
    submitted : mapping
        Index of a known cell → the submitted cell that it is.
    own : mapping
        Index of a known cell, or -1 → the student's own cells after it.
    """
    found = {}
    kinds = [kind_of(known.node, known.handed_out) for known in knowns]
    for index, known in enumerate(knowns):
        if kinds[index] != "question":
            continue
        if index not in submitted:
            found[index] = MISSING
        elif is_same(submitted[index].source, known.handed_out) and any(
            _texts(section_of(index, kinds), knowns, submitted, own)
        ):
            found[index] = BESIDE
    return found


def _texts(
    section: tuple[int, int],
    knowns: Sequence[Known],
    submitted: Mapping[int, NotebookNode],
    own: Mapping[int, Sequence[NotebookNode]],
) -> Iterator[bool]:
    """Find for each cell in a question's section whether it holds text of the student's."""
    given = frozenset(line for known in knowns for line in _lines(known.handed_out))
    for index in range(*section):
        known, cell = knowns[index], submitted.get(index)
        is_marked = utils.is_grade(known.node) or utils.is_solution(known.node)
        if cell is not None and known.node.cell_type != "code" and not is_marked:
            yield not given.issuperset(_lines(cell.source))
        # Code after a test tries what was tested.
        is_code_too = not utils.is_grade(known.node) or utils.is_solution(known.node)
        for node in own.get(index, ()):
            is_text = is_code_too or node.cell_type != "code"
            yield is_text and not given.issuperset(_lines(node.source))


def _lines(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.splitlines()))
