"""What nbgrader makes from source notebooks: releases and solutions.

nbgrader's own converters make both with the course's configuration, but without a gradebook: a
build changes notebooks and nothing else.
"""

import copy
import io
import logging
import os
from pathlib import Path
from typing import TypeVar

from nbgrader.converters import BaseConverter, GenerateAssignment, GenerateSolution
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from coursework.course.lesson import Lesson
from coursework.errors import CourseworkError

__all__ = ["generate_release", "generate_solution"]

_Converter = TypeVar("_Converter", bound=BaseConverter)


class _GenerateSolution(GenerateSolution):
    """nbgrader's own, which would ask a gradebook for the assignment and then not use it."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        BaseConverter.init_assignment(self, assignment_id, student_id)


def generate_release(root: Path, config: Config, assignment: str) -> None:
    """Make `release/A` from all notebooks in `source/A` below `root`.

    Raises
    ------
    CourseworkError
        nbgrader refuses; its log is in the message.
    """
    without_database = Config()
    without_database.GenerateAssignment.no_database = True
    without_database.SaveCells.enabled = False
    config = _merged(config, without_database)
    _convert(GenerateAssignment, root, config, assignment, "*")


def generate_solution(
    root: Path, config: Config, lesson: Lesson, *, imports: dict[str, str], execute: bool
) -> None:
    """Make `solutions/A/n.ipynb` from `source/A/n.ipynb` below `root`, replacing what is there.

    Parameters
    ----------
    root : Path
    config : Config
    lesson : Lesson
    imports : dict of str to str
        Digests of the modules that it imports from other lessons; kept in its metadata.
    execute : bool
        Whether to run it.

    Raises
    ------
    CourseworkError
        nbgrader refuses; its log is in the message.
    """
    execution = Config()
    execution.Execute.enabled = execute
    execution.GenerateSolution.force = True
    execution.TidySolution.imports = imports
    if os.name == "posix":
        # Over TCP, the default, each kernel warns that others on the host may eavesdrop.
        execution.KernelManager.transport = "ipc"
        execution.KernelManager.ip = str(root / "kernel")
    _convert(_GenerateSolution, root, _merged(config, execution), lesson.assignment, lesson.name)


def _merged(config: Config, changes: Config) -> Config:
    merged = copy.deepcopy(config)
    merged.merge(changes)
    return merged


def _convert(
    converter: type[_Converter], root: Path, config: Config, assignment: str, name: str
) -> None:
    log, handler = _quiet_log()
    course = CourseDirectory(root=str(root), config=config, log=log)
    course.assignment_id, course.notebook_id = assignment, name
    try:
        converter(coursedir=course, config=config, log=log).start()
    except NbGraderException as error:
        text = handler.stream.getvalue()
        msg = f"nbgrader cannot convert {assignment}/{name}:\n{text}"
        raise CourseworkError(msg) from error


def _quiet_log() -> tuple[logging.Logger, logging.StreamHandler[io.StringIO]]:
    """Return a log of its own, outside the tree of loggers, kept in memory."""
    log = logging.Logger("build", logging.ERROR)  # noqa: LOG001  (not in the tree)
    handler = logging.StreamHandler(io.StringIO())
    log.addHandler(handler)
    return log, handler
