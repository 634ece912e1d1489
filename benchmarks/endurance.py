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

from coursework.batch.grade import grade
from coursework.course.layout import Course

__all__ = ["Endurance", "endure", "growth", "main"]

_WARM_UP = 50
# Workers are forked from one of them, the other sees that they leave nothing; both end with this
# process.
_HELPERS = ("multiprocessing.forkserver", "multiprocessing.resource_tracker")
_FOLDER_OF_HELPERS = "pymp-"


@dataclass(frozen=True)
class Endurance:
    """What a long run showed.

    Attributes
    ----------
    submissions : int
    judge_growth, forkserver_growth : float
        Memory at the end over memory after the warm-up, minus one; of several forkservers the
        worst.
    forkservers : int
        How many there were: each is replaced before it grows old.
    processes, files : int
        Processes, and files in the temporary folder, that were left behind, except those that end
        with this process.
    """

    submissions: int
    judge_growth: float
    forkserver_growth: float
    forkservers: int
    processes: int
    files: int


def endure(course: Course, assignment: str, warm_up: int = _WARM_UP) -> Endurance:
    """Grade a whole class, and watch."""
    files = _temporary_files()
    judges: dict[int, list[int]] = {}
    forkservers: dict[int, list[int]] = {}

    def look(*_: object) -> None:
        for found, pids in ((judges, _judges()), (forkservers, _forkservers())):
            for pid in pids:
                found.setdefault(pid, []).append(memory_of(pid))

    graded = grade(course, assignment, n_workers=1, force=True, progress=look).graded
    own = os.getpid()
    helpers = {p.pid for p in tree(own) if p.parent == own and _is_helper(p.command)}
    left = [process for process in tree(own) if process.pid not in (own, *helpers)]
    return Endurance(
        graded,
        max(growth(sizes, warm_up) for sizes in judges.values()),
        max(growth(sizes, warm_up) for sizes in forkservers.values()),
        len(forkservers),
        len(left),
        len(_temporary_files() - files),
    )


def growth(sizes: Sequence[int], warm_up: int) -> float:
    """Return by what fraction the last size exceeds the first after the warm-up."""
    after = sizes[min(warm_up, len(sizes) - 1) :]
    return after[-1] / after[0] - 1


def _is_helper(command: str) -> bool:
    return any(name in command for name in _HELPERS)


def _judges() -> list[int]:
    """Return the processes that judge: they are forked from the helper."""
    found = [p for p in tree(os.getpid()) if _is_helper(p.command)]
    return [p.pid for p in found if p.parent in {other.pid for other in found}]


def _forkservers() -> list[int]:
    """Return the forkservers below this process, without their children."""
    found = {p.pid: p for p in tree(os.getpid()) if "coursework.student.forkserver" in p.command}
    inside = [p for p in found.values() if not p.command.startswith("bwrap")]
    return [p.pid for p in inside if p.parent not in {other.pid for other in inside}]


def _temporary_files() -> set[Path]:
    paths = Path(tempfile.gettempdir()).iterdir()
    return {path for path in paths if not path.name.startswith(_FOLDER_OF_HELPERS)}


def main(assignment: str) -> None:
    """Grade with a temporary folder that nobody else writes to."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        tempfile.tempdir = folder
        print(json.dumps(asdict(endure(Course(Path.cwd()), assignment))))


if __name__ == "__main__":
    main(sys.argv[1])
