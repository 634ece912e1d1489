"""Run the demo: every figure in its result was computed in that run."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import nbformat

from coursework.batch.export import Row, rows
from coursework.batch.grade import grade, usable_cpus
from coursework.course.layout import Course
from coursework.demo.site import alone_in, make_site, release
from coursework.demo.submissions import StudentFiles, class_of, read_handouts, submit
from coursework.errors import CourseworkError
from coursework.feedback.assemble import NO_COMMENT
from coursework.feedback.generate import generate
from coursework.grading.causes import short_cause, shortened
from coursework.grading.outcomes import outcome_of
from coursework.judge.report import Outcome

__all__ = ["ASSIGNMENT", "Demo", "Loss", "StudentVerdict", "run_demo"]

ASSIGNMENT = "01-linear-regression"


@dataclass(frozen=True)
class Loss:
    """Points that a student lost for one cause, and in which exercises."""

    points: float
    exercises: tuple[str, ...]
    cause: str


@dataclass(frozen=True)
class StudentVerdict:
    """What a submission earned.

    Attributes
    ----------
    points : dict
        Notebook → points, as in the gradebook.
    open_points : float
        Points that wait for a person.
    losses : tuple of Loss
        Largest first.
    """

    student: str
    about: str
    points: dict[str, float]
    open_points: float
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class Demo:
    """What the demo did.

    Attributes
    ----------
    root : Path
        The demo's course.
    max_points : dict
        Notebook → points that it can give, without those that wait for a person; in teaching
        order.
    verdicts : tuple of StudentVerdict
    autograded, feedback : Path
        Of one student with a known mistake.
    n_pages : int
        Feedback pages that were made.
    seconds : dict
        Step → wall time.
    """

    root: Path
    assignment: str
    max_points: dict[str, float]
    verdicts: tuple[StudentVerdict, ...]
    autograded: Path
    feedback: Path
    gradebook: Path
    n_pages: int
    seconds: dict[str, float]


Progress = Callable[[str], None]


def run_demo(
    course: Course,
    folder: Path | None = None,
    assignment: str = ASSIGNMENT,
    progress: Progress = lambda _: None,
) -> Demo:
    """Build, release, submit, grade and give feedback, in a fresh folder.

    Parameters
    ----------
    course : Course
        Where the lessons are; it is left unchanged.
    folder : Path, optional
        By default `demo/` in the course's folder; remains of an earlier demo are removed.
    assignment : str
    progress : callable
        Called with each step before it begins.

    Raises
    ------
    CourseworkError
        The demo cannot be set up, or a submission could not be graded or has no page.
    """
    folder = folder or course.root / "demo"
    with alone_in(folder):
        return _run(course, folder, assignment, progress)


def _run(course: Course, folder: Path, assignment: str, progress: Progress) -> Demo:
    clock = _Clock(progress)
    clock.begin("build")
    site = make_site(course, folder, assignment)
    release(site, assignment, progress)
    clock.begin("submit")
    handouts = read_handouts(site, assignment)
    submissions = class_of(handouts)
    submit(site, assignment, submissions)
    clock.begin("grade")
    result = grade(site, assignment, n_workers=usable_cpus(), progress=clock.count)
    _no_failures([f"{failure.student}: {failure.reason}" for failure in result.failures])
    clock.begin("feedback")
    made = generate(site, assignment, progress=clock.tell)
    _no_failures([str(error) for error in made.errors])
    clock.begin("report")
    found = list(rows(site.root, assignment))
    place = _place_of_a_mistake(found)
    return Demo(
        root=site.root,
        assignment=assignment,
        max_points=_max_points(found, [one.lesson.name for one in handouts]),
        verdicts=_verdicts(found, submissions, _outcomes(site, assignment)),
        autograded=(site.root / "autograded" / place).with_suffix(".ipynb"),
        feedback=(site.root / "feedback" / place).with_suffix(".html"),
        gradebook=site.root / "gradebook.db",
        n_pages=len(made.pages),
        seconds=clock.end(),
    )


def _place_of_a_mistake(found: list[Row]) -> Path:
    """Return a notebook that lost points for a known mistake, as student/assignment/name."""
    row = next(
        row
        for row in found
        if row.student.startswith("mistake-") and row.is_final and row.points < row.max_points
    )
    return Path(row.student, row.assignment, row.notebook)


class _Clock:
    """Times steps, one after another."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._steps: list[tuple[str, float]] = []

    def begin(self, step: str) -> None:
        self._progress(step)
        self._steps.append((step, time.perf_counter()))

    def count(self, total: int, done: int) -> None:
        self._progress(f"{self._steps[-1][0]} {done}/{total}")

    def tell(self, _: int, page: str) -> None:
        self._progress(f"{self._steps[-1][0]} {page}")

    def end(self) -> dict[str, float]:
        ends = [start for _, start in self._steps[1:]] + [time.perf_counter()]
        return {name: end - start for (name, start), end in zip(self._steps, ends, strict=True)}


Outcomes = dict[tuple[str, str, str], Outcome]
"""(student, notebook, test) → the judge's verdict."""


def _outcomes(site: Course, assignment: str) -> Outcomes:
    """Read the judge's verdicts from the graded notebooks."""
    found: Outcomes = {}
    for path in (site.root / "autograded").glob(f"*/{assignment}/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if outcome := outcome_of(cell):
                found[path.parent.parent.name, path.stem, outcome.id] = outcome
    return found


def _verdicts(
    found: list[Row], submissions: tuple[StudentFiles, ...], outcomes: Outcomes
) -> tuple[StudentVerdict, ...]:
    by_student = {name: list(of) for name, of in groupby(found, key=lambda row: row.student)}
    return tuple(_verdict(one, by_student[one.student], outcomes) for one in submissions)


def _verdict(submission: StudentFiles, found: list[Row], outcomes: Outcomes) -> StudentVerdict:
    points: dict[str, float] = {}
    for row in found:
        points[row.notebook] = points.get(row.notebook, 0.0) + row.points
    open_points = sum(row.max_points - row.points for row in found if not row.is_final)
    losses = _losses(found, outcomes)
    return StudentVerdict(submission.student, submission.about, points, open_points, losses)


def _losses(found: list[Row], outcomes: Outcomes) -> tuple[Loss, ...]:
    """Return the points that final marks lack, grouped by cause."""
    lost: dict[str, list[tuple[float, str]]] = {}
    for row in found:
        if row.is_final:
            outcome = outcomes.get((row.student, row.notebook, row.cell))
            for points, cause in _lost(row, outcome):
                lost.setdefault(cause, []).append((points, row.exercise))
    losses = (
        Loss(sum(points for points, _ in of), tuple(dict.fromkeys(name for _, name in of)), cause)
        for cause, of in lost.items()
    )
    return tuple(sorted(losses, key=lambda loss: -loss.points))


def _lost(row: Row, outcome: Outcome | None) -> Iterator[tuple[float, str]]:
    """Yield the points that a mark lacks, with the cause, for each part of the test."""
    if outcome is None:
        if row.points < row.max_points:
            cause = "no answer" if row.cause == NO_COMMENT else shortened(row.cause)
            yield row.max_points - row.points, cause
        return
    for part in outcome.parts or (outcome,):
        if part.points < part.max_points:
            yield part.max_points - part.points, short_cause(part)


def _max_points(found: list[Row], notebooks: Iterable[str]) -> dict[str, float]:
    points = dict.fromkeys(notebooks, 0.0)
    for row in found:
        if row.student == found[0].student:
            points[row.notebook] += row.max_points
    return points


def _no_failures(reasons: list[str]) -> None:
    if reasons:
        raise CourseworkError("\n".join(reasons))
