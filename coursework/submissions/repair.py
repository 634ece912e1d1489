"""Bring a submitted notebook back to the form of its lesson, keeping all that the student wrote.

Students delete, copy, split, move and edit cells, and some copy their work into a new notebook.
A repaired notebook has every cell that the gradebook knows exactly once, in the lesson's order
and with the lesson's grading metadata; tests and given code are the lesson's own. The cells that
students added stay after the cell that they followed. What students wrote as text is made
harmless for the pages that will show it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.submissions.answers import Matched, answers_elsewhere, find_answers, part_merged
from coursework.submissions.definitions import Definitions
from coursework.submissions.findings import Findings
from coursework.submissions.harmless import TextCleaner
from coursework.submissions.matching import Known, is_same, known_cells, match, positions_of
from coursework.submissions.metadata import mark_doubt
from coursework.submissions.questions import BESIDE, questions_in_doubt
from coursework.submissions.read import empty_notebook

__all__ = ["NOTES_ID", "repair"]

NOTES_ID = "coursework-notes"  # of the cell that is added when a graded notebook is annotated

_MARKS = ("grade", "solution", "locked", "points", "grade_id")
_KERNEL = ("kernelspec", "language_info")


@dataclass(frozen=True)
class _Plan:
    """Which submitted cell is which known one, and what happens to the others.

    Attributes
    ----------
    knowns : sequence of Known
    chosen : dict
        Position of a submitted cell → index of the known one.
    dropped : set of int
        Positions of copies without any work of the student's.
    answers : dict
        Index of an exercise whose answer is elsewhere → what to put into its cell.
    """

    knowns: Sequence[Known]
    chosen: dict[int, int]
    dropped: set[int]
    answers: dict[int, str]

    def submitted(self, cells: Sequence[NotebookNode]) -> dict[int, NotebookNode]:
        """Return the submitted cells by the known ones that they are."""
        return {index: cells[position] for position, index in self.chosen.items()}

    def own(self, cells: Sequence[NotebookNode]) -> dict[int, list[NotebookNode]]:
        """Return the student's own cells by the known one that they follow, or -1."""
        own: dict[int, list[NotebookNode]] = {}
        anchor = -1
        for position, cell in enumerate(cells):
            if position in self.chosen:
                anchor = self.chosen[position]
            elif position not in self.dropped:
                own.setdefault(anchor, []).append(cell)
        return own


def repair(
    submitted: NotebookNode, source: NotebookNode, release: NotebookNode
) -> tuple[NotebookNode, tuple[str, ...]]:
    """Return the repaired notebook, and what was repaired, a sentence each.

    Parameters
    ----------
    submitted : NotebookNode
        From `read_submission`; it is left unchanged.
    source, release : NotebookNode
        The lesson as built for instructors and for students.

    Raises
    ------
    ConfigError
        `source` and `release` were not built from the same lesson.
    """
    knowns = known_cells(source, release)
    findings = Findings()
    owners = match(submitted.cells, knowns)
    matched = part_merged(Matched(submitted.cells, knowns, owners, Definitions()))
    cells, homes = matched.cells, find_answers(matched)
    claims = positions_of(homes.owners)
    best = {index: _best(matched, found, knowns[index]) for index, found in claims.items()}
    chosen = {position: index for index, position in best.items()}
    dropped = _copies(cells, knowns, claims, best, findings)
    _note_moves(knowns, chosen, homes.found, findings)
    answers = answers_elsewhere(matched, homes, best)
    for index in sorted({*answers, *homes.adopted}):
        findings.add("elsewhere", knowns[index])
    notebook = empty_notebook()
    notebook.metadata = NotebookNode(
        {key: value for key, value in source.metadata.items() if key in _KERNEL}
    )
    cleaner = TextCleaner({known.grade_id for known in knowns if known.grade_id})
    plan = _Plan(knowns, chosen, dropped, answers)
    doubts = questions_in_doubt(knowns, plan.submitted(cells), plan.own(cells))
    for index, reason in doubts.items():
        if reason == BESIDE:  # it is already reported that its cell was missing
            findings.add("beside", knowns[index])
        mark_doubt(knowns[index].node, reason)
    notebook.cells = list(_laid_out(cells, plan, findings, cleaner))
    return notebook, findings.notes()


def _copies(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    claims: dict[int, list[int]],
    best: dict[int, int],
    findings: Findings,
) -> set[int]:
    """Return the cells that are copies of others, without any work of the student's."""
    dropped = set()
    for index, positions in claims.items():
        known = knowns[index]
        texts = (known.handed_out, known.node.source, cells[best[index]].source)
        dropped |= {
            position
            for position in positions
            if position != best[index]
            and any(is_same(cells[position].source, text) for text in texts)
        }
        if sum(grade_id_of(cells[position]) == known.grade_id for position in positions) > 1:
            findings.add("duplicated", known)
    return dropped


def _best(matched: Matched, claims: Sequence[int], known: Known) -> int:
    """Return the candidate that most likely is the cell: the student's last work in it."""
    cells, names_in = matched.cells, matched.names_in
    if len(claims) == 1:
        return claims[0]
    if known.kind in ("exercise", "question"):
        written = [i for i in claims if not is_same(cells[i].source, known.handed_out)] or claims
        names = names_in(known.handed_out)
        whole = [i for i in written if names & names_in(cells[i].source)] or written
        return whole[-1]
    untouched = [i for i in claims if is_same(cells[i].source, known.handed_out)]
    original = [i for i in claims if cells[i].id == known.node.id]
    return (untouched or original or claims)[0]


def _note_moves(
    knowns: Sequence[Known], chosen: dict[int, int], found: set[int], findings: Findings
) -> None:
    furthest = -1
    for _, index in sorted(chosen.items()):
        if not knowns[index].grade_id or index in found:
            continue
        if index < furthest:
            findings.add("moved", knowns[index])
        furthest = max(furthest, index)


def _laid_out(
    cells: Sequence[NotebookNode], plan: _Plan, findings: Findings, cleaner: TextCleaner
) -> Iterable[NotebookNode]:
    """Yield the known cells in order, each followed by what the student put after it."""
    submitted, own = plan.submitted(cells), plan.own(cells)
    taken = {NOTES_ID, *(known.node.id for known in plan.knowns)}
    yield from _owned(own.get(-1, ()), taken, cleaner)
    for index, known in enumerate(plan.knowns):
        if index in plan.answers:
            yield NotebookNode(known.node, source=plan.answers[index])
        elif index in submitted:
            yield _restored(known, submitted[index], findings, cleaner)
        else:
            findings.add("missing", known)
            yield known.node
        yield from _owned(own.get(index, ()), taken, cleaner)


def _restored(
    known: Known, cell: NotebookNode, findings: Findings, cleaner: TextCleaner
) -> NotebookNode:
    """Return the known cell, with the student's work if it is a cell for that."""
    marks, right = (node.metadata.get("nbgrader") for node in (cell, known.node))
    if cell.cell_type != known.node.cell_type:
        findings.add("retyped", known)
    if not isinstance(marks, dict):
        findings.add("recognised", known)
    elif known not in findings.cells.get("elsewhere", ()) and _differ(marks, right):
        findings.add("marks", known)
    node = NotebookNode(known.node)
    is_changed = not is_same(cell.source, known.handed_out)
    if known.is_locked:
        # The hidden part is visible in a graded notebook that is submitted again.
        if is_changed and not is_same(cell.source, known.node.source):
            findings.add("edited", known)
        return node
    if is_changed:
        node.source = cell.source
    if node.cell_type == "markdown":
        if "attachments" in cell:
            node.attachments = cell.attachments
        if is_changed or "attachments" in cell:
            cleaner.clean(node)
    return node


def _differ(marks: dict[str, Any], right: dict[str, Any] | None) -> bool:
    """Whether the grading metadata of a submitted cell differ from the lesson's."""
    if not right:
        return False
    return any(marks.get(key) != right.get(key) for key in _MARKS if key in marks)


def _owned(
    cells: Iterable[NotebookNode], taken: set[str], cleaner: TextCleaner
) -> Iterable[NotebookNode]:
    """Yield the student's own cells: without grading metadata, with unique ids."""
    for cell in cells:
        tags = {"tags": ["yours"]} if cell.cell_type == "code" else {}
        node = NotebookNode(cell, metadata=NotebookNode(tags))
        if node.cell_type == "code":
            node.outputs, node.execution_count = [], None
        else:
            cleaner.clean(node)
        node.id = _unused(cell.id, cell.source, taken)
        taken.add(node.id)
        yield node


def _unused(cell_id: str, source: str, taken: set[str]) -> str:
    number = 0
    while cell_id in taken:
        digest = hashlib.sha256(f"{number}\n{source}".encode()).hexdigest()[:12]
        cell_id, number = f"own-{digest}", number + 1
    return cell_id
