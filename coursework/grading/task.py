"""A submission to be graded: where it is, and whether its present content has been graded."""

import json
from dataclasses import dataclass
from pathlib import Path

from coursework.submissions.locate import Desk
from coursework.submissions.metadata import KEY
from coursework.submissions.timestamps import read_timestamp

__all__ = ["Task"]


@dataclass(frozen=True)
class Task:
    """A submission to be graded.

    Attributes
    ----------
    student : str
        The name of a folder, so it may hold anything that a file name may.
    submitted, autograded : Path
        The student's folder, and the one to write.
    notebooks : tuple of str
        Notebooks to grade, whether they were submitted or not.
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
        """Whether the graded folder has all notebooks, graded from what is now submitted."""
        folders = self.submitted, self.autograded
        new, old = (read_timestamp(folder, is_told=False) for folder in folders)
        return new == old and all(map(self._is_graded, self.notebooks))

    @property
    def stamp(self) -> tuple[object, ...]:
        """A value that changes as soon as another submission comes in."""
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
        # What could be read then and cannot be read now was lost, not corrected.
        return bool(graded.get("is_readable", True)) and not desk.is_readable(name)
