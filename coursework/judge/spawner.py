"""The judge's hold on the zygote: start it, let it start and end student processes."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from coursework.errors import JudgeError
from coursework.judge.affinity import current_core
from coursework.judge.cgroup import make_cgroup
from coursework.judge.channel import Channel
from coursework.judge.codec import Codec
from coursework.judge.limits import Limits
from coursework.judge.memory import Writer
from coursework.judge.peer import Answer
from coursework.judge.process import StudentProcess
from coursework.judge.sandbox import MODULES, Sandbox, syscall_filter
from coursework.judge.watch import MemoryWatch
from coursework.judge.wire import ANSWER, COMMAND, Handle

__all__ = ["PRELOAD", "Zygote"]

_START_SECONDS = 60.0
_ANSWER_SECONDS = 10.0
PRELOAD = ("numpy", "matplotlib.pyplot", "coursework.check", "coursework.data", "coursework.plot")


class Zygote:
    """Starts student processes in milliseconds.

    Parameters
    ----------
    limits : Limits
    sandbox : Sandbox
    preload : sequence of str
        Modules imported once, for all.

    Attributes
    ----------
    started : int
        Student processes so far.
    resident_pages : int
        The zygote's memory, as it last said.
    """

    def __init__(self, limits: Limits, sandbox: Sandbox, preload: Sequence[str] = PRELOAD) -> None:
        self._limits = limits
        self._is_full = sandbox.is_full
        self._control, theirs = socket.socketpair()
        config = {
            "limits": asdict(limits),
            "preload": list(preload),
            "modules": MODULES,
            "is_full": sandbox.is_full,
            "filter": syscall_filter() if sandbox.is_full else "",
        }
        fd = theirs.fileno()
        python = str(Path(sys.executable).absolute())
        command = [python, "-m", "coursework.judge.zygote", str(fd), json.dumps(config)]
        self._group = make_cgroup(limits) if sandbox.is_full else None
        sandboxed = sandbox.command(command)
        self._process = subprocess.Popen(
            self._group.command(sandboxed) if self._group else sandboxed,
            pass_fds=[fd],
            stdin=subprocess.DEVNULL,
            env=sandbox.environment(),
            start_new_session=True,
        )
        theirs.close()
        self._control.settimeout(_START_SECONDS)
        self.started = 0
        self.resident_pages = 0
        self._answer()
        self._control.settimeout(_ANSWER_SECONDS)
        self.first_resident_pages = self.resident_pages
        self._watch = MemoryWatch(self._process.pid, limits.memory_bytes)

    def spawn(
        self,
        answer: Answer,
        lend: Callable[[Any], Handle],
        resolve: Callable[[Handle], Any],
        hidden: Collection[str] = (),
    ) -> StudentProcess:
        """Start a fresh student process.

        Parameters
        ----------
        hidden : collection of str
            Those of `sandbox.MODULES` that it may not see.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                bits = sum(1 << i for i, name in enumerate(MODULES) if name in hidden)
                self._command(b"S", bits, [theirs.fileno()])
                pid, _ = self._answer()
            except JudgeError:
                ours.close()
                raise
        self.started += 1
        limits = self._limits
        codec = Codec(limits.array_elements, limits.message_bytes, lend, resolve)
        channel = Channel(
            ours,
            limits.message_bytes,
            16 * limits.array_elements,
            self._watch.check,
            # Outside of a sandbox, memory can be such that to write to it takes forever.
            writer=Writer(self._process.pid, pid) if self._is_full else None,
        )
        return StudentProcess(self, pid, channel, codec, answer, limits)

    def end(self, pid: int, *, by_itself: bool = False) -> tuple[int, float]:
        """Kill a student process and all that it started.

        Parameters
        ----------
        by_itself : bool
            Whether it has seemed to end already: then it gets a moment to do so.

        Returns
        -------
        status : int
            How it ended, as from `os.wait`.
        seconds : float
            CPU time that it used.
        """
        self._command(b"W" if by_itself else b"K", pid)
        return self._answer()

    def close(self) -> None:
        """End the zygote and its children."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._group:
            self._group.close()

    def _command(self, command: bytes, number: int, descriptors: Sequence[int] = ()) -> None:
        message = COMMAND.pack(command, number, current_core())
        try:
            socket.send_fds(self._control, [message], descriptors)
        except OSError as error:
            raise JudgeError("the zygote has died") from error

    def _answer(self) -> tuple[int, float]:
        try:
            data = self._control.recv(ANSWER.size, socket.MSG_WAITALL)
        except OSError as error:
            raise JudgeError("the zygote does not answer") from error
        if len(data) < ANSWER.size:
            raise JudgeError("the zygote could not start or has died; see the lines above")
        number, self.resident_pages, seconds = ANSWER.unpack(data)
        return number, seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
