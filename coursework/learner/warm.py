"""A judge that is kept warm for the kernel of one notebook, as a process of its own.

It reads one question per line, as JSON, and answers each in one line. It ends with the kernel, or
when nobody has asked for a quarter of an hour; everything that it has started ends with it.
"""

import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from coursework.quick import skip_grammars

__all__ = ["main", "serve"]

_IDLE = 900.0  # seconds
_LOOK = 2.0


def main() -> int:
    """Answer until nobody asks any more.

    Returns
    -------
    int
        0.
    """
    skip_grammars()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what was started ends, too
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is not an answer
    serve(sys.stdin.buffer, answers)
    return 0


def serve(questions: BinaryIO, answers: BinaryIO, idle: float = _IDLE) -> None:
    """Answer until the questions end, their sender is gone, or nobody asks for a long time.

    Parameters
    ----------
    questions, answers : binary file
    idle : float
        Seconds.
    """
    from coursework.learner.desk import Desk  # noqa: PLC0415  (which imports nbgrader)

    with Desk(Path.cwd()) as desk:
        while _is_asked(questions, idle) and (line := questions.readline()):
            answers.write(json.dumps(desk.answer(json.loads(line))).encode() + b"\n")
            answers.flush()


def _is_asked(questions: BinaryIO, idle: float) -> bool:
    """Wait for a question; a process forked by the kernel may keep its end open."""
    parent, waited = os.getppid(), 0.0
    while waited < idle and os.getppid() == parent:
        if select.select([questions], [], [], _LOOK)[0]:
            return True
        waited += _LOOK
    return False


if __name__ == "__main__":
    sys.exit(main())
