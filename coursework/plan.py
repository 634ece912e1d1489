"""Which submissions an assignment has, and which of them still need grading."""

import logging
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from coursework.errors import ConfigError
from coursework.settings import Settings

__all__ = ["Plan", "Task", "printable", "read_timestamp"]

_log = logging.getLogger(__name__)
_MAX_TIMESTAMP = 200


@dataclass(frozen=True)
class Task:
    """A submission to be graded.

    Attributes
    ----------
    student : str
        The name of a folder, so it may hold anything that a file name may.
    submitted, autograded : Path
        The student's folder, and the one to be written.
    notebooks : tuple of str
        Which notebooks are graded, whether they were submitted or not.
    """

    student: str
    submitted: Path
    autograded: Path
    notebooks: tuple[str, ...]


class Plan:
    """The submissions of an assignment that were asked for.

    Parameters
    ----------
    settings : Settings
    notebooks : collection of str
        The assignment's notebooks.
    student, notebook : str or None
        Only this one.

    Raises
    ------
    ConfigError
        There is no such notebook.
    """

    def __init__(
        self,
        settings: Settings,
        notebooks: Collection[str],
        student: str | None,
        notebook: str | None,
    ) -> None:
        if notebook is not None and notebook not in notebooks:
            known = ", ".join(notebooks)
            msg = f"{settings.assignment} has no notebook {notebook!r}; there are {known}"
            raise ConfigError(msg)
        self.names = tuple(notebooks) if notebook is None else (notebook,)
        self._settings, self._student = settings, student

    def split(self, complete: Collection[str], *, force: bool) -> tuple[list[Task], list[Task]]:
        """Return the submissions that are graded already, and those that need grading.

        Parameters
        ----------
        complete : collection of str
            Students whose marks are all in the gradebook.
        force : bool
            Whether all need grading.

        Raises
        ------
        ConfigError
            Nothing was submitted.
        """
        tasks = list(self._tasks())
        if not tasks:
            whose = "" if self._student is None else f" by {self._student!r}"
            msg = f"nothing was submitted for {self._settings.assignment}{whose}"
            raise ConfigError(msg)
        done = [task for task in tasks if not force and task.student in complete and _is_done(task)]
        taken = set(done)
        return done, [task for task in tasks if task not in taken]

    def _tasks(self) -> Iterator[Task]:
        for student, folder in sorted(self._settings.submissions()):
            if self._student in (None, student):
                target = self._settings.autograded_folder(student)
                yield Task(student, folder, target, self.names)


def _is_done(task: Task) -> bool:
    """Whether the graded folder has all notebooks and is of the newest submission."""
    if not all((task.autograded / f"{name}.ipynb").is_file() for name in task.notebooks):
        return False
    new, old = read_timestamp(task.submitted), read_timestamp(task.autograded)
    return new is None or old is None or new <= old


def read_timestamp(folder: Path) -> datetime | None:
    """Return when a submission was made, in UTC; None where its folder does not say."""
    path = folder / "timestamp.txt"
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        text = path.read_bytes()[:_MAX_TIMESTAMP].decode().strip()
        return parse_utc(text) if text else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, OverflowError, AttributeError) as error:
        _log.warning("%s is ignored: %s", printable(str(path)), printable(str(error)))
        return None


def printable(text: str) -> str:
    """Return text without anything that acts on a terminal or breaks a line."""
    return re.sub(r"[^\x20-\x7e]", lambda found: _shown(found[0]), text)


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else ascii(letter)[1:-1]
