"""What can go wrong, as one tree.

::

    CourseworkError
    ├── ConfigError          the course is set up wrongly; remedy in the message
    ├── LessonError          a lesson breaks a rule of authoring; has file and line
    ├── StaleError           a built file differs from what its lesson builds
    ├── WorkError            a reader's own notebook, or what they ask for, cannot be used
    ├── SubmissionError      a submitted file cannot be graded as it is
    └── JudgeError           the judge itself cannot work
        ├── ProtocolError    the student's process broke the protocol
        └── IsolationError   the host cannot provide the isolation that was demanded
"""

import traceback
from pathlib import Path

__all__ = [
    "ConfigError",
    "CourseworkError",
    "IsolationError",
    "JudgeError",
    "LessonError",
    "ProtocolError",
    "StaleError",
    "SubmissionError",
    "WorkError",
    "fault",
]


class CourseworkError(Exception):
    """Anything that this package raises on purpose; its text is meant for people."""


class ConfigError(CourseworkError):
    """The course is set up wrongly."""


class LessonError(CourseworkError):
    """A lesson breaks a rule of authoring.

    Parameters
    ----------
    path : Path
        The lesson's file.
    line : int
        Line of the cell, counted from 1; 0 if no line applies.
    message : str
        What is wrong, and the remedy.
    """

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class StaleError(CourseworkError):
    """A built file differs from what its lesson builds."""


class WorkError(CourseworkError):
    """A reader's own notebook in `work/`, or what they ask for, cannot be used as it is."""


class SubmissionError(CourseworkError):
    """A submitted file cannot be graded as it is."""


class JudgeError(CourseworkError):
    """The judge itself cannot work."""


class ProtocolError(JudgeError):
    """The student's process broke the protocol."""


class IsolationError(JudgeError):
    """The host cannot provide the isolation that was demanded."""


def fault(error: BaseException) -> str:
    """Return in one line what this package itself did wrong, and where, for those who mend it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    text = " ".join(str(error).split())
    return f"the grader itself failed{where}, please report it: {type(error).__name__}: {text}"
