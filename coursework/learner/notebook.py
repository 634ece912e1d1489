"""A reader's own notebook: read in full, outputs included, and written as Jupyter does."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.errors import WorkError
from coursework.learner.place import Place, writing

__all__ = ["cells_called", "keep_copy", "read_own", "read_released", "write_own"]

_CURRENT = 4


def read_own(place: Place, key: str) -> NotebookNode:
    """Read the reader's notebook of a lesson, with everything in it.

    Raises
    ------
    WorkError
        The lesson is not begun, or the notebook cannot be read.
    """
    path = place.own(key)
    if not place.is_begun(key):
        raise WorkError(f"{place.shown(path)} is not there: `coursework start {key}` puts it there")
    return _read(path, place.shown(path), f"`coursework start {key}`")


def read_released(place: Place, key: str) -> NotebookNode:
    """Read the notebook of a lesson as it is handed out.

    Raises
    ------
    WorkError
        It cannot be read.
    """
    path = place.release(key)
    return _read(path, place.shown(path), f"`coursework build {key}`")


def _read(path: Path, shown: str, remedy: str) -> NotebookNode:
    try:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        if notebook.nbformat != _CURRENT:
            raise WorkError(f"{shown} has an old format: open it in JupyterLab and save it")
        for number, cell in enumerate(notebook.cells):
            cell.setdefault("id", f"lesson-{number}")
            _ = cell.source + cell.cell_type, cell.metadata.keys()
    except OSError as error:
        raise WorkError(
            f"{shown} cannot be read: {error.strerror}; give yourself the right to"
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if hasattr(error, "lineno") else ""
        msg = f"{shown} is damaged{line}: mend it, or move it away and run {remedy}"
        raise WorkError(msg) from error
    return notebook


def write_own(place: Place, key: str, notebook: NotebookNode) -> None:
    """Write the reader's notebook of a lesson, whole or not at all.

    Raises
    ------
    WorkError
        It cannot be written.
    """
    with writing(place.own(key).resolve()) as part:
        # As Jupyter does; but what UTF-8 cannot encode stays escaped.
        part.write_bytes(f"{nbformat.v4.writes(notebook)}\n".encode(errors="backslashreplace"))


def keep_copy(place: Place, key: str) -> Path:
    """Keep a copy of the reader's notebook as it is now; return its path.

    Raises
    ------
    WorkError
        It cannot be written.
    """
    path = place.own(key)
    copy = place.kept(key, path.stem, path.suffix)
    with writing(copy) as part:
        part.write_bytes(path.read_bytes())
    return copy


def cells_called(notebook: NotebookNode, name: str) -> list[NotebookNode]:
    """Return the cells with this `grade_id`: several if a reader has copied one."""
    return [cell for cell in notebook.cells if grade_id_of(cell) == name]
