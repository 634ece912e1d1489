"""Why a test was not passed, in words, within a budget: what they name may be endless."""

from collections.abc import Sequence

from coursework.check import Call, CheckFailed, Failure
from coursework.check.describe import describe_call
from coursework.judge.student_error import StudentError
from coursework.judge.time_limit import cpu_limit, memory_limit

__all__ = ["cause_of", "with_calls"]

_SECONDS, _BYTES = 2.0, 256 * 2**20


class _TooLong(BaseException):
    """Naming a call takes too long; not an `Exception`, since checks catch those."""


def cause_of(failure: Failure) -> str:
    """Return what a student is told about the failure of a test, or of a part of it."""
    error = failure.error
    if isinstance(error, CheckFailed):
        return error.message
    if isinstance(error, StudentError):
        is_large = error.type_name == "TooLarge"
        text = f"It returns {error}." if is_large else f"It raises {error.type_name}: {error}"
        where = f"\n{error.trace}" if error.trace else ""
        return with_calls(failure.calls, text + where)
    if isinstance(error, AssertionError):
        return with_calls(failure.calls, str(error) or "The result is not the expected one.")
    if isinstance(error, MemoryError):
        return with_calls(failure.calls, "The result is too large to be compared with another.")
    text = f"The test cannot use the result: {type(error).__name__}: {error}"
    return with_calls(failure.calls, text)


def with_calls(calls: Sequence[Call], text: str) -> str:
    """Return a text with the call that it is about above it."""
    call = _named(calls)
    return f"{call}\n{text}" if call else text


def _named(calls: Sequence[Call]) -> str:
    """Say which call is meant; "" if that takes too much, since no mark depends on it."""
    try:
        with cpu_limit(_SECONDS, _TooLong()), memory_limit(_BYTES):
            return describe_call(calls)
    except (Exception, _TooLong):  # noqa: BLE001  (a student's values may be anything)
        return ""
