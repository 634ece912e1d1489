"""Find which cell of a submitted notebook is which cell of the lesson.

By its `grade_id`, else by its cell id, else by its content. `answers` finds answers elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils

from coursework.course.cells import grade_id_of
from coursework.course.lesson import Kind
from coursework.course.plain import lesson_of
from coursework.errors import ConfigError

__all__ = ["Known", "is_same", "known_cells", "match", "normal", "positions_of"]


@dataclass(frozen=True)
class Known:
    """A cell of the lesson, as in a graded notebook whose student changed nothing.

    Attributes
    ----------
    kind : Kind
    node : NotebookNode
        A test with its hidden part; of an exercise or question, the stub.
    handed_out : str
        Its source in the student's notebook.
    is_locked : bool
        Whether a student's changes to it are undone.
    """

    kind: Kind
    node: NotebookNode
    handed_out: str
    is_locked: bool

    @property
    def grade_id(self) -> str:
        """Its name in the gradebook; "" if the gradebook does not know it."""
        return grade_id_of(self.node)

    @property
    def label(self) -> str:
        """What notes call it."""
        if self.kind in ("exercise", "question", "test"):
            return f"`{self.grade_id}`"
        start = self.handed_out.strip().partition("\n")[0][:40]
        return f"the cell that begins with “{start}”"


def known_cells(source: NotebookNode, release: NotebookNode) -> tuple[Known, ...]:
    """Return the cells of a lesson: stubs from `release`, everything else from `source`.

    Hints that the release leaves out are not among them: nobody gets them back from grading.

    Raises
    ------
    ConfigError
        The two were not built from the same lesson.
    """
    lesson = lesson_of(source, Path("source"))
    handed_out = {name: node for node in release.cells if (name := grade_id_of(node))}
    ids = {node.id for node in release.cells}
    return tuple(
        _known(cell.kind, node, handed_out)
        for cell, node in zip(lesson.cells, source.cells, strict=True)
        if cell.kind != "hint" or node.id in ids
    )


def _known(kind: Kind, node: NotebookNode, handed_out: dict[str, NotebookNode]) -> Known:
    node = _copied(node)
    if node.cell_type == "code":
        node.outputs, node.execution_count = [], None
    name = grade_id_of(node)
    if not name:
        return Known(kind, node, node.source, is_locked=False)
    if name not in handed_out:
        msg = f"release/ lacks the cell `{name}` of source/: run `coursework build`"
        raise ConfigError(msg)
    stub = handed_out[name].source
    if utils.is_solution(node):
        node.source = stub
    # As nbgrader's ComputeChecksums: an answer with this checksum is not an answer.
    node.metadata.nbgrader.checksum = utils.compute_checksum(node)
    node.metadata.nbgrader.cell_type = node.cell_type
    return Known(kind, node, stub, is_locked=utils.is_locked(node))


def _copied(node: NotebookNode) -> NotebookNode:
    """Return a copy only as deep as needed: `deepcopy` takes longer than an entire repair."""
    metadata = NotebookNode(node.metadata)
    if isinstance(marks := metadata.get("nbgrader"), dict):
        metadata.nbgrader = NotebookNode(marks)
    return NotebookNode(node, metadata=metadata)


def match(cells: Sequence[NotebookNode], knowns: Sequence[Known]) -> list[int | None]:
    """Return for each cell the index of the known cell that it is; None for the student's own."""
    names = {known.grade_id: index for index, known in enumerate(knowns) if known.grade_id}
    ids = {known.node.id: index for index, known in enumerate(knowns)}

    def by_id(cell: NotebookNode) -> int | None:
        index = ids.get(cell.id)
        if index is None:
            return None
        known = knowns[index]
        # A paragraph that was made into code is the student's code, not the paragraph.
        is_other = not known.grade_id and known.node.cell_type != cell.cell_type
        return None if is_other else index

    owners = [names.get(grade_id_of(cell), by_id(cell)) for cell in cells]
    _match_content(cells, knowns, owners)
    return owners


def _match_content(
    cells: Sequence[NotebookNode], knowns: Sequence[Known], owners: list[int | None]
) -> None:
    """Find cells that are as handed out but lack their metadata; each once."""
    free = defaultdict(list)
    for index, known in enumerate(knowns):
        if index not in owners:
            free[known.node.cell_type, normal(known.handed_out)].append(index)
    for position, cell in enumerate(cells):
        found = free.get((cell.cell_type, normal(cell.source)))
        if owners[position] is None and found:
            owners[position] = found.pop(0)


def is_same(first: str, second: str) -> bool:
    """Whether two sources differ at most in spaces at the ends of lines."""
    return first == second or normal(first) == normal(second)


def normal(source: str) -> tuple[str, ...]:
    """Return a source without what nobody sees: trailing spaces and empty lines at its ends."""
    return tuple(line.rstrip() for line in source.strip().splitlines())


def positions_of(owners: Iterable[int | None]) -> dict[int, list[int]]:
    """Return for each known cell its position in the submitted notebook."""
    found = defaultdict(list)
    for position, owner in enumerate(owners):
        if owner is not None:
            found[owner].append(position)
    return found
