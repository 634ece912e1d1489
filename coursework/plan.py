"""Which submissions an assignment has, and which of them still need grading."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from coursework.errors import ConfigError
from coursework.grading.pipeline import notebooks_in
from coursework.settings import Settings
from coursework.submissions.locate import Desk
from coursework.submissions.metadata import KEY
from coursework.submissions.timestamps import read_timestamp

__all__ = ["Plan", "Task"]


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
    siblings : frozenset of str
        All notebooks of the assignment.
    assignment : str
    declared : tuple of str
        Patterns of files that may be submitted beside notebooks.
    """

    student: str
    submitted: Path
    autograded: Path
    notebooks: tuple[str, ...]
    siblings: frozenset[str]
    assignment: str = ""
    declared: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the graded folder has all notebooks, of what is in the submitted one now."""
        folders = self.submitted, self.autograded
        new, old = (read_timestamp(folder, is_told=False) for folder in folders)
        return new == old and all(map(self._is_graded, self.notebooks))

    @property
    def stamp(self) -> tuple[object, ...]:
        """What is another as soon as another submission has come in."""
        desk = self._desk
        time = read_timestamp(self.submitted, is_told=False)
        return (*map(desk.digest, self.notebooks), time)

    @property
    def _desk(self) -> Desk:
        return Desk(self.submitted, self.siblings, self.assignment, self.declared)

    def _is_graded(self, name: str) -> bool:
        try:
            content = json.loads((self.autograded / f"{name}.ipynb").read_bytes())
            graded = content["metadata"][KEY]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        desk = self._desk
        # Older versions wrote no digest.
        if graded.get("digest") in (None, desk.digest(name)):
            return True
        # What could be read then and cannot now was lost, not corrected.
        return bool(graded.get("is_readable", True)) and not desk.is_readable(name)


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
        self._siblings = notebooks_in(settings.source)

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
        done = [task for task in tasks if not force and task.student in complete and task.is_done]
        taken = set(done)
        return done, [task for task in tasks if task not in taken]

    def _tasks(self) -> Iterator[Task]:
        for student, folder in sorted(self._settings.submissions()):
            if self._student in (None, student):
                target = self._settings.autograded_folder(student)
                where = self._settings.assignment, self._settings.declared
                yield Task(student, folder, target, self.names, self._siblings, *where)
