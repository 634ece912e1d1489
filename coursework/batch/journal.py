"""What gradings leave for later ones: how long a notebook took, and on what its verdict rests.

A file of lines beside the course, a line for each notebook that was recorded; the last one
counts. Nothing depends on it but time: whatever is lost of it is judged again, in another order.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "Entry", "Journal"]

FOLDER = ".coursework-judged"

_log = logging.getLogger(__name__)
_SLACK = 100  # lines that no longer count, before the file is written anew


@dataclass(frozen=True)
class Entry:
    """What is known of a notebook that was graded.

    Attributes
    ----------
    seconds : float
        That judging it took.
    cells : int
        How many it has.
    basis : str
        A digest of all that its verdict depends on; "" where the verdict may be another next time.
    graded : str
        A digest of the graded notebook.
    marks : dict
        The points that the grader gives each cell; None where a person has to.
    """

    seconds: float
    cells: int
    basis: str = ""
    graded: str = ""
    marks: Mapping[str, float | None] = field(default_factory=dict)


class Journal:
    """The journal of an assignment; one process at a time writes it, which grades it.

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
            # The last line stands last, so what is written anew keeps the order.
            self._entries.pop(place, None)
            self._entries[place] = entry
        self._is_worn = n_lines > 2 * len(self._entries) + _SLACK

    def entry(self, student: str, notebook: str) -> Entry | None:
        """Return what is known of a student's notebook."""
        return self._entries.get((student, notebook))

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Yield all that is known, with student and notebook."""
        for (student, notebook), entry in self._entries.items():
            yield student, notebook, entry

    def others(self) -> Iterator["Journal"]:
        """Yield the journals of the course's other assignments."""
        for path in sorted(self._path.parent.glob("*.jsonl")):
            if path != self._path:
                yield Journal(path.parent.parent, path.stem)

    def note(self, student: str, notebook: str, entry: Entry) -> None:
        """Write down what is known of a notebook now."""
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
            # A line that a killed grading has left half written ends here.
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
    marks = {str(name): points for name, points in found["marks"].items()}
    return Entry(seconds, cells, str(found["basis"]), str(found["graded"]), marks)
