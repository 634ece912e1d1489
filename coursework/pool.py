"""Run tasks in several processes, each with a worker of its own that is made once.

Unlike the pools of the standard library, this one knows which task a dead process had, and
continues with a new process; and it takes tasks one by one, so there may be any number.
"""

import itertools
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar, cast

from coursework.errors import CourseworkError, JudgeError, fault

__all__ = ["Aide", "Crash", "Start", "run"]

Task = TypeVar("Task")
Result = TypeVar("Result")
Start = Callable[[], AbstractContextManager[Callable[[Task], Result]]]

_END_SECONDS = 10.0


@dataclass(frozen=True)
class Crash:
    """The process ended while it had the task; `code` is its exit code."""

    code: int | None


def run(
    tasks: Iterable[Task], start: Start[Task, Result], n_workers: int
) -> Generator[tuple[Task, Result | Crash], None, None]:
    """Yield each task with its result, as they come.

    Parameters
    ----------
    tasks : iterable
        They are begun in this order: what takes long should stand first.
    start : callable
        Returns a context manager that gives the function to apply to a task; `start`, tasks
        and results are pickled.
    n_workers : int
        One process each: what a task does to its process costs only that task.

    Raises
    ------
    CourseworkError
        A worker cannot start, or raised: no other would do better.
    """
    pool = _Pool(start, n_workers)
    try:
        yield from pool.run(iter(tasks))
    finally:
        pool.close()


@dataclass
class _Worker(Generic[Task]):
    process: BaseProcess
    task: Task
    is_ready: bool = False


class _Pool(Generic[Task, Result]):
    def __init__(self, start: Start[Task, Result], n_workers: int) -> None:
        self._start, self._n_workers = start, n_workers
        # A process forked from this one would share the gradebook's connections; a process that
        # has only imported what workers need starts them at once.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_modules_of(start))
        self._workers: dict[Connection, _Worker[Task]] = {}

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Result | Crash]]:
        for task in itertools.islice(tasks, self._n_workers):
            self._hire(task)
        while self._workers:
            for connection in cast("list[Connection]", wait(list(self._workers))):
                yield from self._hear(connection, tasks)

    def _hire(self, task: Task) -> None:
        ours, theirs = self._context.Pipe()
        # What starts them keeps the environment that this process had at its first worker.
        where = dict(os.environ), os.getcwd()  # noqa: PTH109  (to be pickled)
        process = self._context.Process(
            target=_serve, args=(theirs, self._start, *where), daemon=True
        )
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(process, task)
        ours.send(task)

    def _hear(
        self, connection: Connection, tasks: Iterator[Task]
    ) -> Iterator[tuple[Task, Result | Crash]]:
        worker = self._workers[connection]
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            yield worker.task, self._lost(connection)
            for task in itertools.islice(tasks, 1):
                self._hire(task)
            return
        if kind == "broken":
            raise CourseworkError(value)
        if kind == "ready":
            worker.is_ready = True
            return
        yield worker.task, value
        for task in itertools.islice(tasks, 1):
            worker.task = task
            connection.send(task)
            return
        self._dismiss(connection)

    def _lost(self, connection: Connection) -> Crash:
        worker = self._workers[connection]
        self._dismiss(connection)
        if not worker.is_ready:
            msg = f"a grading process ended at its start (exit code {worker.process.exitcode})"
            raise JudgeError(msg)
        return Crash(worker.process.exitcode)

    def _dismiss(self, connection: Connection) -> None:
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join(_END_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()

    def close(self) -> None:
        """End all workers; their running tasks are lost."""
        for worker in self._workers.values():
            worker.process.terminate()
        for connection in list(self._workers):
            self._dismiss(connection)


class Aide(Generic[Task, Result]):
    """One worker that is asked now and then, and replaced once its process has ended.

    Parameters
    ----------
    start : callable
        As in `run`.
    """

    def __init__(self, start: Start[Task, Result]) -> None:
        self._start = start
        self._tasks: deque[Task] = deque()
        self._answers: Generator[tuple[Task, Result | Crash], None, None] | None = None

    def ask(self, task: Task) -> Result | Crash:
        """Give it a task, and wait for the result.

        Raises
        ------
        CourseworkError
            As from `run`.
        """
        self._tasks.append(task)
        if self._answers is None:
            self._answers = run(iter(self._tasks.popleft, None), self._start, 1)
        try:
            return next(self._answers)[1]
        except CourseworkError:  # asked again, it gives the reason again
            self.close()
            raise

    def close(self) -> None:
        """End the worker."""
        self._tasks.clear()
        if self._answers:
            self._answers.close()
        self._answers = None


def _modules_of(start: Start[Any, Any]) -> list[str]:
    """Return the modules of a function and of the functions that it is made of."""
    if isinstance(start, partial):
        parts = (start.func, *filter(callable, start.args))
        return [name for part in parts for name in _modules_of(part)]
    return [start.__module__]


def _serve(
    connection: Connection, start: Start[Any, Any], environment: dict[str, str], folder: str
) -> None:
    """Work in a process of its own until the other end closes."""
    os.environ.clear()
    os.environ |= environment
    os.chdir(folder)
    # Ctrl-C reaches all processes of a terminal; the visible one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with start() as work:
            connection.send(("ready", None))
            while True:
                connection.send(("done", work(connection.recv())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except CourseworkError as error:
        connection.send(("broken", str(error)))
    except Exception as error:  # noqa: BLE001  (told to the process that people see)
        connection.send(("broken", fault(error)))
