"""Grades notebooks: keeps what they all share, and runs each by itself."""

import copy
import hashlib
import hmac
from collections.abc import Collection, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from nbformat import NotebookNode

from coursework.course.lesson import Lesson
from coursework.course.mistakes import Mistake
from coursework.course.sections import beside_questions
from coursework.ipc.cores import on_one_core
from coursework.ipc.limits import Limits
from coursework.judge.exchange import StandIns
from coursework.judge.hints.known_mistakes import Replayer
from coursework.judge.instructor import Instructor, in_folder_of
from coursework.judge.libraries import libraries_of
from coursework.judge.notebook_run import NotebookRun, Terms
from coursework.judge.report import Outcome, Report
from coursework.judge.submitted import Beside
from coursework.judge.time_limit import memory_limit
from coursework.sandbox.bubblewrap import make_sandbox
from coursework.sandbox.forkserver_client import PRELOAD, Forkserver
from coursework.sandbox.process import StudentProcess
from coursework.sandbox.renewed import Forkservers

__all__ = ["Judge"]


class Judge:
    """Grades notebooks; keeps forkservers and the instructor's side of each lesson.

    Parameters
    ----------
    limits : Limits
    secret : bytes
        The course's secret; together with student, assignment, exercise and submitted code it
        seeds `check.rng`.
    preload : sequence of str
        Modules that are imported once for all students' processes; others that a lesson's given
        cells import are imported once for the processes of that lesson (see `libraries`).
    figures : {"none", "manual", "all", "show"}
        Which figures are rendered. "manual": those that a grader sees who marks a question,
        from its cell and from the student's own cells in its section; "all": those of all cells
        that run; "show": cells tagged `show` are run for theirs, too.
    isolation : {"auto", "full", "landlock", "process"}
        See `bubblewrap.make_sandbox`.
    renew_after : int
        Student processes that a forkserver starts before it is replaced by a fresh one.
    fair_credit : bool
        Whether a test that fails only because of an earlier exercise counts.

    Attributes
    ----------
    tries : dict or None
        If set to a dict, keeps second tries by all that they depend on, for notebooks that have
        most of their cells in common.
    seeds_by_code : bool
        Whether random inputs depend on the submitted code, as they do unless this is set to
        False: to compare answers, they are the same for all.

    Raises
    ------
    IsolationError
        The host cannot provide the isolation that is demanded.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        secret: bytes = b"",
        *,
        preload: Sequence[str] = PRELOAD,
        figures: str = "manual",
        isolation: str = "auto",
        renew_after: int = 500,
        fair_credit: bool = True,
    ) -> None:
        self.limits = limits or Limits()
        self._secret = secret
        self._figures = figures
        self.fair_credit = fair_credit
        self.seeds_by_code = True
        self.tries: dict[tuple[Any, ...], Outcome] | None = None
        self.sandbox = make_sandbox(isolation)
        self._forkservers = Forkservers(self.limits, self.sandbox, preload, renew_after)
        self._instructors: dict[Lesson, Instructor] = {}
        self._replayers: dict[tuple[Lesson, tuple[Mistake, ...]], Replayer] = {}

    def within(self, limits: Limits, *, fair_credit: bool) -> Self:
        """Return a judge with other limits that shares everything else, including the forkserver.

        Parameters
        ----------
        limits : Limits
            They may differ from this judge's only in `cpu_seconds`, which may not be more, and on
            the judge's own side (wall time and `questions`).
        fair_credit : bool
        """
        other = copy.copy(self)
        other.limits, other.fair_credit = limits, fair_credit
        return other

    @property
    def forkserver(self) -> Forkserver:
        """The running forkserver of lessons that need no libraries; started at first use."""
        return self._forkservers.of().forkserver

    def start(self, lesson: Lesson) -> None:
        """Start a lesson's forkserver, unless one is running that is not too old."""
        self._forkservers.of(libraries_of(lesson)).forkserver  # noqa: B018  (starts it)

    def spawn(
        self,
        standins: StandIns,
        hidden: Collection[str] = (),
        *,
        libraries: tuple[str, ...] = (),
    ) -> StudentProcess:
        """Start a student's process; if the forkserver has died, replace it once.

        Parameters
        ----------
        standins : StandIns
        hidden : collection of str
            Names of modules that lessons build, which it may not see.
        libraries : tuple of str
            Modules that have been imported in it.

        Raises
        ------
        JudgeError
            No forkserver can be started.
        """
        return self._forkservers.of(libraries).spawn(standins, hidden, self.limits)

    def cpu_seconds(self) -> float:
        """Return the CPU time of all student processes that have ended."""
        return self._forkservers.cpu_seconds()

    def instructor(self, lesson: Lesson) -> Instructor:
        """Return the instructor's side of a lesson, built at first use."""
        if lesson not in self._instructors:
            self._instructors[lesson] = Instructor.of(lesson)
        return self._instructors[lesson]

    def replayer(self, lesson: Lesson, mistakes: tuple[Mistake, ...]) -> Replayer:
        """Return the part that explains failures in a lesson, built at first use."""
        if (lesson, mistakes) not in self._replayers:
            self._replayers[lesson, mistakes] = Replayer(self.instructor(lesson), mistakes)
        return self._replayers[lesson, mistakes]

    def grade(  # noqa: PLR0913  (what is graded, and how)
        self,
        lesson: Lesson,
        notebook: NotebookNode,
        student: str,
        mistakes: tuple[Mistake, ...] = (),
        *,
        beside: Beside | None = None,
        stop_early: bool = False,
        explains: bool = True,
        passed: Collection[str] = (),
    ) -> Report:
        """Grade a repaired notebook.

        Parameters
        ----------
        lesson : Lesson
            From `source/`.
        notebook : NotebookNode
            The submission, repaired: every test cell once, in the lesson's order.
        student : str
            Seeds the random inputs, with the code of the notebook.
        mistakes : tuple of Mistake
            Known mistakes of the lesson, which explain failures.
        beside : Beside, optional
            Files for the student's code.
        stop_early : bool
            Whether to end at the first test that loses a point; those after it count as broken.
        explains : bool
            Whether to look for the causes of failures, for which they run once more.
        passed : collection of str
            Tests that are known to pass: they are not run, and count in full.

        Raises
        ------
        LessonError
            The lesson itself does not run.
        JudgeError
            The judge cannot work.
        """
        # A forkserver may use any core, so it is started before this thread stays on one.
        self.start(lesson)
        # Whatever a student's code makes the judge do or keep happens here.
        with on_one_core(), in_folder_of(lesson), memory_limit(self.limits.memory_bytes):
            run = NotebookRun(self._terms(lesson, mistakes), student, beside or Beside())
            try:
                return run.grade(notebook, stop_early=stop_early, explains=explains, passed=passed)
            finally:
                run.close()

    def _terms(self, lesson: Lesson, mistakes: tuple[Mistake, ...]) -> Terms:
        return Terms(
            self.instructor(lesson),
            self.replayer(lesson, mistakes),
            partial(self.spawn, libraries=libraries_of(lesson)),
            self.limits,
            partial(self.seed, lesson),
            self._rendered,
            seeds_by_code=self.seeds_by_code,
            fair_credit=self.fair_credit,
            draws_shown=self._figures == "show",
            tries=self.tries,
        )

    def seed(self, lesson: Lesson, student: str, exercise: str, code: str = "") -> int:
        """Return the seed of an exercise's random inputs, for one student.

        Parameters
        ----------
        lesson : Lesson
        student : str
        exercise : str
        code : str
            Stands for the submitted code; empty if that has no influence.
        """
        names = student, lesson.assignment, lesson.name, exercise
        text = "\0".join((*names, code) if code else names).encode("utf-8", "replace")
        digest = hmac.new(self._secret, text, hashlib.sha256).digest()
        return int.from_bytes(digest[:16])

    def _rendered(self, cells: Sequence[NotebookNode]) -> Collection[int]:
        """Return the positions of cells whose figures are rendered during grading."""
        if self._figures == "all":
            return range(len(cells))
        return beside_questions(cells) if self._figures == "manual" else ()

    def close(self) -> None:
        """End the forkservers."""
        self._forkservers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
