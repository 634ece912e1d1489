"""Bring a submitted notebook back to the form of its lesson, keeping all that the student wrote.

Students delete, copy, split, move and edit cells, and some copy their work into a new
notebook. In a repaired notebook every cell that the gradebook knows stands exactly once,
in the lesson's order and with the lesson's grading marks; tests and given code are the
lesson's own. The cells that students added stay behind the cell that they followed. What
students wrote as text is made harmless for the pages that will show it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from coursework.feedback.harmless import TextCleaner
from coursework.matching import Known, defines, is_same, known_cells, match, positions_of
from coursework.submission import empty_notebook

__all__ = ["NOTES_ID", "repair"]

NOTES_ID = "coursework-notes"  # of the cell that annotating a graded notebook adds

_SENTENCES = {
    "missing": "Cells were missing and were put back as handed out: {}.",
    "edited": (
        "Locked cells had been edited and were restored: {}. "
        "Put code of your own into cells of your own."
    ),
    "duplicated": (
        "Cells stood there more than once: {}. The last one with work in it was taken; "
        "the others ran as ordinary cells. Delete copies."
    ),
    "retyped": "Cells had changed between code and text and were changed back: {}.",
    "marks": "The grading marks of cells had been changed and were restored: {}.",
    "recognised": "Cells without their grading marks were recognised by their content: {}.",
    "moved": "Cells had been moved and were brought back to the lesson's order: {}.",
}
_MARKS = ("grade", "solution", "locked", "points", "grade_id")
_KERNEL = ("kernelspec", "language_info")


@dataclass
class _Findings:
    """What was wrong with which cells, to be told in a sentence for each kind of it."""

    cells: dict[str, list[Known]] = field(default_factory=dict)

    def add(self, kind: str, known: Known) -> None:
        # Nobody need be told that a paragraph of text or a scratch cell was put back.
        if known.grade_id:
            self.cells.setdefault(kind, []).append(known)

    def notes(self) -> tuple[str, ...]:
        return tuple(
            sentence.format(", ".join(known.label for known in self.cells[kind]))
            for kind, sentence in _SENTENCES.items()
            if kind in self.cells
        )


def repair(
    submitted: NotebookNode, source: NotebookNode, release: NotebookNode
) -> tuple[NotebookNode, tuple[str, ...]]:
    """Return the repaired notebook, and what was repaired, a sentence each.

    Parameters
    ----------
    submitted : NotebookNode
        As `read_submission` gives it; it is left unchanged.
    source, release : NotebookNode
        The lesson as built for instructors and for students.

    Raises
    ------
    ConfigError
        `source` and `release` were not built from the same lesson.
    """
    knowns = known_cells(source, release)
    findings = _Findings()
    owners = match(submitted.cells, knowns)
    chosen, dropped = _choose(submitted.cells, knowns, positions_of(owners), findings)
    _note_moves(knowns, chosen, findings)
    notebook = empty_notebook()
    notebook.metadata = NotebookNode(
        {key: value for key, value in source.metadata.items() if key in _KERNEL}
    )
    cleaner = TextCleaner({known.grade_id for known in knowns if known.grade_id})
    notebook.cells = list(_laid_out(submitted.cells, knowns, chosen, dropped, findings, cleaner))
    return notebook, findings.notes()


def _choose(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    positions: dict[int, list[int]],
    findings: _Findings,
) -> tuple[dict[int, int], set[int]]:
    """Return which submitted cell stands for which known one, and the copies to be dropped."""
    chosen, dropped = {}, set()
    for index, claims in positions.items():
        known = knowns[index]
        best = _best(cells, claims, known)
        chosen[best] = index
        copies = {
            claim
            for claim in claims
            if claim != best
            and any(is_same(cells[claim].source, text) for text in _worthless(cells[best], known))
        }
        dropped |= copies
        if len(claims) > 1:
            findings.add("duplicated", known)
    return chosen, dropped


def _best(cells: Sequence[NotebookNode], claims: Sequence[int], known: Known) -> int:
    """Return the claim that most likely is the cell: the student's last work in it."""
    if known.kind in ("exercise", "question"):
        written = [i for i in claims if not is_same(cells[i].source, known.handed_out)] or claims
        names = defines(known.handed_out)
        whole = [i for i in written if names and names & defines(cells[i].source)] or written
        return whole[-1]
    untouched = [i for i in claims if is_same(cells[i].source, known.handed_out)]
    original = [i for i in claims if cells[i].id == known.node.id]
    return (untouched or original or claims)[0]


def _worthless(best: NotebookNode, known: Known) -> tuple[str, ...]:
    """Return the sources of which a second copy holds nothing of the student's."""
    return (known.handed_out, known.node.source, best.source)


def _note_moves(knowns: Sequence[Known], chosen: dict[int, int], findings: _Findings) -> None:
    furthest = -1
    for _, index in sorted(chosen.items()):
        if not knowns[index].grade_id:
            continue
        if index < furthest:
            findings.add("moved", knowns[index])
        furthest = max(furthest, index)


def _laid_out(
    cells: Sequence[NotebookNode],
    knowns: Sequence[Known],
    chosen: dict[int, int],
    dropped: set[int],
    findings: _Findings,
    cleaner: TextCleaner,
) -> Iterable[NotebookNode]:
    """Yield the known cells in their order, each followed by what the student put behind it."""
    own: dict[int, list[NotebookNode]] = {}
    submitted = {index: cells[position] for position, index in chosen.items()}
    anchor = -1
    for position, cell in enumerate(cells):
        if position in chosen:
            anchor = chosen[position]
        elif position not in dropped:
            own.setdefault(anchor, []).append(cell)
    taken = {NOTES_ID, *(known.node.id for known in knowns)}
    yield from _owned(own.get(-1, ()), taken, cleaner)
    for index, known in enumerate(knowns):
        if index in submitted:
            yield _restored(known, submitted[index], findings, cleaner)
        else:
            findings.add("missing", known)
            yield known.node
        yield from _owned(own.get(index, ()), taken, cleaner)


def _restored(
    known: Known, cell: NotebookNode, findings: _Findings, cleaner: TextCleaner
) -> NotebookNode:
    """Return the known cell with the student's work in it, where work of theirs belongs."""
    marks, right = (node.metadata.get("nbgrader") for node in (cell, known.node))
    if cell.cell_type != known.node.cell_type:
        findings.add("retyped", known)
    if not isinstance(marks, dict):
        findings.add("recognised", known)
    elif right and any(marks.get(key) != right.get(key) for key in _MARKS if key in marks):
        findings.add("marks", known)
    node = NotebookNode(known.node)
    is_changed = not is_same(cell.source, known.handed_out)
    if known.is_locked:
        # The hidden part shows in a notebook that was graded before and comes in again.
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


def _owned(
    cells: Iterable[NotebookNode], taken: set[str], cleaner: TextCleaner
) -> Iterable[NotebookNode]:
    """Yield cells of the student's own: without grading marks, with ids that are unique."""
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
