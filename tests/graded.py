"""A graded submission made by hand: an autograded notebook and its gradebook."""

import base64
import io
import shutil
import tempfile
from dataclasses import asdict
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from PIL import Image

from coursework.course.layout import Course
from coursework.feedback.generate import generate
from coursework.judge.report import Outcome

__all__ = [
    "exercise",
    "given",
    "make_course",
    "page_of",
    "png",
    "question",
    "verdict",
    "write_graded",
]

_ROOT = Path(__file__).parent.parent


def make_course(root: Path) -> Course:
    """Return an empty course with the configuration of the real one."""
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copyfile(_ROOT / name, root / name)
    (root / "gradebook.db").write_bytes(_empty_gradebook())
    return Course(root)


@cache
def _empty_gradebook() -> bytes:
    """Return a new gradebook; nbgrader takes a second to make one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        Gradebook(f"sqlite:///{path}").close()
        return path.read_bytes()


def page_of(course: Course, student: str = "solved") -> str:
    """Make the feedback page of a student and return it."""
    made = generate(course, "tiny", [student])
    assert made.errors == ()
    return made.pages[0].read_text(encoding="utf-8")


def png(width: int = 3, height: int = 2) -> str:
    """Return a black picture as notebooks hold it."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def given(source: str, outputs: list[NotebookNode] | None = None) -> NotebookNode:
    """Return a locked code cell."""
    marks = {"grade_id": "given", "grade": False, "solution": False, "locked": True}
    return _code(source, outputs, marks)


def exercise(name: str, source: str, outputs: list[NotebookNode] | None = None) -> NotebookNode:
    """Return a student's cell."""
    marks = {"grade_id": name, "grade": False, "solution": True, "locked": False}
    return _code(source, outputs, marks)


def verdict(
    outcome: Outcome, source: str, outputs: list[NotebookNode] | None = None
) -> NotebookNode:
    """Return a test cell with the judge's verdict in its output."""
    marks = {"grade_id": outcome.id, "grade": True, "solution": False, "locked": True}
    shown = new_output(
        "display_data", {"text/plain": outcome.message}, metadata={"coursework": asdict(outcome)}
    )
    outputs = [shown] if outputs is None else outputs
    return _code(source, outputs, {**marks, "points": outcome.max_points})


def question(name: str, answer: str, points: float) -> NotebookNode:
    """Return an answer that a person grades."""
    marks = {"grade_id": name, "grade": True, "solution": True, "locked": False, "points": points}
    return new_markdown_cell(answer, metadata={"nbgrader": _full(marks, "markdown")})


def write_graded(
    course: Course,
    cells: list[NotebookNode],
    student: str = "solved",
    manual: dict[str, tuple[float, str]] | None = None,
    notes: tuple[str, ...] = (),
) -> Path:
    """Write an autograded notebook and its grades; return the notebook's path.

    Parameters
    ----------
    manual : dict
        Score and comment by question.
    notes : tuple of str
        Of repair.
    """
    path = course.root / "autograded" / student / "tiny" / "lesson.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"coursework": {"notes": list(notes)}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        _add_cells(gradebook, cells)
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission("tiny", student)
        for cell in cells:
            _set_grade(gradebook, cell, student, manual or {})
        gradebook.db.commit()
    return path


def _code(
    source: str, outputs: list[NotebookNode] | None, marks: dict[str, object]
) -> NotebookNode:
    metadata = {"nbgrader": _full(marks, "code")}
    return new_code_cell(source, outputs=outputs or [], metadata=metadata)


def _full(marks: dict[str, object], kind: str) -> dict[str, object]:
    return {**marks, "task": False, "schema_version": 3, "cell_type": kind}


def _add_cells(gradebook: Gradebook, cells: list[NotebookNode]) -> None:
    gradebook.update_or_create_assignment("tiny")
    gradebook.update_or_create_notebook("lesson", "tiny")
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        place = (marks.get("grade_id"), "lesson", "tiny")
        if marks.get("grade"):
            gradebook.update_or_create_grade_cell(
                *place, max_score=marks["points"], cell_type=cell.cell_type
            )
        if marks.get("solution"):
            gradebook.update_or_create_solution_cell(*place)
    gradebook.db.commit()


def _set_grade(
    gradebook: Gradebook, cell: NotebookNode, student: str, manual: dict[str, tuple[float, str]]
) -> None:
    marks = cell.metadata.get("nbgrader", {})
    if not marks.get("grade"):
        return
    name = marks["grade_id"]
    grade = gradebook.find_grade(name, "lesson", "tiny", student)
    if not marks["solution"]:
        found = [output.metadata["coursework"] for output in cell.outputs if "data" in output]
        grade.auto_score = found[0]["points"] if found else 0
        grade.needs_manual_grade = False
    elif name in manual:
        grade.manual_score, text = manual[name]
        grade.needs_manual_grade = False
        gradebook.find_comment(name, "lesson", "tiny", student).manual_comment = text
