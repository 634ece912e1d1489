"""The hint for a test that has just failed in a reader's notebook.

The kernel starts this as a separate process, see `coursework.check.notebook.hint`, and says what
ran in which order, and which test failed. The notebook is reconstructed from this, and judged as
by `coursework check`.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.layout import Course, find_course
from coursework.course.names import defined_names
from coursework.judge.report import Outcome, Part
from coursework.learner.self_check import check_notebook

__all__ = ["as_run", "hint_for", "main"]


def main() -> int:
    """Read a question as JSON, and write a hint if there is one; say nothing about errors.

    Returns
    -------
    int
        0, or 1 if no answer could be found.
    """
    try:
        question = json.load(sys.stdin)
        hint = hint_for(find_course(), question["test"], question["cells"])
    except Exception:  # noqa: BLE001  (whoever reads why a test failed has enough to read)
        return 1
    sys.stdout.write(hint)
    return 0


def hint_for(course: Course, test: str, cells: Sequence[str]) -> str:
    """Return what grading says about the cause, one sentence or two; "" if nothing.

    Parameters
    ----------
    course : Course
        Built: the test is found in its `release/`.
    test : str
        The test cell that failed, as released.
    cells : sequence of str
        What ran in the notebook, in order.

    Raises
    ------
    CourseworkError
        As in `self_check.check_notebook`.
    """
    for path in sorted(course.release.glob("*/*.ipynb")):
        notebook = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
        name = next((grade_id_of(cell) for cell in notebook.cells if _is_text(cell, test)), None)
        if name:
            return _hint(course, path, as_run(nbformat.read(path, as_version=4), cells), name)
    return ""


def _is_text(cell: NotebookNode, text: str) -> bool:
    return cell.cell_type == "code" and "".join(cell.source).strip() == text.strip()


def _hint(course: Course, path: Path, notebook: NotebookNode, test: str) -> str:
    with tempfile.TemporaryDirectory(prefix="coursework-") as folder:
        copy = Path(folder) / path.parent.name / path.name
        copy.parent.mkdir()
        nbformat.write(notebook, copy)
        report = check_notebook(course, copy, test).report
    return next((text for one in report.outcomes if one.id == test for text in _said(one)), "")


def _said(outcome: Outcome) -> Iterator[str]:
    parts: tuple[Outcome | Part, ...] = outcome.parts or (outcome,)
    failed = [one for one in parts if one.status != "passed"]
    for one in failed:
        yield from one.hints
    yield from (one.diagnosis for one in failed if one.diagnosis)


# -- the notebook


def as_run(released: NotebookNode, cells: Sequence[str]) -> NotebookNode:
    """Return a released notebook with the answers that ran last, and the reader's own cells.

    Parameters
    ----------
    released : NotebookNode
        Is changed.
    cells : sequence of str
        Every cell that ran, in order. In the result, a cell of the reader's own is below the
        lesson's cell that ran before it, unless what it defines was defined anew.
    """
    answers = {
        name: place
        for place, cell in enumerate(released.cells)
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
        for name in defined_names(cell.source)
    }
    given = {cell.source.strip(): place for place, cell in enumerate(released.cells)}
    own: list[tuple[int, str]] = []
    last = -1
    for source in cells:
        names = defined_names(source)
        place = next((answers[name] for name in sorted(names) if name in answers), None)
        place = given.get(source.strip(), place)
        if place is not None:
            last = place
            if place in answers.values():
                released.cells[place].source = source
        elif names:
            own = [(where, text) for where, text in own if not defined_names(text) & names]
            own.append((last, source))
    for where, source in reversed(own):
        released.cells.insert(where + 1, nbformat.v4.new_code_cell(source))
    return released
