"""Show the solution of an exercise, and put its stub back."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.regions import solved
from coursework.errors import WorkError
from coursework.grading.pipeline import prepare, read_material
from coursework.learner.notebook import cells_called, read_own, read_released, write_own
from coursework.learner.place import Place, writing
from coursework.learner.results import forget
from coursework.learner.tasks import Task
from coursework.submissions.matching import is_same
from coursework.submissions.read import read_submission

__all__ = ["Reset", "is_attempted", "reset", "solution"]


def is_attempted(place: Place, task: Task) -> bool:
    """Whether the reader's notebook holds an answer, wherever in it grading finds it.

    Raises
    ------
    WorkError
        The lesson is not begun, or the notebook cannot be read.
    """
    read_own(place, task.lesson)
    assignment, _, name = task.lesson.partition("/")
    trees = place.course.source / assignment, place.course.release / assignment
    material = read_material(*trees, name)
    prepared = prepare(read_submission(place.own(task.lesson)), material)
    (stub,) = cells_called(material.release, task.name)
    return any(not is_same(cell.source, stub.source) for cell in cells_called(prepared, task.name))


def solution(place: Place, task: Task, *, is_now: bool = False) -> str:
    """Return the solution of an exercise, or the model answer to a question.

    Parameters
    ----------
    place : Place
    task : Task
    is_now : bool
        Whether to show it even before an attempt.

    Raises
    ------
    WorkError
        There has been no attempt yet.
    """
    if not is_now and not (place.is_begun(task.lesson) and is_attempted(place, task)):
        again = f"coursework show {task.lesson} {task.name} --now"
        own = place.shown(place.own(task.lesson))
        msg = f"{task.name} is not attempted in {own}: try it first, or run `{again}`"
        raise WorkError(msg)
    path = place.course.source / f"{task.lesson}.ipynb"
    try:
        source = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise WorkError(
            f"{place.shown(path)} cannot be read: run `coursework build {task.lesson}`"
        ) from error
    return solved(next(iter(cells_called(source, task.name))).source).strip("\n")


# -- reset


@dataclass(frozen=True)
class Reset:
    """What putting a stub back did.

    Attributes
    ----------
    kept : Path or None
        Where the answer is kept; None if there was none.
    is_elsewhere : bool
        Whether another cell still answers the exercise.
    """

    kept: Path | None
    is_elsewhere: bool = False


def reset(place: Place, task: Task) -> Reset:
    """Put the stub of an exercise back into the reader's notebook, and keep the answer.

    Raises
    ------
    WorkError
        The lesson is not begun, or something cannot be read or written.
    """
    notebook, release = read_own(place, task.lesson), read_released(place, task.lesson)
    (stub,) = cells_called(release, task.name)
    cells = cells_called(notebook, task.name)
    written = [cell.source for cell in cells if not is_same(cell.source, stub.source)]
    if cells and not written:
        return Reset(None, is_attempted(place, task))
    kept = _keep(place, task, stub, written) if written else None
    for cell in cells:
        cell.source = stub.source
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if not cells:
        _put_back(notebook, release, stub)
    write_own(place, task.lesson, notebook)
    forget(place, task.lesson, task.name)
    return Reset(kept, is_attempted(place, task))


def _keep(place: Place, task: Task, stub: NotebookNode, written: list[str]) -> Path:
    path = place.kept(task.lesson, task.name, ".py" if stub.cell_type == "code" else ".md")
    with writing(path) as part:
        part.write_bytes(("\n\n\n".join(written) + "\n").encode(errors="backslashreplace"))
    return path


def _put_back(notebook: NotebookNode, release: NotebookNode, stub: NotebookNode) -> None:
    """Insert a missing cell after the nearest one that precedes it in the lesson."""
    before = [grade_id_of(cell) or cell.id for cell in release.cells[: release.cells.index(stub)]]
    names = [grade_id_of(cell) or cell.id for cell in notebook.cells]
    places = [names.index(name) for name in before if name in names]
    notebook.cells.insert(max(places, default=-1) + 1, stub)
