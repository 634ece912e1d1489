"""Checks readers' notebooks one after another, and keeps what that takes."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.course.layout import Course
from coursework.course.lesson import Lesson
from coursework.errors import ConfigError
from coursework.grading.pipeline import Material, as_far_as, examine, prepare, read_material
from coursework.judge.judge import Judge
from coursework.judge.libraries import libraries_of
from coursework.judge.report import Report
from coursework.nbgrader_bridge.settings import Settings, read_settings
from coursework.sandbox.forkserver_client import PRELOAD
from coursework.submissions.beside import files_below
from coursework.submissions.metadata import is_readable, notes_of
from coursework.submissions.read import read_submission
from coursework.submissions.releases import FOLDER

__all__ = ["Change", "Checked", "Checker", "lesson_of_file"]


Change = Callable[[NotebookNode], NotebookNode]


@dataclass(frozen=True)
class Checked:
    """What checking a notebook found.

    Attributes
    ----------
    report : Report
    notes : tuple of str
        What was repaired first.
    by_hand : float
        Points of questions, which a person marks.
    """

    report: Report
    notes: tuple[str, ...]
    by_hand: float

    @property
    def is_full(self) -> bool:
        """Whether the tests give all points."""
        return self.report.points == self.report.max_points


class Checker:
    """Checks notebooks one after another, keeping what it has read and started.

    Later changes to the course are read again, but not its configuration.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._settings: dict[str, Settings] = {}
        self._materials: dict[tuple[str, str], tuple[object, Material]] = {}
        self._judges: dict[str, Judge] = {}

    def check(self, path: Path, test: str = "", change: Change = lambda same: same) -> Checked:
        """Check a notebook; parameters and errors as in `self_check.check_notebook`.

        Parameters
        ----------
        path : Path
        test : str
        change : callable
            Gets the notebook as it was read, and returns what to judge.
        """
        assignment, name = lesson_of_file(self._course, path)
        judge = self._judge(assignment)
        material = self._material(assignment, name)
        _start(judge, material.lesson)
        read = read_submission(path, material.names)
        submission = replace(read, notebook=change(read.notebook)) if read.is_readable else read
        notebook = prepare(submission, material)
        if test and is_readable(notebook):
            material, notebook = as_far_as(test, material, notebook)
        report = examine(judge, material, notebook, "reader", path.parent)
        return Checked(report, tuple(notes_of(notebook)), _by_hand(material))

    def _of(self, assignment: str) -> Settings:
        if assignment not in self._settings:
            self._settings[assignment] = read_settings(self._course.root, assignment)
        return self._settings[assignment]

    def _judge(self, assignment: str) -> Judge:
        options = self._of(assignment).judge_options | {"figures": "none"}
        if (key := repr(options)) not in self._judges:
            self._judges[key] = Judge(**options)
        return self._judges[key]

    def _material(self, assignment: str, name: str) -> Material:
        trees = self._course.source / assignment, self._course.release / assignment
        state = self._state(assignment, name)
        if self._materials.get((assignment, name), (None,))[0] != state:
            material = read_material(*trees, name, self._of(assignment).declared)
            self._materials[assignment, name] = state, material
        return self._materials[assignment, name][1]

    def _state(self, assignment: str, name: str) -> list[tuple[str, int]]:
        """Return what changes as soon as a file of the lesson may have changed."""
        course = self._course
        folders = (course.release / assignment, course.source / assignment)
        kept = course.root / FOLDER / assignment / name
        lesson = (course.lessons / assignment).glob(f"{name}.*")
        files = [path for folder in (*folders, kept) for path in files_below(folder)]
        return [(str(path), path.stat().st_mtime_ns) for path in (*files, *lesson)]

    def close(self) -> None:
        """End the judges, and what they have started."""
        for judge in self._judges.values():
            judge.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _start(judge: Judge, lesson: Lesson) -> None:
    """Start a judge; while its forkserver imports what the lesson uses, so does this process."""
    modules = (*PRELOAD, *libraries_of(lesson))
    importing = threading.Thread(target=_import_all, args=(modules,))
    importing.start()
    try:
        judge.start(lesson)
    finally:
        importing.join()  # nothing may see half a module


def _import_all(modules: Sequence[str]) -> None:
    for name in modules:
        with suppress(ImportError):  # whatever needs it will say so
            import_module(name)


def lesson_of_file(course: Course, path: Path) -> tuple[str, str]:
    """Return the lesson whose cells a notebook holds, else the one with its name.

    Raises
    ------
    ConfigError
        The notebook belongs to no lesson of the course.
    """
    submission = read_submission(path)
    ids = _ids(submission.notebook)
    own = course.source / path.resolve().parent.name / f"{path.stem}.ipynb"
    if ids and own.is_file() and ids <= _ids(nbformat.read(own, as_version=4)):
        return own.parent.name, own.stem
    best, found = (0, False, False), None
    for source in sorted(course.source.glob("*/*.ipynb")):
        likeness = (
            len(ids & _ids(nbformat.read(source, as_version=4))),
            source.stem == path.stem,
            source.parent.name == path.resolve().parent.name,
        )
        if likeness[:2] > (0, False) and likeness > best:
            best, found = likeness, (source.parent.name, source.stem)
    if found is None:
        why = " ".join(submission.notes) or "it holds no cell of one."
        msg = f"{path} belongs to no lesson in {course.source}: {why}"
        raise ConfigError(msg)
    return found


def _ids(notebook: NotebookNode) -> set[str]:
    return {name for cell in notebook.cells if (name := grade_id_of(cell))}


def _by_hand(material: Material) -> float:
    return sum(cell.points for cell in material.lesson.of_kind("question") if not cell.void)
