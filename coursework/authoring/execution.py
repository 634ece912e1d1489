"""What executing a solution left in its notebook."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.lesson import Cell, Lesson
from coursework.errors import LessonError

__all__ = ["failures", "has_same_code", "imports_at_execution", "take_outputs", "without_outputs"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")


def failures(lesson: Lesson, executed: NotebookNode) -> list[LessonError]:
    """Return the first error of an executed notebook, if any: later ones may follow from it."""
    for cell, node in zip(lesson.cells, executed.cells, strict=True):
        for output in node.get("outputs", []):
            if output.output_type == "error":
                return [_failure(lesson, cell, output)]
    return []


def _failure(lesson: Lesson, cell: Cell, output: NotebookNode) -> LessonError:
    trace = _COLOURS.sub("", "\n".join(output.traceback))
    # The outermost frame is the cell itself.
    found = _LINE.search(trace)
    offset = int(found[1]) - 1 if found else 0
    text = f"executing it raises {output.ename}: {output.evalue}".rstrip(": ")
    return LessonError(lesson.path, cell.line + offset, text)


def without_outputs(path: Path) -> NotebookNode | None:
    """Read a notebook without what executing it added.

    A file that is not a notebook, as after a merge conflict, gives None: it must be rebuilt.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError):
        return None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def imports_at_execution(path: Path) -> dict[str, str]:
    """Return the digests of the modules of other lessons with which a solution was executed."""
    notebook = without_outputs(path)
    if notebook is None:
        return {}
    return dict(notebook.metadata.get("coursework", {}).get("imports", {}))


def has_same_code(path: Path, other: Path) -> bool:
    """Whether two notebooks differ at most in text and metadata: executing them is the same."""
    one, two = without_outputs(path), without_outputs(other)
    if one is None or two is None:
        return False
    return one.metadata == two.metadata and _unmarked(one) == _unmarked(two)


def _unmarked(notebook: NotebookNode) -> list[tuple[str, dict]]:
    """Return code cells without nbgrader's metadata, which no execution reads."""
    return [
        (cell.source, {key: value for key, value in cell.metadata.items() if key != "nbgrader"})
        for cell in _code(notebook)
    ]


def take_outputs(executed: Path, target: Path) -> None:
    """Put the outputs of an executed notebook into one with the same code."""
    before = nbformat.read(executed, as_version=4)
    after = nbformat.read(target, as_version=4)
    for old, new in zip(_code(before), _code(after), strict=True):
        new.outputs, new.execution_count = old.outputs, old.execution_count
    nbformat.write(after, target)


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
