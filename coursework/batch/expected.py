"""How long submissions will take, judging by earlier gradings: the slowest begin first.

A slow notebook that is begun last keeps one process busy when all others have nothing left to do.
An unknown time is estimated from a notebook's number of cells, and from how its student's other
notebooks compare with those of the class.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

from coursework.batch.journal import Entry, Journal
from coursework.errors import SubmissionError
from coursework.grading.task import Task
from coursework.submissions.safe_file import read_untrusted

__all__ = ["Forecast", "forecast"]

_MAX_BYTES = 32 * 2**20
_CELL = b'"cell_type"'


@dataclass(frozen=True)
class Forecast:
    """Tasks in the order in which to begin them.

    Attributes
    ----------
    tasks : tuple of Task
        The slowest first.
    worth : int
        How many typical submissions would take as long as all of these, at least their number.
    """

    tasks: tuple[Task, ...]
    worth: int


def forecast(tasks: Sequence[Task], journal: Journal) -> Forecast:
    """Put the tasks first that will take longest; equal ones stay in order.

    Parameters
    ----------
    tasks : sequence of Task
    journal : Journal
        That of their assignment.
    """
    known = _Known(journal) if tasks else None
    seconds = {task: known.seconds(task) for task in tasks} if known else {}
    order = sorted(tasks, key=lambda task: -seconds[task])
    usual = median(seconds.values()) if seconds else 0.0
    worth = round(sum(seconds.values()) / usual) if usual else len(tasks)
    return Forecast(tuple(order), max(worth, len(tasks)))


class _Known:
    """What journals tell about notebooks and students."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        found = [
            (number, *one)
            for number, each in enumerate(chain([journal], journal.others()))
            for one in each.entries()
        ]
        rates: dict[tuple[int, str], list[float]] = defaultdict(list)
        for number, _, notebook, entry in found:
            rates[number, notebook] += _rates([entry])
        usual = {place: median(each) for place, each in rates.items() if each}
        # By name in this assignment; a notebook that was never judged counts as typical.
        self._usual = {name: rate for (number, name), rate in usual.items() if number == 0}
        self._of_any = median(usual.values()) if usual else 1.0
        self._pace = _paces(
            (student, rate / usual[number, notebook])
            for number, student, notebook, entry in found
            for rate in _rates([entry])
        )

    def seconds(self, task: Task) -> float:
        """Return how long the notebooks of a submission will take."""
        return sum(self._of_notebook(task, name) for name in task.notebooks)

    def _of_notebook(self, task: Task, name: str) -> float:
        entry = self._journal.entry(task.student, name)
        if entry and entry.seconds:  # an unreadable notebook took no time
            return entry.seconds
        rate = self._usual.get(name, self._of_any) * self._pace.get(task.student, 1.0)
        return _n_cells(task, name) * rate


def _rates(entries: Iterable[Entry]) -> list[float]:
    """Return the seconds per cell of notebooks that were judged at all."""
    return [entry.seconds / entry.cells for entry in entries if entry.seconds and entry.cells]


def _paces(found: Iterable[tuple[str, float]]) -> Mapping[str, float]:
    """Return how much longer than usual each student's notebooks take, as a factor."""
    each: dict[str, list[float]] = defaultdict(list)
    for student, pace in found:
        each[student].append(pace)
    return {student: sum(paces) / len(paces) for student, paces in each.items()}


def _n_cells(task: Task, name: str) -> int:
    """Return roughly how many cells a notebook has, without parsing it."""
    try:
        return read_untrusted(task.submitted / f"{name}.ipynb", _MAX_BYTES).count(_CELL)
    except SubmissionError:
        return 0
