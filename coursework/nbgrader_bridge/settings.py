"""What nbgrader's configuration says about grading an assignment."""

import glob
import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import TraitError
from traitlets.config import Config

from coursework.course.layout import CONFIG_FILE, misconfigured
from coursework.errors import ConfigError
from coursework.gradebook.penalties import Penalty
from coursework.nbgrader_bridge.autograde import RunJudge

__all__ = ["Files", "Settings", "read_settings"]


@dataclass(frozen=True)
class Files:
    """Which other files are copied along, and with which permissions: nbgrader's settings.

    Attributes
    ----------
    ignore : sequence of str
        Patterns of base names to leave out.
    max_bytes : int
        Larger files of a submission are left out.
    source : Path or None
        Folder of the lesson's own files, which replace a student's of the same name.
    kept : frozenset of str
        Files relative to `source` that students may replace.
    permissions : int
        Mode of every file.
    is_group_shared : bool
        Whether the group may write folders.
    """

    ignore: Sequence[str] = ()
    max_bytes: int = 100_000_000
    source: Path | None = None
    kept: frozenset[str] = field(default_factory=frozenset)
    permissions: int = 0o444
    is_group_shared: bool = False


class Settings:
    """The configuration of nbgrader, as far as grading an assignment needs it.

    Parameters
    ----------
    converter : Autograde
        nbgrader's own, configured.
    assignment : str
    """

    def __init__(self, converter: Autograde, assignment: str) -> None:
        self.assignment = assignment
        self._converter = converter
        self._course = converter.coursedir

    @property
    def coursedir(self) -> CourseDirectory:
        """The course's folders, as nbgrader's converters take them."""
        return self._course

    @property
    def config(self) -> Config:
        """The whole configuration."""
        return self._converter.config

    @property
    def root(self) -> Path:
        """The course's folder."""
        return Path(self._course.root)

    @property
    def db_url(self) -> str:
        """The gradebook's URL."""
        return self._course.db_url

    @property
    def course_id(self) -> str:
        """The course's name in the gradebook."""
        return self._course.course_id

    @property
    def may_create_students(self) -> bool:
        """Whether students whom the gradebook does not know are entered."""
        return self._converter.create_student

    @property
    def judge_options(self) -> dict[str, Any]:
        """The judge's options: limits, figures, isolation, fair credit."""
        return RunJudge(parent=self._converter).options

    @property
    def is_executed(self) -> bool:
        """Whether nbgrader's own steps grade the assignment, in the student's process."""
        return self.assignment in self._texts("executed")

    @property
    def declared(self) -> tuple[str, ...]:
        """Patterns of files that may be submitted beside notebooks, see `beside`."""
        return self._texts("files")

    @property
    def source(self) -> Path:
        """The instructor's notebooks of the assignment."""
        return self._folder(self._course.source_directory)

    @property
    def release(self) -> Path:
        """The students' notebooks of the assignment."""
        return self._folder(self._course.release_directory)

    @property
    def autograded(self) -> Path:
        """The tree of graded submissions."""
        return self.root / self._course.autograded_directory

    def autograded_folder(self, student: str) -> Path:
        """Return where a student's graded submission appears."""
        return self._folder(self._course.autograded_directory, student)

    @property
    def files(self) -> Files:
        """Which other files are copied along with graded notebooks."""
        return Files(
            ignore=tuple(self._course.ignore),
            max_bytes=1000 * self._course.max_file_size,
            source=self.source,
            kept=frozenset(self._converter.exclude_overwriting.get(self.assignment, ())),
            permissions=int(str(self._converter.permissions), 8),
            is_group_shared=self._course.groupshared,
        )

    @property
    def penalty(self) -> Penalty:
        """The configured plugin for late submissions."""
        assigner = AssignLatePenalties(parent=self._converter)
        assigner.init_plugin()
        return assigner.plugin_inst.late_submission_penalty

    def demand_sound(self) -> None:
        """Raise what a setting with a wrong value would raise at its first use."""
        _ = self.judge_options, self.penalty, self.files, self.release, self.autograded_folder("")
        _ = self.declared, self.is_executed

    def _texts(self, trait: str) -> tuple[str, ...]:
        """Return a list of texts configured for the exporter, which is not made here."""
        value = self.config.SubmissionExporter.get(trait, ())
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            msg = f"c.SubmissionExporter.{trait} is a list of texts, not {value!r}"
            raise TraitError(msg)
        return tuple(value)

    def submissions(self) -> Iterator[tuple[str, Path]]:
        """Yield each student who submitted the assignment, with the folder.

        It may not be a folder, or may be unreadable.
        """
        course = self._course
        pattern = course.directory_structure.format(
            nbgrader_step=glob.escape(course.submitted_directory),
            student_id="*",
            assignment_id=glob.escape(self.assignment),
        )
        assignment = re.escape(self.assignment)
        form = course.format_path(course.submitted_directory, "(?P<id>.*)", assignment, escape=True)
        excluded = course.student_id_exclude.split(",")
        for path in _matching(os.path.join(glob.escape(course.root), pattern)):  # noqa: PTH118
            # A student's name may hold a line break.
            found = re.fullmatch(form, path, re.DOTALL)
            if found and found["id"] not in excluded:
                yield found["id"], Path(path)

    def _folder(self, step: str, student: str = ".") -> Path:
        return Path(self._course.format_path(step, student, self.assignment))


def read_settings(root: Path, assignment: str) -> Settings:
    """Read the configuration that nbgrader has for the course at `root`.

    Raises
    ------
    ConfigError
        A configuration file raises, a setting has an invalid value, or the assignment has an
        invalid name.
    """
    app = NbGrader()
    app.log_level = "WARN"
    # nbgrader would log the error and continue with defaults, or end the process.
    app.raise_config_file_errors = True
    app.exit = _raise_again
    app.log.addFilter(_is_no_end)
    try:
        app.initialize([], root=str(root))
        settings = Settings(Autograde(coursedir=app.coursedir, parent=app), assignment)
        settings.demand_sound()
    except Exception as error:
        raise ConfigError(misconfigured(root / CONFIG_FILE, error)) from error
    try:
        app.coursedir.assignment_id = assignment
    except TraitError as error:
        text = f"no assignment can be called {assignment!r}: {error}; rename its folders"
        raise ConfigError(text) from error
    return settings


def _is_no_end(record: logging.LogRecord) -> bool:
    """Whether nbgrader continues after what it logs; what ends it is reported by us."""
    return record.levelno < logging.CRITICAL


def _raise_again(_status: int = 0) -> NoReturn:
    raise sys.exc_info()[1] or SystemExit(_status)


def _matching(pattern: str) -> Iterator[str]:
    """Yield the paths of a pattern, and those whose existence the system does not reveal.

    `glob` skips what is in an unreadable folder.
    """
    parents, name = os.path.split(pattern)
    if glob.has_magic(name):
        yield from glob.iglob(pattern)  # noqa: PTH207
        return
    for parent in glob.iglob(parents):  # noqa: PTH207
        path = os.path.join(parent, name)  # noqa: PTH118
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            yield path
        else:
            yield path
