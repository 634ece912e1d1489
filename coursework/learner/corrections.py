"""Bring a corrected lesson into a reader's notebook: what they wrote stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from coursework.course.cells import grade_id_of, nbgrader_of
from coursework.learner.notebook import keep_copy, read_own, read_released, write_own
from coursework.learner.place import Place
from coursework.learner.start import is_answered
from coursework.submissions.matching import Known, is_same, known_cells, match, normal
from coursework.submissions.read import read_submission
from coursework.submissions.releases import keep_release, kept_releases, origin_of
from coursework.submissions.touched import cells_as_made
from coursework.submissions.update import brought_up_to_date

__all__ = ["Correction", "update"]

_Form = tuple[str, object, tuple[str, ...]]


@dataclass(frozen=True)
class Correction:
    """What an update did to a notebook.

    Attributes
    ----------
    lesson : str
    changed, gone : tuple of str
        Names of the cells that are new or have changed, and of those that are gone.
    kept : Path
        A copy of the notebook as it was.
    """

    lesson: str
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    kept: Path


def update(place: Place, key: str) -> Correction | None:
    """Bring the notebook of a lesson up to date; return None if it is.

    Answers and the reader's own cells stay; changes to locked cells are undone.

    Raises
    ------
    WorkError
        The lesson is not begun, or something cannot be read or written.
    ConfigError
        What was handed out earlier cannot be read, or kept.
    """
    notebook, release = read_own(place, key), read_released(place, key)
    kept = _releases(place, key, release)
    origin = origin_of(notebook, release, kept)
    if origin is release:
        return None
    changed, gone = _differences(origin, release)
    before = set(map(_form, known_cells(origin, origin)))
    current = brought_up_to_date(notebook, release, kept)
    updated = _laid_out(current.cells, known_cells(release, release), before)
    copy = keep_copy(place, key)
    write_own(place, key, NotebookNode(notebook, cells=updated))
    if not is_answered(place, key):
        keep_release(_source(place, key), place.release(key))
    return Correction(key, changed, gone, copy)


def _source(place: Place, key: str) -> Path:
    return place.course.source / key.partition("/")[0]


def _releases(place: Place, key: str, release: NotebookNode) -> list[NotebookNode]:
    """Return what was handed out earlier; if nobody kept it, what the notebook reveals about it."""
    kept = list(kept_releases(_source(place, key), key.partition("/")[2]))
    own = read_submission(place.own(key)).notebook
    made = {cell.id: cell for cell in cells_as_made(own)}
    known = {
        (cell.cell_type, normal(cell.source)) for one in (release, *kept) for cell in one.cells
    }
    if all((cell.cell_type, normal(cell.source)) in known for cell in made.values()):
        return kept
    stubs = {grade_id_of(cell): cell for cell in release.cells if grade_id_of(cell)}
    cells = [made.get(cell.id) or stubs.get(grade_id_of(cell)) for cell in own.cells]
    return [*kept, NotebookNode(own, cells=[cell for cell in cells if cell])]


def _differences(
    origin: NotebookNode, release: NotebookNode
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    old, new = (known_cells(one, one) for one in (origin, release))
    before, after = (set(map(_form, cells)) for cells in (old, new))
    names = {known.grade_id for known in new}
    changed = tuple(known.label for known in new if _form(known) not in before)
    gone = (
        known.label
        for known in old
        if _form(known) not in after and known.grade_id not in names - {""}
    )
    return changed, tuple(gone)


def _form(known: Known) -> _Form:
    points = nbgrader_of(known.node).get("points")
    return known.grade_id, points, normal(known.handed_out)


def _laid_out(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], before: Collection[_Form]
) -> list[NotebookNode]:
    """Return the cells of the release in order, each with the reader's own after it.

    A cell that was there before keeps its outputs.
    """
    owners = match(cells, knowns)
    chosen: dict[int, NotebookNode] = {}
    own: dict[int, list[NotebookNode]] = {}
    last = -1
    for cell, index in zip(cells, owners, strict=True):
        if index is not None and index not in chosen:
            chosen[index], last = cell, index
        elif index is None or not is_same(cell.source, knowns[index].handed_out):
            own.setdefault(last, []).append(cell)
    groups = [
        [_current(known, chosen.get(index), before), *map(_owned, own.get(index, ()))]
        for index, known in enumerate(knowns)
    ]
    return [*map(_owned, own.get(-1, ())), *(cell for group in groups for cell in group)]


def _current(known: Known, cell: NotebookNode | None, before: Collection[_Form]) -> NotebookNode:
    """Return a cell of the release, with the reader's text and outputs where they belong."""
    node = NotebookNode(known.node, source=known.handed_out)
    if cell is None or cell.cell_type != node.cell_type:
        return node
    is_changed = not is_same(cell.source, known.handed_out)
    if is_changed and known.is_locked:
        return node
    if is_changed:
        node.source = cell.source
    for key in ("outputs", "execution_count", "attachments"):
        if key in cell and (is_changed or _form(known) in before):
            node[key] = cell[key]
    return node


def _owned(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the reader's own: a unique id, and no grading metadata."""
    metadata = {key: one for key, one in cell.metadata.items() if key != "nbgrader"}
    is_named = bool(grade_id_of(cell))
    return NotebookNode(
        cell, id=new_code_cell().id if is_named else cell.id, metadata=NotebookNode(metadata)
    )
