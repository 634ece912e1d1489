"""The judge's hold on the forkserver: start it, let it start and end student processes."""

import json
import signal
import socket
import subprocess
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from coursework.errors import JudgeError
from coursework.ipc.channel import Channel
from coursework.ipc.codec import Codec, content_of
from coursework.ipc.cores import current_core
from coursework.ipc.limits import Limits
from coursework.ipc.procfs import signal_all, stop_trees
from coursework.ipc.rpc import Answer
from coursework.ipc.wire import Handle, begin
from coursework.sandbox.bubblewrap import Sandbox
from coursework.sandbox.cgroup import make_cgroup
from coursework.sandbox.control import Control
from coursework.sandbox.memory_watch import Exhausted, Watch
from coursework.sandbox.process import StudentProcess

__all__ = ["PRELOAD", "Forkserver"]

PRELOAD = ("numpy", "matplotlib.pyplot", "coursework.check", "coursework.data", "coursework.plot")
_PATIENCE = 5.0


class Forkserver:
    """Starts student processes in milliseconds.

    Parameters
    ----------
    limits : Limits
    sandbox : Sandbox
    preload : sequence of str
        Modules imported once, for all.
    libraries : sequence of str
        Modules imported once, too; of one that cannot be, only the notebook says so.

    Attributes
    ----------
    started : int
        Student processes so far.
    first_resident_pages : int
        The forkserver's memory when it had just started.
    """

    def __init__(
        self,
        limits: Limits,
        sandbox: Sandbox,
        preload: Sequence[str] = PRELOAD,
        libraries: Sequence[str] = (),
    ) -> None:
        self._limits = limits
        self._is_full = sandbox.is_full
        ours, theirs = socket.socketpair()
        self._control = Control(ours)
        config = {
            "limits": asdict(limits),
            "preload": list(preload),
            "libraries": list(libraries),
            **sandbox.config(),
        }
        fd = theirs.fileno()
        arguments = ["-m", "coursework.student.forkserver", str(fd), json.dumps(config)]
        self._group = make_cgroup(limits) if sandbox.is_full else None
        with sandbox.command(arguments) as (command, descriptors):
            self._process = subprocess.Popen(
                self._group.command(command) if self._group else command,
                pass_fds=[fd, *descriptors],
                stdin=subprocess.DEVNULL,
                env=sandbox.environment(),
                start_new_session=True,
            )
        theirs.close()
        self._control.wait_for_start()
        self.started = 0
        self.first_resident_pages = self.resident_pages
        self._watch = Watch(self._process.pid, limits, counts_tasks=not self._is_full)
        self._next = self._prepare_ahead()

    @property
    def resident_pages(self) -> int:
        """The forkserver's memory, as it last said."""
        return self._control.resident_pages

    @property
    def cpu_seconds(self) -> float:
        """What its children have used, of those that it has said to have ended."""
        return self._control.cpu_seconds

    def _prepare_ahead(self) -> tuple[socket.socket, int] | None:
        """Prepare a child, unless students' processes could see it wait for a later notebook."""
        return self._prepare() if self._is_full else None

    def _prepare(self) -> tuple[socket.socket, int]:
        """Let a child make itself ready: its socket, and the number of the answer with its pid."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                return ours, self._control.send(b"S", 0, [theirs.fileno()])
            except JudgeError:
                ours.close()
                raise

    def spawn(
        self,
        answer: Answer,
        lend: Callable[[Any], Handle],
        resolve: Callable[[Handle], Any],
        hidden: Collection[str] = (),
        admit: Callable[[int, int, Any], Any] = content_of,
        limits: Limits | None = None,
    ) -> StudentProcess:
        """Return a fresh student process, and have the next one started meanwhile.

        Parameters
        ----------
        hidden : collection of str
            Names of modules that lessons build, which it may not see.
        limits : Limits, optional
            The forkserver's, or less of CPU time and questions.
        """
        limits = limits or self._limits
        ours, number = self._next or self._prepare()
        try:
            pid, _ = self._control.answer(number)
            ours.sendall(begin(hidden, current_core(), limits.cpu_seconds))
            self._next = self._prepare_ahead()
        except (OSError, JudgeError) as error:
            ours.close()
            raise JudgeError(f"no process for a student can be had: {error}") from error
        self.started += 1
        codec = Codec(limits.array_elements, limits.message_bytes, lend, resolve, admit)
        channel = Channel(
            ours,
            limits.message_bytes,
            16 * limits.array_elements,
            self._check_use,
        )
        return StudentProcess(self, pid, channel, codec, answer, limits)

    def _check_use(self) -> None:
        try:
            self._watch.check()
        except Exhausted:
            # It may be what one uses that is being killed.
            self.settle()
            self._watch.check()

    def settle(self) -> None:
        """Wait until everything is started and ended that was to be.

        Raises
        ------
        JudgeError
            The forkserver has died.
        """
        self._control.settle()

    def kill(self, pid: int) -> None:
        """Have a student process killed, and all that it started."""
        number = self._control.send(b"K", pid)
        if not self._is_full:
            # No namespace ends with it: what it has left behind is gone before the next begins.
            self._control.answer(number)

    def end(self, pid: int) -> tuple[int, float]:
        """Give a student process that seems to end a moment for it; kill what is left.

        Returns
        -------
        status : int
            How it ended, as from `os.wait`.
        seconds : float
            CPU time that it used.
        """
        return self._control.answer(self._control.send(b"W", pid))

    def close(self) -> None:
        """End the forkserver and its children."""
        if self._next:
            self._next[0].close()
        self._control.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            # Killed alone, it would leave behind what students have started.
            signal_all(stop_trees(lambda: [self._process.pid]), signal.SIGKILL)
            self._process.wait()
        if self._group:
            self._group.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
