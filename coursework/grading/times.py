"""How long it took to judge each notebook, kept for those who plan and for those who wonder.

Times differ with each run, so they lie outside of graded notebooks, which repeat to the byte:
in `.coursework-times/A.jsonl` beside the gradebook, a line for each submission that is recorded.
Nothing depends on them: where they are lost or damaged, they are unknown.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "keep_times", "read_times"]

FOLDER = ".coursework-times"


def keep_times(root: Path, assignment: str, student: str, seconds: Mapping[str, float]) -> None:
    """Keep how long a student's notebooks took; where that cannot be written, nothing is kept.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment, student : str
    seconds : mapping
        Notebook → wall time, in seconds.
    """
    rounded = {name: round(taken, 3) for name, taken in seconds.items()}
    line = json.dumps({"student": student, "seconds": rounded})
    path = _path(root, assignment)
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="ascii") as file:
            file.write(f"{line}\n")


def read_times(root: Path, assignment: str) -> dict[str, dict[str, float]]:
    """Return the last known wall time, in seconds, of each student's notebooks."""
    found: dict[str, dict[str, float]] = {}
    with suppress(OSError), _path(root, assignment).open(encoding="ascii") as file:
        for line in file:
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                student, seconds = _read(json.loads(line))
                found.setdefault(student, {}).update(seconds)
    return found


def _read(line: Any) -> tuple[str, dict[str, float]]:
    return str(line["student"]), {name: float(taken) for name, taken in line["seconds"].items()}


def _path(root: Path, assignment: str) -> Path:
    return root / FOLDER / f"{assignment}.jsonl"
