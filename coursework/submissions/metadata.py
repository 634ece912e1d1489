"""What reading and repair had to say about a notebook, kept in its metadata.

The form is in `annotate`.
"""

from collections.abc import Sequence

from nbformat import NotebookNode

__all__ = [
    "KEY",
    "VERSION",
    "doubt_of",
    "is_readable",
    "mark_doubt",
    "mark_prepared",
    "mark_void",
    "notes_of",
    "void_of",
]

KEY = "coursework"
VERSION = 1


def mark_prepared(
    notebook: NotebookNode, notes: Sequence[str], *, is_readable: bool, digest: str = ""
) -> None:
    """Write into a repaired notebook what reading and repair had to say, and about what."""
    notebook.metadata[KEY] = NotebookNode(
        version=VERSION, notes=list(notes), is_readable=is_readable
    )
    if digest:
        notebook.metadata[KEY].digest = digest


def notes_of(notebook: NotebookNode) -> list[str]:
    """Return what reading and repair had to say about a prepared notebook."""
    return list(notebook.metadata.get(KEY, {}).get("notes", ()))


def is_readable(notebook: NotebookNode) -> bool:
    """Whether the file behind a prepared notebook could be read."""
    return bool(notebook.metadata.get(KEY, {}).get("is_readable", True))


def mark_doubt(cell: NotebookNode, reason: str) -> None:
    """Write into a question's cell why a person decides, although it holds no answer."""
    cell.metadata[KEY] = NotebookNode(doubt=reason)


def mark_void(cell: NotebookNode, reason: str) -> None:
    """Write into a question's cell why it does not count after all."""
    cell.metadata[KEY] = NotebookNode(void=reason)


def void_of(cell: NotebookNode) -> str:
    """Return why a question does not count; "" if it does, or no reason is given."""
    return str(cell.metadata.get(KEY, {}).get("void", ""))


def doubt_of(cell: NotebookNode) -> str:
    """Return why a person decides on a question; "" if its cell is enough."""
    return str(cell.metadata.get(KEY, {}).get("doubt", ""))
