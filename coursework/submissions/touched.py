"""What in a notebook was not handed out: answers, and the reader's own cells.

A built notebook itself shows what was changed in it: nbgrader keeps a checksum of each cell that
it knows, and all others have ids that are made from their content. So nothing need be known about
the release that a notebook came from, which may be older than the one at hand.
"""

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader import utils

from coursework.course.cells import grade_id_of
from coursework.course.lesson import from_notebook
from coursework.errors import SubmissionError
from coursework.submissions.matching import normal
from coursework.submissions.read import MAX_FILE_BYTES, parse_submission, short
from coursework.submissions.safe_file import read_untrusted

__all__ = ["UNREADABLE", "cells_as_made", "cells_of_work", "is_as_built", "work_in", "work_in_file"]

UNREADABLE = "what cannot be read"
_BEGINS = {b"<<<<<<<": {0}, b"|||||||": set(), b"=======": {1}, b">>>>>>>": {0, 1}}


def work_in(notebook: NotebookNode, *known: NotebookNode) -> tuple[str, ...]:
    """Return a name for each cell with text that was not handed out, in order.

    Parameters
    ----------
    notebook : NotebookNode
        As `read_submission` gives it.
    *known : NotebookNode
        Their contents count as handed out, too.
    """
    return tuple(map(_name, cells_of_work(notebook, *known)))


def cells_of_work(notebook: NotebookNode, *known: NotebookNode) -> tuple[NotebookNode, ...]:
    """Return those cells themselves; parameters as in `work_in`."""
    made = {_form(cell) for cell in cells_as_made(notebook)}
    texts = made.union(*({_form(cell) for cell in one.cells} for one in known))
    return tuple(
        cell
        for cell in notebook.cells
        if cell.source.strip() and _form(cell) not in texts and not _is_hint(cell)
    )


def work_in_file(path: Path, *known: NotebookNode) -> tuple[str, ...]:
    """Return the same for a file; if Git left a conflict in it, for both sides.

    A file that cannot be read may hold anything: then this is `UNREADABLE`. An empty one holds
    nothing.
    """
    try:
        sides = _sides(read_untrusted(path, MAX_FILE_BYTES))
        notebooks = [parse_submission(side, path.name).notebook for side in sides if side.strip()]
    except SubmissionError:
        return (UNREADABLE,)
    return tuple(dict.fromkeys(name for one in notebooks for name in work_in(one, *known)))


def is_as_built(path: Path, built: Path) -> bool:
    """Whether a notebook has the cells of one that was built, whoever saved it since.

    Outputs, the order of keys and what Jupyter adds to metadata make no difference, nor does an
    empty cell: Jupyter adds one after the last that is run.
    """
    try:
        notebook, other = (
            parse_submission(read_untrusted(one, MAX_FILE_BYTES), one.name).notebook
            for one in (path, built)
        )
    except SubmissionError:
        return False
    return _contents(notebook) == _contents(other)


def _contents(notebook: NotebookNode) -> list[tuple[str, str, object]]:
    return [
        (cell.cell_type, cell.source, cell.metadata.get("nbgrader"))
        for cell in notebook.cells
        if cell.source.strip() or grade_id_of(cell)
    ]


def _sides(content: bytes) -> list[bytes]:
    """Return both sides of a conflict; a file without one is returned as it is."""
    sides: list[list[bytes]] = [[], []]
    open_to = {0, 1}
    for line in content.splitlines(keepends=True):
        if line[:7] in _BEGINS:
            open_to = _BEGINS[line[:7]]
        else:
            for number in open_to:
                sides[number].append(line)
    is_whole = any(line.startswith(b"=======") for line in content.splitlines())
    return [b"".join(side) for side in (sides if is_whole else sides[:1])]


def cells_as_made(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the cells that themselves show that nobody has changed them."""
    bare = [NotebookNode(cell, metadata=NotebookNode()) for cell in notebook.cells]
    lesson = from_notebook(NotebookNode(cells=bare), Path())
    for cell, node in zip(lesson.cells, notebook.cells, strict=True):
        name, made = grade_id_of(node), cell.id.partition("-")[0]
        if _has_checksum(node) if name else node.id.partition("-")[0] == made:
            yield node


def _has_checksum(cell: NotebookNode) -> bool:
    try:
        return utils.compute_checksum(cell) == cell.metadata.nbgrader.checksum
    except (AttributeError, KeyError, TypeError, ValueError):  # the metadata may be anything
        return False


def _is_hint(cell: NotebookNode) -> bool:
    """Whether a cell is a folded hint: its id begins so, and nobody answers in one."""
    return cell.cell_type == "markdown" and cell.id.startswith("hint_")


def _form(cell: NotebookNode) -> tuple[str, tuple[str, ...]]:
    return cell.cell_type, normal(cell.source)


def _name(cell: NotebookNode) -> str:
    start = short(cell.source.strip().partition("\n")[0])
    return f"`{grade_id_of(cell)}`" if grade_id_of(cell) else f"the cell that begins with “{start}”"
