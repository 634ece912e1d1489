"""Runs plain notebooks from a process of its own.

Each notebook runs in a fork (see `plain`), and the cost of a fork grows with the memory of the
process: this one is made early, and stays as it is.
"""

import gc
import os
import signal
import socket
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection

from nbformat import NotebookNode

from coursework.audit.plain import Points, close_all_but, run_plainly
from coursework.errors import JudgeError
from coursework.ipc.limits import Limits
from coursework.judge.instructor import Instructor

__all__ = ["Apart"]


class Apart:
    """Runs notebooks of one lesson.

    Parameters
    ----------
    instructor : Instructor
        Of the lesson.
    """

    def __init__(self, instructor: Instructor) -> None:
        ours, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # About other threads: none of them holds a lock that the child needs.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if not self._pid:
            _serve(instructor, theirs.fileno())
        theirs.close()
        self._connection = Connection(ours.detach())

    def run(
        self,
        notebook: NotebookNode,
        seed_of: Callable[[str], int],
        limits: Limits,
        *,
        stop_early: bool = False,
    ) -> Points:
        """Run a notebook and return what its tests earn, as `run_plainly` does.

        Raises
        ------
        JudgeError
            The process has ended.
        """
        exercises = {cell.metadata.get("test") for cell in notebook.cells} - {None}
        seeds = {exercise: seed_of(exercise) for exercise in exercises}
        try:
            self._connection.send((notebook, seeds, limits, stop_early))
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise JudgeError("the process that runs plain notebooks has ended") from error

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _serve(instructor: Instructor, descriptor: int) -> None:
    """Run notebooks until the other side closes the connection; never return."""
    try:
        # Ctrl-C reaches all processes of a terminal; the visible one ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        connection = Connection(close_all_but(descriptor))
        # What is here is shared with the forks as long as nobody writes to it.
        gc.collect()
        gc.freeze()
        while True:
            notebook, seeds, limits, stop_early = connection.recv()
            seed_of = seeds.__getitem__
            connection.send(
                run_plainly(instructor, notebook, seed_of, limits, stop_early=stop_early)
            )
    finally:
        os._exit(0)
