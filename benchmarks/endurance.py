"""A long run of grading: what grows, and what is left behind.

    python benchmarks/endurance.py ASSIGNMENT

Run in a course's folder; prints what was found as JSON.
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from meter import memory_of, tree

from coursework.course import Course
from coursework.grade import grade

__all__ = ["Endurance", "endure", "growth", "main"]

_WARM_UP = 50


@dataclass(frozen=True)
class Endurance:
    """What a long run showed.

    Attributes
    ----------
    submissions : int
    judge_growth, zygote_growth : float
        Memory at the end against memory after the warm-up, less one; of several zygotes the
        worst.
    zygotes : int
        How many there were: each is replaced before it grows old.
    processes, files : int
        Processes, and files in the folder for temporary ones, that were left behind.
    """

    submissions: int
    judge_growth: float
    zygote_growth: float
    zygotes: int
    processes: int
    files: int


def endure(course: Course, assignment: str, warm_up: int = _WARM_UP) -> Endurance:
    """Grade a whole class in this process, and watch."""
    files = _temporary_files()
    judge: list[int] = []
    zygotes: dict[int, list[int]] = {}

    def look(*_: object) -> None:
        judge.append(memory_of(os.getpid()))
        for pid in _zygotes():
            zygotes.setdefault(pid, []).append(memory_of(pid))

    graded = grade(course, assignment, n_workers=1, force=True, progress=look).graded
    left = [process for process in tree(os.getpid()) if process.pid != os.getpid()]
    return Endurance(
        graded,
        growth(judge, warm_up),
        max(growth(sizes, warm_up) for sizes in zygotes.values()),
        len(zygotes),
        len(left),
        len(_temporary_files() - files),
    )


def growth(sizes: Sequence[int], warm_up: int) -> float:
    """Return by what part the last size is above the first after the warm-up."""
    after = sizes[min(warm_up, len(sizes) - 1) :]
    return after[-1] / after[0] - 1


def _zygotes() -> list[int]:
    """Return the zygotes below this process, without their children."""
    found = {p.pid: p for p in tree(os.getpid()) if "coursework.judge.zygote" in p.command}
    inside = [p for p in found.values() if not p.command.startswith("bwrap")]
    return [p.pid for p in inside if p.parent not in {other.pid for other in inside}]


def _temporary_files() -> set[Path]:
    return set(Path(tempfile.gettempdir()).iterdir())


def main(assignment: str) -> None:
    """Grade with a folder for temporary files that nobody else writes to."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        tempfile.tempdir = folder
        print(json.dumps(asdict(endure(Course(Path.cwd()), assignment))))


if __name__ == "__main__":
    main(sys.argv[1])
