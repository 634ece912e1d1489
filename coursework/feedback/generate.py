"""Make the feedback pages of an assignment, through nbgrader's GenerateFeedback."""

import copy
import glob
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from coursework.course import Course
from coursework.errors import ConfigError, CourseworkError
from coursework.settings import Settings, read_settings

__all__ = ["Generated", "generate"]


@dataclass(frozen=True)
class Generated:
    """What was made.

    Attributes
    ----------
    pages : tuple of Path
    errors : tuple of CourseworkError
        Names what has no page, and why.
    """

    pages: tuple[Path, ...]
    errors: tuple[CourseworkError, ...]


Progress = Callable[[int, str], None]
"""Called with the number of pages to make and the page just begun ("" at first)."""


def generate(
    course: Course,
    assignment: str,
    students: Sequence[str] = (),
    notebook: str = "*",
    progress: Progress = lambda _, __: None,
) -> Generated:
    """Make the feedback pages of an assignment anew.

    Parameters
    ----------
    course : Course
    assignment : str
    students : sequence of str
        All who were graded, where none is named.
    notebook : str
        Name of one notebook; all by default.
    progress : callable

    Raises
    ------
    ConfigError
        There is nothing to make pages of: nothing is graded, or a name is wrong.
    """
    settings = read_settings(course.root, assignment)
    patterns = [glob.escape(student) for student in students] or ["*"]
    notebooks = [path for name in patterns for path in _graded(settings, name, notebook)]
    if not notebooks:
        whose = f" of {', '.join(students)}" if students else ""
        msg = f"{assignment} has no graded notebook{whose}: run `coursework grade {assignment}`"
        raise ConfigError(msg)
    pages: list[Path] = []
    log, buffer = _log()
    progress(len(notebooks), "")
    for pattern in patterns:
        converter = _converter(settings, pattern, notebook, log)
        converter.done, converter.begin = pages.append, partial(progress, len(notebooks))
        try:
            converter.start()
        except NbGraderException:
            # It has tried all, and logged what failed; what has no page is found below.
            continue
    made = tuple(sorted(page for page in pages if page.is_file()))
    return Generated(made, tuple(_missing(notebooks, made, buffer.getvalue())))


class _Generate(GenerateFeedback):
    """nbgrader's own, which says what it does."""

    begin: Callable[[str], None]
    done: Callable[[Path], None]

    def convert_single_notebook(self, notebook_filename: str) -> None:
        path = Path(notebook_filename)
        self.begin(f"{path.parent.parent.name}/{path.stem}")
        super().convert_single_notebook(notebook_filename)
        self.done(Path(self.writer.build_directory) / f"{path.stem}.html")


def _graded(settings: Settings, student: str, notebook: str) -> list[Path]:
    course = settings.coursedir
    folder = course.format_path(course.autograded_directory, student, settings.assignment)
    return [Path(path) for path in sorted(glob.glob(f"{folder}/{notebook}.ipynb"))]  # noqa: PTH207


def _converter(settings: Settings, student: str, notebook: str, log: logging.Logger) -> _Generate:
    config = copy.deepcopy(settings.config)
    config.GenerateFeedback.force = True
    settings.coursedir.student_id, settings.coursedir.notebook_id = student, notebook
    return _Generate(coursedir=settings.coursedir, config=config, log=log)


def _missing(
    notebooks: Sequence[Path], pages: Sequence[Path], log: str
) -> Sequence[CourseworkError]:
    made = {(page.parent.parent.name, page.stem) for page in pages}
    wanted = [(path.parent.parent.name, path.stem) for path in notebooks]
    missing = [f"{student}/{name}" for student, name in wanted if (student, name) not in made]
    if not missing:
        return ()
    return (CourseworkError(f"no page was made of {', '.join(missing)}:\n{log}"),)


def _log() -> tuple[logging.Logger, io.StringIO]:
    """Return a log of its own, outside the tree of loggers, kept in memory."""
    buffer = io.StringIO()
    log = logging.Logger("feedback", logging.ERROR)  # noqa: LOG001  (one for each call)
    log.addHandler(logging.StreamHandler(buffer))
    return log, buffer
