"""What a student's code raised, as an exception in the judge."""

import builtins

import numpy as np

from coursework.ipc.rpc import Raised

__all__ = ["StudentError", "student_error"]

# The student's code may not raise these types in the judge: one of them is a verdict, and the
# others would silently end a loop of the test over `map` or a generator.
_UNNAMED = (Exception, AssertionError, StopIteration, StopAsyncIteration)


class StudentError(Exception):
    """The student's code raised; also an instance of the builtin type that it raised.

    Attributes
    ----------
    type_name : str
        The type that was raised.
    trace : str
        Where in the student's cells.
    """

    type_name: str = "Exception"
    trace: str = ""


def student_error(error: Raised) -> StudentError:
    """Return an exception that is also of the builtin type, if that is allowed."""
    known = {"LinAlgError": np.linalg.LinAlgError}
    base: type[Exception] = Exception
    for name in error.names:
        kind = known.get(name, getattr(builtins, name, None))
        if isinstance(kind, type) and issubclass(kind, Exception):
            base = kind
            break
    bases = (StudentError,) if base in _UNNAMED else (StudentError, base)
    try:
        made: StudentError = type(base.__name__, bases, {})(error.message)
    except TypeError:
        made = StudentError(error.message)
    made.type_name = error.names[0] if error.names else "Exception"
    made.trace = error.trace
    return made
