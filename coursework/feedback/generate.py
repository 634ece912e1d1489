"""Make the feedback pages of an assignment, through nbgrader's GenerateFeedback."""

import copy
import glob
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback

from coursework.course.layout import Course
from coursework.errors import ConfigError, CourseworkError
from coursework.gradebook.write import open_book
from coursework.nbgrader_bridge.settings import Settings, read_settings
from coursework.submissions.safe_file import printable

__all__ = ["Generated", "generate"]


@dataclass(frozen=True)
class Generated:
    """What was made.

    Attributes
    ----------
    pages : tuple of Path
    errors : tuple of CourseworkError
        One for each submission that has no pages, with the reason.
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
        All who were graded, if none is named.
    notebook : str
        Name of one notebook; all by default.
    progress : callable

    Raises
    ------
    ConfigError
        There is nothing to make pages from: nothing is graded, or a name is wrong; or the
        gradebook cannot be used.
    """
    settings = read_settings(course.root, assignment)
    patterns = [glob.escape(student) for student in students] or ["*"]
    notebooks = [path for name in patterns for path in _graded(settings, name, notebook)]
    if not notebooks:
        whose = f" of {', '.join(students)}" if students else ""
        msg = f"{assignment} has no graded notebook{whose}: run `coursework grade {assignment}`"
        raise ConfigError(msg)
    pages: list[Path] = []
    progress(len(notebooks), "")
    converter = _converter(settings, notebook)
    converter.wanted = notebooks
    converter.done, converter.begin = pages.append, partial(progress, len(notebooks))
    with open_book(settings.db_url, settings.course_id, assignment):
        converter.start()
    made = tuple(sorted(page for page in pages if page.is_file()))
    return Generated(made, tuple(converter.errors))


class _Generate(GenerateFeedback):
    """nbgrader's own, which reports progress, and continues if a submission fails."""

    wanted: Sequence[Path]
    begin: Callable[[str], None]
    done: Callable[[Path], None]

    def __init__(self, **options: Any) -> None:
        self._reasons = _Reasons()
        # A log of its own, outside the tree of loggers.
        log = logging.Logger("feedback", logging.ERROR)  # noqa: LOG001  (one for each call)
        log.addHandler(self._reasons)
        super().__init__(log=log, **options)
        self.errors: list[CourseworkError] = []

    def init_notebooks(self) -> None:
        """Take the requested notebooks: a student's name is never a pattern."""
        self.assignments: dict[str, list[str]] = {}
        for path in self.wanted:
            self.assignments.setdefault(str(path.parent), []).append(str(path))

    def convert_notebooks(self) -> None:
        """Convert each student's notebooks separately: what ends one ends no other."""
        for folder, found in sorted(self.assignments.items()):
            self.assignments = {folder: found}
            try:
                super().convert_notebooks()
            except Exception as error:  # noqa: BLE001  (whatever lies in the way of one student)
                self.errors.append(self._failure(Path(folder), self._reasons.last or str(error)))
                self._reasons.last = ""

    def _failure(self, folder: Path, reason: str) -> CourseworkError:
        target = self._format_dest(self.coursedir.assignment_id, folder.parent.name)
        where, why = (printable(" ".join(text.split())) for text in (f"{folder}", reason))
        return CourseworkError(
            f"{where} has no pages: {why}; mend it, or what is in the way at {printable(target)}"
        )

    def convert_single_notebook(self, notebook_filename: str) -> None:
        path = Path(notebook_filename)
        self.begin(f"{path.parent.parent.name}/{path.stem}")
        super().convert_single_notebook(notebook_filename)
        self.done(Path(self.writer.build_directory) / f"{path.stem}.html")


class _Reasons(logging.Handler):
    """Keeps the first error of a conversion: nbgrader logs it, with its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if not self.last and message.startswith("Traceback"):
            # A database error names its statement below the error, in brackets.
            lines = (line for line in message.splitlines() if line[:1] not in (" ", "[", "("))
            *_, self.last = lines


def _graded(settings: Settings, student: str, notebook: str) -> list[Path]:
    course = settings.coursedir
    folder = course.format_path(course.autograded_directory, student, settings.assignment)
    return [Path(path) for path in sorted(glob.glob(f"{folder}/{notebook}.ipynb"))]  # noqa: PTH207


def _converter(settings: Settings, notebook: str) -> _Generate:
    config = copy.deepcopy(settings.config)
    config.GenerateFeedback.force = True
    settings.coursedir.notebook_id = notebook
    return _Generate(coursedir=settings.coursedir, config=config)
