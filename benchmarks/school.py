"""A course to grade: real lessons, and students who make their known mistakes."""

import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment

from coursework.authoring.source import source_notebook
from coursework.course.cells import grade_id_of
from coursework.course.layout import Course
from coursework.course.lesson import Lesson, read_lesson
from coursework.course.mistakes import Mistake, apply, mistakes_path, read_mistakes
from coursework.judge.judge import Judge

__all__ = ["answers_of", "choose", "empty_class", "make_course", "submit"]

_CONFIG = ("course_config.py", "nbgrader_config.py")
_MISTAKEN, _UNWRITTEN = 0.25, 0.05
_BEYOND = "beyond_limits.json"
_OVER = "The limit is", "was still running"
_DRAWING = 4  # one student in this many adds a figure
_FIGURE = """fig, ax = plt.subplots()
ax.plot(np.sort(np.random.default_rng(0).normal(size=60)), "o")
ax.set(xlabel="rank", ylabel="value", title="What I looked at")
plt.show()"""

# nbgrader's own way of grading, with this course's stubs and folders.
_OWN_STEPS = """
c = get_config()
load_subconfig("course_config.py")
for trait in ("exporter_class", "sanitize_preprocessors", "autograde_preprocessors"):
    del c.Autograde[trait]
# Delays of a busy machine are no student's fault: a late cell would end the class.
c.Execute.timeout = c.Execute.iopub_timeout = 600
"""


def make_course(origin: Course, root: Path, assignment: str, lessons: Collection[str]) -> Course:
    """Build lessons of an assignment in a folder of their own, with a gradebook."""
    course = Course(root)
    (course.lessons / assignment).mkdir(parents=True)
    for path in (origin.lessons / assignment).iterdir():
        if path.name.partition(".")[0] in lessons:
            shutil.copy(path, course.lessons / assignment)
    for name in _CONFIG:
        shutil.copy(origin.root / name, root)
    for path in course.lesson_files(assignment):
        notebook = course.source / assignment / f"{path.stem}.ipynb"
        notebook.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(source_notebook(read_lesson(path)), notebook)
    app = NbGrader()
    app.log_level = "ERROR"
    app.initialize([], root=str(root))
    app.coursedir.assignment_id = assignment
    GenerateAssignment(coursedir=app.coursedir, parent=app).start()
    # nbgrader runs the cells that only draw and time, too.
    with Judge(figures="show") as judge:
        found = {path.stem: _beyond_limits(judge, path) for path in course.lesson_files(assignment)}
    (root / _BEYOND).write_text(json.dumps(found))
    return course


def _beyond_limits(judge: Judge, path: Path) -> list[int]:
    """Return the lines of mistakes that exceed a limit.

    Each grader stops them where it is configured to: nbgrader takes minutes, or the whole
    machine's memory, and then ends the class.
    """
    lesson, found = read_lesson(path), []
    release = nbformat.read(
        path.parents[2] / "release" / lesson.assignment / f"{path.stem}.ipynb", as_version=4
    )
    for mistake in read_mistakes(mistakes_path(path)):
        answers = answers_of(lesson, (mistake,))
        chosen = {name: (wrong or right)[-1] for name, (right, wrong) in answers.items()}
        report = judge.grade(lesson, _answered(release, chosen), "s", explains=False)
        # A cell that only draws or times can exceed a limit where no test does.
        said = [one.message for one in report.outcomes]
        said += [run.error for run in report.runs.values()]
        ended = any(one.status in ("timeout", "died") for one in report.outcomes)
        if ended or any(sign in text for text in said for sign in _OVER):
            found.append(mistake.line)
    return found


def empty_class(origin: Course, root: Path, *, own_steps: bool = False) -> Course:
    """Copy a course without its submissions; with `own_steps`, nbgrader's own steps grade it."""
    left_out = ("submitted", "autograded", "lessons")
    shutil.copytree(origin.root, root, ignore=shutil.ignore_patterns(*left_out))
    if own_steps:
        (root / "nbgrader_config.py").write_text(_OWN_STEPS)
    return Course(root)


def submit(course: Course, origin: Course, assignment: str, students: range) -> None:
    """Let students submit all notebooks of an assignment; each always gives the same answers."""
    beyond = json.loads((origin.root / _BEYOND).read_text())
    for path in origin.lesson_files(assignment):
        lesson = read_lesson(path)
        mistakes = read_mistakes(mistakes_path(path))
        modest = tuple(one for one in mistakes if one.line not in beyond[path.stem])
        answers = answers_of(lesson, modest)
        release = nbformat.read(origin.release / assignment / f"{path.stem}.ipynb", as_version=4)
        for number in students:
            chosen = choose(answers, np.random.default_rng([number, len(lesson.cells)]))
            folder = course.root / "submitted" / f"student-{number:04}" / assignment
            folder.mkdir(parents=True, exist_ok=True)
            notebook = _answered(release, chosen)
            if number % _DRAWING == 0:
                notebook.cells.append(new_code_cell(_FIGURE))
            text = nbformat.writes(notebook)
            (folder / path.with_suffix(".ipynb").name).write_text(text, encoding="utf-8")


def answers_of(
    lesson: Lesson, mistakes: tuple[Mistake, ...]
) -> dict[str, tuple[list[str], list[str]]]:
    """Return for each exercise the cells that are right, and those with known mistakes."""
    answers = {cell.exercise: ([cell.source], []) for cell in lesson.of_kind("exercise")}
    for mistake in mistakes:
        right, wrong = answers[mistake.exercise]
        (right if mistake.right else wrong).append(apply(mistake, right[0]))
    return answers


def choose(
    answers: dict[str, tuple[list[str], list[str]]], rng: np.random.Generator
) -> dict[str, str]:
    """Choose a student's cells: most are right, some hold a mistake, a few stay unwritten."""
    return dict(_chosen(answers, rng))


def _chosen(
    answers: dict[str, tuple[list[str], list[str]]], rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    for exercise, (right, wrong) in answers.items():
        luck = rng.uniform()
        if luck < _UNWRITTEN:
            continue
        pool = wrong if wrong and luck < _UNWRITTEN + _MISTAKEN else right
        yield exercise, pool[rng.integers(len(pool))]


def _answered(release: NotebookNode, chosen: dict[str, str]) -> NotebookNode:
    cells = [
        NotebookNode(cell, source=chosen.get(grade_id_of(cell), cell.source))
        for cell in release.cells
    ]
    return NotebookNode(release, cells=cells)
