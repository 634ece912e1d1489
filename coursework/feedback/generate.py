"""Make the feedback pages of an assignment, through nbgrader's GenerateFeedback."""

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from coursework.course import Course
from coursework.errors import ConfigError, CourseworkError
from coursework.feedback.preprocessors import TEMPLATES

__all__ = ["Generated", "configure", "generate", "graded_notebooks"]

PREPROCESSORS = ("Grades", "HideTests", "DropCopies", "AssemblePage")


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


def configure(config: Config) -> None:
    """Set in nbgrader's configuration how feedback is made; `course_config.py` calls it."""
    package = "coursework.feedback.preprocessors"
    config.GenerateFeedback.preprocessors = [f"{package}.{name}" for name in PREPROCESSORS]
    config.GenerateFeedback.exporter_class = "coursework.feedback.exporter.FeedbackExporter"
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]


def graded_notebooks(
    course: Course, assignment: str, students: Sequence[str] = (), notebook: str = "*"
) -> tuple[Path, ...]:
    """Return the autograded notebooks of an assignment, in order.

    Raises
    ------
    ConfigError
        There are none: nothing is graded, or a name is wrong.
    """
    folder = _course_directory(course)
    found = []
    for student in students or ("*",):
        root = Path(folder.format_path(folder.autograded_directory, student, assignment))
        found += Path(root.anchor).glob(f"{root.relative_to(root.anchor)}/{notebook}.ipynb")
    if not found:
        whose = f" of {', '.join(students)}" if students else ""
        msg = f"{assignment} has no graded notebook{whose}: run `coursework grade {assignment}`"
        raise ConfigError(msg)
    return tuple(sorted(found))


def generate(
    course: Course,
    assignment: str,
    students: Sequence[str] = (),
    notebook: str = "*",
    progress: Callable[[str], None] = lambda _: None,
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
        Hears of each page before it is made.

    Raises
    ------
    ConfigError
        There is nothing to make pages of.
    """
    notebooks = graded_notebooks(course, assignment, students, notebook)
    pages: list[Path] = []
    log, buffer = _log()
    for student in students or ("*",):
        converter = _converter(course, log)
        converter.done, converter.progress = pages.append, progress
        converter.coursedir.assignment_id = assignment
        converter.coursedir.student_id = student
        converter.coursedir.notebook_id = notebook
        try:
            converter.start()
        except NbGraderException:
            # It has tried all, and logged what failed; what has no page is found below.
            continue
    made = tuple(sorted(page for page in pages if page.is_file()))
    return Generated(made, tuple(_missing(notebooks, made, buffer.getvalue())))


class _Generate(GenerateFeedback):
    """nbgrader's own, which says what it does."""

    progress: Callable[[str], None]
    done: Callable[[Path], None]

    def convert_single_notebook(self, notebook_filename: str) -> None:
        path = Path(notebook_filename)
        self.progress(f"{path.parent.parent.name}/{path.stem}")
        super().convert_single_notebook(notebook_filename)
        self.done(Path(self.writer.build_directory) / f"{path.stem}.html")


def _converter(course: Course, log: logging.Logger) -> _Generate:
    config = course.config()
    config.GenerateFeedback.force = True
    folder = _course_directory(course)
    return _Generate(coursedir=folder, config=config, log=log)


def _course_directory(course: Course) -> CourseDirectory:
    return CourseDirectory(root=str(course.root), config=course.config())


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
