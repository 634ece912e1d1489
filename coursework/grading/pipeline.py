"""From a submitted file to a verdict, for one notebook: read, repair, judge.

`nbgrader autograde` and `coursework grade` both work this way, so they give the same marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.lesson import Kind, Lesson
from coursework.course.mistakes import Mistake, mistakes_path, read_mistakes
from coursework.course.plain import lesson_of
from coursework.errors import ConfigError
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome, Report
from coursework.judge.submitted import Beside
from coursework.submissions.beside import handed_out, submitted_beside
from coursework.submissions.locate import Desk
from coursework.submissions.metadata import is_readable, mark_prepared, mark_void, notes_of
from coursework.submissions.read import Submission
from coursework.submissions.releases import kept_releases
from coursework.submissions.repair import repair
from coursework.submissions.update import brought_up_to_date

__all__ = [
    "Material",
    "as_far_as",
    "examine",
    "examine_submitted",
    "lesson_path",
    "notebooks_in",
    "prepare",
    "read_from",
    "read_material",
]


@dataclass(frozen=True)
class Material:
    """A lesson as grading needs it: as data, and as built for instructors and students.

    `siblings` are the names of all notebooks of its assignment, `kept` the releases that students
    got, `files` the files that came with them, `declared` the files that students may submit.
    """

    lesson: Lesson
    source: NotebookNode
    release: NotebookNode
    mistakes: tuple[Mistake, ...] = ()
    siblings: frozenset[str] = frozenset()
    kept: tuple[NotebookNode, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    declared: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """The `grade_id`s by which a submission is recognised as this lesson's."""
        return {cell.id for cell in self.lesson.of_kind("exercise", "test", "question")}

    def beside(self, folder: Path) -> Beside:
        """Return the files beside the notebook that was submitted in a folder."""
        own = submitted_beside(folder, self.lesson.assignment, self.declared)
        return Beside(self.files, own)


def read_material(source: Path, release: Path, name: str, declared: Sequence[str] = ()) -> Material:
    """Read a lesson from the folders `source/A` and `release/A`.

    Parameters
    ----------
    source, release : Path
    name : str
    declared : sequence of str
        Patterns of files that may be submitted beside notebooks, see `beside`.

    Raises
    ------
    ConfigError
        One of the two notebooks is missing or damaged.
    LessonError
        The file of known mistakes is damaged.
    """
    path = source / f"{name}.ipynb"
    ours, theirs = (_read(folder / path.name) for folder in (source, release))
    mistakes = read_mistakes(mistakes_path(lesson_path(source, name)))
    siblings, kept = notebooks_in(source), kept_releases(source, name)
    lesson, files = lesson_of(ours, path), handed_out(release)
    return Material(lesson, ours, theirs, mistakes, siblings, kept, files, tuple(declared))


def lesson_path(source: Path, name: str) -> Path:
    """Return where the text of a lesson is, or would be, of the folder `source/A`."""
    return source.parent.parent / "lessons" / source.name / f"{name}.md"


def notebooks_in(source: Path) -> frozenset[str]:
    """Return the names of an assignment's notebooks, given its folder `source/A`."""
    return frozenset(path.stem for path in source.glob("*.ipynb"))


def read_from(folder: Path, material: Material) -> Submission:
    """Read the notebook of a lesson from a submitted folder, whatever it is called there."""
    desk = Desk(folder, material.siblings, material.lesson.assignment, material.declared)
    return desk.read(material.lesson.name, material.release, material.names)


def _read(path: Path) -> NotebookNode:
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        msg = f"{path} cannot be read: {error}; run `coursework build`"
        raise ConfigError(msg) from error
    # Notebooks of old formats have no ids; the result has the current format.
    notebook.nbformat_minor = nbformat.v4.nbformat_minor
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"lesson-{number}")
    return notebook


def prepare(submission: Submission, material: Material) -> NotebookNode:
    """Repair a submission, and keep in the notebook what there was to say about it."""
    submitted = brought_up_to_date(submission.notebook, material.release, material.kept)
    notebook, repairs = repair(submitted, material.source, material.release)
    # In a file that could not be read every cell is missing: one cause is enough.
    notes = submission.notes + (repairs if submission.is_readable else ())
    mark_prepared(notebook, notes, is_readable=submission.is_readable, digest=submission.digest)
    voids = _voids(material, "question")
    for cell in notebook.cells:
        if grade_id_of(cell) in voids:
            mark_void(cell, voids[grade_id_of(cell)])
    return notebook


def as_far_as(
    test: str, material: Material, notebook: NotebookNode
) -> tuple[Material, NotebookNode]:
    """Return a lesson and a prepared notebook of it up to the last test of an exercise.

    Parameters
    ----------
    test : str
        A test of the exercise.
    """
    cells = material.lesson.cells
    exercise = next(cell.exercise for cell in cells if cell.id == test)
    end = 1 + max(i for i, cell in enumerate(cells) if cell.exercise == exercise)
    lesson = replace(material.lesson, cells=cells[:end])
    later = {cell.id for cell in cells[end:]}
    first = (i for i, cell in enumerate(notebook.cells) if grade_id_of(cell) in later)
    notebook = NotebookNode(notebook | {"cells": notebook.cells[: next(first, None)]})
    known = {cell.exercise for cell in lesson.cells}
    mistakes = tuple(mistake for mistake in material.mistakes if mistake.exercise in known)
    return replace(material, lesson=lesson, mistakes=mistakes), notebook


def examine(
    judge: Judge, material: Material, notebook: NotebookNode, student: str, folder: Path
) -> Report:
    """Judge a prepared notebook; one that could not be read gets 0, with the cause.

    Parameters
    ----------
    judge : Judge
    material : Material
    notebook : NotebookNode
    student : str
    folder : Path
        Where it was submitted, for the files beside it.

    Raises
    ------
    LessonError
        The lesson itself does not run.
    JudgeError
        The judge cannot work.
    """
    if is_readable(notebook):
        found = material.beside(folder)
        report = judge.grade(material.lesson, notebook, student, material.mistakes, beside=found)
        return _without_voids(report, material)
    lesson, cause = material.lesson, " ".join(notes_of(notebook))
    outcomes = (
        Outcome(test.id, test.exercise, 0.0, test.points, "unwritten", cause)
        for test in lesson.of_kind("test")
    )
    return _without_voids(
        Report(student, lesson.assignment, lesson.name, tuple(outcomes)), material
    )


def _without_voids(report: Report, material: Material) -> Report:
    """Return a report in which tests that do not count cost nothing and give nothing."""
    voids = _voids(material, "test")
    outcomes = (
        Outcome(one.id, one.exercise, 0.0, 0.0, "passed", credit=f"Does not count: {reason}")
        if (reason := voids.get(one.id))
        else one
        for one in report.outcomes
    )
    return replace(report, outcomes=tuple(outcomes))


def _voids(material: Material, kind: Kind) -> dict[str, str]:
    """Return the tests or questions that do not count after all, and why."""
    return {cell.id: cell.void for cell in material.lesson.of_kind(kind) if cell.void}


def examine_submitted(
    judge: Judge, material: Material, folder: Path, student: str
) -> tuple[NotebookNode, Report]:
    """Read, repair and judge a submitted notebook; return it prepared, and the report."""
    notebook = prepare(read_from(folder, material), material)
    return notebook, examine(judge, material, notebook, student, folder)
