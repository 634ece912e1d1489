"""One test cell against one student: run it in the judge, and turn what happens into verdicts."""

import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from coursework import check
from coursework.check import Context, Failure
from coursework.course.lesson import Cell
from coursework.course.names import loaded_names
from coursework.course.parts import parts_of
from coursework.judge.cause import cause_of, with_calls
from coursework.judge.exchange import StandIns
from coursework.judge.hints.stepwise import STEP
from coursework.judge.instructor import Instructor, quietly
from coursework.judge.report import Outcome, Part, Status, message_of
from coursework.judge.student_error import StudentError
from coursework.judge.world import World, make_world

__all__ = ["Missing", "Trial", "run_code", "run_test"]


class Missing(NameError):
    """The test uses a name that the student's notebook does not define."""


class _Undefined:
    """Stands for a name that the student's notebook does not define."""

    def __init__(self, message: str) -> None:
        object.__setattr__(self, "_message", message)

    def __getattr__(self, name: str) -> Any:
        raise Missing(self._message)

    def __call__(self, *_: object, **__: object) -> Any:
        raise Missing(self._message)


def run_test(
    test: Cell, instructor: Instructor, context: Context, names: Mapping[str, Any]
) -> dict[str, Failure]:
    """Run a test cell with the given names in place of the exercises'.

    If the context has an observer, the test continues after failures.

    Returns
    -------
    dict
        Part ("" for the cell itself) → what ended it; empty if everything held.
    """
    namespace = dict(instructor.namespace) | instructor.data_for(test)
    if not instructor.lesson.is_plain:  # which may have a function with that name
        namespace |= {"check": check, "reference": instructor.reference}
    namespace |= names
    if context.observer:
        namespace[STEP] = context.observer.step
    context.source = test.source
    code = instructor.code_of(test, is_recorded=bool(context.observer))
    return run_code(code, namespace, context)


def run_code(
    code: types.CodeType, namespace: dict[str, Any], context: Context
) -> dict[str, Failure]:
    """Run the code of a test cell in a namespace; otherwise as `run_test`."""
    try:
        with quietly(), check.context(context):
            exec(code, namespace)  # noqa: S102  (the instructor's)
    except Exception as error:  # noqa: BLE001  (whatever a test raises is a verdict)
        return _failed(context) | {"": context.failure("", error)}
    return _failed(context)


def _failed(context: Context) -> dict[str, Failure]:
    return {name: failure for name, failure in context.parts.items() if failure}


@dataclass
class Trial:
    """A test cell about to run against a student.

    Parameters
    ----------
    test : Cell
    instructor : Instructor
    context : Context
    fault : str
        Why the exercise's cell did not run; "" if it did.
    replaced : collection of str
        Other exercises whose answers are the instructor's instead of the student's.

    Attributes
    ----------
    world : World or None
        Where the test runs if exercises are replaced.
    failures : dict
        After the run: part ("" for the cell itself) → what ended it.
    """

    test: Cell
    instructor: Instructor
    context: Context
    fault: str = ""
    replaced: Collection[str] = ()
    world: World | None = None
    failures: dict[str, Failure] = field(default_factory=dict)

    def run(self, standins: StandIns) -> Outcome:
        """Run the test.

        Raises
        ------
        Lost
            The student's process can no longer be used.
        """
        names = self._names(standins)
        if self.world:
            kept = {"check": check, "reference": self.instructor.reference}
            names = self.world.namespace | names | kept
        return self.ended(run_test(self.test, self.instructor, self.context, names))

    def make_world(self, standins: StandIns) -> World:
        """Return where to run it, with the student's answers to what is not replaced."""
        lookup = partial(self._meaning, standins)
        self.world = make_world(self.instructor, self.replaced, lookup)
        return self.world

    def ended(self, failures: dict[str, Failure]) -> Outcome:
        """Return the outcome of a run that ended with these failures."""
        self.failures = failures
        return self._outcome({part: self._verdict(found) for part, found in self.failures.items()})

    def lost(self, status: Status, text: str) -> Outcome:
        """Return the outcome of a test during which the student's process was lost.

        Parts that had ended keep what they earned.
        """
        self.failures = _failed(self.context)
        verdicts = {part: self._verdict(found) for part, found in self.failures.items()}
        calls = self.context.calls[-1:] or self.context.earlier
        return self._outcome(verdicts | {"": _Verdict(status, with_calls(calls, text))})

    def _names(self, standins: StandIns) -> dict[str, Any]:
        used = loaded_names(self.test.source) & self.instructor.exercise_names
        own = used - self.world.answers.keys() if self.world else used
        return {name: self._meaning(standins, name) for name in sorted(own)}

    def _meaning(self, standins: StandIns, name: str) -> Any:
        try:
            return standins.lookup(name)
        except StudentError:
            return _Undefined(self.fault or f"`{name}` is not defined.")

    def _verdict(self, failure: Failure) -> "_Verdict":
        error = failure.error
        if isinstance(error, NotImplementedError):
            return _Verdict("unwritten", f"`{self.test.exercise}` is not written yet.")
        if isinstance(error, Missing):
            return _Verdict("broken", str(error))
        return _Verdict("failed", cause_of(failure))

    def _outcome(self, verdicts: dict[str, "_Verdict"]) -> Outcome:
        test, named = self.test, parts_of(self.test.source)
        whole = verdicts.get("", _Verdict("passed"))
        if not named:
            points = test.points if whole.status == "passed" else 0.0
            return Outcome(test.id, test.exercise, points, test.points, *whole.fields())
        parts = tuple(self._part(name, points, verdicts) for name, points in named.items())
        failed = [part for part in parts if part.status != "passed"]
        status: Status = failed[0].status if failed else "passed"
        points = sum(part.points for part in parts)
        return Outcome(
            test.id, test.exercise, points, test.points, status, message_of(parts), parts=parts
        )

    def _part(self, name: str, points: float, verdicts: dict[str, "_Verdict"]) -> Part:
        if name in self.context.parts:
            verdict = verdicts.get(name, _Verdict("passed"))
        else:
            # The cell ended before this part did.
            verdict = verdicts.get("", _Verdict("broken", "The test did not reach this part."))
        earned = points if verdict.status == "passed" else 0.0
        return Part(name, earned, points, *verdict.fields())


@dataclass(frozen=True)
class _Verdict:
    status: Status
    message: str = ""

    def fields(self) -> tuple[Status, str]:
        return self.status, self.message[:8000]
