"""What gradings leave for later ones: how long a notebook took, and what its verdict rests on.

A file beside the course with a line for each recorded notebook; the last line counts. Losing it
costs nothing but time: what is missing is judged again, in another order.
"""

import hashlib
import json
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from coursework.grading.task import Task

__all__ = ["FOLDER", "Entry", "Journal", "digest_of"]

FOLDER = ".coursework-judged"

_log = logging.getLogger(__name__)
_SLACK = 100  # lines that no longer count, before the file is rewritten


@dataclass(frozen=True)
class Entry:
    """What is known about a graded notebook.

    Attributes
    ----------
    seconds : float
        Time that judging it took.
    cells : int
        Number of its cells.
    submitted : str
        A digest of what was submitted, see `locate.Desk.digest`.
    graded : str
        A digest of the graded notebook.
    basis : str
        A digest of all that its verdict rests on; "" if the verdict may differ next time.
    marks : dict
        Points that the grader gives each cell; None if a person has to.
    """

    seconds: float
    cells: int
    submitted: str = ""
    graded: str = ""
    basis: str = ""
    marks: Mapping[str, float | None] = field(default_factory=dict)


class Journal:
    """The journal of an assignment; only the process that grades the assignment writes it.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._path = root / FOLDER / f"{assignment}.jsonl"
        self._entries: dict[tuple[str, str], Entry] = {}
        self._is_usable = True
        n_lines = 0
        for place, entry in _read(self._path):
            n_lines += 1
            # The latest entry goes to the end, so a rewritten file keeps the order.
            self._entries.pop(place, None)
            self._entries[place] = entry
        self._is_worn = n_lines > 2 * len(self._entries) + _SLACK

    def entry(self, student: str, notebook: str) -> Entry | None:
        """Return what is known about a student's notebook."""
        return self._entries.get((student, notebook))

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Yield all entries, with student and notebook."""
        for (student, notebook), entry in self._entries.items():
            yield student, notebook, entry

    def knows(self, task: Task) -> bool:
        """Whether submitted and graded notebooks are still as they were noted."""
        found = [self.entry(task.student, name) for name in task.notebooks]
        if not all(found) or not task.has_its_time:
            return False
        pairs = zip(found, task.digests().items(), strict=True)
        return all(
            entry and entry.submitted == digest and self.is_graded(task, name)
            for entry, (name, digest) in pairs
        )

    def is_graded(self, task: Task, name: str) -> bool:
        """Whether a graded notebook is still as it was noted."""
        entry, content = self.entry(task.student, name), task.graded(name)
        if entry is None or content is None:
            return False
        return entry.graded == digest_of(content)

    def has_verdict(
        self, task: Task, bases: Mapping[str, str], marks: Mapping[tuple[str, str], float | None]
    ) -> bool:
        """Whether judging a submission again would give the present verdict.

        Parameters
        ----------
        task : Task
        bases : mapping
            Digests of its notebooks' present bases, see `basis_of`.
        marks : mapping
            Notebook and cell → the grader's points in the gradebook.
        """
        return all(self._has_verdict(task, name, bases[name], marks) for name in task.notebooks)

    def _has_verdict(
        self, task: Task, name: str, basis: str, marks: Mapping[tuple[str, str], float | None]
    ) -> bool:
        entry = self.entry(task.student, name)
        if entry is None or not basis or entry.basis != basis:
            return False
        found = {cell: marks.get((name, cell), -1.0) for cell in entry.marks}
        return found == entry.marks and self.is_graded(task, name)

    def others(self) -> Iterator["Journal"]:
        """Yield the journals of the course's other assignments."""
        for path in sorted(self._path.parent.glob("*.jsonl")):
            if path != self._path:
                yield Journal(path.parent.parent, path.stem)

    def note(self, student: str, notebook: str, entry: Entry) -> None:
        """Record what is now known about a notebook."""
        place = student, notebook
        self._entries.pop(place, None)
        self._entries[place] = entry
        if not self._is_usable:
            return
        try:
            self._write(place, entry)
        except OSError as error:
            self._is_usable = False
            _log.warning(
                "%s cannot be written (%s), so the next regrading judges everybody again",
                *(self._path, error.strerror),
            )

    def _write(self, place: tuple[str, str], entry: Entry) -> None:
        self._path.parent.mkdir(exist_ok=True)
        if self._is_worn:
            part = self._path.with_name(f"{self._path.name}.part")
            lines = [_line(*one) for one in self._entries.items()]
            part.write_text("".join(lines), encoding="ascii")
            part.replace(self._path)
            self._is_worn = False
            return
        with self._path.open("a", encoding="ascii") as file:
            # End a line that a killed grading left half written.
            file.write("\n" + _line(place, entry))


def _line(place: tuple[str, str], entry: Entry) -> str:
    return json.dumps([*place, asdict(entry)]) + "\n"


def _read(path: Path) -> Iterator[tuple[tuple[str, str], Entry]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in filter(None, lines):
        try:
            student, notebook, found = json.loads(line)
            yield (str(student), str(notebook)), _entry(found)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue  # half a line, or somebody else's


def _entry(found: dict[str, Any]) -> Entry:
    seconds, cells = float(found["seconds"]), int(found["cells"])
    if not math.isfinite(seconds) or min(seconds, cells) < 0:
        raise ValueError(found)
    submitted, graded, basis = (str(found[name]) for name in ("submitted", "graded", "basis"))
    marks = {str(name): points for name, points in found["marks"].items()}
    return Entry(seconds, cells, submitted, graded, basis, marks)


def digest_of(content: bytes) -> str:
    """Return a digest of a graded notebook."""
    return hashlib.sha256(content).hexdigest()
