"""Judge graded submissions again after a change of tests, and show what changes first.

All are judged before anything is written, and the results wait on disk until somebody has agreed.
Marks and comments that a person gave stay.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from nbgrader import utils

from coursework.batch.basis import Grounds, basis_of
from coursework.batch.compare import Change, Comparison, changes_in, comparing
from coursework.batch.expected import forecast
from coursework.batch.grade import Progress, worthwhile_workers
from coursework.batch.journal import Journal
from coursework.batch.plan import Plan
from coursework.batch.publish import open_site
from coursework.batch.recorder import Failure, Recorder
from coursework.batch.worker import Graded, judging
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.gradebook.penalties import Penalty
from coursework.gradebook.read import fully_graded, marks_by_student, max_points
from coursework.gradebook.write import Book, open_book
from coursework.grading.pipeline import read_material
from coursework.grading.task import Task
from coursework.nbgrader_bridge.settings import Settings, read_settings
from coursework.pool import Crash, run

__all__ = ["Regrading", "regrading"]

_GONE = "nothing is left of it in submitted/, so its marks stay"
_REPLACED = "another submission came in meanwhile, so its marks stay: run `coursework grade`"

_LATE = "late submission"
_OTHER_PENALTY = (
    "the due date, an extension, a mark by hand or the plugin for late submissions changed"
)


class Regrading:
    """What the present tests say about graded submissions; nothing is recorded before `record`.

    Parameters
    ----------
    book : Book
    recorder : Recorder
    folder : Path
        Where judged notebooks wait.
    n_ungraded : int
        Number of submissions that are left to `coursework grade`.
    penalty : callable
        For late submissions.

    Attributes
    ----------
    n_judged : int
        Number of submissions for which it is known what the present tests say.
    n_settled : int
        Number of these that were not judged again, since nothing that their verdict rests on has
        changed.
    """

    def __init__(
        self, book: Book, recorder: Recorder, folder: Path, n_ungraded: int, penalty: Penalty
    ) -> None:
        self._book, self._recorder, self._folder, self._penalty = book, recorder, folder, penalty
        self._staged: list[tuple[Task, tuple[tuple[Graded, Path], ...], tuple[object, ...]]] = []
        self._changes: list[Change] = []
        self.n_judged = 0
        self.n_settled = 0
        self.n_ungraded = n_ungraded

    @property
    def changes(self) -> tuple[Change, ...]:
        """The marks that change, by student, notebook and cell."""
        order = ((one.student, one.notebook, one.cell) for one in self._changes)
        return tuple(one for _, one in sorted(zip(order, self._changes, strict=True)))

    @property
    def n_affected(self) -> int:
        """Number of submissions with a new mark or verdict."""
        return len(self._staged)

    @property
    def n_recorded(self) -> int:
        """Number of submissions that have been recorded."""
        return self._recorder.graded

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Submissions that keep their marks, and why."""
        return self._recorder.failures

    def pass_over(
        self, tasks: Sequence[Task], journal: Journal, grounds: Mapping[str, str]
    ) -> list[Task]:
        """Return the submissions that have to be judged again.

        Parameters
        ----------
        tasks : sequence of Task
        journal : Journal
        grounds : mapping
            What verdicts rest on now, as `Grounds.read` returns it.
        """
        graders = {
            student: {place: auto for place, (auto, _) in found.items()}
            for student, found in marks_by_student(self._book).items()
        }
        late = {student for student, _ in self._book.penalties(self._penalty)}
        left = [
            task
            for task in tasks
            if task.student in late
            or not journal.has_verdict(task, basis_of(task, grounds), graders.get(task.student, {}))
        ]
        self.n_settled = len(tasks) - len(left)
        self.n_judged += self.n_settled
        return left

    def stage(self, task: Task, found: Comparison | str | Crash) -> None:
        """Keep what was found about a submission, if it changes anything."""
        if not isinstance(found, Comparison):
            self._recorder.refuse(task.student, found)
            return
        self.n_judged += 1
        marks = marks_by_student(self._book, task.student).get(task.student, {})
        changes = changes_in(found, task.student, marks)
        # Penalties for changed marks are computed when the marks are recorded.
        changes = changes or self._late(task.student)
        if changes or found.is_other:
            self._changes += changes
            folder = self._folder / str(self.n_judged)  # a student's name may be anything
            folder.mkdir()
            texts = tuple(_put_away(folder, one) for one in found.notebooks)
            self._staged.append((task, texts, found.stamp))
            return
        for one in found.notebooks:
            if graded := found.graded.get(one.marks.notebook):
                self._recorder.note(task.student, one, graded)

    def _late(self, student: str) -> list[Change]:
        found = self._book.penalties(self._penalty, [student])
        return [
            Change(student, notebook, _LATE, 0.0 - old, 0.0 - new, 0.0, 0.0, None, _OTHER_PENALTY)
            for (_, notebook), (old, new) in found.items()
        ]

    def record(self, progress: Progress = lambda _, __: None) -> None:
        """Record what is affected, each submission as a whole.

        A submission that was replaced after it was judged keeps its marks.

        Raises
        ------
        ConfigError
            The gradebook no longer fits `source/`.
        """
        progress(self.n_affected, 0)
        for n_done, (task, notebooks, stamp) in enumerate(self._staged, start=1):
            if stamp == task.stamp:
                self._recorder.record(task, tuple(map(_taken_out, notebooks)))
            else:
                self._recorder.refuse(task.student, _REPLACED)
            progress(self.n_affected, n_done)


@contextmanager
def regrading(
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    n_workers: int | None = None,
    force: bool = False,
    progress: Progress = lambda _, __: None,
    on_failure: Callable[[Failure], None] = lambda _: None,
) -> Iterator[Regrading]:
    """Judge what is graded with the tests now in `source/`; record on request.

    Nobody else can grade the assignment until the context is left.

    Parameters
    ----------
    course : Course
    assignment : str
    student : str, optional
        Only this one.
    n_workers : int, optional
        As in `grade`.
    force : bool
        Also judge submissions whose verdict would stay the same, by all that is known to matter.
    progress : callable
    on_failure : callable
        Called with each submission that keeps its marks, at once.

    Raises
    ------
    ConfigError
        The course is set up wrongly, the gradebook does not fit `source/`, or nothing is
        submitted under these names.
    LessonError
        A lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    settings = read_settings(course.root, assignment)
    with (
        open_book(settings.db_url, settings.course_id, assignment) as book,
        open_site(settings.autograded, assignment, settings.files) as site,
    ):
        _demand_same_points(settings, book)
        journal = Journal(settings.root, assignment)
        plan = Plan(settings, book.notebooks, student, None, journal)
        graded = fully_graded(book)
        tasks, others = plan.split(graded, force=False)
        recorder = Recorder(
            settings, book, site, journal, keeps_reviews=True, on_failure=on_failure
        )
        for absent in sorted(graded - {task.student for task in (*tasks, *others)}):
            if student in (None, absent):
                recorder.refuse(absent, _GONE)
        found = Regrading(
            book, recorder, Path(mkdtemp(dir=site.folder)), len(others), settings.penalty
        )
        grounds = Grounds.of(settings, plan.names)
        known = grounds.read()
        if not force:
            tasks = found.pass_over(tasks, journal, known)
        start = partial(comparing, judging(grounds, known))
        progress(len(tasks), 0)
        ahead = forecast(tasks, journal)
        judged = run(ahead.tasks, start, n_workers or worthwhile_workers(ahead))
        for n_done, (task, comparison) in enumerate(judged, start=1):
            found.stage(task, comparison)
            progress(len(tasks), n_done)
        yield found


def _demand_same_points(settings: Settings, book: Book) -> None:
    """Refuse a gradebook whose cells or points differ from those of `source/`."""
    ours: dict[tuple[str, str], float] = {}
    for name in book.notebooks:
        cells = read_material(settings.source, settings.release, name).source.cells
        marked = (cell.metadata.nbgrader for cell in cells if utils.is_grade(cell))
        ours |= {(name, mark.grade_id): float(mark.points) for mark in marked}
    theirs = max_points(book)
    if lone := sorted(ours.keys() ^ theirs.keys()):
        msg = (
            f"source/ and the gradebook do not have the same tests: {_shown(lone)} only in one of "
            "them. nbgrader adds and removes none once there are submissions: put what is new "
            "into a test that was there, and leave one that is not needed with nothing to fail"
        )
        raise ConfigError(msg)
    if other := sorted(place for place in ours if ours[place] != theirs[place]):
        msg = (
            f"the points of {_shown(other)} differ between source/ and the gradebook: run "
            f"`nbgrader generate_assignment {settings.assignment} --force`, then regrade"
        )
        raise ConfigError(msg)


def _shown(places: list[tuple[str, str]]) -> str:
    return ", ".join(f"`{cell}` of {notebook}" for notebook, cell in places)


def _put_away(folder: Path, one: Graded) -> tuple[Graded, Path]:
    path = folder / f"{one.marks.notebook}.ipynb"
    path.write_text(one.text, encoding="utf-8", errors="surrogatepass")
    return replace(one, text=""), path


def _taken_out(held: tuple[Graded, Path]) -> Graded:
    one, path = held
    return replace(one, text=path.read_text(encoding="utf-8", errors="surrogatepass"))
