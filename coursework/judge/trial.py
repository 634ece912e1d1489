"""One test cell against one student: run it in the judge, turn what happens into an outcome."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coursework import check
from coursework.check import CheckFailed, Context
from coursework.check.describe import describe_call
from coursework.judge.instructor import Instructor, quietly
from coursework.judge.report import Outcome, Status
from coursework.judge.standin import StandIns, StudentError
from coursework.lesson import Cell

__all__ = ["Trial"]


class _Undefined:
    """Stands for a name that the student's notebook does not define."""

    def __init__(self, message: str) -> None:
        object.__setattr__(self, "_message", message)

    def __getattr__(self, name: str) -> Any:
        raise _Missing(self._message)

    def __call__(self, *_: object, **__: object) -> Any:
        raise _Missing(self._message)


class _Missing(NameError):
    pass


@dataclass
class Trial:
    """A test cell about to run.

    Parameters
    ----------
    fault : str
        Why the exercise's cell did not run; "" if it did.
    """

    test: Cell
    instructor: Instructor
    context: Context
    fault: str = ""

    def run(self, standins: StandIns) -> Outcome:
        """Run the test.

        Raises
        ------
        Lost
            The student's process is of no use any more.
        """
        namespace = dict(self.instructor.namespace)
        namespace |= {"check": check, "reference": self.instructor.reference}
        try:
            with quietly(), check.context(self.context):
                namespace |= self._students_names(standins)
                exec(self.instructor.code_of(self.test), namespace)  # noqa: S102  (the instructor's)
        except Exception as error:  # noqa: BLE001  (whatever a test raises is a verdict)
            return self._outcome(*self._verdict(error))
        return self._outcome("passed", "")

    def lost(self, status: Status, text: str) -> Outcome:
        """Return the outcome of a test during which the student's process was lost."""
        return self._outcome(status, self._with_calls(text))

    def _students_names(self, standins: StandIns) -> dict[str, Any]:
        names = {}
        for name in sorted(_loaded_names(self.test.source) & self.instructor.exercise_names):
            try:
                names[name] = standins.lookup(name)
            except StudentError:
                names[name] = _Undefined(self.fault or f"`{name}` is not defined.")
        return names

    def _verdict(self, error: Exception) -> tuple[Status, str]:
        if isinstance(error, CheckFailed):
            return "failed", error.message
        if isinstance(error, NotImplementedError):
            return "unwritten", f"`{self.test.exercise}` is not written yet."
        if isinstance(error, _Missing):
            return "broken", str(error)
        if isinstance(error, StudentError):
            is_large = error.type_name == "TooLarge"
            text = f"It returns {error}." if is_large else f"It raises {error.type_name}: {error}"
            where = f"\n{error.trace}" if error.trace else ""
            return "failed", self._with_calls(text + where)
        if isinstance(error, AssertionError):
            return "failed", self._with_calls(str(error) or "The result is not the expected one.")
        text = f"The test cannot use the result: {type(error).__name__}: {error}"
        return "failed", self._with_calls(text)

    def _with_calls(self, text: str) -> str:
        call = describe_call(self.context.calls[-1:])
        return f"{call}\n{text}" if call else text

    def _outcome(self, status: Status, message: str) -> Outcome:
        points = self.test.points if status == "passed" else 0.0
        return Outcome(
            self.test.id, self.test.exercise, points, self.test.points, status, message[:8000]
        )


@lru_cache(maxsize=1024)
def _loaded_names(source: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name))
