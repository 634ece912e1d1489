"""The graders that are compared, and what one run of each took."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import meter
from school import empty_class, submit

from coursework.course.layout import Course
from coursework.errors import CourseworkError

__all__ = ["RIVALS", "Rival", "Run", "measure", "seconds_between"]

_FIGURES = '\nc.RunJudge.figures = "{}"\n'


@dataclass(frozen=True)
class Rival:
    """A way of grading.

    Attributes
    ----------
    key, title : str
    command : tuple of str
        Run in the course's folder; "{assignment}" is replaced.
    is_slow : bool
        Whether it is so slow that it grades only a sample of a large class.
    limit : str
        Key of the limit that it is compared with.
    config : str
        Added to `nbgrader_config.py`.
    has_own_steps : bool
        Whether nbgrader's own preprocessors grade.
    """

    key: str
    title: str
    command: tuple[str, ...]
    is_slow: bool = False
    config: str = ""
    has_own_steps: bool = False
    limit: str = "limit"


_HERE = Path(__file__).resolve().parent
_JUDGED = (sys.executable, str(_HERE / "judged.py"), "{assignment}")
_LIMIT = (sys.executable, str(_HERE / "limit.py"), "{assignment}")
_NBGRADER = (sys.executable, "-m", "nbgrader", "autograde", "{assignment}")
_SHOWN = {"is_slow": True, "limit": "limit, shown"}
RIVALS = {
    rival.key: rival
    for rival in (
        Rival("judge", "coursework grade", _JUDGED),
        Rival("judge, nbgrader", "the judge in nbgrader autograde", _NBGRADER, is_slow=True),
        Rival("limit", "limit: bare fork and exec", _LIMIT),
        Rival(
            "judge, figures",
            "coursework grade, all figures",
            _JUDGED,
            config=_FIGURES.format("all"),
            limit="limit, figures",
        ),
        Rival("limit, figures", "limit, all figures", (*_LIMIT, "all"), limit="limit, figures"),
        Rival("nbgrader", "nbgrader's own steps", _NBGRADER, has_own_steps=True, **_SHOWN),
        Rival(
            "judge, shown",
            "coursework grade, `show` cells too",
            _JUDGED,
            config=_FIGURES.format("show"),
            **_SHOWN,
        ),
        Rival("limit, shown", "limit, `show` cells too", (*_LIMIT, "show"), **_SHOWN),
    )
}


@dataclass(frozen=True)
class Run:
    """What grading took.

    Attributes
    ----------
    seconds : float
        Wall time per submission, once it runs.
    cpu : float
        CPU seconds per submission, including its share of the start.
    start : float
        Wall seconds that do not grow with the class: imports, forkserver, shutdown.
    peaks : dict
        Kind of process → peak memory, in bytes.
    stages : dict
        Stage → seconds per submission, if the grader reports them.
    """

    seconds: float
    cpu: float
    start: float
    peaks: dict[str, int] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)


def measure(rival: Rival, origin: Course, folder: Path, assignment: str, students: range) -> Run:
    """Let a grader grade these students in a course of its own.

    Raises
    ------
    CourseworkError
        It ended with an error.
    """
    course = empty_class(origin, folder, own_steps=rival.has_own_steps)
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(rival.config)
    submit(course, origin, assignment, students)
    command = [part.format(assignment=assignment) for part in rival.command]
    used = meter.run(command, folder)
    if used.code:
        msg = f"{rival.title} ended with code {used.code}:\n{used.log[-2000:]}"
        raise CourseworkError(msg)
    told = _told(used.output)
    if isinstance(told, list):
        each, stages = sum(told) / len(told), {}
    else:
        each = seconds_between(_completions(folder, assignment))
        stages = {name: value / len(students) for name, value in told.items()}
    return Run(each, used.cpu / len(students), used.wall - each * len(students), used.peaks, stages)


def seconds_between(completions: Sequence[float]) -> float:
    """Return the mean time from one completion to the next; the first includes the start."""
    first, *rest = sorted(completions)
    return (max(rest) - first) / len(rest)


def _told(output: str) -> list[float] | dict[str, float]:
    """Return what the grader says about its times; nbgrader says nothing."""
    return json.loads(output) if output.strip() else {}


def _completions(folder: Path, assignment: str) -> list[float]:
    """Return when each submission's last notebook was written."""
    return [
        max(path.stat().st_mtime for path in graded.glob("*.ipynb"))
        for graded in (folder / "autograded").glob(f"*/{assignment}")
    ]
