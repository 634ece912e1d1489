"""A submission to be graded: where it is, and whether its present content has been graded."""

import json
from dataclasses import dataclass
from pathlib import Path

from coursework.submissions.locate import Desk
from coursework.submissions.metadata import KEY
from coursework.submissions.timestamps import are_of_one_time, read_timestamp

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
        return self.has_its_time and all(map(self._is_graded, self.notebooks))

    @property
    def has_its_time(self) -> bool:
        """Whether what was graded has the same time stamp as what is now submitted."""
        return are_of_one_time(self.submitted, self.autograded)

    @property
    def stamp(self) -> tuple[object, ...]:
        """A value that changes as soon as another submission comes in."""
        time = read_timestamp(self.submitted, is_told=False)
        return (*self.digests().values(), time)

    def digests(self) -> dict[str, str]:
        """Return, per notebook, a value that changes once something else may be graded as it."""
        return self._desk.digests(self.notebooks)

    def other_files(self) -> list[str]:
        """Return the names of submitted files that are not notebooks of the assignment."""
        return self._desk.other_files()

    def graded(self, name: str) -> bytes | None:
        """Return the graded notebook's content; None if it cannot be read."""
        try:
            return (self.autograded / f"{name}.ipynb").read_bytes()
        except OSError:
            return None

    @property
    def _desk(self) -> Desk:
        return Desk(self.submitted, self.siblings, self.assignment, self.declared)

    def _is_graded(self, name: str) -> bool:
        try:
            graded = json.loads(self.graded(name) or b"")["metadata"][KEY]
        except (ValueError, KeyError, TypeError):
            return False
        desk = self._desk
        # Older versions wrote no digest.
        if graded.get("digest") in (None, desk.digest(name)):
            return True
        # What could be read then and cannot be read now was lost, not corrected.
        return bool(graded.get("is_readable", True)) and not desk.is_readable(name)
