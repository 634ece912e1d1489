"""Find a notebook in a submitted folder, whatever it is called there.

Browsers, learning platforms and file managers rename files and nest folders. A lesson's notebook
under another name is recognised by its cells.
"""

import hashlib
import itertools
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from coursework.course.cells import grade_id_of
from coursework.errors import SubmissionError
from coursework.submissions.beside import MAX_FILES, files_below, submitted_beside
from coursework.submissions.read import (
    MAX_FILE_BYTES,
    Submission,
    parse_submission,
    read_submission,
    short,
)
from coursework.submissions.safe_file import read_untrusted

__all__ = ["Desk", "holds_cells_of"]

_SUFFIX = ".ipynb"
# Browsers save a notebook as `n.ipynb.txt`, or as the JSON that it is.
_OTHER_SUFFIXES = (".json", ".txt")
_MAX_NOTEBOOKS = 20
_SHOWN = 3
_LETTERS = 120


_TAKEN = "{0} is not there, or cannot be read; {1} holds its cells and was taken. Call it {0}."


@dataclass(frozen=True)
class Desk:
    """A submitted folder, with the names of its assignment's notebooks.

    Parameters
    ----------
    folder : Path
    names : collection of str
        All notebooks of the assignment, without suffix.
    assignment : str
    declared : sequence of str
        Patterns of files that may be beside notebooks, see `beside`.
    """

    folder: Path
    names: Collection[str]
    assignment: str = ""
    declared: Sequence[str] = ()

    def read(self, name: str, lesson: NotebookNode, expected: Collection[str] = ()) -> Submission:
        """Read a notebook by its name, or the one other file that holds its lesson's cells.

        Parameters
        ----------
        name : str
        lesson : NotebookNode
            The lesson in the students' form, or in the instructors'.
        expected : collection of str
            As in `read_submission`.
        """
        # A file replaced between the two is graded again; in the other order it would not be.
        digest, path = self.digest(name), self._path(name)
        read = read_submission(path, expected)
        if not read.is_readable:
            read = self._elsewhere(read, path, lesson, expected)
        return replace(read, digest=digest)

    def digest(self, name: str) -> str:
        """Return a value that changes as soon as something else may be graded as this notebook."""
        return self.digests([name])[name]

    def digests(self, names: Sequence[str]) -> dict[str, str]:
        """Return `digest` of several notebooks; the folder is searched once."""
        others = [self._digested(path) for path in self._notebooks()]
        files = submitted_beside(self.folder, self.assignment, self.declared).items()
        beside = [os.fsencode(name) + b"\0" + hashlib.sha256(text).digest() for name, text in files]
        found = {}
        for name in names:
            path = self._path(name)
            own = [self._digested(path)] if os.path.lexists(path) else []
            found[name] = hashlib.sha256(b"".join([*own, *others, *beside])).hexdigest()
        return found

    def _digested(self, path: Path) -> bytes:
        return os.fsencode(path.relative_to(self.folder)) + b"\0" + self._content(path)

    def other_files(self) -> list[str]:
        """Return the names of files that are not notebooks of the assignment; notes list them."""
        return [str(path.relative_to(self.folder)) for path in self._unclaimed()]

    def is_readable(self, name: str) -> bool:
        """Whether there is a notebook with this name, or perhaps under another."""
        return any(map(self._parsed, self._candidates(name)))

    def holding(self, lesson: NotebookNode) -> list[Path]:
        """Return the files under other names that hold the cells of a lesson."""
        return [one for one in self._notebooks() if holds_cells_of(self._parsed(one), lesson)]

    def are_one(self, paths: Sequence[Path]) -> bool:
        """Whether these are copies of one file, and there is one."""
        return len({self._content(one) for one in paths}) == 1

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"

    def _candidates(self, name: str) -> list[Path]:
        path = self._path(name)
        return [path, *self._notebooks()] if os.path.lexists(path) else self._notebooks()

    def _elsewhere(
        self, read: Submission, path: Path, lesson: NotebookNode, expected: Collection[str]
    ) -> Submission:
        """Return the one other notebook with the lesson's cells, else what is there."""
        found = self.holding(lesson)
        if self.are_one(found):
            taken = read_submission(found[0], expected)
            note = _TAKEN.format(path.name, self._shown(found[:1]))
            return replace(taken, notes=(note, *taken.notes))
        if found:
            note = f"{self._shown(found)} hold its cells: leave the one that counts."
        elif others := self._unclaimed():
            note = f"What lies there: {self._shown(others)}."
        else:
            return read
        return replace(read, notes=(*read.notes, note))

    def _shown(self, paths: Sequence[Path]) -> str:
        names = (str(path.relative_to(self.folder)) for path in paths[:_SHOWN])
        quoted = ", ".join(f"“{short(name, _LETTERS)}”" for name in names)
        return quoted + (", …" if paths[_SHOWN:] else "")

    def _notebooks(self) -> list[Path]:
        """Return unclaimed files that may be notebooks, together at most as large as one may be."""
        found, room = [], MAX_FILE_BYTES
        for path in filter(_may_be_notebook, self._unclaimed()):
            size = path.lstat().st_size
            if size <= room:
                found.append(path)
                room -= size
        return found[:_MAX_NOTEBOOKS]

    def _unclaimed(self) -> list[Path]:
        """Return the files not named like one of the assignment's own notebooks."""
        own = set(map(self._path, self.names))
        return sorted(set(itertools.islice(files_below(self.folder), MAX_FILES)) - own)

    def _parsed(self, path: Path) -> NotebookNode | None:
        try:
            return parse_submission(read_untrusted(path, MAX_FILE_BYTES), path.name).notebook
        except SubmissionError:
            return None

    def _content(self, path: Path) -> bytes:
        """Return a digest of a file's content, or why there is none."""
        try:
            return hashlib.sha256(read_untrusted(path, MAX_FILE_BYTES)).digest()
        except SubmissionError as error:
            return str(error).encode()


def _may_be_notebook(path: Path) -> bool:
    return _SUFFIX in path.name.lower() or path.suffix.lower() in _OTHER_SUFFIXES


def holds_cells_of(notebook: NotebookNode | None, lesson: NotebookNode) -> bool:
    """Whether most marked cells of a notebook are a lesson's; if none is marked, most texts."""
    if notebook is None:
        return False
    for key in (grade_id_of, _text):
        found = set(filter(None, map(key, notebook.cells)))
        if found:
            # Answers are the student's own texts.
            return 2 * len(found & set(map(key, lesson.cells))) > len(found)
    return False


def _text(cell: NotebookNode) -> str:
    return cell.source.strip()
